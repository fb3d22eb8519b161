"""One LightGBM over all series."""

import numpy as np
import pytest

from training.volume_model import fit, predict
from training.volume_panel import GRAINS, Panel

START = np.datetime64("2024-01-01T00:00")
WEEK = np.array([50.0, 40, 30, 20, 10, 0, 5])


def test_a_pure_weekly_series_is_forecast_exactly() -> None:
    panel = Panel(GRAINS["day"], ("all",), START, np.tile(WEEK, 30)[None])
    booster = fit(panel, None, 28)
    found = predict(booster, panel, None, np.array([panel.periods]), 28)[0, 0]
    assert found == pytest.approx(np.tile(WEEK, 4), abs=1e-6)


def test_growth_beyond_the_range_seen_is_followed() -> None:
    steps = np.arange(400)
    counts = np.round(WEEK[steps % 7] * 20 * 1.003**steps)
    panel = Panel(GRAINS["day"], ("all",), START, counts[None, :386])
    found = predict(fit(panel, None, 14), panel, None, np.array([386]), 14)[0, 0]
    assert np.abs(found - counts[386:]).sum() / counts[386:].sum() < 0.03
    assert found.max() > panel.counts.max()


def test_a_fixed_date_that_is_quiet_every_year_is_learned() -> None:
    steps = np.arange(3 * 364 + 60)
    dates = START + steps * np.timedelta64(1, "D")
    counts = np.random.default_rng(3).poisson(400, len(steps)).astype(float)
    quiet = np.array([str(day)[5:10] in ("12-24", "12-25", "12-26") for day in dates.astype("datetime64[D]")])
    counts[quiet] *= 0.3
    origin = int(np.flatnonzero(quiet)[-3]) - 5
    panel = Panel(GRAINS["day"], ("all",), START, counts[None, :origin])
    found = predict(fit(panel, None, 14), panel, None, np.array([origin]), 14)[0, 0]
    assert found[5:8].mean() < 0.65 * found[:5].mean()


def test_the_same_counts_give_the_same_model_text() -> None:
    counts = np.random.default_rng(5).poisson(20, (2, 200)).astype(float)
    panel = Panel(GRAINS["day"], ("phone", "all"), START, counts)
    first, second = fit(panel, None, 28), fit(panel, None, 28)
    assert first is not None
    assert second is not None
    assert first.model_to_string() == second.model_to_string()


def test_a_forecast_is_never_negative() -> None:
    counts = np.random.default_rng(6).poisson(0.1, (1, 300)).astype(float)
    panel = Panel(GRAINS["day"], ("all",), START, counts)
    assert predict(fit(panel, None, 28), panel, None, np.array([300]), 28).min() >= 0


def test_too_few_rows_give_the_plain_base_forecast() -> None:
    panel = Panel(GRAINS["day"], ("all",), START, np.tile(WEEK, 3)[None])
    assert fit(panel, None, 7) is None
    assert predict(None, panel, None, np.array([21]), 7)[0, 0] == pytest.approx(WEEK)
