"""The company's periods, in SQL and in Python: where one begins, and which one it is compared with."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from features.local_time import offsets
from features.statistics.query import Query
from features.windows import micros_of
from workspace.settings import WEEKDAYS

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
# A year back from a week is the 52nd week before: the same date lies in the middle of another one.
_YEAR_OF_WEEKS = 364
_MICROSECOND = timedelta(microseconds=1)


def local(moment: str, timezone: str, start: datetime, end: datetime) -> str:
    """The company's clock at a moment (microseconds), by the zone's offsets in the range (no calendar)."""
    changes = [(micros_of(since), offset // _MICROSECOND) for since, offset in offsets(timezone, start, end)]
    cases = "".join(f" WHEN {moment} >= {since} THEN {offset}" for since, offset in reversed(changes[1:]))
    offset = f"CASE{cases} ELSE {changes[0][1]} END" if cases else str(changes[0][1])
    return f"make_timestamp({moment} + {offset})"


def period(grain: str, moment: str, local: str, week_start: str) -> str:
    """The start of a row's period on the company's clock; of an hour in UTC, as one hour a year comes twice locally."""
    if grain == "hour":
        return f"make_timestamp({moment} - (epoch_us({local}) - epoch_us(date_trunc('hour', {local}))))"
    if grain == "week":
        shift = f"INTERVAL {WEEKDAYS.index(week_start)} DAY"
        return f"date_trunc('week', {local} - {shift}) + {shift}"
    return f"date_trunc('{grain}', {local})"


def start_of(grain: str, period: str, timezone: str) -> str:
    """A period's start in UTC."""
    return f"timezone('{'UTC' if grain == 'hour' else timezone}', {period})"


def compared_period(grain: str, compare: str, timezone: str) -> str:
    """Which earlier period the period of `now` is compared with."""
    if compare == "previous":
        step = f"{_MONTHS[grain]} MONTH" if grain in _MONTHS else f"{_DAYS.get(grain, 0)} DAY"
        return f"now.period - INTERVAL {'1 HOUR' if grain == 'hour' else step}"
    if grain == "week":
        return f"now.period - INTERVAL {_YEAR_OF_WEEKS} DAY"
    if grain == "hour":
        there = f"timezone('{timezone}', timezone('UTC', now.period)) - INTERVAL 12 MONTH"
        return f"timezone('UTC', timezone('{timezone}', {there}))"
    return "now.period - INTERVAL 12 MONTH"


def compared_range(query: Query, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The range that the whole query is compared with."""
    if query.compare == "last_year":
        days = _YEAR_OF_WEEKS if query.grain == "week" else 0
        months = 0 if days else 12
        return _back(query.start, zone, months, days), _back(query.end, zone, months, days)
    if query.grain == "hour":
        return query.start - timedelta(hours=1), query.end - timedelta(hours=1)
    if query.grain is not None:
        months, days = _MONTHS.get(query.grain, 0), _DAYS.get(query.grain, 0)
        return _back(query.start, zone, months, days), _back(query.end, zone, months, days)
    return _range_before(query.start, query.end, zone), query.start


def _range_before(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """Where the range of the same length before begins: whole months and days by the calendar, else to the second."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if not (_is_midnight(first) and _is_midnight(last)):
        return start - (end - start)
    if first.day == 1 and last.day == 1:
        return _back(start, zone, (last.year - first.year) * 12 + last.month - first.month, 0)
    return _back(start, zone, 0, (last.date() - first.date()).days)


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


def _back(moment: datetime, zone: ZoneInfo, months: int, days: int) -> datetime:
    """The same clock time so many months and days before; a day that the month hasn't becomes its last."""
    there = moment.astimezone(zone)
    month = there.year * 12 + there.month - 1 - months
    first = there.replace(year=month // 12, month=month % 12 + 1, day=1)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    length = (following.date() - first.date()).days
    return first.replace(day=min(there.day, length)) - timedelta(days=days)
