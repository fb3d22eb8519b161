"""The feature table as a whole: its promise to see no future, and the same bits wherever it is computed."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from features.history import HISTORY_TABLES
from features.table import compiled_sql, customer_features, features_as_of
from features.windows import Window
from workspace.engine import arrow_tables, connect, locked_down
from workspace.errors import NotEnoughHistoryError
from workspace.folder import open_workspace
from workspace.settings import Engine
from workspace.tables import CUSTOMER_FEATURES, IDENTITY_LINKS, TABLES

Tables = Mapping[str, pa.Table]
AsBytes = Callable[[pa.Table], bytes]
Prepared = Callable[[Tables, datetime], pa.Table]

RAPPORT = Path(sys.executable).with_name("rapport")

_FIRST, _LAST = datetime(2025, 11, 1, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
# What becomes of everything from the cutoff on.
HARMS = ("corrupted", "deleted", "doubled")
_OWN_TIMES = {"responded_at": ["response_content"], "resolved_at": ["reopened"], "rated_at": ["satisfaction"]}


def computed(tables: Tables, window: Window, threads: int = 1) -> pa.Table:
    backend = connect()
    backend.raw_sql(f"SET threads = {threads}")
    try:
        return customer_features(arrow_tables(backend, tables), window)
    finally:
        backend.disconnect()


def by_sql(tables: Tables, window: Window) -> pa.Table:
    """The same by the compiled SQL, as a service worker has it: quicker than Ibis by its compiling."""
    with locked_down() as connection:
        for name in HISTORY_TABLES:
            connection.register(name, tables[name])
        connection.register("window", pa.table({"cutoff": pa.array([window.cutoff], pa.timestamp("us", "UTC"))}))
        text = compiled_sql(window.observation_days, window.active_days, window.event)
        return connection.sql(text).to_arrow_table()


def test_one_row_for_everybody_with_an_event_who_may_be_profiled(
    tables: Tables, window: Window, past: SimpleNamespace
) -> None:
    found = computed(tables, window)
    assert found.schema.equals(CUSTOMER_FEATURES.schema)
    assert found["customer_id"].to_pylist() == sorted(past.events.customer_id.unique())
    assert not past.opted_out.isdisjoint(tables["interactions"]["customer_id"].to_pylist())
    assert set(found["cutoff"].to_pylist()) == {window.cutoff}


def test_concepts_in_one_pass_are_the_concepts_one_by_one(tables: Tables, window: Window, made) -> None:
    from features.customer import (
        cadence,
        channel_mix,
        lifecycle,
        responsiveness,
        rfm,
        satisfaction,
        season,
        surveys,
        text,
        value,
    )

    found = computed(tables, window).to_pandas().set_index("customer_id")
    counts = {"channels_used", "outbound_count", "rating_count", "low_ratings_90", "complaints_90", "order_count"}
    counts |= {"order_count_90", "active_days_count"}
    for concept in (
        *(rfm.rfm, cadence.cadence, channel_mix.channel_mix, responsiveness.responsiveness),
        *(satisfaction.satisfaction, value.value, surveys.surveys, text.text),
        *(lifecycle.lifecycle, season.season),
    ):
        alone = made(concept).reindex(found.index)
        assert set(alone.columns) < set(CUSTOMER_FEATURES.column_names)
        for column in alone.columns:
            expected = alone[column].fillna(0) if column in counts else alone[column]
            same = (found[column] == expected) | (found[column].isna() & expected.isna())
            assert same.all(), column


@pytest.fixture(scope="module")
def prepared(tables: Tables) -> Iterator[Prepared]:
    """The feature table of other rows at another cutoff, by one statement prepared once: quick enough for hundreds."""
    with locked_down() as connection:
        for name in HISTORY_TABLES:
            connection.register("rows_in", tables[name])
            connection.execute(f"CREATE TABLE {name} AS FROM rows_in")
        connection.execute('CREATE TABLE "window" (cutoff TIMESTAMPTZ)')
        connection.execute(f"PREPARE features AS {compiled_sql(300)}")

        def run(given: Tables, cutoff: datetime) -> pa.Table:
            moment = pa.table({"cutoff": pa.array([cutoff], pa.timestamp("us", "UTC"))})
            for name, rows in {**given, "window": moment}.items():
                connection.register("rows_in", rows)
                connection.execute(f'DELETE FROM "{name}"')
                connection.execute(f'INSERT INTO "{name}" FROM rows_in')
            return connection.sql("EXECUTE features").to_arrow_table()

        yield run


CUTOFFS = st.datetimes(_FIRST.replace(tzinfo=None), _LAST.replace(tzinfo=None), timezones=st.just(UTC))
SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=10, deadline=None, derandomize=True, phases=[Phase.generate])
@given(cutoff=CUTOFFS, seed=SEEDS)
def test_nothing_from_the_cutoff_on_changes_a_byte(
    tables: Tables, prepared: Prepared, cutoff: datetime, seed: int, as_bytes: AsBytes
) -> None:
    """Every table that features read; what joins customers is harmed below, by way of Ibis."""
    check_no_byte_changes(tables, prepared, cutoff, seed, as_bytes)


@pytest.mark.slow
@settings(max_examples=50, deadline=None, derandomize=True, phases=[Phase.generate])
@given(cutoff=CUTOFFS, seed=SEEDS)
def test_nor_at_fifty_cutoffs(
    tables: Tables, prepared: Prepared, cutoff: datetime, seed: int, as_bytes: AsBytes
) -> None:
    """The same, 40 seconds long."""
    check_no_byte_changes(tables, prepared, cutoff, seed, as_bytes)


def check_no_byte_changes(tables: Tables, prepared: Prepared, cutoff: datetime, seed: int, as_bytes: AsBytes) -> None:
    expected = prepared(tables, cutoff)
    for how in HARMS:
        changed = _with_other_future(tables, cutoff, how, seed)
        assert all(changed[name] != tables[name] for name in tables)
        assert as_bytes(prepared(changed, cutoff)) == as_bytes(expected), how


@pytest.mark.slow
@pytest.mark.parametrize("how", HARMS)
def test_nor_by_way_of_ibis(tables: Tables, window: Window, how: str, as_bytes: AsBytes) -> None:
    linked = {**tables, "identity_links": _links(tables)}
    expected = computed(linked, window)
    assert as_bytes(expected) != as_bytes(computed(tables, window))
    changed = _with_other_future(linked, window.cutoff, how, seed=3)
    assert changed["identity_links"] != linked["identity_links"]
    assert as_bytes(computed(changed, window)) == as_bytes(expected)


def test_some_customers_alone_have_the_bits_they_have_among_all(
    tables: Tables, window: Window, as_bytes: AsBytes
) -> None:
    everybody = computed(tables, window)
    some = everybody["customer_id"].to_pylist()[::7]
    backend = connect()
    backend.raw_sql("SET threads = 1")
    found = customer_features(arrow_tables(backend, tables), window, customers=[*reversed(some), "nobody"])
    nobody = customer_features(arrow_tables(backend, tables), window, customers=[])
    backend.disconnect()
    assert as_bytes(found) == as_bytes(everybody.filter(pc.is_in(everybody["customer_id"], pa.array(some))))
    assert nobody.num_rows == 0


def test_who_has_not_looked_for_versions_gets_the_same_bits(tables: Tables, window: Window, as_bytes: AsBytes) -> None:
    unmarked = {
        name: table.set_column(
            table.schema.get_field_index("is_revision"), "is_revision", pa.nulls(table.num_rows, pa.bool_())
        )
        for name, table in tables.items()
    }
    assert any(pc.any(table["is_revision"]).as_py() for table in tables.values())
    assert as_bytes(computed(unmarked, window)) == as_bytes(computed(tables, window))


def test_the_past_does_change_it(tables: Tables, window: Window, as_bytes: AsBytes) -> None:
    """The test above could pass by looking at nothing."""
    without = {**tables, "interactions": tables["interactions"].slice(50)}
    assert as_bytes(computed(without, window)) != as_bytes(computed(tables, window))


@pytest.mark.parametrize("event", ["interactions", "orders"])
def test_compiled_sql_gives_the_same_bits(tables: Tables, window: Window, event: str, as_bytes: AsBytes) -> None:
    window = Window(window.cutoff, window.observation_days, window.active_days, event)
    found = by_sql(tables, window)
    assert found.schema.equals(CUSTOMER_FEATURES.schema)
    assert as_bytes(found) == as_bytes(computed(tables, window))


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.parametrize("event", ["interactions", "orders"])
def test_spark_gives_the_same_rows(
    spark: Any, tables: Tables, window: Window, event: str, agree: Callable[..., None]
) -> None:
    window = Window(window.cutoff, window.observation_days, window.active_days, event)
    agree(customer_features(arrow_tables(spark, tables), window), computed(tables, window))


def test_a_statement_prepared_once_answers_for_other_customers_and_cutoffs(tables: Tables, as_bytes: AsBytes) -> None:
    """How a service scores: the plan is made once (about 35 ms), a customer's rows are put in and taken out."""
    with locked_down() as connection:
        for name in HISTORY_TABLES:
            connection.register("rows_in", tables[name])
            connection.execute(f"CREATE TABLE {name} AS FROM rows_in LIMIT 0")
        connection.execute('CREATE TABLE "window" (cutoff TIMESTAMPTZ)')
        connection.execute(f"PREPARE features AS {compiled_sql()}")
        for cutoff, first in ((datetime(2026, 5, 1, tzinfo=UTC), 0), (datetime(2026, 9, 1, tzinfo=UTC), 700)):
            window, some = Window(cutoff), {name: table.slice(first, 1500) for name, table in tables.items()}
            for name in HISTORY_TABLES:
                connection.register("rows_in", some[name])
                connection.execute(f"DELETE FROM {name}")
                connection.execute(f"INSERT INTO {name} FROM rows_in")
            connection.register("rows_in", pa.table({"cutoff": pa.array([cutoff], pa.timestamp("us", "UTC"))}))
            connection.execute('DELETE FROM "window"')
            connection.execute('INSERT INTO "window" FROM rows_in')
            assert as_bytes(connection.sql("EXECUTE features").to_arrow_table()) == as_bytes(by_sql(some, window))


