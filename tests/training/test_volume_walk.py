"""Forecasts made again at past origins."""

import numpy as np
import pytest

from training.volume_panel import GRAINS, Panel
from training.volume_walk import MODEL, SEASONAL_MEAN, SEASONAL_NAIVE, opened, origins_of, outcomes, rules, spaced, walk
from workspace.errors import NotEnoughHistoryError

START = np.datetime64("2025-01-06T00:00")


def made(counts: list[float] | np.ndarray) -> Panel:
    return Panel(GRAINS["day"], ("all",), START, np.atleast_2d(np.array(counts, float)))


def test_seasonal_naive_repeats_the_last_week_and_the_mean_takes_four() -> None:
    found = rules(made(np.arange(28)), np.array([28]), 14)
    assert found[SEASONAL_NAIVE][0, 0].tolist() == [*range(21, 28), *range(21, 28)]
    assert found[SEASONAL_MEAN][0, 0, 0] == pytest.approx((0 + 7 + 14 + 21) / 4)


def test_an_unknown_day_is_looked_up_a_week_before() -> None:
    counts = np.arange(28.0)
    counts[22] = np.nan
    assert rules(made(counts), np.array([28]), 7)[SEASONAL_NAIVE][0, 0].tolist() == [21, 15, 23, 24, 25, 26, 27]


def test_outcomes_beyond_the_end_are_unknown() -> None:
    found = outcomes(made(np.arange(30)), np.array([20, 28]), 4)
    assert found[0, 0].tolist() == [20, 21, 22, 23]
    assert np.isnan(found[1, 0]).tolist() == [False, False, True, True]


def test_corrupting_the_future_leaves_every_forecast_as_it_was() -> None:
    counts = np.random.default_rng(1).poisson(30, 260).astype(float)
    origins, fits = np.array([180, 200, 220]), np.array([180, 210])
    before = walk(made(counts), None, origins, fits, 14, 14)
    for number, origin in enumerate(origins):
        corrupted = counts.copy()
        corrupted[origin:] = 9999.0
        after = walk(made(corrupted), None, origins, fits, 14, 14)
        for name in (MODEL, *before.means):
            assert before.means[name][number].tobytes() == after.means[name][number].tobytes()


def test_what_was_known_before_an_origin_hides_later_outcomes() -> None:
    counts = np.random.default_rng(2).poisson(30, 120).astype(float)
    done = walk(made(counts), None, np.array([60, 67, 74]), np.array([60]), 14, 14)
    known = done.known_before(74)
    assert known.origins.tolist() == [60, 67]
    assert np.isnan(known.actual[1, 0]).tolist() == [False] * 7 + [True] * 7


def test_windows_lie_side_by_side_at_the_end() -> None:
    assert origins_of(100, 14, 3, 21, GRAINS["day"]).tolist() == [58, 72, 86]
    assert origins_of(50, 14, 9, 21, GRAINS["day"]).tolist() == [22, 36]
    with pytest.raises(NotEnoughHistoryError, match=r"needs 49 periods .*found 40"):
        origins_of(40, 28, 1, 21, GRAINS["day"])


def test_spaced_origins_are_counted_back_from_the_last() -> None:
    assert spaced(10, 30, 7).tolist() == [16, 23, 30]


def test_a_weekday_without_a_contact_for_eight_weeks_is_closed() -> None:
    counts = np.tile([9.0, 9, 9, 9, 9, 3, 0], 12)
    assert opened(made(counts), np.array([84]), 7)[0, 0].tolist() == [1, 1, 1, 1, 1, 1, 0]
    assert walk(made(counts), None, np.array([84]), np.array([84]), 7, 7).means[MODEL][0, 0, 6] == 0
    counts[34] = 1
    assert opened(made(counts), np.array([84]), 7)[0, 0, 6] == 1
    assert opened(made(np.full(84, 0.0)), np.array([84]), 7).min() == 1
    assert opened(made(counts[:42]), np.array([42]), 7).min() == 1
