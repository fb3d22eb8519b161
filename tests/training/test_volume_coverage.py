"""Intervals as they would have been given at past origins."""

import numpy as np
import pytest

from training.volume_coverage import given
from training.volume_panel import GRAINS, Panel
from training.volume_walk import MODEL, Walk


def made(actual: np.ndarray, mean: np.ndarray) -> Walk:
    names = (*(f"c{place}" for place in range(actual.shape[1] - 1)), "all")
    panel = Panel(GRAINS["day"], names, np.datetime64("2025-01-06T00:00"), np.zeros((actual.shape[1], 60)))
    return Walk(panel, 20 + 7 * np.arange(len(actual)), actual, {MODEL: mean})


def test_only_windows_before_count() -> None:
    generator = np.random.default_rng(1)
    mean = np.full((40, 2, 7), 50.0)
    found = given(made(generator.poisson(mean).astype(float), mean), MODEL, [0.8, 0.95])
    # The first windows have too few before them: no interval, no judgement.
    assert np.isnan(found.inside[0, :4]).all()
    assert np.isnan(found.inside[1, :19]).all()
    assert not np.isnan(found.inside[0, 4:]).any()
    assert np.nanmean(found.inside[0]) == pytest.approx(0.8, abs=0.06)
    assert np.nanmean(found.inside[1]) == pytest.approx(0.95, abs=0.04)


def test_a_window_does_not_widen_its_own_interval() -> None:
    mean = np.full((30, 2, 7), 50.0)
    actual = np.random.default_rng(2).poisson(mean).astype(float)
    actual[-1] = 500.0
    found = given(made(actual, mean), MODEL, [0.8])
    assert (found.inside[:, -1] == 0).all()
    assert np.isnan(found.at(np.array([0])).inside).size == 0


def test_eight_series_of_fifty_windows_are_covered_as_promised() -> None:
    """Pooled within 2 points at 80 % and 1.5 at 95 %, errors of a window's days going together."""
    generator = np.random.default_rng(3)
    mean = generator.uniform(20, 300, (76, 8, 14))
    shared = generator.gamma(100, 1 / 100, (76, 8, 1))
    found = given(made(generator.poisson(mean * shared).astype(float), mean), MODEL, [0.8, 0.95])
    late = found.at(found.origins[-50:])
    assert late.inside[0].mean() == pytest.approx(0.8, abs=0.02)
    assert late.inside[1].mean() == pytest.approx(0.95, abs=0.015)


def test_errors_of_its_youth_are_forgotten() -> None:
    """A model that misses half as much from one day on: intervals soon hold what they promise, not more."""
    generator = np.random.default_rng(4)
    mean = np.full((120, 1, 7), 1000.0)
    size = np.where(np.arange(120) < 40, 120.0, 40.0)[:, None, None]
    found = given(made(mean + generator.normal(0, size, mean.shape), mean), MODEL, [0.8])
    assert found.inside[0, 40:50].mean() > 0.9
    assert found.inside[0, 80:].mean() == pytest.approx(0.8, abs=0.05)


def test_the_interval_score_by_hand() -> None:
    mean = np.full((6, 1, 1), 100.0)
    actual = np.array([110.0, 90, 110, 90, 110, 150])[:, None, None]
    found = given(made(actual, mean), MODEL, [0.8])
    # Four errors of 10 support 80 % with the largest; the fifth count lies on the bound, the last 40 above it.
    assert found.score[0, :, 0, 0][4:].tolist() == pytest.approx([20, 20 + 2 / 0.2 * 40])
