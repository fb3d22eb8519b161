"""Every statistic against plain pandas, and its periods, splits, filters and comparisons."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.statistics.catalogue import CATALOGUE, GRAINS
from features.statistics.compiled import compiled
from features.statistics.figure import Query, figure
from workspace.engine import locked_down
from workspace.errors import QueryError
from workspace.settings import Settings
from workspace.tables import TABLES

BERLIN = ZoneInfo("Europe/Berlin")
START, END = datetime(2025, 11, 1, tzinfo=BERLIN), datetime(2026, 10, 15, 9, 30, tzinfo=BERLIN)


def sql_of(timezone: str = "Europe/Berlin", week_start: str = "monday") -> dict[str, str]:
    return compiled(Settings(folder=Path(), schema=1, company={"timezone": timezone, "week_start": week_start}))


@pytest.fixture
def ask(connection: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> Callable[..., list[dict[str, Any]]]:
    def rows(metric: str, start: datetime = START, end: datetime = END, **query: Any) -> list[dict[str, Any]]:
        return figure(connection, sql, Query(metric, start, end, **query)).to_pylist()

    return rows


AT = {"interactions": "occurred_at", "orders": "ordered_at", "surveys": "answered_at"}
SPLIT = {"interactions": "channel", "orders": "owner", "surveys": "topic"}
Expected = dict[tuple[str, str | None], dict[str, tuple[float | None, int]]]


@pytest.fixture(scope="session")
def expected(frames: dict[str, pd.DataFrame], oracle: Callable) -> dict[str, Expected]:
    """Every figure by month and by the dimension its table is split by."""
    found: dict[str, Expected] = {}
    for table, at in AT.items():
        rows = frames[table]
        rows = rows[(rows[at] >= START) & (rows[at] < END)]
        month = rows[at].dt.tz_convert(BERLIN).dt.strftime("%Y-%m")
        parts = rows.groupby([month, rows[SPLIT[table]]], dropna=False)
        found[table] = {key: oracle(table, group) for key, group in parts}
    return found


def same(row: dict[str, Any], figure_: tuple[float | None, int]) -> bool:
    """Whether a row is the oracle's figure; True where there is a value to compare."""
    value, count = figure_
    assert row["count"] == count
    if value is None or pd.isna(value):
        assert row["value"] is None
        return False
    assert row["value"] == pytest.approx(value, rel=1e-11, abs=0)
    return True


@pytest.mark.parametrize("metric", CATALOGUE)
def test_equals_plain_pandas_by_month_and_group(metric: str, expected: dict[str, Expected], ask: Callable) -> None:
    table = CATALOGUE[metric].table
    dimension = SPLIT[table]
    found = ask(metric, by=(dimension,), grain="month")
    assert len(found) == len(expected[table]) >= 10
    compared = 0
    for row in found:
        key = f"{row['period_start'].astimezone(BERLIN):%Y-%m}", row[dimension]
        compared += same(row, expected[table][key][metric])
    assert compared > 5
    keys = [(row["period_start"], row[dimension] is None, row[dimension]) for row in found]
    assert keys == sorted(keys)


