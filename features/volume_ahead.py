"""The quarters of an hour that a forecast's days are made of: when they begin, and how much of each is open."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from features.volume_open import open_minutes
from features.volume_periods import periods_of
from features.volume_profile import WEEKS, day_shares
from workspace.settings import Company
from workspace.tables import FLOAT, INTEGER, TEXT, TIMESTAMP

SLOT_MINUTES = 15
SLOTS_A_DAY = 96
_DATES_ALONE = 0.9

SLOTS = pa.schema([("period_start", TIMESTAMP), ("weekday", INTEGER), ("minute", INTEGER), ("open_minutes", INTEGER)])
PROFILE = pa.schema([("channel", TEXT), ("weekday", INTEGER), ("minute", INTEGER), ("share", FLOAT)])


def slots_ahead(begin: datetime, end: datetime, company: Company) -> pa.Table:
    """Every quarter of an hour in [begin, end), both company midnights: period_start (UTC), weekday (Monday is 0) and
    minute of the day on the company's clock, open_minutes. An hour that the clock repeats or skips is there twice or
    not at all."""
    if begin >= end:
        return SLOTS.empty_table()
    local = pd.Timestamp(begin).tz_convert(company.timezone).tz_localize(None)
    periods = periods_of(pd.Series([local]), company, "15min", end)
    start = pa.array(periods["start"].dt.tz_convert(None).to_numpy()).cast(TIMESTAMP)
    clock = periods["local"].dt
    columns = {
        "period_start": start,
        "weekday": pa.array(clock.day_of_week.to_numpy().astype(np.int64)),
        "minute": pa.array((clock.hour * 60 + clock.minute).to_numpy().astype(np.int64)),
        "open_minutes": pa.array(open_minutes(periods, company)),
    }
    return pa.table(columns, schema=SLOTS)


def profile_of(quarters: pa.Table) -> pa.Table:
    """channel, weekday, minute, share of the day's contacts, from counts of `features.volume` by quarters of an hour.

    Empty where there is less than a week, or where contacts have a date but no time (nearly all lie at midnight).
    """
    names = sorted(set(quarters["channel"].to_pylist()))
    local = quarters["period_local"].to_numpy().astype("datetime64[m]")
    if len(local) == 0:
        return PROFILE.empty_table()
    last = local.max().astype("datetime64[D]")
    first = last - np.timedelta64(7 * WEEKS - 1, "D")
    number = (local - first.astype("datetime64[m]")).astype(np.int64) // SLOT_MINUTES
    channel = quarters["channel"].to_numpy(zero_copy_only=False).astype(str)
    count = quarters["count"].to_numpy().astype(np.float64)
    counts = np.stack([_days(number[channel == name], count[channel == name]) for name in names])
    at_midnight = np.nansum(counts[:, :, 0])
    if np.isnan(counts[:, -7:]).all() or at_midnight >= _DATES_ALONE * max(np.nansum(counts), 1.0):
        return PROFILE.empty_table()
    return _table(names, day_shares(counts), (int(last.astype(np.int64)) + 4) % 7)


def _days(number: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Counts [days, slots] of the last WEEKS; NaN for a day without a row, 0 for a skipped hour."""
    kept = number >= 0
    total = 7 * WEEKS * SLOTS_A_DAY
    found = np.bincount(number[kept], weights=count[kept], minlength=total).reshape(-1, SLOTS_A_DAY)
    seen = np.bincount(number[kept], minlength=total).reshape(-1, SLOTS_A_DAY)
    return np.where((seen > 0).any(axis=1, keepdims=True), found, np.nan)


def _table(names: list[str], shares: np.ndarray, first_weekday: int) -> pa.Table:
    """`shares` [channels, days ahead, slots], the first of them on `first_weekday`, as PROFILE sorted by all keys."""
    by_weekday = np.roll(shares, first_weekday, axis=1)
    channel, weekday, slot = np.meshgrid(np.arange(len(names)), np.arange(7), np.arange(SLOTS_A_DAY), indexing="ij")
    columns = {
        "channel": pa.array(np.array(names)[channel.ravel()]),
        "weekday": pa.array(weekday.ravel()),
        "minute": pa.array(slot.ravel() * SLOT_MINUTES),
        "share": pa.array(by_weekday.ravel()),
    }
    return pa.table(columns).cast(PROFILE)