def that_count(tables: Tables, cutoffs: Mapping[str, datetime]) -> dict[str, pa.Table]:
    """Of these customers' rows the last version of each key that was known before their cutoff, by plain pandas.

    Who must not be profiled says their last version of all.
    """
    contacts = tables["interactions"].select(["interaction_id", "customer_id"]).to_pandas()
    whose = contacts.drop_duplicates("interaction_id").set_index("interaction_id")["customer_id"]
    order = ["known_at", "collected_at", "source", "source_row"]
    found = {}
    for name, table in tables.items():
        key = TABLES[name].key[0]
        rows = table.select([*({key, "customer_id"} & set(table.column_names)), *order]).to_pandas()
        cutoff = (rows["customer_id"] if "customer_id" in rows else rows[key].map(whose)).map(cutoffs)
        known = rows[rows["known_at"] < pd.to_datetime(cutoff, utc=True)].sort_values(order)
        found[name] = table.take(pa.array(sorted(known.drop_duplicates(key, keep="last").index)))
    newest = tables["customers"].select(["customer_id", "do_not_profile", *order]).to_pandas().sort_values(order)
    refused = newest.drop_duplicates("customer_id", keep="last").set_index("customer_id")["do_not_profile"]
    marks = pa.array([refused[one] for one in found["customers"]["customer_id"].to_pylist()], pa.bool_())
    at = found["customers"].column_names.index("do_not_profile")
    return {**found, "customers": found["customers"].set_column(at, "do_not_profile", marks)}


