"""Exponential smoothing with a weekly profile."""

import numpy as np
import pytest

from training.volume_panel import GRAINS, Panel
from training.volume_smoothing import SMOOTHINGS, Smoothing, smoothed

START = np.datetime64("2025-01-06T00:00")
WEEK = np.array([50.0, 40, 30, 20, 10, 0, 5])


def made(counts: np.ndarray, grain: str = "day") -> Panel:
    return Panel(GRAINS[grain], ("all",), START, np.atleast_2d(counts).astype(float))


@pytest.mark.parametrize("name", SMOOTHINGS)
def test_a_steady_week_is_repeated_closed_days_included(name: str) -> None:
    found = smoothed(made(np.tile(WEEK, 60)), np.array([420]), 14, SMOOTHINGS[name])[0, 0]
    assert found == pytest.approx(np.tile(WEEK, 2), abs=0.8)


def test_by_hand_without_a_week() -> None:
    """level += max(alpha, 1/n) x error, from the first count on."""
    how = Smoothing(level=0.5, slope=0.0, profile=0.0)
    found = smoothed(made(np.array([10.0, 20, 40]), "week"), np.array([1, 2, 3]), 1, how)[:, 0, 0]
    assert found.tolist() == [10, 15, 27.5]


def test_a_trend_is_followed_beyond_the_last_level_and_dies_out() -> None:
    counts = 100 + 2.0 * np.arange(200)
    steady, rising = (
        smoothed(made(counts), np.array([200]), 60, SMOOTHINGS[name])[0, 0] for name in ("smooth", "smooth_trend")
    )
    ahead = 100 + 2.0 * np.arange(200, 260)
    assert np.abs(rising - ahead)[:14].mean() < 0.5 * np.abs(steady - ahead)[:14].mean()
    weekly = rising.reshape(-1, 6)[:, 0]
    assert rising[50:57].mean() - rising[43:50].mean() < rising[7:14].mean() - rising[0:7].mean()
    assert len(weekly) == 10


def test_a_gap_changes_nothing_and_the_future_is_not_seen() -> None:
    counts = np.random.default_rng(1).poisson(30, 120).astype(float)
    gap = np.concatenate([counts[:60], np.full(35, np.nan)])
    for how in (SMOOTHINGS["smooth"], SMOOTHINGS["smooth_quick"]):
        before = smoothed(made(counts[:60]), np.array([60]), 14, how)[0, 0]
        after = smoothed(made(gap), np.array([95]), 14, how)[0, 0]
        assert after == pytest.approx(np.roll(before, 0)[np.arange(14)], rel=1e-9)
        later = counts.copy()
        later[60:] = 9999
        assert smoothed(made(later), np.array([60]), 14, how)[0, 0].tolist() == before.tolist()


def test_silence_is_forecast_as_silence() -> None:
    assert smoothed(made(np.zeros(100)), np.array([100]), 14, SMOOTHINGS["smooth"]).max() == 0
    assert smoothed(made(np.full(30, np.nan)), np.array([30]), 7, SMOOTHINGS["smooth"]).max() == 0
