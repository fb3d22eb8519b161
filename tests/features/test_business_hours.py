"""Business time against a count of open minutes, and what it is at daylight saving, on holidays and shifted days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pyarrow as pa
import pytest

from features.business_hours import business_us, open_days
from features.windows import micros_of
from workspace.engine import arrow_tables, connect
from workspace.opening_hours import opening_hours
from workspace.settings import WEEKDAYS, Company

WEEK = dict.fromkeys(WEEKDAYS[:5], "09:00-18:00")
HOUR = 3_600_000_000


def between(company: Company, pairs: list[tuple[datetime, datetime]]) -> list[int | None]:
    """Open microseconds of each pair of moments, by DuckDB."""
    moments = [moment for pair in pairs for moment in pair]
    days = open_days(company, min(moments).astimezone(UTC).date(), max(moments).astimezone(UTC).date())
    rows = pa.table(
        {
            "number": pa.array(range(len(pairs)), pa.int64()),
            "a": pa.array([micros_of(begin) for begin, _ in pairs], pa.int64()),
            "b": pa.array([micros_of(end) for _, end in pairs], pa.int64()),
        }
    )
    backend = connect()
    given = arrow_tables(backend, {"rows": rows} if days is None else {"rows": rows, "days": days})
    found = business_us(given["rows"], given.get("days"), "a", "b").order_by("number").to_pyarrow()
    backend.disconnect()
    assert found.column_names == ["number", "a", "b", "business_us"]
    return found["business_us"].to_pylist()


def hours_between(company: Company, begin: str, end: str) -> float:
    pair = tuple(datetime.fromisoformat(text).replace(tzinfo=company.zone) for text in (begin, end))
    (found,) = between(company, [pair])
    assert found is not None
    return found / HOUR


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ("2026-06-01T10:00", "2026-06-01T12:30", 2.5),
        ("2026-06-01T17:00", "2026-06-02T10:00", 2),
        ("2026-06-05T17:00", "2026-06-08T09:30", 1.5),  # over a weekend
        ("2026-06-06T08:00", "2026-06-07T20:00", 0),  # a weekend
        ("2026-06-01T20:00", "2026-06-01T23:00", 0),  # an evening
        ("2026-06-01T00:00", "2026-06-08T00:00", 45),
        ("2026-12-24T12:00", "2026-12-28T12:00", 9),  # Christmas Day is a Friday
        ("2026-06-02T10:00", "2026-06-01T17:00", -2),  # backwards
    ],
)
def test_a_week_in_berlin(begin: str, end: str, hours: float) -> None:
    assert hours_between(Company(timezone="Europe/Berlin", calendar="DE", hours=WEEK), begin, end) == hours


@pytest.mark.parametrize(
    ("zone", "country", "day", "hours"),
    [
        ("Europe/Berlin", "DE", "2026-03-29", 23),
        ("Europe/Berlin", "DE", "2026-10-25", 25),
        ("America/New_York", "US", "2026-03-08", 23),
        ("America/New_York", "US", "2026-11-01", 25),
        ("America/New_York", "US", "2026-11-02", 24),
        ("Australia/Lord_Howe", "AU", "2026-10-04", 23.5),
    ],
)
def test_a_day_of_a_clock_change(zone: str, country: str, day: str, hours: float) -> None:
    company = Company(timezone=zone, calendar=country, hours=dict.fromkeys(WEEKDAYS, "00:00-24:00"))
    following = date.fromisoformat(day) + timedelta(days=1)
    assert hours_between(company, f"{day}T00:00", f"{following}T00:00") == hours


def test_opening_follows_the_clock_over_a_change() -> None:
    company = Company(timezone="America/New_York", calendar="US", hours=WEEK)
    # 09:00 is 14:00 UTC before the change of 8 March and 13:00 UTC after it.
    pairs = [
        (datetime(2026, 3, 6, 14, tzinfo=UTC), datetime(2026, 3, 6, 15, tzinfo=UTC)),
        (datetime(2026, 3, 6, 13, tzinfo=UTC), datetime(2026, 3, 6, 14, tzinfo=UTC)),
        (datetime(2026, 3, 9, 13, tzinfo=UTC), datetime(2026, 3, 9, 14, tzinfo=UTC)),
        (datetime(2026, 3, 6, 22, tzinfo=UTC), datetime(2026, 3, 9, 14, tzinfo=UTC)),
    ]
    assert between(company, pairs) == [HOUR, 0, HOUR, 2 * HOUR]


def test_chinas_holidays_and_worked_weekends() -> None:
    company = Company(hours={**WEEK, "thursday": "10:00-12:00"})
    assert hours_between(company, "2026-10-01T00:00", "2026-10-08T00:00") == 0
    # Saturday 10 October is worked for Wednesday the 7th.
    assert hours_between(company, "2026-10-10T00:00", "2026-10-11T00:00") == 9
    assert hours_between(company, "2026-10-11T00:00", "2026-10-12T00:00") == 0
    # Sunday 4 January is worked for Friday the 2nd.
    friday = Company(hours={**WEEK, "friday": "10:00-14:00"})
    assert hours_between(friday, "2026-01-04T00:00", "2026-01-05T00:00") == 4
    # The weekday it is worked for has no hours: those of Monday.
    short = Company(hours={"monday": "08:00-11:00", "saturday": "10:00-11:00"})
    assert hours_between(short, "2026-01-04T00:00", "2026-01-05T00:00") == 3
    # No Monday either: those of the first weekday that has some.
    assert hours_between(Company(hours={"saturday": "10:00-12:00"}), "2026-01-04T00:00", "2026-01-05T00:00") == 2
    assert hours_between(Company(hours={"saturday": "10:00-12:00"}), "2026-05-02T00:00", "2026-05-03T00:00") == 0


def test_without_hours_it_is_the_time_itself() -> None:
    company = Company()
    assert open_days(company, date(2026, 1, 1), date(2026, 1, 2)) is None
    assert hours_between(company, "2026-10-01T00:00", "2026-10-08T00:00") == 168


@pytest.mark.parametrize(
    ("zone", "country", "hours"),
    [
        ("Europe/Berlin", "DE", {**WEEK, "wednesday": "09:00-12:00, 13:15-18:00", "saturday": "22:00-24:00"}),
        ("America/New_York", "US", dict.fromkeys(WEEKDAYS, "00:30-07:10, 23:00-24:00")),
        ("Asia/Kolkata", "IN", {"sunday": "00:00-24:00", "monday": "00:00-02:00"}),
        ("Asia/Shanghai", "CN", {**WEEK, "friday": "closed"}),
    ],
)
def test_equals_a_count_of_open_minutes(zone: str, country: str, hours: dict[str, str]) -> None:
    company = Company(timezone=zone, calendar=country, hours=hours)
    start = datetime(2026, 2, 1, tzinfo=UTC)
    minutes = 75 * 24 * 60
    open_minutes = np.array([_is_open(company, start + timedelta(minutes=at)) for at in range(minutes)])
    total = np.concatenate([[0], np.cumsum(open_minutes)])
    random = np.random.default_rng(3)
    places = random.integers(0, minutes, size=(400, 2))
    pairs = [(start + timedelta(minutes=int(a)), start + timedelta(minutes=int(b))) for a, b in places]
    expected = [int(total[b] - total[a]) * 60_000_000 for a, b in places]
    assert between(company, pairs) == expected
    assert max(expected) > 0


def _is_open(company: Company, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(company.timezone))
    known = _holidays(company.calendar)
    day, weekday = local.date(), local.weekday()
    if day in known:
        return False
    if company.calendar == "CN" and day in (date(2026, 2, 14), date(2026, 2, 28)):
        weekday = {14: 4, 28: 0}[day.day]
        hours = company.hours.get(WEEKDAYS[weekday], "closed")
        spans = opening_hours(hours) or opening_hours(company.hours["monday"])
    else:
        spans = opening_hours(company.hours.get(WEEKDAYS[weekday], ""))
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in spans)


_KNOWN: dict[str, set[date]] = {}


def _holidays(country: str) -> set[date]:
    if country not in _KNOWN:
        _KNOWN[country] = set(holidays.country_holidays(country, years=[2026]))
    return _KNOWN[country]