def test_each_customer_at_a_cutoff_of_their_own(tables: Tables, as_bytes: AsBytes) -> None:
    cutoffs = (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, 3, 4, 5, 6, tzinfo=UTC))
    whole = [by_sql(tables, Window(cutoff)) for cutoff in cutoffs]
    customers = whole[0]["customer_id"].to_pylist()
    turns = [number % 3 for number in range(len(customers))]
    expected = pa.concat_tables(
        table.filter(
            pc.field("customer_id").isin([one for one, its in zip(customers, turns, strict=True) if its == turn])
        )
        for turn, table in enumerate(whole)
    ).sort_by("customer_id")
    asked = [(one, cutoffs[turn]) for one, turn in zip(customers, turns, strict=True) if turn < 2]
    last = that_count(tables, dict(asked))
    twice = tables["customers"].filter(pc.field("customer_id").isin([one for one, _ in asked]))
    assert len(last["customers"]) < len(twice)
    with locked_down() as connection:
        for name in HISTORY_TABLES:
            connection.register(name, last[name])
        cutoff = pa.array([at for _, at in asked], pa.timestamp("us", "UTC"))
        connection.register("window", pa.table({"customer_id": [one for one, _ in asked], "cutoff": cutoff}))
        found = connection.sql(compiled_sql(of_each=True)).to_arrow_table()
    assert found.num_rows > 10
    assert as_bytes(found) == as_bytes(expected)


