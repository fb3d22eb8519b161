"""The forecast of a channel in periods of any length: days as they were stored, parts of days that add up to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from serving.snapshot import Snapshot
from workspace.errors import QueryError
from workspace.settings import WEEKDAYS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PART_MINUTES = {"15min": 15, "30min": 30, "hour": 60}
GRAINS = (*PART_MINUTES, "day", "week")
_SLOT = 15


@dataclass(frozen=True)
class Ahead:
    """Periods that follow the data, all arrays [periods]: when each begins (UTC), how many minutes it has, how many of
    them the company is open, the contacts expected in it; `days`: the stored rows of the days they come from."""

    starts: list[datetime]
    minutes: Ints
    open_minutes: Ints
    mean: Floats
    days: list[dict[str, Any]]

    @property
    def steps(self) -> Ints:
        """1 for the first period after the data, and so on."""
        return np.arange(1, len(self.starts) + 1)

    def between(self, begin: datetime, end: datetime) -> slice:
        """The places of the periods that begin in [begin, end)."""
        chosen = [place for place, start in enumerate(self.starts) if begin <= start < end]
        return slice(chosen[0], chosen[-1] + 1) if chosen else slice(0, 0)


def channels_of(snapshot: Snapshot) -> list[str]:
    """The channels that have a forecast."""
    return sorted(set(snapshot.tables["volume_forecast"]["channel"].to_pylist()))


def ahead(snapshot: Snapshot, channel: str, grain: str) -> Ahead:
    """The periods of a channel's forecast.

    Weeks are the company's whole ones. Raises QueryError for a channel without a forecast, a grain that isn't one, or
    parts of days where no contact's time of day is known.
    """
    if grain not in GRAINS:
        raise QueryError(f"The forecast has the grains {', '.join(GRAINS)}.")
    known = channels_of(snapshot)
    if channel not in known:
        raise QueryError(f"The forecast has the channels: {', '.join(known) or 'none yet'}.")
    days = _days(snapshot, channel)
    if grain == "day":
        return _of_days(days)
    if grain == "week":
        return _of_weeks(days, snapshot)
    return _in_parts(_of_slots(snapshot, channel, days), PART_MINUTES[grain], _minutes_of_day(snapshot))


def _days(snapshot: Snapshot, channel: str) -> list[dict[str, Any]]:
    table = snapshot.tables["volume_forecast"]
    rows: list[dict[str, Any]] = table.filter(pc.equal(table["channel"], channel)).to_pylist()
    return rows


def _of_days(days: list[dict[str, Any]]) -> Ahead:
    minutes = np.array([row["period_minutes"] for row in days], np.int64)
    mean = np.array([row["mean"] for row in days])
    return Ahead([row["period_start"] for row in days], minutes, minutes, mean, days)


def _of_weeks(days: list[dict[str, Any]], snapshot: Snapshot) -> Ahead:
    zone = ZoneInfo(snapshot.company["timezone"])
    begins = WEEKDAYS.index(snapshot.company["week_start"])
    first = next(
        (place for place, row in enumerate(days) if row["period_start"].astimezone(zone).weekday() == begins), len(days)
    )
    whole = [days[place : place + 7] for place in range(first, len(days) - 6, 7)]
    minutes = np.array([sum(row["period_minutes"] for row in week) for week in whole], np.int64)
    mean = np.array([sum(row["mean"] for row in week) for week in whole])
    return Ahead([week[0]["period_start"] for week in whole], minutes, minutes, mean, days)


def _of_slots(snapshot: Snapshot, channel: str, days: list[dict[str, Any]]) -> Ahead:
    """Quarters of an hour. Those of "all" are the sum of its channels', where the days' are."""
    slots = snapshot.tables.get("volume_slots")
    profile = snapshot.tables.get("volume_profile")
    if slots is None or profile is None or len(slots) == 0 or len(profile) == 0:
        raise QueryError(
            "The forecast has days and weeks: no contact's time of day is known. Collect contacts with their times, "
            "then run `rapport run`."
        )
    starts = slots["period_start"].to_pylist()
    length = np.full(len(starts), _SLOT, np.int64)
    opened = slots["open_minutes"].to_numpy()
    parts = _adding_up(snapshot, channel, days)
    mean = np.sum([_spread_out(slots, profile, name, rows) for name, rows in parts], axis=0)
    return Ahead(starts, length, opened, mean, days)


def _adding_up(snapshot: Snapshot, channel: str, days: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    if channel == "all":
        others = [(name, _days(snapshot, name)) for name in channels_of(snapshot) if name != "all"]
        sums = np.sum([[row["mean"] for row in rows] for _, rows in others], axis=0) if others else np.zeros(0)
        total = np.array([row["mean"] for row in days])
        if len(sums) == len(total) and np.allclose(sums, total, rtol=1e-9, atol=1e-9):
            return others
    return [(channel, days)]


def _spread_out(slots: pa.Table, profile: pa.Table, channel: str, days: list[dict[str, Any]]) -> Floats:
    """Each day's mean over its slots by the channel's profile; evenly over a day on which the profile has nothing."""
    named = channel if channel in profile["channel"].to_pylist() else "all"
    rows = profile.filter(pc.equal(profile["channel"], named))
    shares = np.zeros((7, 24 * 60 // _SLOT))
    shares[rows["weekday"].to_numpy(), rows["minute"].to_numpy() // _SLOT] = rows["share"].to_numpy()
    share = shares[slots["weekday"].to_numpy(), slots["minute"].to_numpy() // _SLOT]
    begins = np.array([row["period_start"].timestamp() for row in days])
    at = np.array([start.timestamp() for start in slots["period_start"].to_pylist()])
    day = np.clip(np.searchsorted(begins, at, side="right") - 1, 0, None)
    total = np.bincount(day, weights=share, minlength=len(days))
    slots_of_day = np.bincount(day, minlength=len(days))
    part = np.where(total[day] > 0, share / np.where(total > 0, total, 1.0)[day], 1.0 / slots_of_day[day])
    return np.asarray(np.array([row["mean"] for row in days])[day] * part)


def _minutes_of_day(snapshot: Snapshot) -> Ints:
    return np.asarray(snapshot.tables["volume_slots"]["minute"].to_numpy())


def _in_parts(slots: Ahead, minutes: int, minute_of_day: Ints) -> Ahead:
    """Slots added up from where the clock shows a whole multiple of `minutes`."""
    begins = np.flatnonzero((minute_of_day % minutes == 0) | (np.arange(len(minute_of_day)) == 0))
    return Ahead(
        [slots.starts[place] for place in begins],
        np.add.reduceat(slots.minutes, begins),
        np.add.reduceat(slots.open_minutes, begins),
        np.add.reduceat(slots.mean, begins),
        slots.days,
    )


def horizon_of(days: list[dict[str, Any]]) -> tuple[datetime, datetime]:
    """From when to when a forecast reaches."""
    return days[0]["period_start"], days[-1]["period_start"] + timedelta(minutes=days[-1]["period_minutes"])
