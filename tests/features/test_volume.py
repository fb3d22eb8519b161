from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from features.volume import SCHEMA, VOLUME_TABLES, contacts, volume, volume_of
from workspace.engine import arrow_tables, connect
from workspace.errors import NotEnoughHistoryError, QueryError
from workspace.folder import open_workspace
from workspace.settings import Company
from workspace.tables import TABLES

BERLIN = Company(timezone="Europe/Berlin")


@pytest.fixture
def counted(backend: Any) -> Callable[..., pd.DataFrame]:
    """Volume of contacts, given as (moment, channel) or dicts, and of older totals (start, channel, minutes, count)."""

    def of(
        contacts: Sequence[Any], older: Sequence[tuple] = (), company: Company = BERLIN, until=None, grain="day"
    ) -> pd.DataFrame:
        rows = [
            {
                "interaction_id": str(number),
                **(row if isinstance(row, dict) else {"occurred_at": row[0], "channel": row[1]}),
            }
            for number, row in enumerate(contacts)
        ]
        totals = [dict(zip(("period_start", "channel", "period_minutes", "count"), row, strict=True)) for row in older]
        tables = {
            "interactions": _table("interactions", rows, "occurred_at"),
            "volume_history": _table("volume_history", totals, "period_start"),
        }
        found = volume_of(arrow_tables(backend, tables), company, until, grain)
        assert found.schema.equals(SCHEMA)
        return found.to_pandas()

    return of


def _table(name: str, rows: list[dict], event_time: str) -> pa.Table:
    schema = TABLES[name].schema
    full = [{**dict.fromkeys(schema.names), "known_at": row[event_time], **row} for row in rows]
    return pa.Table.from_pylist(full, schema=schema)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def counts(found: pd.DataFrame, channel: str = "all") -> dict[str, int]:
    rows = found[found.channel == channel]
    return {f"{local:%m-%d %H:%M}": count for local, count in zip(rows.period_local, rows["count"], strict=True)}


@pytest.mark.parametrize("grain", ["30min", "hour", "day", "week"])
def test_equals_plain_pandas(grain: str, backend: Any, tables: dict[str, pa.Table]) -> None:
    company = Company(timezone="America/New_York", week_start="sunday")
    given = {**tables, "volume_history": TABLES["volume_history"].schema.empty_table()}
    found = volume_of(arrow_tables(backend, given), company, None, grain).to_pandas()

    rows = tables["interactions"].to_pandas()
    rows = rows.sort_values(["known_at", "collected_at", "source", "source_row"]).groupby("interaction_id").tail(1)
    rows = rows[rows.direction.ne("outbound") & rows.is_automated.ne(True)]
    local = rows.occurred_at.dt.tz_convert("America/New_York")
    if grain in ("30min", "hour"):
        start = rows.occurred_at.dt.floor("30min" if grain == "30min" else "h")
    else:
        start = local.dt.tz_localize(None).dt.normalize()
        if grain == "week":
            start -= pd.to_timedelta((start.dt.day_of_week + 1) % 7, unit="D")
        start = start.dt.tz_localize("America/New_York").dt.tz_convert("UTC")
    both = pd.concat([rows.assign(start=start), rows.assign(start=start, channel="all")])
    expected = both.groupby(["channel", "start"]).size()

    counted_found = found.set_index(["channel", "period_start"])["count"]
    assert (counted_found[counted_found > 0] == expected.reindex(counted_found[counted_found > 0].index)).all()
    assert found.groupby("channel").size().nunique() == 1, "every channel covers the same periods"
    missing = expected.index.difference(counted_found.index).get_level_values(1)
    outside = (missing < found.period_start.min()) | (missing > found.period_start.max())
    assert outside.all(), "only periods cut by the ends are left out"
    if grain != "week":
        assert not len(missing)


def test_gaps_are_zero_for_every_channel(counted: Callable) -> None:
    found = counted([(utc(2026, 1, 5, 9), "phone"), (utc(2026, 1, 8, 9), "email")])
    assert list(counts(found).values()) == [1, 0, 0, 1]
    assert list(counts(found, "phone").values()) == [1, 0, 0, 0]
    assert list(counts(found, "email").values()) == [0, 0, 0, 1]


def test_contacts_of_the_company_and_of_machines_are_no_volume(counted: Callable) -> None:
    at = {"occurred_at": utc(2026, 1, 5, 9), "channel": "phone"}
    found = counted(
        [
            at,
            {**at, "direction": "outbound"},
            {**at, "is_automated": True},
            {**at, "direction": "unknown"},
            {**at, "channel": None},
        ]
    )
    assert found.groupby("channel")["count"].sum().to_dict() == {"all": 3, "other": 1, "phone": 2}


def test_days_of_23_and_25_hours(counted: Callable) -> None:
    nights = [utc(2026, 3, 28, 23, 30), utc(2026, 3, 29, 21, 59), utc(2026, 3, 29, 22, 1), utc(2026, 10, 25, 22, 30)]
    found = counted([(at, "phone") for at in nights])
    days = counts(found, "phone")
    assert (days["03-29 00:00"], days["03-30 00:00"], days["10-25 00:00"]) == (2, 1, 1)
    lengths = found[found.channel == "phone"].set_index("period_local").period_start.diff()
    assert lengths[pd.Timestamp("2026-03-30")] == pd.Timedelta(hours=23)
    assert lengths[pd.Timestamp("2026-10-25")] == pd.Timedelta(hours=24)


