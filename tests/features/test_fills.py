"""Missing values filled from what was known: beside plain pandas, blind to the future, the same online and in batch."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.fills import Fill, Fills, declared, for_requests, measured
from features.history import HISTORY_TABLES, known
from features.table import compiled_sql, customer_features
from features.windows import Window
from interactions.sources import raw
from interactions.sources.mapping import parse
from workspace.engine import arrow_tables, connect, locked_down

Tables = Mapping[str, pa.Table]

CUTOFF = datetime(2026, 10, 2, 5, 30, 7, 250_000, tzinfo=UTC)
TIMES = {"interactions": "occurred_at", "orders": "ordered_at", "surveys": "answered_at"}
COLUMNS = {
    "interactions": ("wait_ms", "satisfaction"),
    "orders": ("amount",),
    "surveys": ("importance", "satisfaction"),
    "customers": ("income",),
}


def every(method: str, sources: tuple[str, ...] = ("even", "odd")) -> Fills:
    return tuple(
        Fill(table, column, source, method)
        for table, columns in COLUMNS.items()
        for column in columns
        for source in sources
    )


@pytest.fixture
def window() -> Window:
    """One of 200 days at an odd moment, so that part of the history lies before it and part after."""
    return Window(CUTOFF, observation_days=200, active_days=60)


@pytest.fixture(scope="module")
def gappy(tables: Tables) -> dict[str, pa.Table]:
    """The company's tables with every third value missing and rows of two sources."""
    made = dict(tables)
    for name, columns in COLUMNS.items():
        rows = made[name]
        number = pa.array(range(len(rows)))
        source = pa.array(["odd" if n % 2 else "even" for n in range(len(rows))])
        rows = rows.set_column(rows.schema.get_field_index("source"), "source", source)
        kept = pc.greater(pc.subtract(number, pc.multiply(pc.divide(number, 3), 3)), 0)
        for column in columns:
            found = pc.if_else(kept, rows[column], pa.scalar(None, rows[column].type))
            rows = rows.set_column(rows.schema.get_field_index(column), column, found)
        made[name] = rows.cast(tables[name].schema)
    return made


def batch(tables: Tables, window: Window, fills: Fills, threads: int = 1) -> tuple[pa.Table, Fills]:
    backend = connect()
    backend.raw_sql(f"SET threads = {threads}")
    try:
        given = arrow_tables(backend, tables)
        return customer_features(given, window, fills), measured(known(given, window, fills), fills)
    finally:
        backend.disconnect()


def history(tables: Tables, window: Window, fills: Fills = ()) -> dict[str, pd.DataFrame]:
    backend = connect()
    try:
        found = known(arrow_tables(backend, tables), window, fills)
        return {name: getattr(found, name).to_pyarrow().to_pandas() for name in COLUMNS}
    finally:
        backend.disconnect()


def plainly_filled(rows: pd.DataFrame, table: str, column: str, method: str) -> pd.Series:
    """What a few lines of pandas put in, rows of any order, from rows without fills."""
    values = pd.to_numeric(rows[column]).astype(float)
    if method == "previous":
        ordered = rows.assign(value=values).sort_values(["at_us", rows.columns[0]])
        return ordered.groupby("customer_id").value.ffill().reindex(rows.index)
    observed = values[rows.is_observed] if "is_observed" in rows else values
    figures = observed.groupby(rows.source).agg(method)
    digits = 0 if column.endswith("_ms") else 4
    return values.fillna(rows.source.map(figures.round(digits)))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["mean", "median", "min", "max", "previous"])
def test_what_is_filled_in_beside_plain_pandas(gappy: Tables, window: Window, method: str) -> None:
    # Filled by a method without values leaves everything as it is, with the source beside it.
    bare = history(gappy, window, every("mean"))
    _, fills = batch(gappy, window, every(method))
    found = history(gappy, window, fills)
    for table, columns in COLUMNS.items():
        if (table, method) == ("customers", "previous"):
            continue
        for column in columns:
            expected = plainly_filled(bare[table], table, column, method).tolist()
            keys = bare[table].columns[0]
            got = pd.to_numeric(found[table].set_index(keys)[column].reindex(bare[table][keys])).astype(float).tolist()
            pd.testing.assert_series_equal(pd.Series(got), pd.Series(expected), check_exact=False, atol=1.1e-4)
            assert found[table][f"{column}_given"].isna().sum() > 0


@pytest.mark.slow
def test_features_use_what_is_filled_and_count_what_was_said(gappy: Tables, window: Window) -> None:
    without, _ = batch(gappy, window, ())
    table, fills = batch(gappy, window, every("median"))
    rows = history(gappy, window, fills)["interactions"].query("is_observed")
    ratings = pd.to_numeric(rows.satisfaction).astype(float).groupby(rows.customer_id).mean()
    found = table.to_pandas().set_index("customer_id")
    compared = found.rating_mean.dropna().index
    assert len(compared) > 50
    for customer in compared:
        assert found.rating_mean[customer] == pytest.approx(ratings[customer], rel=1e-12)
    for name in ("rating_count", "rating_last", "low_ratings_90", "complaints_90", "order_count", "frequency"):
        assert table[name].equals(without[name]), name
    for name in ("rating_mean", "wait_seconds_mean", "order_amount", "income", "need_gap", "survey_satisfaction"):
        assert not table[name].equals(without[name]), name


