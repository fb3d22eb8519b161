"""Business time: what of the time between two moments lies in the company's opening hours.

It is exact across daylight saving, holidays and China's shifted days, and costs a query two joins with a table of a row
a day: business time from a to b = open time before b - open time before a.

Hours are those of the weekday on the company's clock; a weekday without any is closed, and so is a public holiday.
A weekend day that is worked has the hours of the weekday given off for it; where that one isn't named or has none,
those of Monday, or else of the first weekday that has some. Without `[company.hours]` a company is always open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import ibis
import pyarrow as pa

from features.calendar import calendar, shifted_days
from features.windows import DAY_US, micros_of
from workspace.opening_hours import Span, opening_hours
from workspace.settings import WEEKDAYS, Company

_DAY = timedelta(days=1)


def open_days(company: Company, first: date, last: date) -> pa.Table | None:
    """The opening hours of the UTC days `first` to `last`, a row each; None for a company that is always open.

    day (days since 1970), before_us (open microseconds of all days before), opens_N and closes_N (microseconds since
    1970; null where the day has fewer spans). Raises SettingsError for a calendar without known holidays.
    """
    if not company.hours:
        return None
    begin, end = (first - date(1970, 1, 1)).days, (last - date(1970, 1, 1)).days + 1
    days: dict[int, list[Span]] = {day: [] for day in range(begin, end)}
    for opens, closes in _spans(company, first - _DAY, last + 2 * _DAY):
        for day in range(opens // DAY_US, (closes - 1) // DAY_US + 1):
            if day in days:
                days[day].append((max(opens, day * DAY_US), min(closes, (day + 1) * DAY_US)))
    return _table(days)


def business_us(rows: ibis.Table, days: ibis.Table | None, begin_us: str, end_us: str) -> ibis.Table:
    """`rows` with business_us: open microseconds from the moment in one column to that in another; null without both.

    begin_us, end_us: columns of microseconds since 1970. days: of `open_days`, covering both; None is always open.
    """
    if days is None:
        return rows.mutate(business_us=rows[end_us] - rows[begin_us])
    dated = rows.mutate(_begin_day=rows[begin_us] // DAY_US, _end_day=rows[end_us] // DAY_US)
    began, ended = days.rename("_begin_{name}"), days.rename("_end_{name}")
    began = began.rename(_begin_key="_begin_day")
    ended = ended.rename(_end_key="_end_day")
    joined = dated.left_join(began, dated["_begin_day"] == began["_begin_key"])
    joined = joined.left_join(ended, joined["_end_day"] == ended["_end_key"])
    found = _open_before(joined, "_end_", end_us) - _open_before(joined, "_begin_", begin_us)
    return joined.mutate(business_us=found).select(*rows.columns, "business_us")


def _open_before(joined: ibis.Table, prefix: str, moment: str) -> ibis.Value:
    """Open microseconds before a moment: of the days before, and of the day's spans as far as they have passed."""
    total = joined[f"{prefix}before_us"]
    for name in joined.columns:
        if name.startswith(f"{prefix}opens_"):
            closes = joined[name.replace("opens_", "closes_")]
            passed = ibis.least(joined[moment], closes) - joined[name]
            total = total + ibis.greatest(passed, 0).fill_null(0)
    return total


def _spans(company: Company, first: date, last: date) -> Iterator[Span]:
    """Open spans of the company's days [first, last) in microseconds since 1970, rising and not overlapping."""
    before = micros_of(datetime.combine(first, time(), tzinfo=UTC)) - DAY_US
    for day, hours in _hours(company, first, last):
        for opens, closes in hours:
            begin = max(_moment(company, day, opens), before)
            end = _moment(company, day, closes)
            if begin < end:
                yield begin, end
                before = end


def _hours(company: Company, first: date, last: date) -> Iterator[tuple[date, tuple[Span, ...]]]:
    week = [opening_hours(company.hours.get(name, "")) for name in WEEKDAYS]
    usual = week[0] or next(spans for spans in week if spans)
    shifted = shifted_days(first, last, company.calendar)
    for row in calendar(first, last, company.calendar).to_pylist():
        day = row["date"]
        if day in shifted:
            replaced = shifted[day]
            yield day, (week[replaced.weekday()] if replaced is not None else ()) or usual
        elif not row["is_holiday"]:
            yield day, week[day.weekday()]


def _moment(company: Company, day: date, minutes: int) -> int:
    """A time of the company's clock in microseconds since 1970; one that the clock skips is as long after midnight."""
    at = datetime.combine(day + timedelta(days=minutes // 1440), time(minutes % 1440 // 60, minutes % 60))
    return micros_of(at.replace(tzinfo=company.zone).astimezone(UTC))


def _table(days: dict[int, list[Span]]) -> pa.Table:
    most = max((len(spans) for spans in days.values()), default=0)
    columns: dict[str, list[int | None]] = {"day": [], "before_us": []}
    for place in range(most):
        columns[f"opens_{place}"], columns[f"closes_{place}"] = [], []
    total = 0
    for day, spans in days.items():
        columns["day"].append(day)
        columns["before_us"].append(total)
        total += sum(closes - opens for opens, closes in spans)
        for place in range(most):
            opens, closes = spans[place] if place < len(spans) else (None, None)
            columns[f"opens_{place}"].append(opens)
            columns[f"closes_{place}"].append(closes)
    return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})