def test_the_hour_that_comes_twice_is_two_periods(counted: Callable) -> None:
    found = counted([(utc(2026, 10, 25, 0, 15), "phone"), (utc(2026, 10, 25, 1, 15), "phone")], grain="hour")
    rows = found[(found.channel == "phone") & (found.period_local == pd.Timestamp("2026-10-25 02:00"))]
    assert rows["count"].tolist() == [1, 1]
    assert len(found[found.channel == "phone"]) == 25


def test_a_week_begins_when_the_company_says_and_is_whole(counted: Callable) -> None:
    contacts = [(utc(2026, 1, day, 12), "phone") for day in range(1, 23)]  # 1 January 2026 is a Thursday
    assert counts(counted(contacts, grain="week")) == {"01-05 00:00": 7, "01-12 00:00": 7}
    sundays = Company(timezone="Europe/Berlin", week_start="sunday")
    assert counts(counted(contacts, company=sundays, grain="week")) == {"01-04 00:00": 7, "01-11 00:00": 7}


def test_until_leaves_out_the_period_it_cuts_and_what_was_not_known(counted: Callable) -> None:
    contacts = [
        {"occurred_at": utc(2026, 1, 5, 9), "channel": "phone"},
        {"occurred_at": utc(2026, 1, 5, 9), "channel": "phone", "known_at": utc(2026, 1, 9)},
        {"occurred_at": utc(2026, 1, 7, 9), "channel": "phone"},
    ]
    assert counts(counted(contacts, until=utc(2026, 1, 7, 12))) == {"01-05 00:00": 1, "01-06 00:00": 0}
    assert counts(counted(contacts))["01-05 00:00"] == 2


def test_the_latest_version_counts_once(counted: Callable) -> None:
    first = {"interaction_id": "same", "occurred_at": utc(2026, 1, 5, 9), "channel": "phone"}
    later = {**first, "channel": "chat", "known_at": utc(2026, 1, 6)}
    found = counted([first, later, (utc(2026, 1, 8), "phone")])
    assert found.groupby("channel")["count"].sum().to_dict() == {"all": 2, "chat": 1, "phone": 1}


class TestOlderTotals:
    """volume_history in front of the interactions."""

    contacts = ((utc(2026, 1, 5, 9), "phone"),)

    def test_totals_of_all_are_joined_in_front(self, counted: Callable) -> None:
        older = [
            (utc(2026, 1, 1, 23), "all", 1440, 70),
            (utc(2026, 1, 3, 23), "all", 1440, 50),
            (utc(2026, 1, 4, 23), "all", 1440, 99),
        ]
        found = counted(self.contacts, older)
        # The day that has contacts of its own keeps them.
        assert list(counts(found).values()) == [70, 0, 50, 1]
        assert list(counts(found, "phone").values()) == [1]

    def test_named_channels_are_summed_where_there_is_no_total(self, counted: Callable) -> None:
        older = [
            *((utc(2026, 1, 2, 23), "phone", 1440, 3), (utc(2026, 1, 2, 23), "email", 1440, 4)),
            *((utc(2026, 1, 3, 23), "phone", 1440, 5), (utc(2026, 1, 3, 23), "all", 1440, 11)),
        ]
        found = counted(self.contacts, older)
        assert list(counts(found).values()) == [7, 11, 1]
        assert list(counts(found, "phone").values()) == [3, 5, 1]
        assert list(counts(found, "email").values()) == [4, 0, 0]

    def test_finer_totals_are_added_up_and_coarser_ones_left_out(self, counted: Callable) -> None:
        older = [(utc(2026, 1, 3, hour), "all", 60, 2) for hour in (8, 9, 23)] + [
            (utc(2025, 12, 1), "all", 10_080, 700)
        ]
        assert list(counts(counted(self.contacts, older)).values()) == [4, 2, 1]

    def test_totals_alone_are_enough(self, counted: Callable) -> None:
        older = [(utc(2026, 1, day, 23), "all", 1440, day) for day in (1, 2, 3)]
        assert list(counts(counted([], older)).values()) == [1, 2, 3]


def test_errors(counted: Callable, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="30min, hour, day, week"):
        counted([(utc(2026, 1, 5), "phone")], grain="month")
    with pytest.raises(NotEnoughHistoryError, match="No complete week"):
        counted([(utc(2026, 1, 5), "phone")], grain="week")
    with pytest.raises(NotEnoughHistoryError, match="No complete day"):
        volume(open_workspace(tmp_path / "empty", create=True), None)


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.parametrize("until", [None, utc(2026, 6, 1, 7)])
def test_spark_counts_the_same(spark: Any, tables: dict[str, pa.Table], until: datetime | None) -> None:
    rows, backend = {"interactions": tables["interactions"]}, connect()
    expected = contacts(arrow_tables(backend, rows)["interactions"], until).to_pyarrow()
    backend.disconnect()
    assert contacts(arrow_tables(spark, rows)["interactions"], until).to_pyarrow().equals(expected)


def test_a_workspace_gives_the_same(tmp_path: Path, tables: dict[str, pa.Table]) -> None:
    workspace = open_workspace(tmp_path / "w", create=True)
    workspace.lake.append("interactions", tables["interactions"])
    until = utc(2026, 6, 1) + timedelta(hours=7)
    backend = connect()
    given = {name: tables.get(name, TABLES[name].schema.empty_table()) for name in VOLUME_TABLES}
    expected = volume_of(arrow_tables(backend, given), workspace.settings.company, until)
    backend.disconnect()
    assert volume(workspace, until).equals(expected)
