"""The company's periods, from quarters of an hour to weeks: where on its clock one begins and ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from workspace.settings import WEEKDAYS, Company

Grain = Literal["15min", "30min", "hour", "day", "week"]

# Minutes of the longest period of a grain: a day on which the clock is put back has 25 hours.
LONGEST: Mapping[str, int] = {"15min": 15, "30min": 30, "hour": 60, "day": 1500, "week": 10_140}

_DAY = pd.Timedelta(days=1)
_QUARTER = np.timedelta64(15, "m")


def periods_of(
    moments: pd.Series[pd.Timestamp], company: Company, grain: Grain, until: datetime | None
) -> pd.DataFrame:
    """Every complete period from the first day of `moments` (the company's clock) on: start, stop (UTC), local start.

    The last one ends at or before `until`; without it, at or before the midnight after the last moment. A day has 23
    or 25 hours where the clock is changed; quarters, half hours and hours begin when the clock shows them, and where it
    jumps by a part of one (half an hour on Lord Howe Island), that one is cut short there.
    """
    if not len(moments):
        return pd.DataFrame({"start": [], "stop": [], "local": []})
    first, last = moments.min().normalize(), moments.max().normalize() + _DAY
    end = pd.Timestamp(until).tz_convert("UTC") if until is not None else _to_utc(pd.DatetimeIndex([last]), company)[0]
    if grain in ("day", "week"):
        start, local = _days(first, end, company, grain)
    else:
        start, local = _parts_of_days(first, end, company, LONGEST[grain])
    return pd.DataFrame({"start": start[:-1], "stop": start[1:], "local": local[:-1]})


def midnight_of(moments: pd.Series[pd.Timestamp], company: Company) -> pd.Timestamp:
    """The beginning, in UTC, of the day of the first of `moments` (the company's clock)."""
    found: pd.Timestamp = _to_utc(pd.DatetimeIndex([moments.min().normalize()]), company)[0]
    return found


def _days(
    first: pd.Timestamp, end: pd.Timestamp, company: Company, grain: str
) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """Beginnings of days or weeks up to `end`, in UTC and on the company's clock."""
    days = 7 if grain == "week" else 1
    if grain == "week":
        first += pd.Timedelta(days=(WEEKDAYS.index(company.week_start) - first.weekday()) % 7)
    local = pd.date_range(first, end.tz_convert(company.timezone).tz_localize(None), freq=f"{days}D")
    start = _to_utc(local, company)
    return start, local


def _parts_of_days(
    first: pd.Timestamp, end: pd.Timestamp, company: Company, minutes: int
) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """Moments up to `end` at which the clock shows a whole multiple of `minutes`, or jumps by a part of them."""
    quarters = pd.date_range(_to_utc(pd.DatetimeIndex([first]), company)[0], end, freq="15min")
    local = quarters.tz_convert(company.timezone).tz_localize(None)
    begins = ((local.hour * 60 + local.minute) % minutes == 0) | _cut_short(local, minutes)
    return quarters[begins], local[begins]


def _cut_short(local: pd.DatetimeIndex, minutes: int) -> npt.NDArray[np.bool_]:
    """True where the clock has just jumped by no whole multiple of `minutes`."""
    clock = local.to_numpy()
    jumps = np.diff(clock, prepend=clock[:1] - _QUARTER) - _QUARTER
    return np.asarray(jumps % np.timedelta64(minutes, "m") != np.timedelta64(0, "m"))


def _to_utc(local: pd.DatetimeIndex, company: Company) -> pd.DatetimeIndex:
    """Local starts of days as UTC; a midnight that the clock skips is the first moment after it."""
    zoned = local.tz_localize(company.timezone, nonexistent="shift_forward", ambiguous=np.full(len(local), True))
    return zoned.tz_convert("UTC")
