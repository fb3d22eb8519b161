"""Counts laid out: zeros in the gaps, where each series begins, and the schema."""

import pandas as pd
import pyarrow as pa
import pytest

from features.volume_contacts import DIMENSIONS
from features.volume_periods import periods_of
from features.volume_series import filled, schema
from workspace.settings import Company

BERLIN = Company(timezone="Europe/Berlin", calendar="DE", hours={"monday": "09:00-10:00"})


def laid_out(rows: list[tuple[str, str, int]], first_contact: str | None, by: str = "owner") -> pa.Table:
    """Days of rows (the clock's moment, group, count) whose contacts begin at `first_contact`."""
    local = pd.Series(pd.to_datetime([row[0] for row in rows]))
    at = local.dt.tz_localize("Europe/Berlin").dt.tz_convert("UTC")
    named = [row[1] for row in rows]
    joined = pd.DataFrame({"at": at, "local": local, by: named, "count": [row[2] for row in rows]})
    counted = pd.Series(pd.to_datetime([first_contact] if first_contact else []))
    return filled(joined, periods_of(local, BERLIN, "day", None), counted, BERLIN, by)


def series(table: pa.Table, group: str, by: str = "owner") -> list[tuple[str, int]]:
    rows = [row for row in table.to_pylist() if row[by] == group]
    return [(f"{row['period_local']:%m-%d}", row["count"]) for row in rows]


def test_every_group_has_every_day_from_the_first_contact_on() -> None:
    found = laid_out(
        [
            *(("2026-01-02 09:00", "all", 7), ("2026-01-05 09:00", "all", 3), ("2026-01-07 09:00", "all", 1)),
            *(("2026-01-05 09:00", "Ann", 2), ("2026-01-05 11:00", "Ann", 1), ("2026-01-07 09:00", "Bea", 1)),
        ],
        "2026-01-04 12:00",
    )
    assert series(found, "Ann") == [("01-04", 0), ("01-05", 3), ("01-06", 0), ("01-07", 0)]
    assert series(found, "Bea") == [("01-04", 0), ("01-05", 0), ("01-06", 0), ("01-07", 1)]
    assert series(found, "all") == [("01-02", 7), ("01-03", 0), ("01-04", 0), ("01-05", 3), ("01-06", 0), ("01-07", 1)]
    assert found["owner"].to_pylist() == sorted(found["owner"].to_pylist())


def test_a_group_that_older_totals_know_begins_with_them() -> None:
    rows = [("2026-01-02 09:00", "chat", 7), ("2026-01-05 09:00", "mail", 1)]
    found = laid_out(rows, "2026-01-05 09:00", "channel")
    assert series(found, "chat", "channel") == [("01-02", 7), ("01-03", 0), ("01-04", 0), ("01-05", 0)]
    assert series(found, "mail", "channel") == [("01-05", 1)]
    assert series(laid_out(rows[:1], None, "channel"), "chat", "channel") == [("01-02", 7)]


@pytest.mark.parametrize("by", DIMENSIONS)
def test_schema(by: str) -> None:
    found = laid_out([("2026-01-05 09:30", "all", 1)], "2026-01-05 09:30", by)
    assert found.schema.equals(schema(by))
    assert found.column_names == ["period_start", "period_local", by, "count", "open_minutes"]
    assert found["open_minutes"].to_pylist() == [60]
    assert str(found["period_start"][0].as_py()) == "2026-01-04 23:00:00+00:00"
    assert str(found["period_local"][0].as_py()) == "2026-01-05 00:00:00"


def test_what_lies_outside_every_period_is_left_out() -> None:
    rows = [("2026-01-05 09:00", "Ann", 1), ("2026-01-07 09:00", "Bea", 1)]
    local = pd.Series(pd.to_datetime([row[0] for row in rows]))
    at = local.dt.tz_localize("UTC")
    joined = pd.DataFrame({"at": at, "local": local, "owner": ["Ann", "Bea"], "count": [1, 1]})
    periods = periods_of(local, BERLIN, "day", pd.Timestamp("2026-01-07", tz="Europe/Berlin"))
    found = filled(joined, periods, local, BERLIN, "owner")
    assert series(found, "Ann") == [("01-05", 1), ("01-06", 0)]
    assert series(found, "Bea") == []
