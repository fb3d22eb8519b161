"""The company's clock as a column: which day, week and month a moment belongs to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import ibis

from features.clock import micros, naive
from features.windows import micros_of

# Changes of the clock outside these years are not looked for: the nearest offset counts.
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)


def local(moment: ibis.Value, timezone: str) -> ibis.Value:
    """A UTC timestamp as the naive local timestamp of `timezone`, by the zone's offset at that moment.

    A handful of comparisons instead of the engine's calendar, so that every engine gives the same answer.
    """
    at_us = micros(moment)
    changes = offsets(timezone)
    branches = [(at_us >= micros_of(since), _micros(offset)) for since, offset in reversed(changes[1:])]
    earliest = _micros(changes[0][1])
    offset_us = ibis.cases(*branches, else_=earliest) if branches else ibis.literal(earliest)
    return naive(at_us + offset_us)


@cache
def offsets(timezone: str) -> tuple[tuple[datetime, timedelta], ...]:
    """Each change of the zone's offset to UTC from 1970 to 2059: the moment of it and the offset from then on."""
    zone = ZoneInfo(timezone)
    changes = [(_FIRST, _offset(_FIRST, zone))]
    day = _FIRST
    while day < _LAST:
        next_day = day + timedelta(days=1)
        if _offset(next_day, zone) != changes[-1][1]:
            changes.append((_change_between(day, next_day, zone), _offset(next_day, zone)))
        day = next_day
    return tuple(changes)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second after `before` with the offset of `after`, by halving."""
    new = _offset(after, zone)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        before, after = (before, middle) if _offset(middle, zone) == new else (middle, after)
    return after


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    return offset if offset is not None else timedelta()


def _micros(offset: timedelta) -> int:
    return (offset.days * 86_400 + offset.seconds) * 1_000_000
