"""What a forecast knows at its origin, and nothing later."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.calendar import calendar
from training.volume_calendar import days
from training.volume_features import FEATURES, rows, sampled
from training.volume_panel import GRAINS, Floats, Panel

DAYS = days(calendar(date(2023, 1, 1), date(2027, 1, 1), "CN"))


def made(total: int = 900, seed: int = 1) -> Panel:
    generator = np.random.default_rng(seed)
    return Panel(
        GRAINS["day"],
        ("phone", "all"),
        np.datetime64("2024-01-01T00:00"),
        np.stack([generator.poisson(4, total), generator.poisson(60, total)]).astype(float),
    )


def column(matrix: Floats, name: str) -> Floats:
    return matrix[:, FEATURES.index(name)]


ORIGIN = np.array([850, 850, 850, 800, 400])
TARGET = np.array([850, 856, 870, 820, 410])
SERIES = np.array([0, 1, 1, 0, 1])


@pytest.mark.parametrize("replaced", [np.nan, 0.0, 1e6])
def test_nothing_from_the_origin_on_is_seen(replaced: float) -> None:
    before = made()
    for place in range(len(ORIGIN)):
        later = before.counts.copy()
        later[:, ORIGIN[place] :] = replaced
        changed = Panel(before.grain, before.channels, before.start, later)
        one = slice(place, place + 1)
        for known in (DAYS, None):
            old = rows(before, known, SERIES[one], ORIGIN[one], TARGET[one])
            new = rows(changed, known, SERIES[one], ORIGIN[one], TARGET[one])
            assert old.matrix.tobytes() == new.matrix.tobytes()
            assert old.base.tobytes() == new.base.tobytes()
            assert old.scale.tobytes() == new.scale.tobytes()


def test_features_against_plain_pandas() -> None:
    panel = made()
    built = rows(panel, DAYS, SERIES, ORIGIN, TARGET)
    for place, (series, origin, target) in enumerate(zip(SERIES, ORIGIN, TARGET, strict=True)):
        past = pd.Series(panel.counts[series, :origin])
        day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(target))
        same = [past[index] for index in range(target % 7, origin, 7)][::-1]
        last_year = past[target - 364] if target >= 364 else np.nan
        beside = [past[target - 364 + step] for step in (-14, -7, 7, 14)] if target - 364 >= 14 else [np.nan]
        expected = {
            "horizon": target - origin + 1,
            "day_of_week": day.day_of_week,
            "day_of_year": day.day_of_year - 1,
            "day_of_month": day.day - 1,
            "level_1_to_4": past[-7:].mean() / past[-28:].mean(),
            "level_4_to_13": past[-28:].mean() / past[-91:].mean(),
            "lag_1_season": (same[0] - built.base[place]) / built.scale[place],
            "lag_2_seasons": (same[1] - built.base[place]) / built.scale[place],
            "median_8_seasons": (np.median(same[:8]) - built.base[place]) / built.scale[place],
            "last_year_anomaly": last_year / np.mean(beside),
        }
        if origin > 800:
            then = past[origin - 364 - 28 : origin - 364].mean()
            expected["year_growth"] = past[-28:].mean() / then
            expected["last_year_season"] = past[target - 364 - 3 : target - 364 + 4].mean() / then
        for name, value in expected.items():
            assert column(built.matrix, name)[place] == pytest.approx(value, nan_ok=True), name


def test_a_weekly_series_is_its_own_base() -> None:
    week = np.array([50.0, 40, 30, 20, 10, 0, 5])
    panel = Panel(GRAINS["day"], ("all",), np.datetime64("2024-01-01T00:00"), np.tile(week, 60)[None])
    target = np.arange(400, 428)
    built = rows(panel, DAYS, np.zeros(28, int), np.full(28, 400), target)
    assert built.base == pytest.approx(week[target % 7], abs=1e-9)


def test_the_same_holiday_of_the_year_before_is_found_on_another_weekday() -> None:
    panel = made()
    counts = panel.counts.copy()
    new_year = [
        int((np.datetime64(day) - np.datetime64("2024-01-01")).astype(int)) for day in ("2024-02-10", "2025-01-29")
    ]
    counts[1, new_year[0]] = 6.0
    panel = Panel(panel.grain, panel.channels, panel.start, counts)
    origin = np.array([new_year[1] - 10])
    built = rows(panel, DAYS, np.array([1]), origin, np.array([new_year[1]]))
    beside = np.mean([counts[1, new_year[0] + step] for step in (-14, -7, 7, 14)])
    assert column(built.matrix, "same_holiday_anomaly")[0] == pytest.approx(6 / beside)


def test_unknown_periods_stay_unknown() -> None:
    panel = made()
    counts = panel.counts.copy()
    counts[1, 843] = np.nan
    built = rows(Panel(panel.grain, panel.channels, panel.start, counts), None, np.array([1]), ORIGIN[:1], ORIGIN[:1])
    assert np.isnan(column(built.matrix, "lag_1_season")[0])
    assert np.isfinite(built.base[0])


def test_every_target_is_sampled_at_several_horizons_all_of_them_in_reach() -> None:
    origin, target = sampled(200, horizon=28, first=14, per_target=7)
    assert (origin >= 14).all()
    assert (target < 200).all()
    ahead = target - origin + 1
    assert set(ahead.tolist()) == set(range(1, 29))
    assert (np.bincount(target)[60:] == 7).all()
