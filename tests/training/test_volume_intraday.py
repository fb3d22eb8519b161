"""Parts of a day."""

import numpy as np
import pyarrow as pa
import pytest

from training.volume_backtest import backtest_volume
from training.volume_intraday import by_day, coarser, days_of, in_parts
from training.volume_panel import GRAINS, Panel
from training.volume_walk import MODEL, Walk, walk

START = np.datetime64("2025-01-06T00:00")
DAY = np.where((np.arange(48) >= 18) & (np.arange(48) < 36), 5 + 10 * np.exp(-((np.arange(48) - 22) ** 2) / 20), 0.0)
WEEK = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.5, 0.0])


def half_hours(days: int, seed: int = 1, size: float = 1.0) -> np.ndarray:
    mean = size * DAY[None, :] * WEEK[np.arange(days) % 7, None]
    return np.random.default_rng(seed).poisson(mean).astype(float).ravel()


def made(*series: np.ndarray) -> Panel:
    names = (*("chat", "phone")[: len(series) - 1], "all")
    return Panel(GRAINS["30min"], names, START, np.stack(series))


def table(counts: np.ndarray, kept: np.ndarray | None = None) -> pa.Table:
    at = START.astype("datetime64[us]") + np.arange(len(counts)) * np.timedelta64(30, "m")
    kept = np.ones(len(counts), bool) if kept is None else kept
    return pa.table({"period_local": at[kept], "channel": ["all"] * int(kept.sum()), "count": counts[kept]})


def forecast(fine: Panel, day: int, horizon: int, skipped: int = 0) -> Walk:
    origins = np.array([day])
    days = walk(days_of(fine), None, origins, origins, 8, 8)
    return in_parts(days, fine, origins * 48 + skipped, horizon)


def test_days_are_sums_and_a_day_half_unknown_is_unknown() -> None:
    counts = half_hours(14)
    counts[10 * 48 : 10 * 48 + 24] = np.nan
    found = days_of(made(counts)).counts[0]
    assert np.isnan(found).nonzero()[0].tolist() == [10]
    assert found[0] == counts[:48].sum()


def test_half_hours_nobody_wrote_down_are_closed_not_unknown() -> None:
    counts = half_hours(28)
    counts[np.tile(DAY == 0, 28)] = np.nan
    assert not np.isnan(by_day(made(counts))).any()


def test_longer_parts_are_sums() -> None:
    counts = half_hours(7)
    counts[:2] = np.nan
    found = coarser(made(counts), "hour").counts[0]
    assert np.isnan(found[0])
    assert found[1:].tolist() == counts.reshape(-1, 2).sum(axis=1)[1:].tolist()


def test_closed_hours_are_zero_and_open_ones_near_what_they_should_be() -> None:
    found = forecast(made(half_hours(200, size=20.0)), 200, 336).means[MODEL][0, 0].reshape(7, 48)
    # Day 200 is a Friday.
    expected = 20 * DAY[None] * WEEK[(200 + np.arange(7)) % 7, None]
    assert (found[:, DAY == 0] == 0).all()
    assert found[2] == pytest.approx(np.zeros(48), abs=0.2)
    assert np.abs(found - expected).sum() / expected.sum() < 0.05


def test_parts_add_up_to_the_day_and_channels_to_the_total() -> None:
    chat, phone = half_hours(100, 1), half_hours(100, 2, 3.0)
    fine = made(chat, phone, chat + phone)
    found = forecast(fine, 100, 336).means[MODEL][0]
    assert (found[0] + found[1] == found[2]).all()
    origins = np.array([100])
    days = walk(days_of(fine), None, origins, origins, 8, 8).means[MODEL][0]
    assert found.reshape(3, 7, 48).sum(axis=2) == pytest.approx(days[:, :7], abs=1e-3)


def test_an_origin_within_a_day_goes_on_from_there() -> None:
    fine = made(half_hours(60))
    whole, late = forecast(fine, 59, 48).means[MODEL], forecast(fine, 59, 40, 8).means[MODEL]
    assert late[0, 0].tolist() == whole[0, 0, 8:].tolist()


def test_the_future_is_not_seen() -> None:
    counts = half_hours(120)
    later = counts.copy()
    later[100 * 48 :] = 999
    before, after = (forecast(made(series), 100, 96).means for series in (counts, later))
    for name in before:
        assert before[name].tobytes() == after[name].tobytes()


@pytest.mark.parametrize("written", ["every half hour", "only those with calls"])
def test_a_backtest_of_half_hours_is_below_the_rules(written: str) -> None:
    counts = half_hours(140)
    kept = np.ones(len(counts), bool) if written == "every half hour" else counts > 0
    found = backtest_volume(table(counts, kept), grain="30min", horizon=96, windows=6)
    assert found["wape"] < min(rule["wape"] for rule in found["baselines"].values())


def test_quarters_too() -> None:
    at = START.astype("datetime64[us]") + np.arange(40 * 96) * np.timedelta64(15, "m")
    counts = np.random.default_rng(3).poisson(2.0, len(at))
    found = backtest_volume(
        pa.table({"period_local": at, "channel": ["all"] * len(at), "count": counts}), grain="15min", windows=1
    )
    assert (found["grain"], found["horizon"]) == ("15min", 672)
    assert found["wape"] < found["baselines"]["seasonal_naive"]["wape"]
