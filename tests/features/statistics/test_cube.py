"""Cubes give what rows give, to the last bit, and are only asked what they know."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.statistics.catalogue import CATALOGUE, COMPARISONS, GRAINS, INTERACTION_DIMENSIONS
from features.statistics.compiled import compiled
from features.statistics.cube import Cube, answering, cube_named
from features.statistics.cube_tables import cube_tables
from features.statistics.figure import Query, figure
from workspace.engine import locked_down
from workspace.settings import Settings

BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
FIRST, LAST = datetime(2025, 8, 1, tzinfo=BERLIN), datetime(2026, 12, 1, tzinfo=BERLIN)


def sql_of(timezone: str) -> dict[str, str]:
    return compiled(Settings(folder=Path(), schema=1, company={"timezone": timezone}))


def ways(name: str) -> list[str]:
    return [metric for metric in CATALOGUE if f"{metric}.cube.{name}" in sql_of("Europe/Berlin")]


METRICS = ways("value") + ways("part.rated")


@pytest.fixture(autouse=True, scope="module")
def _large() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("features.statistics.cube_tables.SMALL_CELLS", 20_000)
        yield


@pytest.fixture(scope="module")
def small(bases: dict[str, pa.Table]) -> Iterator[Callable[[str, str], tuple[Any, dict[str, str], list[Cube]]]]:
    """A connection, SQL and the cubes of one grain, in a time zone."""
    opened = []

    def made(timezone: str, grain: str) -> tuple[Any, dict[str, str], list[Cube]]:
        sql, connection = sql_of(timezone), locked_down()
        opened.append(connection)
        connection.register("interactions", bases["interactions"])
        found = cube_tables(connection, sql)
        if grain == "day" and timezone != "Asia/Kolkata":
            # As though there were too many hours.
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("features.statistics.cube_tables.has_whole_hours", lambda *_: False)
                found = cube_tables(connection, sql)
        for name, table in found.items():
            connection.register(name, table)
        cubes = [cube_named(name) for name in found]
        assert {cube.grain for cube in cubes} == {grain}
        return connection, sql, cubes

    yield made
    for connection in opened:
        connection.close()


def days(zone: ZoneInfo) -> st.SearchStrategy[datetime]:
    whole = st.integers(0, (LAST - FIRST).days)
    return whole.map(
        lambda day: datetime.combine((FIRST + timedelta(days=day)).date(), datetime.min.time(), tzinfo=zone)
    )


def queries(zone: ZoneInfo, grain: str) -> st.SearchStrategy[Query]:
    """Questions that a cube of that grain can answer, and some that none can."""
    moments = days(zone)
    if grain == "hour":
        moments = st.builds(lambda day, hour: day.astimezone(UTC) + timedelta(hours=hour), moments, st.integers(0, 23))
    dimensions = [name for name in INTERACTION_DIMENSIONS if name not in ("channel",)]
    other = st.one_of(st.none(), st.sampled_from(dimensions))
    return st.builds(
        _query,
        st.sampled_from(METRICS),
        st.lists(moments, min_size=2, max_size=2, unique=True).map(sorted),
        other,
        st.booleans(),
        st.sampled_from([None, *GRAINS]),
        st.sampled_from([None, *COMPARISONS]),
        st.sampled_from([None, ("phone", "email"), (None,), ("chat", None)]),
        st.sampled_from([None, ("monday", "sunday")]),
    )


def _query(metric, range_, dimension, channel, grain, compare, channels, weekdays) -> Query:
    by = (*(["channel"] if channel else []), *([dimension] if dimension else []))
    where = {name: values for name, values in (("channel", channels), ("weekday", weekdays)) if values}
    return Query(metric, *range_, by=by, grain=grain, compare=compare, where=where)


@pytest.mark.parametrize(
    ("timezone", "grain"), [("Europe/Berlin", "hour"), ("Europe/Berlin", "day"), ("Asia/Kolkata", "day")]
)
def test_a_cube_says_what_the_rows_say(timezone: str, grain: str, small: Callable) -> None:
    connection, sql, cubes = small(timezone, grain)
    used = []

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(queries(ZoneInfo(timezone), grain))
    def check(query: Query) -> None:
        rows = figure(connection, sql, query)
        assert figure(connection, sql, query, cubes).equals(rows)
        used.append(answering(cubes, query, [(query.start, query.end)], sql) is not None)

    check()
    assert sum(used) > 40


@pytest.mark.parametrize("metric", METRICS)
def test_every_additive_figure_by_every_dimension(
    metric: str, small: Callable, cubes: list[Cube], sql, connection
) -> None:
    for dimension, grain in product(INTERACTION_DIMENSIONS, (None, "month")):
        query = Query(metric, FIRST, LAST, by=(dimension,), grain=grain)
        assert answering(cubes, query, [(FIRST, LAST)], sql) is not None
        assert figure(connection, sql, query, cubes).equals(figure(connection, sql, query))


@pytest.mark.parametrize(
    ("query", "table"),
    [
        (Query("contacts", FIRST, LAST), "cube-hour-channel"),
        (Query("contacts", FIRST, LAST, by=("owner", "channel")), "cube-hour-channel-owner"),
        (Query("contacts", FIRST, LAST, where={"owner": ("a",)}, grain="week"), "cube-hour-channel-owner"),
        (Query("contacts", FIRST, LAST, by=("hour_of_day",), grain="hour"), "cube-hour-channel"),
        (Query("contacts", FIRST, LAST, by=("owner", "region")), None),
        (Query("contacts", FIRST, LAST + timedelta(minutes=30)), None),
        (Query("unique_customers", FIRST, LAST), None),
        (Query("wait_seconds_p90", FIRST, LAST), None),
        (Query("revenue", FIRST, LAST), None),
    ],
)
def test_which_questions_it_is_asked(query: Query, table: str | None, cubes: list[Cube], sql: dict[str, str]) -> None:
    found = answering(cubes, query, [(query.start, query.end)], sql)
    assert (found and found.name) == table


def test_days_are_not_asked_for_hours(sql: dict[str, str]) -> None:
    cubes = [Cube("day", ("channel",))]

    def asked(start: datetime = FIRST, **query: Any) -> Cube | None:
        return answering(cubes, Query("contacts", start, LAST, **query), [(start, LAST)], sql)

    assert asked() == asked(by=("weekday",)) == asked(grain="month") == cubes[0]
    assert asked(grain="hour") is None
    assert asked(by=("hour_of_day",)) is None
    assert asked(FIRST + timedelta(hours=1)) is None


def test_hours_of_utc_are_not_asked_where_the_clock_is_half_an_hour_off() -> None:
    cubes, range_ = [Cube("hour", ("channel",))], (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    query = Query("contacts", *range_)
    assert answering(cubes, query, [range_], sql_of("Asia/Kolkata")) is None
    assert answering(cubes, query, [range_], sql_of("Asia/Shanghai")) == cubes[0]


def test_a_table_that_is_no_cube_is_none() -> None:
    assert cube_named("interactions") is None
    assert cube_named("cube-day-channel-agent_id") == Cube("day", ("channel", "agent_id"))


QUANTILES = [metric for metric in CATALOGUE if f"{metric}.only.where" in sql_of("Europe/Berlin")]


@pytest.mark.parametrize("metric", QUANTILES)
def test_quantiles_of_groups_that_a_cube_knows_are_those_of_the_rows(metric: str, small: Callable) -> None:
    connection, sql, cubes = small("Europe/Berlin", "hour")
    asked = {"month": ("channel",), "day": ("hour_of_day",), "week": ("owner",), None: ("kind",)}
    empty = 0
    for grain, by in asked.items():
        where = {"channel": ("phone", "email", None)} if grain == "month" else {}
        query = Query(metric, FIRST, LAST, by=by, grain=grain, compare="previous", where=where)
        with_cubes = figure(connection, sql, query, cubes)
        assert with_cubes.equals(figure(connection, sql, query))
        empty += with_cubes["count"].to_pylist().count(0)
    # Groups without a row that counts are there too.
    assert empty > 0


def test_quantiles_come_from_rows_of_their_condition_and_groups_from_a_cube(small: Callable) -> None:
    assert len(QUANTILES) == 12
    connection, sql, cubes = small("Europe/Berlin", "hour")
    query = Query("wait_seconds_p90", FIRST, LAST, by=("channel",), grain="month")
    found = figure(connection, sql, query, cubes)
    assert figure(connection, {**sql, "wait_seconds_p90.value": "NULL"}, query, cubes).equals(found)
    nobody = figure(connection, {**sql, "wait_seconds_p90.only.where": "FALSE"}, query, cubes)
    assert nobody.select(["period_start", "channel"]).equals(found.select(["period_start", "channel"]))
    assert nobody["count"].to_pylist() == [0] * nobody.num_rows
    assert sum(found["count"].to_pylist()) > 0
