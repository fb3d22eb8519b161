"""What a forecast knows of a period at its origin: levels, lags, last year, calendar.

An origin is a period number: only counts before it are used. Everything is relative to a plain forecast, the `base`
(recent level x weekly profile), so that growth beyond the range seen in training needs no tree to extrapolate.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from training.volume_calendar import REACH_DAYS, Days
from training.volume_panel import Floats, Ints, Panel
from workspace.tables import CHANNELS

FEATURES = (
    "horizon",
    "channel",
    "day_of_week",
    "day_of_year",
    "day_of_month",
    "hour",
    "lag_1_season",
    "lag_2_seasons",
    "median_8_seasons",
    "mean_4_seasons",
    "mean_26_seasons",
    "level_1_to_4",
    "level_2_to_4",
    "level_4_to_13",
    "profile",
    "noise",
    "last_year_ratio",
    "last_year_season",
    "last_year_month",
    "last_year_carried",
    "last_year_anomaly",
    "same_date_anomaly",
    "day_after_date_anomaly",
    "year_growth",
    "year_growth_1",
    "two_years_ratio",
    "two_years_season",
    "working_shift",
    "to_holiday",
    "after_holiday",
    "same_holiday_anomaly",
)

# Contacts worth of trust in the longer average: a channel with two contacts a day has no weekly profile of its own in
# four weeks, one with 5,000 has.
_PRIOR = 30.0
_LEAST = 0.05


@dataclass(frozen=True)
class Rows:
    """One row per asked (series, origin, target): the plain forecast, the scale of its errors, the features."""

    base: Floats
    scale: Floats
    matrix: Floats


def rows(panel: Panel, days: Days | None, series: Ints, origin: Ints, target: Ints) -> Rows:
    """Features of period `target` [n] of `series` [n] as known at `origin` [n], origin <= target.

    scale is the base, at least a tenth of the recent level (contacts): errors are learned as (count - base) / scale.
    """
    return _Reader(panel, days, series, origin, target).read()


class _Reader:
    """Looks counts up for many rows at once; every look is checked against the row's origin."""

    def __init__(self, panel: Panel, days: Days | None, series: Ints, origin: Ints, target: Ints) -> None:
        self.panel, self.days = panel, days
        self.series, self.origin, self.target = series, origin, target
        self.season, self.year = panel.grain.season, panel.grain.year
        known = ~np.isnan(panel.counts)
        zeros = np.zeros((len(panel.counts), 1))
        # Sums of whole numbers below 2^53: exact, whatever the order.
        self.sums = np.concatenate([zeros, np.cumsum(np.where(known, panel.counts, 0.0), axis=1)], axis=1)
        self.seen = np.concatenate([zeros, np.cumsum(known, axis=1)], axis=1)

    def count(self, at: Ints) -> Floats:
        """Counts at periods before the origin; NaN for later or unknown ones."""
        usable = (at >= 0) & (at < self.origin)
        return np.where(usable, self.panel.counts[self.series, np.where(usable, at, 0)], np.nan)

    def mean(self, begin: Ints, end: Ints) -> Floats:
        """Mean of the known counts in [begin, end); NaN when the span reaches the origin or half of it is unknown."""
        usable = (begin >= 0) & (end <= self.origin)
        low, high = np.where(usable, begin, 0), np.where(usable, end, 0)
        seen = self.seen[self.series, high] - self.seen[self.series, low]
        total = self.sums[self.series, high] - self.sums[self.series, low]
        return np.where(2 * seen >= np.maximum(end - begin, 1), total / np.maximum(seen, 1), np.nan)

    def read(self) -> Rows:
        with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
            # A mean of nothing is NaN here on purpose: unknown.
            warnings.simplefilter("ignore", RuntimeWarning)
            return self._read()

    def _read(self) -> Rows:
        lags = self._lags(self.origin, self.target, 26)
        levels = self._levels(self.origin)
        base = self._base(lags, levels)
        scale = np.maximum(np.maximum(base, 0.1 * levels[13]), _LEAST)
        named = {
            **self._date(),
            **self._recent(lags, levels, base, scale),
            **self._last_year(levels, scale),
            **self._holidays(),
        }
        matrix = np.column_stack([named[name] for name in FEATURES])
        return Rows(base, scale, np.where(np.isfinite(matrix), matrix, np.nan))

    def _lags(self, origin: Ints, target: Ints, seasons: int) -> Floats:
        """Counts [n, seasons] at the same place of the last whole seasons before the origin, newest first."""
        back = -(-(target - origin + 1) // self.season)
        return np.stack([self.count(target - self.season * (back + k)) for k in range(seasons)], axis=1)

    def _levels(self, origin: Ints) -> dict[int, Floats]:
        """Mean count over the last 1, 2, 4 and 13 weeks' worth of periods; a shorter history is taken whole."""
        week = self.panel.grain.a_week if self.season > 1 else 1
        levels, longer = {}, np.full(len(origin), np.nan)
        for weeks in (13, 4, 2, 1):
            mean = self._last(week, weeks, origin)
            levels[weeks] = longer = np.where(np.isnan(mean), longer, mean)
        filled = levels[1]
        for weeks in (2, 4, 13):
            levels[weeks] = filled = np.where(np.isnan(levels[weeks]), filled, levels[weeks])
        return {weeks: np.nan_to_num(level) for weeks, level in levels.items()}

    def _last(self, length: int, times: int, origin: Ints) -> Floats:
        """Mean over the last `times` spans of `length` periods, or as many whole ones as there are."""
        whole = np.maximum(np.minimum(origin // length, times), 1)
        return self.mean(np.maximum(origin - length * whole, 0), origin)

    def _base(self, lags: Floats, levels: dict[int, Floats]) -> Floats:
        """Recent level x weekly profile, both leaning on longer averages where counts are small."""
        week = self.panel.grain.a_week if self.season > 1 else 1
        level = levels[13]
        for weeks in (4, 2, 1):
            counted = levels[weeks] * week * weeks
            level = level + (levels[weeks] - level) * np.where(counted > 0, counted / (counted + _PRIOR), 0.5)
        short, long = np.nanmean(lags[:, :4], axis=1), np.nanmean(lags, axis=1)
        near = self._last(self.season, 4, self.origin)
        far = self._last(self.season, 26, self.origin)
        steady = np.where(far > 0, long / far, 1.0)
        own = np.where(near > 0, short / near, steady)
        seen = near * 4
        profile = steady + (own - steady) * np.where(seen > 0, seen / (seen + _PRIOR), 0.0)
        return np.nan_to_num(level * np.where(np.isfinite(profile), profile, 1.0))

    def _date(self) -> dict[str, Floats]:
        local = self.panel.local(self.target)
        day = local.astype("datetime64[D]")
        return {
            "horizon": (self.target - self.origin + 1).astype(np.float64),
            "channel": self._channel_codes()[self.series],
            "day_of_week": ((day.astype(np.int64) + 3) % 7).astype(np.float64),
            "day_of_year": (day - local.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64),
            "day_of_month": (day - local.astype("datetime64[M]").astype("datetime64[D]")).astype(np.float64),
            "hour": (local - day).astype("timedelta64[m]").astype(np.float64) / 60,
        }

    def _channel_codes(self) -> Floats:
        """Numbers that stay with a channel's name, whatever other series there are."""
        codes = [CHANNELS.index(name) if name in CHANNELS else -1 for name in self.panel.channels]
        return np.array(codes, np.float64)

    def _recent(self, lags: Floats, levels: dict[int, Floats], base: Floats, scale: Floats) -> dict[str, Floats]:
        return {
            "lag_1_season": (lags[:, 0] - base) / scale,
            "lag_2_seasons": (lags[:, 1] - base) / scale,
            "median_8_seasons": (np.nanmedian(lags[:, :8], axis=1) - base) / scale,
            "mean_4_seasons": (np.nanmean(lags[:, :4], axis=1) - base) / scale,
            "mean_26_seasons": (np.nanmean(lags, axis=1) - base) / scale,
            "level_1_to_4": levels[1] / levels[4],
            "level_2_to_4": levels[2] / levels[4],
            "level_4_to_13": levels[4] / levels[13],
            "profile": base / levels[4],
            "noise": np.log(levels[13] + 0.1),
        }

    def _last_year(self, levels: dict[int, Floats], scale: Floats) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        month = self.season * 4
        names = ((1, "last_year"), (2, "two_years"))
        for years, name in names:
            back = self.year * years
            then = self.mean(self.origin - back - month, self.origin - back)
            lags = np.nanmean(self._lags(self.origin - back, self.target - back, 4), axis=1)
            found[f"{name}_ratio"] = self.count(self.target - back) / lags
            found[f"{name}_season"] = self._around(self.target - back, 0.5) / then
            found[f"{name}_month"] = self._around(self.target - back, 1.5) / then
            if years == 1:
                found["last_year_carried"] = self.count(self.target - back) * levels[4] / then / scale
                found["year_growth"] = levels[4] / then
                found["year_growth_1"] = levels[1] / self.mean(self.origin - back - self.season, self.origin - back)
        found["last_year_anomaly"] = self._anomaly(self.target - self.year)
        day = max(self.panel.grain.a_week // 7, 1)
        found["same_date_anomaly"] = self._anomaly(self._same_date())
        found["day_after_date_anomaly"] = self._anomaly(self._same_date() - day)
        return found

    def _around(self, centre: Ints, seasons: float) -> Floats:
        """Mean over `seasons` seasons on both sides of a period together."""
        half = int(self.season * seasons)
        return self.mean(centre - half, centre + half + 1)

    def _anomaly(self, at: Ints) -> Floats:
        """Count / mean of the same place in the two seasons before and after; unknown unless all that is past."""
        beside = np.stack([self.count(at + self.season * k) for k in (-2, -1, 1, 2)], axis=1)
        usable = (at >= 0) & (at + 2 * self.season < self.origin)
        return np.where(usable, self.count(at) / np.nanmean(beside, axis=1), np.nan)

    def _same_date(self) -> Ints:
        """The period of the same date a year earlier; 29 February stands for 1 March."""
        local = self.panel.local(self.target)
        months = local.astype("datetime64[M]")
        earlier = (months - np.timedelta64(12, "M")).astype("datetime64[m]") + (local - months.astype("datetime64[m]"))
        past = (earlier - self.panel.start) // np.timedelta64(self.panel.grain.minutes, "m")
        return np.asarray(past, np.int64)

    def _holidays(self) -> dict[str, Floats]:
        local = self.panel.local(self.target)
        if self.days is None:
            unknown = np.full(len(local), np.nan)
            return dict.fromkeys(("working_shift", "to_holiday", "after_holiday", "same_holiday_anomaly"), unknown)
        number = self.days.number(local)
        known = number >= 0

        def looked_up(values: Ints, missing: int) -> Ints:
            return np.where(known, values[np.where(known, number, 0)], missing)

        twin = looked_up(self.days.twin, -1)
        back = (number - twin) * np.int64(24 * 60 // min(self.panel.grain.minutes, 24 * 60))
        shifted = np.where(twin >= 0, self.target - back, -1)
        return {
            "working_shift": looked_up(self.days.working_shift, 0).astype(np.float64),
            "to_holiday": looked_up(self.days.to_holiday, REACH_DAYS).astype(np.float64),
            "after_holiday": looked_up(self.days.after_holiday, REACH_DAYS).astype(np.float64),
            "same_holiday_anomaly": self._twin_anomaly(shifted),
        }

    def _twin_anomaly(self, at: Ints) -> Floats:
        """Anomaly of the holiday's twin, whatever its weekday; by the week it means nothing."""
        if self.season == 1:
            return np.full(len(at), np.nan)
        return self._anomaly(at)


def sampled(length: int, horizon: int, first: int, per_target: int) -> tuple[Ints, Ints]:
    """Origins and targets to learn from, targets < `length`: for each target `per_target` horizons in 1..horizon.

    The horizons are one from each of `per_target` strata, moving from target to target so that all get their turn.
    """
    targets = np.arange(first, length, dtype=np.int64)
    strata = min(per_target, horizon)
    edges = np.unique(np.round(np.linspace(0, horizon, strata + 1)).astype(np.int64))
    origins, kept = [], []
    for low, high in pairwise(edges):
        ahead = low + (targets * 5) % (high - low)
        origin = targets - ahead
        usable = origin >= first
        origins.append(origin[usable])
        kept.append(targets[usable])
    return np.concatenate(origins), np.concatenate(kept)


def finite(matrix: Floats) -> npt.NDArray[np.bool_]:
    """Rows without any known recent count are no use for learning."""
    return np.asarray(~np.isnan(matrix[:, FEATURES.index("mean_26_seasons")]))