def test_two_sources_are_filled_each_its_own_way(gappy: Tables, window: Window) -> None:
    fills = (Fill("interactions", "satisfaction", "even", "max"), Fill("interactions", "satisfaction", "odd", "min"))
    _, values = batch(gappy, window, fills)
    assert [fill.value for fill in values] == [Decimal(5), Decimal(1)]
    rows = history(gappy, window, values)["interactions"]
    missing = rows[rows.satisfaction_given.isna()]
    assert set(zip(missing.source, missing.satisfaction.astype(float), strict=True)) == {("even", 5.0), ("odd", 1.0)}
    only = history(gappy, window, values[:1])["interactions"]
    assert only[only.source.eq("odd") & only.satisfaction_given.isna()].satisfaction.isna().all()


def test_an_income_that_went_missing_is_the_one_known_before(tables: Tables, window: Window) -> None:
    rows = tables["customers"].to_pylist()
    known_before = {row["customer_id"]: row["income"] for row in rows if row["income"] is not None}
    customer = next(iter(known_before))
    (one,) = [row for row in rows if row["customer_id"] == customer][:1]
    assert window.cutoff is not None
    later = {**one, "income": None, "known_at": window.cutoff - timedelta(days=1), "source": "crm", "is_revision": True}
    versions = pa.Table.from_pylist([{**one, "known_at": window.cutoff - timedelta(days=9)}, later])
    only = {**tables, "customers": versions.cast(tables["customers"].schema)}
    assert history(only, window)["customers"].income.tolist() == [None]
    fills = (Fill("customers", "income", "crm", "previous"),)
    assert history(only, window, fills)["customers"].income.tolist() == [one["income"]]


def after_the_cutoff_corrupted(tables: Tables, window: Window) -> dict[str, pa.Table]:
    """Every row that was known or happened at the cutoff or later says something else."""
    made = {}
    for name, rows in tables.items():
        frame = rows.to_pylist()
        for row in frame:
            later = row["known_at"] >= window.cutoff or (name in TIMES and row[TIMES[name]] >= window.cutoff)
            for column in COLUMNS.get(name, ()) if later else ():
                row[column] = {"income": Decimal(9), "amount": Decimal(9), "wait_ms": 7}.get(column, 1)
            rated = row.get("rated_at") or row.get("responded_at") or row.get("occurred_at")
            if name == "interactions" and rated is not None and rated >= window.cutoff:
                row["satisfaction"] = 1
        made[name] = pa.Table.from_pylist(frame, schema=rows.schema)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("method", ["median", "previous"])
def test_corrupting_the_future_changes_no_bit(gappy: Tables, window: Window, method: str) -> None:
    found, values = batch(gappy, window, every(method))
    corrupted = after_the_cutoff_corrupted(gappy, window)
    assert any(not corrupted[name].equals(gappy[name]) for name in COLUMNS)
    assert batch(corrupted, window, every(method), threads=2) == (found, values)


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.parametrize("method", ["mean", "median", "previous"])
def test_spark_fills_in_the_same(
    spark: Any, gappy: Tables, window: Window, method: str, agree: Callable[..., None]
) -> None:
    expected, fills = batch(gappy, window, every(method))
    given = arrow_tables(spark, gappy)
    assert measured(known(given, window, every(method)), every(method)) == fills
    agree(customer_features(given, window, every(method)), expected)


@pytest.mark.parametrize("method", ["mean", "previous"])
def test_the_compiled_sql_gives_the_same_bits_for_everybody_and_for_one(
    gappy: Tables, window: Window, method: str
) -> None:
    expected, fills = batch(gappy, window, every(method))
    text = compiled_sql(window.observation_days, window.active_days, window.event, fills)
    customers = expected["customer_id"].to_pylist()
    for wanted in (None, *customers[:: len(customers) // 4]):
        with locked_down() as connection:
            for name in HISTORY_TABLES:
                rows = gappy[name]
                if wanted is not None and "customer_id" in rows.column_names:
                    rows = rows.filter(pc.equal(rows["customer_id"], wanted))
                connection.register(name, rows)
            connection.register("window", pa.table({"cutoff": pa.array([window.cutoff], pa.timestamp("us", "UTC"))}))
            found = connection.sql(text).to_arrow_table().select(expected.column_names).cast(expected.schema)
        one = expected if wanted is None else expected.filter(pc.equal(expected["customer_id"], wanted))
        assert found.equals(one)


def test_where_nothing_is_known_nothing_is_filled(gappy: Tables, window: Window) -> None:
    empty = gappy["orders"].slice(0, 0)
    _, fills = batch({**gappy, "orders": empty}, window, every("mean"))
    assert [fill.value for fill in fills if fill.table == "orders"] == [None, None]


def test_declared_in_the_mappings_in_force(tmp_path: Path) -> None:
    columns: dict[str, Any] = {"occurred_at": "t", "wait": "w", "satisfaction": {"column": "s", "fill": "median"}}
    part = {"columns": columns, "fill": {"wait": "mean"}}
    raw.keep_mapping(tmp_path, "phone/calls.csv", parse(part, "interactions"))
    fills = declared(tmp_path)
    assert fills == (
        Fill("interactions", "satisfaction", "phone/calls.csv", "median"),
        Fill("interactions", "wait_ms", "phone/calls.csv", "mean"),
    )
    asked = for_requests(fills, tmp_path)
    assert asked == (*fills, *(replace(fill, source="request") for fill in fills))
    raw.keep_mapping(tmp_path, "chats", parse({"columns": {"occurred_at": "t"}}, "interactions"))
    assert for_requests(declared(tmp_path), tmp_path) == fills
    assert declared(tmp_path / "nothing") == ()
