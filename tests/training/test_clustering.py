import numpy as np
import pytest

from training.bundle.rowwise import Floats
from training.clustering import choose, jaccards, nearest, silhouette


def groups(count: int, distance: float, seed: int, rows: int = 600, dimensions: int = 6) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count, dimensions))
    centres *= distance / np.linalg.norm(centres, axis=1)[:, None]
    members = random.choice(count, rows, p=np.linspace(1, 2, count) / np.linspace(1, 2, count).sum())
    return centres[members] + random.normal(size=(rows, dimensions)), members.astype(np.float64)


def test_planted_groups_are_counted() -> None:
    right = 0
    for seed in range(3):
        points, _ = groups(5, 5.0, seed)
        chosen, tried = choose(points)
        right += abs(chosen.k - 5) <= 1 and chosen.holds
        assert [found.k for found in tried] == list(range(2, 10))
    assert right >= 2


def test_shapeless_data_has_no_clear_segments() -> None:
    clear = 0
    for seed in range(2):
        random = np.random.default_rng(seed)
        chosen, _ = choose(random.normal(size=(600, 6)) * random.uniform(0.5, 2, 6))
        clear += chosen.holds
    assert clear == 0


def test_the_same_points_give_the_same_clusters() -> None:
    points, _ = groups(4, 6.0, 1)
    first, second = choose(points)[0], choose(points)[0]
    assert first.centroids.tobytes() == second.centroids.tobytes()
    assert (first.jaccard, first.shares, first.gain) == (second.jaccard, second.shares, second.gain)


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
    chosen, tried = choose(groups(2, 8.0, 4, rows)[0])
    assert max(found.k for found in tried) <= rows // 10
    assert sum(chosen.shares) == pytest.approx(1)
