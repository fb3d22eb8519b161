"""Open minutes against a count of every minute on the company's clock, and golden days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pandas as pd
import pytest

from features.volume_open import open_minutes
from features.volume_periods import LONGEST, periods_of
from workspace.errors import SettingsError
from workspace.settings import WEEKDAYS, Company

WEEK = dict.fromkeys(WEEKDAYS[:5], "09:00-18:00")
ZONES = {"Europe/Berlin": "DE", "America/New_York": "US", "Australia/Lord_Howe": "AU", "Asia/Kolkata": "IN"}


def by_period(company: Company, grain: str, first: str, last: str) -> dict[str, int]:
    """Open minutes by the clock's start of each period, "mm-dd HH:MM"; those of one start added up."""
    periods = periods_of(pd.Series(pd.to_datetime([first, last])), company, grain, None)
    found: dict[str, int] = {}
    for local, minutes in zip(periods.local, open_minutes(periods, company), strict=True):
        shown = f"{local:%m-%d %H:%M}"
        found[shown] = found.get(shown, 0) + int(minutes)
    return found


def days(company: Company, first: str, last: str) -> list[float]:
    """Open hours of each day."""
    return [minutes / 60 for minutes in by_period(company, "day", first, last).values()]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("dates", [("2026-03-06", "2026-04-08"), ("2026-10-01", "2026-11-03")])
@pytest.mark.parametrize(
    "hours",
    [
        {**WEEK, "wednesday": "09:10-12:00, 13:15-18:00", "saturday": "22:00-24:00"},
        dict.fromkeys(WEEKDAYS, "00:30-03:10, 03:45-07:10, 23:00-24:00"),
    ],
)
def test_equal_a_count_of_minutes(zone: str, dates: tuple[str, str], hours: dict[str, str]) -> None:
    country = ZONES[zone]
    company = Company(timezone=zone, calendar=country, hours=hours)
    open_at = pd.DatetimeIndex(opened(company, *dates, holidays.country_holidays(country, years=2026)))
    for grain in LONGEST:
        periods = periods_of(pd.Series(pd.to_datetime(dates)), company, grain, None)
        edges = pd.DatetimeIndex([*periods.start, periods.stop.iloc[-1]])
        counted = pd.cut(open_at, edges, right=False).codes
        expected = pd.Series(counted[counted >= 0]).value_counts().reindex(range(len(periods)), fill_value=0)
        assert open_minutes(periods, company).tolist() == expected.sort_index().tolist()
        assert expected.min() == 0 or grain in ("day", "week")
        assert expected.max() > 0


def opened(company: Company, first: str, last: str, free: holidays.HolidayBase) -> list[datetime]:
    """Every open minute, from the day before `first` to the day after `last`, in UTC."""
    at = datetime.fromisoformat(first).replace(tzinfo=UTC) - timedelta(days=1)
    end = datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=2)
    found = []
    while at < end:
        local = at.astimezone(ZoneInfo(company.timezone))
        if local.date() not in free and _within(local.time(), company.hours.get(WEEKDAYS[local.weekday()], "")):
            found.append(at)
        at += timedelta(minutes=1)
    return found


def _within(clock: time, written: str) -> bool:
    spans = [part.strip().split("-") for part in written.split(",") if part]
    return any(opens <= f"{clock:%H:%M}" < closes for opens, closes in spans)


def test_without_hours_every_minute_is_open() -> None:
    assert days(Company(timezone="Europe/Berlin"), "2026-03-28", "2026-03-30") == [24, 23, 24]
    assert days(Company(timezone="Europe/Berlin"), "2026-10-25", "2026-10-25") == [25]


def test_a_day_of_a_clock_change() -> None:
    always = Company(timezone="Australia/Lord_Howe", calendar="AU", hours=dict.fromkeys(WEEKDAYS, "00:00-24:00"))
    assert days(always, "2026-10-03", "2026-10-05") == [24, 23.5, 24]
    nights = Company(timezone="Europe/Berlin", calendar="DE", hours=dict.fromkeys(WEEKDAYS, "00:00-06:00"))
    assert days(nights, "2026-03-28", "2026-03-30") == [6, 5, 6]
    assert days(nights, "2026-10-24", "2026-10-26") == [6, 7, 6]
    assert by_period(nights, "hour", "2026-10-25", "2026-10-25")["10-25 02:00"] == 120


def test_a_half_hour_zone_is_open_by_its_own_clock() -> None:
    """09:00 in Kolkata is half past three in UTC: an hour of the company is never half open."""
    company = Company(timezone="Asia/Kolkata", calendar="IN", hours=WEEK)
    found = by_period(company, "hour", "2026-06-01", "2026-06-01")
    assert {clock[6:]: minutes for clock, minutes in found.items() if minutes} == {
        f"{hour:02d}:00": 60 for hour in range(9, 18)
    }


def test_closed_days_and_holidays() -> None:
    company = Company(timezone="Europe/Berlin", calendar="DE", hours={**WEEK, "tuesday": "closed"})
    # Good Friday 3 April and Easter Monday 6 April 2026; the 7th is a Tuesday.
    assert days(company, "2026-04-02", "2026-04-08") == [9, 0, 0, 0, 0, 0, 9]
    assert set(by_period(company, "15min", "2026-04-03", "2026-04-07").values()) == {0}
    weeks = by_period(company, "week", "2026-03-30", "2026-04-12")
    assert weeks == {"03-30 00:00": 3 * 9 * 60, "04-06 00:00": 3 * 9 * 60}


def test_chinas_shifted_working_days() -> None:
    company = Company(hours={**WEEK, "wednesday": "10:00-14:00"})
    # National Day, 1 to 7 October 2026; Sunday 20 September and Saturday 10 October are worked for it.
    assert days(company, "2026-10-01", "2026-10-07") == [0] * 7
    worked = days(company, "2026-10-08", "2026-10-12")
    assert worked[:2] + worked[3:] == [9, 9, 0, 9]
    assert worked[2] == 4  # for Wednesday the 7th, with that weekday's hours
    assert days(company, "2026-09-20", "2026-09-20")[0] > 0
    saturday = by_period(company, "30min", "2026-10-10", "2026-10-10")
    assert [clock[6:] for clock, minutes in saturday.items() if minutes][:2] == ["10:00", "10:30"]


def test_a_span_that_opens_within_a_period() -> None:
    company = Company(timezone="Europe/Berlin", calendar="DE", hours={"monday": "09:10-09:50, 11:20-12:00"})
    found = by_period(company, "30min", "2026-06-01", "2026-06-01")
    assert {clock[6:]: minutes for clock, minutes in found.items() if minutes} == {
        "09:00": 20,
        "09:30": 20,
        "11:00": 10,
        "11:30": 30,
    }


def test_a_range_without_an_open_moment() -> None:
    company = Company(timezone="Europe/Berlin", calendar="DE", hours={"monday": "09:00-10:00"})
    assert date(2026, 6, 3).weekday() == 2
    assert days(company, "2026-06-03", "2026-06-05") == [0, 0, 0]


def test_hours_need_a_calendar_that_is_known() -> None:
    assert days(Company(timezone="Europe/Berlin", calendar="QQ"), "2026-06-01", "2026-06-01") == [24]
    with pytest.raises(SettingsError, match="QQ"):
        days(Company(timezone="Europe/Berlin", calendar="QQ", hours=WEEK), "2026-06-01", "2026-06-01")
