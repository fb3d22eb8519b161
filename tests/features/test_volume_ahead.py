"""The quarters of an hour that a forecast's days are made of."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from features.volume_ahead import profile_of, slots_ahead
from workspace.settings import Company

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_day_has_92_96_or_100_quarters() -> None:
    company = Company(timezone="Europe/Berlin")
    for day, quarters in ((28, 96), (29, 92)):
        begin = datetime(2026, 3, day, tzinfo=BERLIN)
        found = slots_ahead(begin, datetime(2026, 3, day + 1, tzinfo=BERLIN), company)
        assert len(found) == quarters
        assert found["period_start"][0].as_py() == begin.astimezone(UTC)
    back = slots_ahead(datetime(2026, 10, 25, tzinfo=BERLIN), datetime(2026, 10, 26, tzinfo=BERLIN), company)
    assert len(back) == 100
    assert back["minute"].to_pylist().count(2 * 60 + 15) == 2
    assert set(back["weekday"].to_pylist()) == {6}


def test_open_minutes_are_those_of_the_opening_hours() -> None:
    company = Company(timezone="Europe/Berlin", calendar="DE", hours={"monday": "09:00-17:30"})
    begin = datetime(2026, 11, 16, tzinfo=BERLIN)
    found = slots_ahead(begin, begin + timedelta(days=2), company)
    assert sum(found["open_minutes"].to_pylist()) == 510
    assert slots_ahead(begin, begin, company).num_rows == 0


def test_the_profile_has_each_weekday_under_its_own_number() -> None:
    local = np.datetime64("2026-01-05T00:00", "us") + np.arange(96 * 70) * np.timedelta64(15, "m")
    weekday = np.arange(len(local)) // 96 % 7
    hour = np.arange(len(local)) % 96 // 4
    # On Monday at 0, on Tuesday at 1 ... and nothing else.
    count = np.where(hour == weekday, 500, 0)
    table = pa.table({"period_local": local, "channel": ["all"] * len(local), "count": count})
    found = profile_of(table.slice(0, 96 * 67)).to_pandas()
    busiest = found.loc[found.groupby("weekday")["share"].idxmax()]
    assert (busiest["minute"] // 60).tolist() == list(range(7))
    assert found.groupby("weekday")["share"].sum().tolist() == pytest.approx([1.0] * 7)


def test_less_than_nothing_has_no_profile() -> None:
    empty = pa.table(
        {
            "period_local": pa.array([], pa.timestamp("us")),
            "channel": pa.array([], pa.string()),
            "count": pa.array([], pa.int64()),
        }
    )
    assert profile_of(empty).num_rows == 0


def test_contacts_with_a_date_but_no_time_have_no_profile() -> None:
    local = np.datetime64("2026-01-05T00:00", "us") + np.arange(96 * 28) * np.timedelta64(15, "m")
    count = np.where(np.arange(len(local)) % 96 == 0, 40, 0)
    table = pa.table({"period_local": local, "channel": ["all"] * len(local), "count": count})
    assert profile_of(table).num_rows == 0
