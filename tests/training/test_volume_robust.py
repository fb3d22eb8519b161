"""Series that are too short, constant, silent, torn or odd: a figure, a clear message, or the simple rule."""

import json
import warnings
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from training.volume_backtest import backtest_volume
from training.volume_fit import fitted_volume
from training.volume_panel import GRAINS, Panel, panel
from workspace.errors import NotEnoughHistoryError

START = np.datetime64("2024-01-01", "us")
RANDOM = np.random.default_rng(5)


def table(counts: np.ndarray, minutes: int = 1440, channel: str = "all") -> pa.Table:
    known = ~np.isnan(counts.astype(float))
    at = (START + np.arange(len(counts)) * np.timedelta64(minutes, "m"))[known]
    return pa.table({"period_local": at, "channel": [channel] * len(at), "count": counts[known].astype(np.int64)})


def judged(counts: pa.Table, **options: Any) -> dict[str, Any]:
    """A backtest without a warning, whose figures are JSON."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = backtest_volume(counts, **options)
    json.dumps(found, allow_nan=False)
    return found


@pytest.mark.parametrize("days", [0, 1, 20])
def test_less_than_three_weeks_are_refused(days: int) -> None:
    with pytest.raises(NotEnoughHistoryError, match="3 weeks"):
        judged(table(RANDOM.poisson(5, days)))


def test_a_constant_is_forecast_exactly() -> None:
    found = judged(table(np.full(120, 10)), windows=4)
    assert found["wape"] == pytest.approx(0, abs=1e-6)
    assert found["coverage"]["80"] == 1


def test_silence_has_no_wape_and_no_error() -> None:
    found = judged(table(np.zeros(120)), windows=4)
    assert found["wape"] is None
    assert found["coverage"]["80"] == 1


def test_one_spike_in_silence_is_survived() -> None:
    judged(table(np.r_[np.zeros(60), 100_000, np.zeros(60)]), windows=4)


def test_a_billion_contacts_a_day_are_counted() -> None:
    assert judged(table(RANDOM.poisson(1e9, 120)), windows=4)["wape"] < 0.001


def test_a_gap_of_months_is_not_silence() -> None:
    counts = np.r_[RANDOM.poisson(50, 100), np.full(150, np.nan), RANDOM.poisson(50, 100)]
    found = judged(table(counts), windows=30)
    assert found["wape"] < 0.2
    # Windows inside the gap judge nothing.
    assert found["windows"] < 18


def test_a_single_channel_equals_its_total() -> None:
    found = judged(table(RANDOM.poisson(50, 120), channel="phone"), windows=3)
    assert found["channels"]["phone"]["wape"] == found["channels"]["all"]["wape"]


def test_a_channel_opened_last_week_or_dead_for_months_is_forecast_beside_others() -> None:
    late = table(np.r_[np.full(110, np.nan), RANDOM.poisson(5, 10)], channel="chat")
    dead = table(np.r_[RANDOM.poisson(5, 40), np.zeros(80)], channel="sms")
    found = judged(pa.concat_tables([table(RANDOM.poisson(50, 120), channel="phone"), late, dead]), windows=3)
    assert set(found["channels"]) == {"chat", "phone", "sms", "all"}
    assert found["wape"] < 0.25


def test_half_hours_of_silence_of_a_gap_and_of_a_few_hours() -> None:
    judged(table(np.zeros(48 * 40), 30), grain="30min", horizon=96, windows=2)
    torn = np.r_[RANDOM.poisson(3, 48 * 40), np.full(48 * 30, np.nan), RANDOM.poisson(3, 48 * 30)]
    assert judged(table(torn, 30), grain="30min", horizon=48, windows=4)["wape"] < 0.65
    assert judged(table(RANDOM.poisson(3, 48 * 40), 30), grain="30min", horizon=7, windows=9)["windows"] == 9


def test_training_on_a_constant_serves_exactly_that() -> None:
    counts = panel(table(np.full(200, 12)))
    fitted = fitted_volume(Panel(GRAINS["day"], counts.channels, counts.start, counts.counts), None, 28)
    assert fitted.manifest["metrics"]["wape"] == pytest.approx(0, abs=1e-6)
    json.dumps(fitted.manifest, allow_nan=False)
