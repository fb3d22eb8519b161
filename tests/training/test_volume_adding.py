"""Forecasts that add up."""

import numpy as np
import pytest

from training.volume_adding import added_up, adds_up
from training.volume_panel import GRAINS, Panel


def made(counts: np.ndarray, names: tuple[str, ...] = ("chat", "phone", "all")) -> Panel:
    return Panel(GRAINS["day"], names, np.datetime64("2025-01-06T00:00"), counts)


PARTS = np.random.default_rng(1).poisson(9, (2, 100)).astype(float)
WHOLE = made(np.vstack([PARTS, PARTS.sum(axis=0)]))


def test_the_total_is_exactly_the_sum_in_any_order() -> None:
    mean = np.random.default_rng(2).gamma(1.0, 7.0, (5, 3, 14))
    found = added_up(WHOLE, mean)
    assert (found[:, 0] + found[:, 1] == found[:, 2]).all()
    assert (found[:, 1] + found[:, 0] == found[:, 2]).all()
    assert found[:, 2] == pytest.approx((mean[:, 2] + mean[:, :2].sum(axis=1)) / 2, abs=1e-5)


def test_what_is_less_certain_gives_way_more() -> None:
    found = added_up(WHOLE, np.array([[10.0], [1000.0], [1100.0]]))[:, 0]
    moved = found[:2] - [10, 1000]
    assert moved[1] / 1000 > moved[0] / 10 > 0


def test_nothing_becomes_negative() -> None:
    found = added_up(WHOLE, np.array([[5.0, -1.0], [0.0, 2.0], [0.0, 0.0]]))
    assert (found >= 0).all()
    assert (found[0] + found[1] == found[2]).all()


def test_series_that_never_added_up_are_left_alone() -> None:
    other = made(np.vstack([PARTS, PARTS.sum(axis=0) + 3]))
    assert adds_up(WHOLE)
    assert not adds_up(other)
    assert not adds_up(made(PARTS, ("chat", "phone")))
    mean = np.array([[5.0], [6.0], [20.0]])
    assert added_up(other, mean).tolist() == mean.tolist()


def test_a_total_that_is_older_than_its_parts_still_adds_up() -> None:
    counts = WHOLE.counts.copy()
    counts[:2, :30] = np.nan
    counts[0, :90] = np.nan
    counts[2, 30:90] = counts[1, 30:90]
    assert adds_up(made(counts))
