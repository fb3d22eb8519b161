"""Periods against a walk through the company's clock, and golden days of a clock change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from features.volume_periods import LONGEST, midnight_of, periods_of
from workspace.settings import Company


def of(zone: str, grain: str, first: str, last: str, until: datetime | None = None, **company: str) -> pd.DataFrame:
    moments = pd.Series(pd.to_datetime([first, last]))
    return periods_of(moments, Company(timezone=zone, **company), grain, until)


def shown(periods: pd.DataFrame) -> list[str]:
    minutes = (periods.stop - periods.start) / pd.Timedelta(minutes=1)
    return [f"{local:%m-%d %H:%M} {length:.0f}" for local, length in zip(periods.local, minutes, strict=True)]


@pytest.mark.parametrize(
    ("zone", "day", "minutes"),
    [
        ("Asia/Shanghai", "2026-03-29", 1440),
        ("Europe/Berlin", "2026-03-29", 1380),
        ("Europe/Berlin", "2026-10-25", 1500),
        ("America/New_York", "2026-03-08", 1380),
        ("America/New_York", "2026-11-01", 1500),
        ("Australia/Lord_Howe", "2026-10-04", 1410),
        ("Australia/Lord_Howe", "2026-04-05", 1470),
        ("Africa/Cairo", "2026-04-24", 1380),  # the clock skips midnight
        ("America/Havana", "2026-11-01", 1500),  # midnight comes twice
    ],
)
def test_a_day_is_as_long_as_the_clock_makes_it(zone: str, day: str, minutes: int) -> None:
    assert shown(of(zone, "day", f"{day} 12:00", f"{day} 12:00")) == [f"{day[5:]} 00:00 {minutes}"]
    parts = {grain: of(zone, grain, f"{day} 12:00", f"{day} 12:00") for grain in ("15min", "30min", "hour")}
    for found in parts.values():
        assert (found.stop.iloc[-1] - found.start.iloc[0]) / pd.Timedelta(minutes=1) == minutes
    assert len(parts["15min"]) == minutes / 15
    assert len(parts["30min"]) == minutes / 30


def test_the_hour_that_comes_twice_and_the_one_that_is_skipped() -> None:
    autumn = shown(of("Europe/Berlin", "hour", "2026-10-25 01:00", "2026-10-25 01:00"))
    assert autumn[1:5] == ["10-25 01:00 60", "10-25 02:00 60", "10-25 02:00 60", "10-25 03:00 60"]
    spring = shown(of("Europe/Berlin", "hour", "2026-03-29 01:00", "2026-03-29 01:00"))
    assert spring[1:4] == ["03-29 01:00 60", "03-29 03:00 60", "03-29 04:00 60"]


def test_a_clock_that_jumps_by_half_an_hour_cuts_an_hour_short() -> None:
    """On Lord Howe Island hours begin on the hour on both sides of the jump."""
    spring = shown(of("Australia/Lord_Howe", "hour", "2026-10-04 01:00", "2026-10-04 01:00"))
    assert spring[1:5] == ["10-04 01:00 60", "10-04 02:30 30", "10-04 03:00 60", "10-04 04:00 60"]
    autumn = shown(of("Australia/Lord_Howe", "hour", "2026-04-05 01:00", "2026-04-05 01:00"))
    assert autumn[0:4] == ["04-05 00:00 60", "04-05 01:00 60", "04-05 01:30 30", "04-05 02:00 60"]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide", "Pacific/Chatham"])
def test_hours_begin_on_the_companys_clock_where_it_is_off_by_a_part_of_one(zone: str) -> None:
    found = of(zone, "hour", "2026-01-05 10:00", "2026-01-05 12:00")
    assert shown(found) == [f"01-05 {hour:02d}:00 60" for hour in range(24)]
    assert found.start[0] == pd.Timestamp("2026-01-05", tz=zone)


@pytest.mark.parametrize("grain", list(LONGEST))
@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Shanghai"]
)
def test_equal_a_walk_minute_by_minute(zone: str, grain: str) -> None:
    """A period is a stretch of minutes whose clock rounds down to the same start and does not go back."""
    for begin, end in (("2026-03-27", "2026-04-13"), ("2026-10-02", "2026-10-13"), ("2026-10-23", "2026-11-09")):
        found = of(zone, grain, begin, end, week_start="sunday")
        assert (found.stop.iloc[:-1].to_numpy() == found.start.iloc[1:].to_numpy()).all()
        assert ((found.stop - found.start) <= pd.Timedelta(minutes=LONGEST[grain])).all()
        starts, clock = walked(zone, grain, begin, end)
        assert [start.to_pydatetime() for start in found.start] == starts
        assert [local.to_pydatetime() for local in found.local] == clock


def walked(zone: str, grain: str, begin: str, end: str) -> tuple[list[datetime], list[datetime]]:
    """Starts of complete periods from the day `begin` to the day `end`, each whole, in UTC and on the clock."""
    at = datetime.fromisoformat(begin).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    stop = (datetime.fromisoformat(end) + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    starts, clock, last, minute = [], [], None, timedelta(minutes=1)
    while at <= stop:
        local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        went_on = last is not None and local - last == minute
        period = rounded(local, grain)
        jumped = last is not None and (local - last - minute) % timedelta(minutes=LONGEST[grain]) != timedelta()
        if period == local or (grain not in ("day", "week") and not went_on and jumped):
            starts.append(at)
            clock.append(local)
        last, at = local, at + minute
    return starts[:-1], clock[:-1]


def rounded(local: datetime, grain: str) -> datetime:
    midnight = local.replace(hour=0, minute=0)
    if grain == "week":
        return midnight - timedelta(days=(midnight.weekday() + 1) % 7)
    if grain == "day":
        return midnight
    minutes = local.hour * 60 + local.minute
    return midnight + timedelta(minutes=minutes - minutes % LONGEST[grain])


def test_until_cuts_nothing_in_two() -> None:
    until = datetime(2026, 10, 25, 1, 29, tzinfo=UTC)  # 02:29 in Berlin, for the second time
    found = of("Europe/Berlin", "30min", "2026-10-25 00:10", "2026-10-25 00:10", until)
    assert found.stop.iloc[-1] == pd.Timestamp("2026-10-25 01:00", tz="UTC")
    exactly = of("Europe/Berlin", "30min", "2026-10-25 00:10", "2026-10-25 00:10", until + timedelta(minutes=1))
    assert exactly.stop.iloc[-1] == pd.Timestamp("2026-10-25 01:30", tz="UTC")
    assert len(of("Europe/Berlin", "day", "2026-10-24 12:00", "2026-10-25 00:10", until)) == 1


def test_weeks_begin_when_the_company_says() -> None:
    assert shown(of("Europe/Berlin", "week", "2026-01-01", "2026-01-19")) == ["01-05 00:00 10080", "01-12 00:00 10080"]
    sundays = of("Europe/Berlin", "week", "2026-01-01", "2026-01-19", week_start="sunday")
    assert shown(sundays) == ["01-04 00:00 10080", "01-11 00:00 10080"]


def test_nothing_has_no_periods() -> None:
    assert len(periods_of(pd.Series([], dtype="datetime64[us]"), Company(), "day", None)) == 0
    assert list(periods_of(pd.Series([], dtype="datetime64[us]"), Company(), "hour", None)) == [
        "start",
        "stop",
        "local",
    ]
    assert of("Europe/Berlin", "day", "2026-01-05", "2026-01-06", datetime(2026, 1, 1, tzinfo=UTC)).empty


def test_the_first_midnight() -> None:
    moments = pd.Series(pd.to_datetime(["2026-04-25 10:00", "2026-04-24 01:30"]))
    # The clock goes from 24:00 on the 23rd to 01:00 on the 24th.
    assert midnight_of(moments, Company(timezone="Africa/Cairo")) == pd.Timestamp("2026-04-23 22:00", tz="UTC")
