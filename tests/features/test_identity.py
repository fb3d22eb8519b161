"""Customers of one person are joined by what was known at the cutoff, and an undone link never was."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.history import HISTORY_TABLES
from features.identity import with_links
from features.table import compiled_sql, customer_features, features_as_of
from features.windows import Window
from interactions.cleaning import identity
from interactions.demo.company import simulate
from interactions.demo.doubles import Doubled, plant
from training.observed import observe, observed_workspace
from workspace.engine import arrow_tables, connect, locked_down
from workspace.folder import Workspace, open_workspace
from workspace.tables import CUSTOMER_FEATURES, IDENTITY_LINKS, TABLES

CUTOFF = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)

Rows = dict[str, list[dict[str, Any]]]
AsBytes = Callable[[pa.Table], bytes]


def tables_of(rows: Rows) -> dict[str, pa.Table]:
    """Rows with the missing columns null, known ten days before the cutoff unless they say otherwise."""
    found = {}
    for name in (*HISTORY_TABLES, "identity_links"):
        schema = TABLES[name].schema
        given = [{**dict.fromkeys(schema.names), "known_at": CUTOFF - 10 * DAY, **row} for row in rows.get(name, [])]
        found[name] = pa.Table.from_pylist(given, schema=schema)
    return found


def features(rows: Rows) -> dict[str, dict[str, Any]]:
    backend = connect()
    try:
        found = customer_features(arrow_tables(backend, tables_of(rows)), Window(CUTOFF))
        return {row["customer_id"]: row for row in found.to_pylist()}
    finally:
        backend.disconnect()


def contact(number: int, customer: str | None, **changes: Any) -> dict[str, Any]:
    row = {"interaction_id": f"i{number}", "customer_id": customer, "occurred_at": CUTOFF - number * DAY}
    return {**row, "known_at": CUTOFF - number * DAY, "direction": "inbound", **changes}


def link(customer: str, person: str, **changes: Any) -> dict[str, Any]:
    return {"customer_id": customer, "person_id": person, "known_at": CUTOFF - 5 * DAY, **changes}


CONTACTS = [contact(1, "a"), contact(2, "b"), contact(3, "c"), contact(4, None)]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([], {"a": 1, "b": 1, "c": 1}),
        ([link("b", "a")], {"a": 2, "c": 1}),
        ([link("b", "a"), link("c", "a")], {"a": 3}),
        ([link("b", "a", known_at=CUTOFF)], {"a": 1, "b": 1, "c": 1}),
        ([link("b", "a", undone_at=CUTOFF + DAY)], {"a": 1, "b": 1, "c": 1}),
        ([link("b", "a"), link("b", "c", known_at=CUTOFF - DAY)], {"a": 1, "c": 2}),
        ([link("b", "a"), link("b", "b", known_at=CUTOFF - DAY)], {"a": 1, "b": 1, "c": 1}),
        ([link("b", "a"), link("b", "b", known_at=CUTOFF + DAY)], {"a": 2, "c": 1}),
    ],
)
def test_the_last_link_known_before_the_cutoff_and_not_undone_counts(
    links: list[dict[str, Any]], expected: dict[str, int]
) -> None:
    found = features({"interactions": CONTACTS, "identity_links": links})
    assert {name: row["frequency"] for name, row in found.items()} == expected


def test_income_is_the_last_known_of_any_of_their_customers() -> None:
    customers = [
        {"customer_id": "a", "income": 100, "known_at": CUTOFF - 9 * DAY},
        {"customer_id": "b", "income": 200, "known_at": CUTOFF - 8 * DAY},
        {"customer_id": "c", "income": None, "known_at": CUTOFF - 7 * DAY},
        {"customer_id": "b", "income": 300, "known_at": CUTOFF + DAY},
    ]
    links = [link("b", "a"), link("c", "a")]
    for rows in (customers, customers[::-1]):
        found = features({"interactions": CONTACTS, "customers": rows, "identity_links": links})
        assert found["a"]["income"] == 200


@pytest.mark.parametrize("known_at", [CUTOFF - DAY, CUTOFF + DAY], ids=["linked before", "linked later"])
@pytest.mark.parametrize("refuses", ["a", "b", "c"])
def test_one_customer_who_must_not_be_profiled_refuses_the_person(refuses: str, known_at: datetime) -> None:
    customers = [{"customer_id": name, "do_not_profile": name == refuses} for name in "abcd"]
    links = [link("b", "a", known_at=known_at), link("c", "a", known_at=known_at)]
    contacts = [*CONTACTS, contact(5, "d")]
    found = features({"interactions": contacts, "customers": customers, "identity_links": links})
    assert set(found) == {"d"}


def test_who_was_one_person_with_somebody_who_refuses_stays_out_while_they_were() -> None:
    customers = [{"customer_id": name, "do_not_profile": name == "a"} for name in "ab"]
    links = [link("b", "a"), link("b", "b", known_at=CUTOFF + DAY)]
    found = features({"interactions": CONTACTS, "customers": customers, "identity_links": links})
    assert set(found) == {"c"}


def test_a_person_left_when_all_their_customers_did() -> None:
    left = {"a": CUTOFF - 20 * DAY, "b": CUTOFF - 12 * DAY, "c": CUTOFF - 12 * DAY, "d": None}
    customers = [{"customer_id": name, "left_at": at} for name, at in left.items()]
    links = [link("b", "a"), link("d", "c")]
    contacts = [*CONTACTS, contact(5, "d")]
    rows = {"interactions": contacts, "customers": customers, "identity_links": links}
    backend = connect()
    try:
        events = observe(arrow_tables(backend, tables_of(rows)), Window(CUTOFF)).events
    finally:
        backend.disconnect()
    assert events.customers.to_pylist() == ["a", "c"]
    moments = dict(zip(("a", "c"), events.left.tolist(), strict=False))
    assert moments["a"] == int((CUTOFF - 12 * DAY).timestamp()) * 1_000_000
    assert moments["c"] == np.iinfo(np.int64).max


@pytest.fixture(scope="module")
def doubled() -> Doubled:
    return plant(simulate(customers=250, days=300, seed=21), 21)


@pytest.fixture
def workspace(tmp_path: Path, doubled: Doubled) -> Workspace:
    workspace = open_workspace(tmp_path / "w", create=True)
    for name, table in doubled.tables.items():
        workspace.lake.append(name, table)
    return workspace


LATE = datetime(2026, 10, 1, tzinfo=UTC)


def test_undoing_restores_the_features_exactly(workspace: Workspace, as_bytes: AsBytes) -> None:
    before = as_bytes(features_as_of(workspace, LATE))
    identity.link(workspace)
    linked = identity.people(workspace.lake.read("identity_links"))
    assert len(linked) > 10
    assert as_bytes(features_as_of(workspace, LATE)) != before
    while current := identity.people(workspace.lake.read("identity_links")):
        identity.undo(workspace, min(current))
    assert as_bytes(features_as_of(workspace, LATE)) == before


@pytest.mark.spark
@pytest.mark.slow
def test_spark_joins_the_same_people(spark: Any, workspace: Workspace, agree: Callable[..., None]) -> None:
    identity.link(workspace)
    tables = with_links(spark, workspace.lake, HISTORY_TABLES)
    assert "identity_links" in tables
    window = Window.from_settings(workspace.settings, LATE)
    agree(customer_features(tables, window), features_as_of(workspace, LATE))


@pytest.mark.slow
def test_one_undone_of_many_leaves_both_as_before_and_the_rest_as_it_was(workspace: Workspace) -> None:
    before = {row["customer_id"]: row for row in features_as_of(workspace, LATE).to_pylist()}
    identity.link(workspace)
    joined = {row["customer_id"]: row for row in features_as_of(workspace, LATE).to_pylist()}
    links = identity.people(workspace.lake.read("identity_links"))
    members = {name: {other for other, row in links.items() if row["person_id"] == name} for name in joined}
    person, (other,) = next(
        (name, found) for name, found in members.items() if len(found) == 1 and found < before.keys() and name in before
    )
    identity.undo(workspace, other, person)
    undone = {row["customer_id"]: row for row in features_as_of(workspace, LATE).to_pylist()}
    assert undone == {**joined, person: before[person], other: before[other]}


def test_what_comes_after_the_cutoff_changes_nothing_before_it(
    workspace: Workspace, doubled: Doubled, as_bytes: AsBytes
) -> None:
    """Customers known from the cutoff on are others altogether, and more share what those before have."""
    identity.link(workspace)
    cutoff = datetime(2026, 4, 1, tzinfo=UTC)
    expected = features_as_of(workspace, cutoff)
    customers = doubled.tables["customers"]
    later = pc.greater_equal(customers["known_at"], pa.scalar(cutoff))
    assert 0 < pc.sum(later).as_py() < len(customers)
    past, future = customers.filter(pc.invert(later)), customers.filter(later)
    order = pa.array(np.random.default_rng(5).permutation(len(future)))
    for name in ("email", "phone", "name", "gender", "birth_year"):
        at = customers.schema.get_field_index(name)
        future = future.set_column(at, name, future[name].take(order))
    copies = _copied(past, cutoff + DAY, 12)
    workspace.lake.overwrite("customers", pa.concat_tables([past, future, copies]))
    identity.link(workspace)
    assert as_bytes(features_as_of(workspace, cutoff)) == as_bytes(expected)
    assert expected.schema.equals(CUSTOMER_FEATURES.schema)


def _copied(past: pa.Table, known_at: datetime, times: int) -> pa.Table:
    """Every customer so often again that what they have is shared too widely from then on."""
    parts = []
    for number in range(times):
        names = pc.binary_join_element_wise(past["customer_id"], pa.scalar(f"-{number}"), "")
        part = past.set_column(0, "customer_id", names)
        moments = pa.array([known_at] * len(past), IDENTITY_LINKS.schema.field("known_at").type)
        parts.append(part.set_column(past.schema.get_field_index("known_at"), "known_at", moments))
    return pa.concat_tables(parts)


@pytest.mark.slow
def test_a_person_has_the_same_bits_as_one_customer_with_that_history(
    workspace: Workspace, doubled: Doubled, as_bytes: AsBytes
) -> None:
    """What a caller sends of a person, under one id, is scored by the SQL that knows no links."""
    identity.link(workspace)
    linked = identity.people(workspace.lake.read("identity_links"))
    persons = {name: row["person_id"] for name, row in linked.items() if row["known_at"] < LATE}
    sent = {name: _renamed(table, persons) for name, table in doubled.tables.items()}
    sent["customers"] = _one_row_each(sent["customers"])
    sent["message_signals"] = TABLES["message_signals"].schema.empty_table()
    with locked_down() as connection:
        for name in HISTORY_TABLES:
            connection.register(name, sent[name])
        connection.register("window", pa.table({"cutoff": pa.array([LATE], pa.timestamp("us", "UTC"))}))
        found = connection.sql(compiled_sql()).to_arrow_table()
    assert as_bytes(found) == as_bytes(features_as_of(workspace, LATE))


def _renamed(table: pa.Table, persons: dict[str, str]) -> pa.Table:
    names = [persons.get(name, name) for name in table["customer_id"].to_pylist()]
    return table.set_column(table.schema.get_field_index("customer_id"), "customer_id", pa.array(names, pa.string()))


def _one_row_each(customers: pa.Table) -> pa.Table:
    """Of each person the last row before the cutoff with an income, refusing where any of theirs does."""
    rows = sorted(customers.to_pylist(), key=lambda row: (row["income"] is not None, row["known_at"]))
    refused = {row["customer_id"] for row in rows if row["do_not_profile"]}
    last = {row["customer_id"]: row for row in rows if row["known_at"] < LATE}
    told = [{**row, "do_not_profile": name in refused} for name, row in last.items()]
    return pa.Table.from_pylist(told, schema=customers.schema)


def test_training_sees_persons(workspace: Workspace) -> None:
    identity.link(workspace)
    linked = identity.people(workspace.lake.read("identity_links"))
    with observed_workspace(workspace, Window(LATE)) as observed:
        names = set(observed.events.customers.to_pylist())
        assert names.isdisjoint({name for name, row in linked.items() if row["known_at"] < LATE})
        found = observed.features_at(LATE)["customer_id"]
        assert set(found.to_pylist()) <= names
