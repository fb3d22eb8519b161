"""The lift of an export against plain pandas, and the honest answer before its days are over."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from serving.answers.forms import moment
from serving.lift import lift
from serving.newcombe import difference
from serving.snapshot import Snapshot
from workspace import export_records
from workspace.state import State

DAYS = 30


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


def _recorded(state: State, at: datetime, sent: list[str], held_out: list[str]) -> dict[str, Any]:
    facts = {
        "export_id": "e_1", "created_at": at.isoformat(), "created_by": "x", "role": "admin", "only_owner": None,
        "version": "v", "cutoff": "c", "filters": {}, "purpose": "service", "campaign": "x", "holdout": 0.5,
        "matching": 0, "left_out_without_consent": 0, "sent": len(sent), "held_out": len(held_out), "format": "csv",
        "file_sha256": "", "file_bytes": 0,
    }  # fmt: skip
    with state.begin() as connection:
        export_records.record(connection, facts, sent, held_out)
    found = export_records.recorded(state, "e_1")
    assert found is not None
    return found


def _halves(snapshot: Snapshot) -> tuple[list[str], list[str]]:
    people = snapshot.tables["customer_scores"]["customer_id"].to_pylist()
    return people[::2], people[1::2]


def _active(snapshot: Snapshot, start: datetime, end: datetime, outcome: str) -> set[str]:
    """Who had an order, or a contact of their own, in [start, end): the published tables in plain pandas."""
    lines = snapshot.tables["orders"].select(["customer_id", "order_id", "order_line_id", "ordered_at"]).to_pandas()
    lines["key"] = lines["order_id"].fillna(lines["order_line_id"])
    orders = lines.groupby(["customer_id", "key"])["ordered_at"].min().reset_index()
    inside = orders[(orders["ordered_at"] >= start) & (orders["ordered_at"] < end)]
    found = set(inside["customer_id"])
    if outcome == "order":
        return found
    columns = ["customer_id", "occurred_at", "direction", "is_automated"]
    rows = pd.DataFrame(snapshot.tables["interactions"].select(columns).to_pylist())
    rows = rows[(rows["occurred_at"] >= start) & (rows["occurred_at"] < end)]
    own = rows[rows["direction"].isin(["inbound", "unknown"]) & ~rows["is_automated"].fillna(False).astype(bool)]
    return found | set(own["customer_id"].dropna())


@pytest.mark.parametrize("outcome", ["event", "order"])
def test_the_shares_are_those_of_the_tables(snapshot: Snapshot, state: State, outcome: Any) -> None:
    sent, held_out = _halves(snapshot)
    end = snapshot.cutoff
    start = end - timedelta(days=DAYS)
    found = lift(snapshot, state, _recorded(state, start, sent, held_out), DAYS, outcome)
    active = _active(snapshot, start, end, outcome)
    counts = (len(active & set(sent)), len(sent), len(active & set(held_out)), len(held_out))
    assert min(counts) > 0
    assert found["status"] == "ready"
    assert (found["sent"]["with_outcome"], found["sent"]["customers"]) == counts[:2]
    assert (found["held_out"]["with_outcome"], found["held_out"]["customers"]) == counts[2:]
    assert (found["difference"], *found["interval"]) == difference(*counts)
    assert found["sent"]["interval"][0] < found["sent"]["share"] < found["sent"]["interval"][1]


def test_a_group_that_all_came_back_against_one_that_did_not_is_clear_of_chance(
    snapshot: Snapshot, state: State
) -> None:
    start = snapshot.cutoff - timedelta(days=DAYS)
    active = _active(snapshot, start, snapshot.cutoff, "event")
    quiet = set(snapshot.tables["customer_scores"]["customer_id"].to_pylist()) - active
    found = lift(snapshot, state, _recorded(state, start, sorted(active), sorted(quiet)), DAYS)
    assert found["difference"] == 1.0
    assert found["interval"][0] > 0.9
    assert "clear of chance" in found["message_en"]


def test_not_yet_before_the_published_data_reach_the_end(snapshot: Snapshot, state: State) -> None:
    sent, held_out = _halves(snapshot)
    start = snapshot.cutoff - timedelta(days=DAYS) + timedelta(microseconds=1)
    found = lift(snapshot, state, _recorded(state, start, sent, held_out), DAYS)
    assert (found["status"], found["difference"], found["interval"]) == ("not_yet", None, None)
    assert found["sent"] == {"customers": len(sent), "with_outcome": None, "share": None, "interval": None}
    assert moment(start + timedelta(days=DAYS)) in found["message_en"]
    assert lift(snapshot, state, export_records.recorded(state, "e_1") or {}, DAYS - 1)["status"] == "ready"


@pytest.mark.parametrize("empty", ["sent", "held_out", "both"])
def test_an_empty_group_is_said(snapshot: Snapshot, state: State, empty: str) -> None:
    sent, held_out = _halves(snapshot)
    groups = ([] if empty in ("sent", "both") else sent, [] if empty in ("held_out", "both") else held_out)
    found = lift(snapshot, state, _recorded(state, snapshot.cutoff - timedelta(days=DAYS), *groups), DAYS)
    assert (found["status"], found["difference"]) == ("no_control", None)


def test_an_event_under_another_id_is_the_persons_and_one_of_the_company_is_not(state: State) -> None:
    snapshot = _small(
        interactions=[
            ("a2", 1, "inbound", None),  # a, under another id
            ("b", 1, "outbound", None),
            ("c", 1, "inbound", True),
            ("d", 1, None, None),
            ("e", -1, "inbound", False),  # before
            ("f", 10, "inbound", False),  # after the days
            (None, 1, "inbound", False),
        ],
        orders=[("g", "o1", 2), ("h", "o2", -1), ("h", "o2", 2), (None, "o3", 1)],
    )
    people = ["a", "b", "c", "d", "e", "f", "g", "h"]
    export = _recorded(state, START, people, ["x"])
    assert lift(snapshot, state, export, 10)["sent"]["with_outcome"] == len("adg")
    assert lift(snapshot, state, export, 10, "order")["sent"]["with_outcome"] == len("g")


def test_who_was_forgotten_is_not_counted(snapshot: Snapshot, state: State) -> None:
    sent, held_out = _halves(snapshot)
    export = _recorded(state, snapshot.cutoff - timedelta(days=DAYS), sent, held_out)
    assert export_records.exports_with(state, sent[:1]) == [("e_1", "csv")]
    assert export_records.exports_with(state, held_out[:1]) == []
    assert export_records.forget(state, [sent[0], held_out[0], "nobody"]) == 2
    found = lift(snapshot, state, export, DAYS)
    assert (found["sent"]["customers"], found["held_out"]["customers"]) == (len(sent) - 1, len(held_out) - 1)


START = datetime.fromisoformat("2026-01-10T00:00:00+00:00")


def _small(interactions: list[tuple[Any, ...]], orders: list[tuple[Any, ...]]) -> Any:
    """A snapshot of a few rows, days counted from START."""
    contacts = [
        {"customer_id": who, "occurred_at": START + timedelta(days=day), "direction": way, "is_automated": automated}
        for who, day, way, automated in interactions
    ]
    lines = [
        {"customer_id": who, "order_id": key, "order_line_id": f"{key}-{at}", "ordered_at": START + timedelta(days=at)}
        for who, key, at in orders
    ]
    persons = pa.table({"customer_id": ["a2"], "person_id": ["a"]})
    tables = {"interactions": pa.Table.from_pylist(contacts), "orders": pa.Table.from_pylist(lines), "persons": persons}
    return Snapshot("v", {"bundles": {}}, START + timedelta(days=20), tables, {}, None, None, "", {})
