"""volume_history: which totals are taken, and how they are put in front of what was counted."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from features.volume_older import in_front, older_totals
from workspace.engine import arrow_tables
from workspace.tables import TABLES


def day(number: int, *time: int) -> datetime:
    return datetime(2026, 1, number, *time, tzinfo=UTC)


@pytest.fixture
def taken(backend: Any) -> Callable[..., list[tuple]]:
    """Older totals of (period_start, channel, period_minutes, count[, known_at])."""

    def of(totals: Sequence[tuple], minutes: int = 1440, until: datetime | None = None) -> list[tuple]:
        schema = TABLES["volume_history"].schema
        names = ("period_start", "channel", "period_minutes", "count", "known_at")
        full = [{**dict.fromkeys(schema.names), **dict(zip(names, (*row, row[0])[:5], strict=True))} for row in totals]
        tables = arrow_tables(backend, {"volume_history": pa.Table.from_pylist(full, schema=schema)})
        found = older_totals(tables["volume_history"], until, minutes).to_pyarrow()
        assert found.column_names == ["quarter", "channel", "count"]
        starts = [datetime.fromtimestamp(quarter * 900, UTC) for quarter in found["quarter"].to_pylist()]
        return list(zip(starts, found["channel"].to_pylist(), found["count"].to_pylist(), strict=True))

    return of


def test_periods_that_are_too_long_are_left_out(taken: Callable) -> None:
    totals = [(day(1), "all", 1440, 5), (day(2), "all", 1500, 6), (day(3), "all", 60, 7), (day(4), "all", None, 8)]
    assert taken(totals) == [(day(1), "all", 5), (day(3), "all", 7)]
    assert taken(totals, minutes=1500) == [(day(1), "all", 5), (day(2), "all", 6), (day(3), "all", 7)]
    assert taken(totals, minutes=15) == []


def test_a_total_without_a_channel_is_one_of_all(taken: Callable) -> None:
    assert taken([(day(1), None, 60, 5), (day(1), "all", 60, 6), (day(1), "chat", 60, 1)]) == [
        (day(1), "all", 11),
        (day(1), "chat", 1),
    ]


def test_the_latest_version_known_counts(taken: Callable) -> None:
    totals = [(day(1), "all", 60, 5, day(2)), (day(1), "all", 60, 9, day(4))]
    assert taken(totals, until=day(2)) == []
    assert taken(totals, until=day(4)) == [(day(1), "all", 5)]
    assert taken(totals) == [(day(1), "all", 9)]


def frame(group: str, rows: Sequence[tuple[datetime, str, int]]) -> pd.DataFrame:
    """Counts in Berlin, where it is an hour later in winter."""
    at = pd.to_datetime(pd.Series([row[0] for row in rows]), utc=True)
    local = at.dt.tz_convert("Europe/Berlin").dt.tz_localize(None)
    named = [row[1] for row in rows]
    return pd.DataFrame({"at": at, "local": local, group: named, "count": [row[2] for row in rows]})


class TestInFront:
    older = frame("channel", [(day(1), "all", 9), (day(1), "chat", 4), (day(2), "chat", 3), (day(2), "phone", 2)])

    def test_by_channel_every_series_goes_on(self) -> None:
        joined = in_front(self.older, frame("channel", [(day(5, 9), "chat", 1)]), "channel")
        found = joined.groupby(["channel", "at"])["count"].sum()
        assert found.loc["chat"].tolist() == [4, 3, 1]
        assert found.loc["phone"].tolist() == [2]
        # Of the first day the total, of the second the sum of its channels.
        assert found.loc["all"].tolist() == [9, 5, 1]

    @pytest.mark.parametrize("by", ["region", "owner", "kind"])
    def test_by_anything_else_only_the_total_goes_on(self, by: str) -> None:
        joined = in_front(self.older, frame(by, [(day(5, 9), "one", 1), (day(5, 9), "other", 2)]), by)
        assert list(joined.columns) == ["at", "local", by, "count"]
        found = joined.groupby([by, "at"])["count"].sum()
        assert found.loc["all"].tolist() == [9, 5, 3]
        assert set(joined[by]) == {"all", "one", "other"}

    def test_the_day_that_has_contacts_keeps_its_own(self) -> None:
        # 23:00 UTC on the 1st is the 2nd in Berlin.
        joined = in_front(self.older, frame("channel", [(day(1, 23), "chat", 1)]), "channel")
        assert joined[joined.channel == "all"].groupby("at")["count"].sum().tolist() == [9, 1]

    def test_totals_alone(self) -> None:
        nothing = frame("kind", [(day(1), "x", 1)]).iloc[:0]
        joined = in_front(self.older, nothing, "kind")
        assert joined.groupby(["kind", "at"])["count"].sum().tolist() == [9, 5]
        assert in_front(self.older.iloc[:0], nothing, "kind").empty
