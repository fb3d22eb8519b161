"""The company's clock: its offsets to UTC over a range of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def offsets(timezone: str, start: datetime, end: datetime) -> list[tuple[datetime, timedelta]]:
    """The zone's offset to UTC at `start`, then every change of it before `end`: the moment, and the offset from then.

    Two changes within a day are seen as one; no zone has ever had them.
    """
    zone = ZoneInfo(timezone)
    moment = start.astimezone(UTC)
    changes = [(moment, _offset(moment, zone))]
    while moment < end:
        later = min(moment + _DAY, end)
        if _offset(later, zone) != changes[-1][1]:
            changes.append((_change(moment, later, zone), _offset(later, zone)))
        moment = later
    return changes


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second with the offset of `after`, by halving."""
    new = _offset(after, zone)
    before, after = before.replace(microsecond=0), after.replace(microsecond=0)
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (before, middle) if _offset(middle, zone) == new else (middle, after)
    return after


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    return offset if offset is not None else timedelta()