@pytest.mark.slow
def test_threads_and_the_order_of_rows_change_nothing(tables: Tables, window: Window, as_bytes: AsBytes) -> None:
    shuffled = {
        name: table.take(np.random.default_rng(1).permutation(table.num_rows)) for name, table in tables.items()
    }
    expected = as_bytes(computed(tables, window))
    for _ in range(2):
        assert as_bytes(computed(tables, window, threads=2)) == expected
    assert as_bytes(computed(shuffled, window, threads=2)) == expected


def test_a_customer_alone_has_the_same_bits_as_among_all(tables: Tables, window: Window, as_bytes: AsBytes) -> None:
    everybody = computed(tables, window)
    for customer in everybody["customer_id"].to_pylist()[::20]:
        own = {
            name: table.filter(pc.equal(table["customer_id"], customer))
            if "customer_id" in table.schema.names
            else table
            for name, table in tables.items()
        }
        among = everybody.filter(pc.equal(everybody["customer_id"], customer))
        assert as_bytes(by_sql(own, window)) == as_bytes(among)


def test_too_early_a_cutoff_says_where_the_data_starts(tmp_path: Path, tables: Tables) -> None:
    workspace = open_workspace(tmp_path / "w", create=True)
    with pytest.raises(NotEnoughHistoryError, match=r"Run `rapport collect` and `rapport clean` first"):
        features_as_of(workspace, datetime(2026, 1, 1, tzinfo=UTC))
    for name in HISTORY_TABLES:
        workspace.lake.append(name, tables[name])
    occurred = pc.min(tables["interactions"]["occurred_at"]).as_py()
    ordered = pc.min(tables["orders"]["ordered_at"]).as_py()
    first = min(occurred, ordered).astimezone(workspace.settings.company.zone).date()
    with pytest.raises(NotEnoughHistoryError) as error:
        features_as_of(workspace, datetime(2025, 1, 1, 16, tzinfo=UTC))
    assert str(error.value) == (
        f"No interaction before the cutoff 2025-01-02; the data starts on {first}. "
        f"Choose a cutoff after {first + timedelta(days=90)} (90 observation days)."
    )


def test_a_lake_gives_the_same_bits_as_memory(tmp_path: Path, tables: Tables, as_bytes: AsBytes) -> None:
    workspace = open_workspace(tmp_path / "w", create=True)
    for name in HISTORY_TABLES:
        half = tables[name].num_rows // 2
        workspace.lake.append(name, tables[name].slice(half))
        workspace.lake.append(name, tables[name].slice(0, half))
    cutoff = datetime(2026, 8, 1, tzinfo=UTC)
    assert as_bytes(features_as_of(workspace, cutoff)) == as_bytes(computed(tables, Window(cutoff)))