@pytest.mark.parametrize("metric", CATALOGUE)
def test_the_whole_and_an_empty_range(
    metric: str, frames: dict[str, pd.DataFrame], oracle: Callable, ask: Callable
) -> None:
    table = CATALOGUE[metric].table
    (whole,) = ask(metric, datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    same(whole, oracle(table, frames[table])[metric])
    (nothing,) = ask(metric, datetime(1990, 1, 1, tzinfo=UTC), datetime(1991, 1, 1, tzinfo=UTC))
    assert nothing["count"] == 0
    assert nothing["value"] in (0, None)
    assert ask(metric, datetime(1990, 1, 1, tzinfo=UTC), datetime(1991, 1, 1, tzinfo=UTC), grain="month") == []


@pytest.mark.slow
@pytest.mark.parametrize("table", AT)
def test_every_dimension_splits_every_figure(
    table: str, frames: dict[str, pd.DataFrame], oracle: Callable, ask: Callable
) -> None:
    metrics = [name for name, statistic in CATALOGUE.items() if statistic.table == table]
    rows = frames[table]
    rows = rows[(rows[AT[table]] >= START) & (rows[AT[table]] < END)]
    local = rows[AT[table]].dt.tz_convert(BERLIN)
    rows = rows.assign(hour_of_day=local.dt.strftime("%H"), weekday=local.dt.day_name().str.lower())
    for dimension in CATALOGUE[metrics[0]].dimensions:
        groups = dict(iter(rows.groupby(rows[dimension].astype(object).where(rows[dimension].notna()), dropna=False)))
        figures = {None if pd.isna(key) else key: oracle(table, group) for key, group in groups.items()}
        for metric in metrics:
            found = ask(metric, by=(dimension,))
            assert {row[dimension] for row in found} == set(figures)
            for row in found:
                same(row, figures[row[dimension]][metric])


def test_weekdays_come_in_their_order_and_filter(ask: Callable) -> None:
    found = ask("contacts", by=("weekday", "hour_of_day"))
    days = list(dict.fromkeys(row["weekday"] for row in found))
    assert days == ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    assert [row["hour_of_day"] for row in found if row["weekday"] == "monday"] == sorted(
        row["hour_of_day"] for row in found if row["weekday"] == "monday"
    )
    picked = {"weekday": ("monday",), "hour_of_day": ("09", "10")}
    (whole,) = ask("contacts", where=picked)
    assert whole["count"] == sum(
        row["count"] for row in found if row["weekday"] == "monday" and row["hour_of_day"] in ("09", "10")
    )
    assert whole["count"] > 0


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("week_start", ["monday", "sunday", "wednesday"])
def test_periods_are_the_companys(
    grain: str, week_start: str, bases: dict[str, pa.Table], connection: duckdb.DuckDBPyConnection
) -> None:
    found = figure(connection, sql_of(week_start=week_start), Query("contacts", START, END, grain=grain)).to_pandas()
    rows = bases["interactions"].to_pandas()
    rows = rows[(rows.occurred_at >= START) & (rows.occurred_at < END) & rows.is_automated.ne(True)]
    local = rows.occurred_at.dt.tz_convert(BERLIN)
    day = local.dt.tz_localize(None).dt.normalize()
    offset = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].index(week_start)
    start = {
        "day": day,
        "week": day - pd.to_timedelta((day.dt.day_of_week - offset) % 7, unit="D"),
        "month": day.dt.to_period("M").dt.start_time,
        "quarter": day.dt.to_period("Q").dt.start_time,
        "year": day.dt.to_period("Y").dt.start_time,
    }
    starts = rows.occurred_at.dt.floor("h") if grain == "hour" else start[grain].dt.tz_localize(BERLIN)
    expected = starts.dt.tz_convert("UTC").value_counts().sort_index()
    assert found[found["count"] > 0].period_start.tolist() == expected.index.tolist()
    assert found[found["count"] > 0]["value"].tolist() == expected.tolist()


def test_where_filters_and_knows_the_unknown(bases: dict[str, pa.Table], ask: Callable) -> None:
    rows = bases["interactions"].to_pandas()
    rows = rows[(rows.occurred_at >= START) & (rows.occurred_at < END) & rows.is_automated.ne(True)]
    picked = rows[rows.channel.isin(["phone", "email"]) & (rows.segment_id.isna() | rows.segment_id.eq("2"))]
    found = ask("contacts", where={"channel": ("phone", "email"), "segment_id": (None, "2")})
    assert found == [{"value": len(picked), "count": len(picked)}]
    by_segment = ask("contacts", by=("segment_id",))
    assert by_segment[-1]["segment_id"] is None
    assert sum(row["count"] for row in by_segment) == len(rows)
    assert ask("contacts", where={"channel": ()})[0]["count"] == 0


def test_a_value_that_tries_to_be_sql_is_a_value(ask: Callable) -> None:
    assert ask("contacts", where={"channel": ("phone') OR ('1'='1",)})[0]["count"] == 0


