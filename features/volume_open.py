"""How much of a period the company is open: a closed hour without a contact says nothing, an open one does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from features.business_hours import open_days
from workspace.settings import Company

_MINUTE_US = 60_000_000

Ints = npt.NDArray[np.int64]


def open_minutes(periods: pd.DataFrame, company: Company) -> Ints:
    """Whole minutes of each period (start and stop in UTC, rising) in the company's opening hours; 0 is closed.

    By `[company.hours]` on the company's clock, holidays and shifted days (features/business_hours.py); without hours,
    every minute of it. Raises SettingsError for hours with a calendar whose holidays aren't known.
    """
    start, stop = _micros(periods["start"]), _micros(periods["stop"])
    first, last = periods["start"].iloc[0].date(), periods["stop"].iloc[-1].date()
    days = open_days(company, first, last)
    open_us = stop - start if days is None else _open_before(stop, days) - _open_before(start, days)
    return open_us // _MINUTE_US


def _open_before(moments: Ints, days: pa.Table) -> Ints:
    """Open microseconds before each moment: all of the spans that began before it, less what is left of the last."""
    opens, closes = _edges(days, "opens_"), _edges(days, "closes_")
    begun = np.searchsorted(opens, moments, side="right")
    total = np.concatenate([[0], np.cumsum(closes - opens)])
    left = np.concatenate([[0], closes])[begun] - moments
    return np.asarray(total[begun] - np.where(begun > 0, np.maximum(left, 0), 0))


def _edges(days: pa.Table, which: str) -> Ints:
    """Where the spans of all days begin, or end, in microseconds since 1970: rising, as no two of them overlap."""
    found = [days[name].drop_null().to_numpy() for name in days.column_names if name.startswith(which)]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *found]))


def _micros(moments: pd.Series[pd.Timestamp]) -> Ints:
    return moments.dt.tz_convert(None).to_numpy().astype("datetime64[us]").astype(np.int64)
