"""The company's days: weekday, holidays, and China's weekends that are worked instead. Computed, never fetched."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from datetime import date, timedelta

import holidays
import pyarrow as pa

from workspace.errors import SettingsError

SCHEMA = pa.schema(
    [
        pa.field("date", pa.date32()),
        pa.field("weekday", pa.int64()),
        pa.field("is_holiday", pa.bool_()),
        pa.field("holiday", pa.string()),
        pa.field("is_working_day", pa.bool_()),
        pa.field("days_to_holiday", pa.int64()),
        pa.field("days_after_holiday", pa.int64()),
    ]
)

# Holidays this far beyond both ends are looked at for the distances; longer stretches without one don't occur.
_MARGIN = timedelta(days=400)
_SUBSTITUTED = re.compile(r"substituted from (\d{2})/(\d{2})/(\d{4})")


def calendar(start: date, end: date, country: str) -> pa.Table:
    """The days of [start, end) in `country` (ISO 3166 code, `[company] calendar`).

    date, weekday (0 Monday to 6 Sunday), is_holiday and holiday (public holidays and the days given off with them; name
    in English), is_working_day (no weekend and no holiday, or a weekend declared to be worked), days_to_holiday and
    days_after_holiday (0 on a holiday; null when the country's list has none). China's shifted days are announced a
    year ahead: beyond the years that the `holidays` package knows only the fixed holidays are there.

    Raises SettingsError for a country that the package doesn't know.
    """
    known = _holidays(start, end, country)
    days = [start + timedelta(days=offset) for offset in range((end - start).days)]
    off = sorted(known)
    rows = [
        {
            "date": day,
            "weekday": day.weekday(),
            "is_holiday": day in known,
            "holiday": known.get(day),
            "is_working_day": known.is_working_day(day),
            "days_to_holiday": _days_to(off, day),
            "days_after_holiday": _days_after(off, day),
        }
        for day in days
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def shifted_days(start: date, end: date, country: str) -> dict[date, date | None]:
    """Weekend days of [start, end) that are declared to be worked, each with the weekday given off for it.

    None where the weekday isn't named. Raises SettingsError for a country that the package doesn't know.
    """
    known = _holidays(start, end, country)
    worked = {day: None for day in sorted(known.weekend_workdays) if start <= day < end}
    given_off = {_worked_for(name): day for day, name in known.items()}
    return {day: given_off.get(day) for day in worked}


def _worked_for(name: str) -> date | None:
    """The weekend day that a day off was substituted from, by the holiday's name."""
    found = _SUBSTITUTED.search(name)
    return date(int(found[3]), int(found[1]), int(found[2])) if found else None


def _days_to(off: list[date], day: date) -> int | None:
    place = bisect_left(off, day)
    return (off[place] - day).days if place < len(off) else None


def _days_after(off: list[date], day: date) -> int | None:
    place = bisect_right(off, day)
    return (day - off[place - 1]).days if place else None


def _holidays(start: date, end: date, country: str) -> holidays.HolidayBase:
    years = range((start - _MARGIN).year, (end + _MARGIN).year + 1)
    try:
        known = holidays.country_holidays(country, years=years, language="en_US")
    except NotImplementedError:
        raise SettingsError(
            f'[company] calendar = "{country}" is no country code with known holidays. Use one such as CN, US or DE.'
        ) from None
    known.expand = False
    return known