class TestComparison:
    """The compared value is the figure asked for the other range."""

    def test_a_range_with_the_one_before(self, ask: Callable) -> None:
        start, end = datetime(2026, 3, 1, tzinfo=BERLIN), datetime(2026, 5, 1, tzinfo=BERLIN)
        (now,) = ask("contacts", start, end, compare="previous")
        (before,) = ask("contacts", datetime(2026, 1, 1, tzinfo=BERLIN), start)
        assert now["compare_value"] == before["value"] > 0
        assert now["growth"] == now["value"] / before["value"] - 1

    @pytest.mark.parametrize(
        ("start", "end", "before"),
        [
            ("2026-03-30", "2026-04-06", "2026-03-23"),  # a week, the one before with 23 hours in a day
            ("2026-04-06T12:00", "2026-04-06T18:00", "2026-04-06T06:00"),  # hours
            ("2026-01-01", "2027-01-01", "2025-01-01"),  # a year
            ("2026-02-01", "2026-03-01", "2026-01-01"),  # a month of 28 days
        ],
    )
    def test_the_same_length_by_the_calendar(self, start: str, end: str, before: str, ask: Callable) -> None:
        since, until, earlier = (datetime.fromisoformat(text).replace(tzinfo=BERLIN) for text in (start, end, before))
        (now,) = ask("inbound_contacts", since, until, compare="previous")
        (expected,) = ask("inbound_contacts", earlier, since)
        assert now["compare_value"] == expected["value"]

    def test_last_year_is_the_same_dates(self, ask: Callable) -> None:
        start, end = datetime(2026, 9, 27, tzinfo=BERLIN), datetime(2026, 10, 27, tzinfo=BERLIN)
        (now,) = ask("contacts", start, end, compare="last_year")
        (before,) = ask("contacts", start.replace(year=2025), end.replace(year=2025))
        assert now["compare_value"] == before["value"] > 0

    @pytest.mark.parametrize(
        ("grain", "months", "days"), [("month", 1, 0), ("quarter", 3, 0), ("week", 0, 7), ("day", 0, 1)]
    )
    def test_each_period_with_its_predecessor(self, grain: str, months: int, days: int, ask: Callable) -> None:
        start, end = datetime(2026, 2, 2, tzinfo=BERLIN), datetime(2026, 9, 7, tzinfo=BERLIN)
        found = ask("contacts", start, end, grain=grain, compare="previous", by=("channel",))
        alone = ask("contacts", datetime(2025, 9, 1, tzinfo=BERLIN), end, grain=grain, by=("channel",))
        values = {(row["period_start"].astimezone(BERLIN).date(), row["channel"]): row["value"] for row in alone}
        compared = 0
        # The first period is cut by the range and compared with the same part: see the test below.
        first = min(row["period_start"] for row in found)
        for row in found:
            if row["period_start"] > first and row["compare_value"] is not None:
                there = pd.Timestamp(row["period_start"].astimezone(BERLIN).date())
                there -= pd.DateOffset(months=months, days=days)
                last = row["period_start"] == max(other["period_start"] for other in found)
                if not last:
                    assert row["compare_value"] == values[there.date(), row["channel"]]
                    compared += 1
        assert compared > 5

    def test_a_month_to_date_with_the_same_part_of_the_one_before(self, ask: Callable) -> None:
        start, end = datetime(2026, 9, 1, tzinfo=BERLIN), datetime(2026, 9, 16, tzinfo=BERLIN)
        (now,) = ask("contacts", start, end, grain="month", compare="previous")
        (before,) = ask("contacts", start.replace(month=8), end.replace(month=8))
        assert now["compare_value"] == before["value"]

    def test_weeks_with_those_52_weeks_before(self, ask: Callable) -> None:
        start, end = datetime(2026, 10, 5, tzinfo=BERLIN), datetime(2026, 10, 26, tzinfo=BERLIN)
        found = ask("contacts", start, end, grain="week", compare="last_year")
        earlier = timedelta(days=364)
        before = ask("contacts", start - earlier, end - earlier, grain="week")
        assert [row["compare_value"] for row in found] == [row["value"] for row in before]
        assert len(found) == 3

    def test_hours_by_the_clock(self, ask: Callable) -> None:
        start, end = datetime(2026, 4, 1, tzinfo=BERLIN), datetime(2026, 4, 15, tzinfo=BERLIN)
        found = ask("contacts", start, end, grain="hour", compare="previous")
        values = {row["period_start"]: row["value"] for row in ask("contacts", start - timedelta(1), end, grain="hour")}
        for row in found:
            assert row["compare_value"] == values.get(row["period_start"] - timedelta(hours=1))

    def test_no_growth_without_something_to_grow_from(self, ask: Callable) -> None:
        (now,) = ask("contacts", datetime(2025, 1, 1, tzinfo=UTC), END, compare="previous")
        assert (now["compare_value"], now["growth"]) == (0, None)
        (now,) = ask("csat", datetime(2025, 1, 1, tzinfo=UTC), END, compare="previous")
        assert (now["compare_value"], now["growth"]) == (None, None)


