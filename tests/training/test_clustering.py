import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from training.bundle.rowwise import Floats
from training.clustering import Clustering, choose, jaccards, nearest, silhouette, tightness


def groups(count: int, distance: float, seed: int, rows: int = 600, dimensions: int = 6) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count, dimensions))
    centres *= distance / np.linalg.norm(centres, axis=1)[:, None]
    members = random.choice(count, rows, p=np.linspace(1, 2, count) / np.linspace(1, 2, count).sum())
    return centres[members] + random.normal(size=(rows, dimensions)), members.astype(np.float64)


def chosen_of(points: Floats, seed: int = 7) -> tuple[Clustering, list[Clustering]]:
    """`choose` beside a crowd of the same covariance."""
    random = np.random.default_rng(99)
    known = np.nan_to_num((points - np.nanmean(points, axis=0)) / np.nanstd(points, axis=0))
    crowd = random.multivariate_normal(np.zeros(points.shape[1]), np.cov(known, rowvar=False), points.shape[0])
    scaled = (points - np.nanmean(points, axis=0)) / np.nanstd(points, axis=0)
    return choose(scaled, np.ones(points.shape[1]), [crowd], seed)


@pytest.mark.slow
def test_planted_groups_are_counted() -> None:
    right = 0
    for seed in range(3):
        points, _ = groups(5, 5.0, seed)
        chosen, tried = chosen_of(points)
        right += abs(chosen.k - 5) <= 1 and chosen.holds
        assert [found.k for found in tried] == list(range(2, 11))
    assert right >= 2


def test_shapeless_data_has_no_clear_segments() -> None:
    clear = 0
    for seed in range(2):
        random = np.random.default_rng(seed)
        chosen, _ = chosen_of(random.normal(size=(600, 6)) * random.uniform(0.5, 2, 6))
        clear += chosen.holds
    assert clear == 0


def test_the_same_points_give_the_same_clusters() -> None:
    points, _ = groups(4, 6.0, 1)
    first, second = chosen_of(points)[0], chosen_of(points)[0]
    assert first.centroids.tobytes() == second.centroids.tobytes()
    assert (first.jaccard, first.shares, first.gain) == (second.jaccard, second.shares, second.gain)


@pytest.mark.slow
def test_other_seeds_and_unknown_values_give_the_same_clusters() -> None:
    points, members = groups(4, 7.0, 1)
    points[np.random.default_rng(5).random(points.shape) < 0.05] = np.nan
    scaled = (points - np.nanmean(points, axis=0)) / np.nanstd(points, axis=0)
    for seed in (1, 2, 3):
        chosen, _ = chosen_of(points, seed)
        labels = nearest(scaled * chosen.weights, chosen.centroids)
        assert chosen.k == 4
        assert adjusted_rand_score(members, labels) > 0.95


def test_columns_that_tell_clusters_apart_count_more() -> None:
    random = np.random.default_rng(3)
    members = random.integers(0, 3, 600)
    telling = np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, 3.0]])[members] + 0.5 * random.normal(size=(600, 2))
    points = np.column_stack([telling, random.normal(size=(600, 4))])
    chosen, _ = chosen_of(points)
    assert chosen.k == 3
    assert chosen.weights[:2].min() > 2 * chosen.weights[2:].max()


def test_tightness_is_the_log_of_variance_kept_within() -> None:
    points = np.array([[0.0, 1.0], [2.0, 5.0], [10.0, 1.0], [12.0, 5.0]])
    labels = np.array([0, 0, 1, 1])
    first = np.log(points[:, 0].var() / 1.0)
    assert tightness(points, np.array([1.0, 1.0]), labels) == pytest.approx(first / 2)
    assert tightness(points, np.array([2.0, 1.0]), labels) == pytest.approx(first * 4 / 5)


@pytest.mark.slow
def test_jaccard_tells_real_clusters_from_cut_ones() -> None:
    points, members = groups(3, 8.0, 2)
    real = nearest(points, np.array([points[members == group].mean(axis=0) for group in range(3)]))
    assert min(jaccards(points, real, 3)) > 0.9
    assert min(jaccards(np.random.default_rng(0).normal(size=(300, 6)), np.arange(300) % 3, 3)) < 0.5


def test_silhouette_needs_two_clusters() -> None:
    points, members = groups(3, 8.0, 3)
    assert silhouette(points, members.astype(np.int64)) > 0.5
    assert np.isnan(silhouette(points, np.zeros(600, np.int64)))


@pytest.mark.parametrize("rows", [50, 60])
def test_few_points_try_fewer_clusters(rows: int) -> None:
    chosen, tried = chosen_of(groups(2, 8.0, 4, rows)[0])
    assert max(found.k for found in tried) <= rows // 10
    assert sum(chosen.shares) == pytest.approx(1)
