"""The calendar as numbers a forecast can use: working days, nearness to holidays, the same holiday a year before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.calendar import calendar
from training.volume_panel import Ints, Panel

REACH_DAYS = 14
_BEFORE, _AFTER = 7, 10


@dataclass(frozen=True)
class Days:
    """One entry a day from `first` on: known in advance, so it may look ahead of any origin.

    working_shift is +1 on a working weekend day, -1 on a free weekday, else 0; to_holiday and after_holiday count days
    to the next and from the last holiday, REACH_DAYS at most; twin is the day number, counted from `first`, that lay
    just as far from the same holiday about a year earlier, -1 where there is none.
    """

    first: np.datetime64
    working_shift: Ints
    to_holiday: Ints
    after_holiday: Ints
    twin: Ints

    def number(self, local: npt.NDArray[np.datetime64]) -> Ints:
        """Day number of company-local times; -1 outside the calendar."""
        number = (local.astype("datetime64[D]") - self.first).astype(np.int64)
        return np.where((number >= 0) & (number < len(self.twin)), number, -1)


def known_days(counts: Panel, horizon: int, country: str) -> Days:
    """The calendar from a year before the first period to the last one forecast."""
    first = counts.local(np.array([0]))[0].astype(object).date() - timedelta(days=400)
    last = counts.local(np.array([counts.periods + horizon]))[0].astype(object).date()
    return days(calendar(first, last + timedelta(days=2), country))


def days(table: pa.Table) -> Days:
    """Numbers from the table of features.calendar: one row a day, no gaps."""
    dates = table["date"].to_numpy(zero_copy_only=False).astype("datetime64[D]")
    free = table["is_holiday"].to_numpy(zero_copy_only=False).astype(bool)
    working = table["is_working_day"].to_numpy(zero_copy_only=False).astype(bool)
    names = [name or "" for name in table["holiday"].to_pylist()]
    # 1970-01-01 was a Thursday.
    weekend = (dates.astype(np.int64) + 3) % 7 >= 5
    shift = np.where(working & weekend, 1, np.where(~working & ~weekend, -1, 0)).astype(np.int64)
    to, after = _within_reach(table["days_to_holiday"]), _within_reach(table["days_after_holiday"])
    return Days(dates[0], shift, to, after, _twins(dates, free, names))


def _within_reach(distance: pa.ChunkedArray) -> Ints:
    values = distance.fill_null(REACH_DAYS).to_numpy()
    return np.asarray(np.minimum(values, REACH_DAYS), np.int64)


def _twins(dates: npt.NDArray[np.datetime64], free: npt.NDArray[np.bool_], names: list[str]) -> Ints:
    """For each day near the first day of a named holiday, the day as near to the one of the same name a year before."""
    starts: dict[str, list[int]] = {}
    for position in np.flatnonzero(free):
        begun = starts.setdefault(names[position], [])
        # A holiday of several days, or one moved to another day, counts once: 60 days tell two years' from one.
        if not begun or position - begun[-1] > 60:
            begun.append(int(position))
    twin = np.full(len(dates), -1, np.int64)
    nearest = np.full(len(dates), _AFTER + 1, np.int64)
    for begun in starts.values():
        for earlier, later in pairwise(begun):
            if later - earlier > 420:
                continue
            for offset in range(-_BEFORE, _AFTER + 1):
                day, before = later + offset, earlier + offset
                if 0 <= day < len(twin) and before >= 0 and abs(offset) < nearest[day]:
                    nearest[day], twin[day] = abs(offset), before
    return twin