def test_a_clock_change_at_its_moment(sql: dict[str, str]) -> None:
    """Rows around the two changes of 2026 fall into the right local days and hours."""
    moments = ["2026-03-28T22:59:59", "2026-03-28T23:00", "2026-03-29T00:59:59", "2026-03-29T01:00", "2026-03-29T22:00"]
    moments += ["2026-10-24T22:00", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T23:00"]
    at = pa.array([datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in moments], pa.timestamp("us", "UTC"))
    schema = TABLES["interactions"].schema
    extra = [pa.field(name, pa.string()) for name in ("owner", "region", "city", "country", "segment_id")]
    schema = pa.schema([*schema, *extra])
    columns = [at if field.name == "occurred_at" else pa.nulls(len(at), field.type) for field in schema]
    with locked_down() as connection:
        connection.register("interactions", pa.Table.from_arrays(columns, schema=schema))
        start, end = datetime(2026, 1, 1, tzinfo=BERLIN), datetime(2027, 1, 1, tzinfo=BERLIN)
        days = figure(connection, sql, Query("contacts", start, end, grain="day")).to_pylist()
        hours = figure(connection, sql, Query("contacts", start, end, grain="hour")).to_pylist()
    by_day = {f"{row['period_start'].astimezone(BERLIN):%m-%d %H}": row["count"] for row in days}
    assert by_day == {"03-28 00": 1, "03-29 00": 3, "03-30 00": 1, "10-25 00": 3, "10-26 00": 1}
    twice = [row["count"] for row in hours if f"{row['period_start'].astimezone(BERLIN):%m-%d %H}" == "10-25 02"]
    assert twice == [1, 1]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query("calls", START, END), "choose one of contacts, "),
        (Query("contacts", START, END, by=("name",)), "choose from channel, owner"),
        (Query("contacts", START, END, where={"customer_id": ("c",)}), "choose from channel, owner"),
        (
            Query("revenue", START, END, by=("channel",)),
            "choose from owner, region, city, country, segment_id, hour_of_day, weekday",
        ),
        (Query("contacts", START, END, by=("owner", "owner")), "named once"),
        (Query("contacts", START, END, grain="fortnight"), "hour, day, week, month, quarter, year"),
        (Query("contacts", START, END, compare="next"), "previous, last_year"),
        (Query("contacts", END, START), "period is empty"),
        (Query("contacts", START, START), "period is empty"),
        (Query("contacts", START.replace(tzinfo=None), END), "time zone"),
    ],
)
def test_what_does_not_exist_names_what_does(
    query: Query, message: str, connection: duckdb.DuckDBPyConnection, sql: dict[str, str]
) -> None:
    with pytest.raises(QueryError, match=message):
        figure(connection, sql, query)


def test_value_and_count_have_one_type(connection: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> None:
    for metric in CATALOGUE:
        found = figure(connection, sql, Query(metric, START, END, compare="previous"))
        types = {field.name: field.type for field in found.schema}
        assert types["value"] == types["compare_value"] == types["growth"] == pa.float64()
        assert types["count"] == pa.int64()
    periods = figure(connection, sql, Query("contacts", START, END, grain="day"))
    assert periods.schema.field("period_start").type == pa.timestamp("us", "UTC")
    assert np.all(np.diff(periods["period_start"].cast(pa.int64())) > 0)


def test_means_over_more_customers_than_a_narrow_sum_holds(sql: dict[str, str]) -> None:
    customers = [f"C{number}" for number in range(10_000)]
    contacts = pa.table(
        {
            "customer_id": customers,
            "occurred_at": pa.array([START] * len(customers), pa.timestamp("us", "UTC")),
            "is_automated": pa.array([False] * len(customers)),
            "previous_us": pa.nulls(len(customers), pa.int64()),
        }
    )
    scores = np.random.default_rng(3).random(len(customers))
    with locked_down() as opened:
        opened.register("interactions", contacts)
        opened.register("customer_values", pa.table({"customer_id": customers, "score": scores}))
        (found,) = figure(opened, sql, Query("value_score", START, END)).to_pylist()
    assert found == {"value": pytest.approx(scores.mean(), rel=1e-12), "count": 10_000}
