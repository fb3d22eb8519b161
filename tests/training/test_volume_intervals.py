"""Intervals with a finite-sample rule."""

import math

import numpy as np
import pytest

from training.volume_intervals import adapted, calibrate, extra_spread, latest_windows, rank, windows_needed


def test_levels_need_4_9_and_19_windows() -> None:
    assert [windows_needed(level) for level in (0.8, 0.9, 0.95)] == [4, 9, 19]


@pytest.mark.parametrize(
    ("windows", "level", "place"),
    [(3, 0.8, None), (4, 0.8, 4), (9, 0.8, 8), (18, 0.95, None), (19, 0.95, 19), (39, 0.95, 38)],
)
def test_the_rank_is_the_rounded_up_share_of_n_plus_one(windows: int, level: float, place: int | None) -> None:
    assert rank(windows, level) == place


def test_one_step_a_window_takes_the_ranked_error_itself() -> None:
    actual = np.random.default_rng(8).permutation(np.arange(1.0, 40.0))[:, None, None] + 400
    found = calibrate(actual, np.full((39, 1, 1), 400.0), 7, (0.8, 0.95))
    spread = np.sqrt(400 + found.extra[0] * 400**2)
    # The 32nd and the 38th of 39 errors 1, 2, ...: ceil(40 x .8), ceil(40 x .95).
    assert (found.reach[0, 0] * spread).tolist() == pytest.approx([32, 38])
    assert (found.below[0, 0] * spread).tolist() == pytest.approx([20, 24, 28, 32, 36, 38])


def test_steps_that_err_alike_count_as_one() -> None:
    error = np.random.default_rng(9).normal(0, 10, (19, 1, 1))
    alike = calibrate(400 + np.tile(error, (1, 1, 7)), np.full((19, 1, 7), 400.0), 7, (0.95,))
    alone = calibrate(400 + error, np.full((19, 1, 1), 400.0), 7, (0.95,))
    assert alike.reach[0, 0, 0] * alike.extra[0] ** 0 == pytest.approx(alone.reach[0, 0, 0])


def test_what_covers_too_little_asks_for_more() -> None:
    asked = np.array([[[0.8, 0.95]]])
    found = adapted(asked, (0.8, 0.95), np.array([[[0.4, np.nan]]]))
    assert found[0, 0].tolist() == pytest.approx([0.84, 0.95])
    assert adapted(np.full((1, 1, 1), 0.994), (0.95,), np.array([[[0.0]]])).max() == 0.995
    # Back to what was promised, where that is what is covered.
    assert 0.8 < adapted(found, (0.8, 0.95), asked)[0, 0, 0] < found[0, 0, 0]


def test_a_level_without_enough_windows_is_refused_and_the_others_are_not() -> None:
    generator = np.random.default_rng(1)
    found = calibrate(generator.poisson(9, (10, 1, 7)).astype(float), np.full((10, 1, 7), 9.0), 7, (0.8, 0.9, 0.95))
    assert np.isfinite(found.reach[0, 0, :2]).all()
    assert math.isnan(found.reach[0, 0, 2])
    assert found.windows[0, 0] == 10


def test_far_horizons_are_refused_while_near_ones_are_known() -> None:
    actual = np.random.default_rng(2).poisson(9, (6, 1, 28)).astype(float)
    actual[2:, :, 14:] = np.nan
    found = calibrate(actual, np.full((6, 1, 28), 9.0), 7, (0.8,))
    assert np.isfinite(found.reach[0, :2, 0]).all()
    assert math.isnan(found.reach[0, 2, 0])


@pytest.mark.parametrize("windows", [19, 29])
def test_simulated_poisson_counts_are_covered_as_promised(windows: int) -> None:
    generator = np.random.default_rng(3)
    inside = {0.8: [], 0.95: []}
    for _ in range(60):
        mean = generator.uniform(30, 300, (windows, 2, 7))
        new = generator.uniform(30, 300, (50, 2, 7))
        found = calibrate(generator.poisson(mean).astype(float), mean, 7, tuple(inside))
        actual = generator.poisson(new)
        for number, level in enumerate(inside):
            half = found.reach[:, 0, number][None, :, None] * np.sqrt(new + found.extra[None, :, None] * new**2)
            inside[level].append((np.abs(actual - new) <= half).mean())
    for level, shares in inside.items():
        assert np.mean(shares) == pytest.approx(level, abs=0.02)


def test_extra_spread_is_found_from_moments() -> None:
    generator = np.random.default_rng(4)
    mean = np.full((400, 1, 28), 200.0)
    actual = generator.poisson(mean * generator.gamma(25, 1 / 25, mean.shape)).astype(float)
    assert extra_spread(actual, mean)[0] == pytest.approx(1 / 25, rel=0.1)
    assert extra_spread(generator.poisson(mean).astype(float), mean)[0] < 0.001


def test_only_the_latest_known_windows_count() -> None:
    actual = np.arange(10.0)[:, None, None] * np.ones((1, 1, 2))
    actual[8:, :, 1] = np.nan
    kept = latest_windows(actual, 3)
    assert np.flatnonzero(~np.isnan(kept[:, 0, 0])).tolist() == [7, 8, 9]
    assert np.flatnonzero(~np.isnan(kept[:, 0, 1])).tolist() == [5, 6, 7]