@pytest.mark.spark
@pytest.mark.slow
def test_the_command_gives_the_same_rows_on_spark(
    tmp_path: Path, spark_engine: Engine, tables: Tables, agree: Callable[..., None]
) -> None:
    """In a workspace with an odd name and without a home: the same rows, and nothing left behind."""
    workspace = open_workspace(tmp_path / "my data {é} 100% 表", create=True)
    lines = "\n".join(f'"{name}" = "{value}"' for name, value in spark_engine.options.items())
    (workspace.folder / "rapport.toml").write_text(f"[engine.options]\n{lines}\n")
    for name, table in tables.items():
        workspace.lake.append(name, table)
    surroundings = {name: value for name, value in os.environ.items() if name != "HOME"}
    found = {}
    for engine in (["duckdb"], ["spark", "--master", spark_engine.master]):
        command = [RAPPORT, "features", "--as-of", "2026-10-01", "--workspace", workspace.folder, "--engine", *engine]
        done = subprocess.run(command, check=False, cwd=tmp_path, env=surroundings, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "features, cutoff 2026-09-30T16:00:00+00:00" in done.stdout
        found[engine[0]] = workspace.lake.read("customer_features").sort_by("customer_id")
    agree(found["spark"], found["duckdb"])
    assert "WARN" not in done.stderr
    assert not list(workspace.temp.iterdir())
    assert [path.name for path in tmp_path.iterdir()] == [workspace.folder.name]


def _with_other_future(tables: Tables, cutoff: datetime, how: str, seed: int) -> dict[str, pa.Table]:
    future = {"corrupted": _corrupted, "deleted": lambda rows, _: rows[:0], "doubled": _doubled}[how]
    rng = np.random.default_rng(seed)
    return {name: _with_future(table, cutoff, future, rng) for name, table in tables.items()}


def _with_future(table: pa.Table, cutoff: datetime, future, rng: np.random.Generator) -> pa.Table:
    """The table with what lies at or after the cutoff, rows and later facts in earlier rows, changed by `future`."""
    at = pa.scalar(cutoff, pa.timestamp("us", "UTC"))
    event_time = next(
        (name for name in ("occurred_at", "ordered_at", "answered_at") if name in table.schema.names), None
    )
    is_past = pc.less(table["known_at"], at)
    if event_time is not None:
        is_past = pc.and_(is_past, pc.less(table[event_time], at))
    if "do_not_profile" in table.schema.names:  # an opt-out holds whenever it was given
        is_past = pc.or_kleene(is_past, table["do_not_profile"])
    is_past = pc.fill_null(is_past, False)
    past = table.filter(is_past)
    later = future(table.filter(pc.invert(is_past)), rng)
    if "responded_at" in table.schema.names:
        past = _later_facts_changed(past, at, rng)
    changed = pa.concat_tables([past, later])
    return changed.take(rng.permutation(changed.num_rows))


def _later_facts_changed(rows: pa.Table, at: pa.Scalar, rng: np.random.Generator) -> pa.Table:
    """Answers, resolutions and ratings that came at or after the cutoff, moved and altered."""
    for time, facts in _OWN_TIMES.items():
        is_later = pc.fill_null(pc.greater_equal(rows[time], at), False)
        moved = pc.add(rows[time], pa.scalar(timedelta(days=int(rng.integers(1, 50)))))
        rows = _put(rows, time, pc.if_else(is_later, moved, rows[time]))
        for fact in facts:
            other = rows[fact].take(rng.permutation(rows.num_rows))
            rows = _put(rows, fact, pc.if_else(is_later, other, rows[fact]))
    return rows


def _corrupted(rows: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Every column but the key, the times that place a row in the future and the opt-out, shuffled and partly null."""
    kept = {"known_at", "collected_at", "do_not_profile", "occurred_at", "ordered_at", "answered_at"}
    keys = {name for table in TABLES.values() for name in table.key if name != "customer_id"}
    if "do_not_profile" in rows.schema.names:
        kept.add("customer_id")
    for name in rows.schema.names:
        if name not in kept | keys and rows.num_rows:
            values = rows[name].take(rng.integers(0, rows.num_rows, rows.num_rows))
            blank = pa.array(rng.random(rows.num_rows) < 0.2)
            rows = _put(rows, name, pc.if_else(blank, pa.scalar(None, values.type), values))
    return rows


def _doubled(rows: pa.Table, rng: np.random.Generator) -> pa.Table:
    return pa.concat_tables([rows, rows.take(rng.permutation(rows.num_rows)), rows])


def _links(tables: Tables) -> pa.Table:
    """Each ninth customer is the one before, as became known bit by bit, before and after the cutoffs.

    Nobody of them must not be profiled: such a wish holds for everybody one is linked to, whenever that became known.
    """
    people = tables["customers"].to_pandas()
    refused = set(people.loc[people.do_not_profile.eq(True), "customer_id"])
    names = sorted(set(people.customer_id) - refused)
    rows = [
        dict.fromkeys(IDENTITY_LINKS.column_names)
        | {"customer_id": names[at], "person_id": names[at - 1], "known_at": _FIRST + timedelta(days=4 * at)}
        for at in range(1, len(names), 9)
    ]
    return pa.Table.from_pylist(rows, IDENTITY_LINKS.schema)


def _put(rows: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), values)
