"""Lines that are written when a version is published say what a list's rows say, whatever happened since."""

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serving.answers.segments import everybody, members
from serving.callers import Caller
from serving.csv_columns import csv_pieces
from serving.csv_lists import as_csv
from serving.member_lines import LINES, MEMBER, member_lines, unwritten
from serving.overlay import Overlay
from serving.snapshot import Snapshot

NUMBERS = [MEMBER.index(name) for name in ("churn_90", "value")]
EVIL = ('Yang, "Big" Li', "=HYPERLINK(1)", "＋86", "a\r\nb", "", "  -1", "小明", None)


def cells(content: bytes) -> list[list[Any]]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return [
        rows[0],
        *([float(one) if at in NUMBERS and one else one for at, one in enumerate(row)] for row in rows[1:]),
    ]


def whole(snapshot: Snapshot, caller: Caller, segment: str) -> list[list[Any]]:
    listed = everybody(snapshot, caller, segment)
    assert (listed.lines is not None) == caller.sees_people
    return cells(b"".join(csv_pieces(listed.names, listed.pieces())))


def page(snapshot: Snapshot, caller: Caller, segment: str) -> list[list[Any]]:
    return cells(as_csv(members(snapshot, caller, segment, limit=1000)["customers"], MEMBER))


def segments(snapshot: Snapshot) -> list[str]:
    named: list[str] = snapshot.tables["segment_profiles"]["segment_id"].to_pylist()
    return named


def with_names(snapshot: Snapshot) -> Snapshot:
    """The version as publish would write it of customers with such names."""
    customers, scores = snapshot.tables["customers"], snapshot.tables["customer_scores"]
    names = pa.array([EVIL[place % len(EVIL)] for place in range(len(customers))], pa.string())
    customers = customers.set_column(customers.column_names.index("name"), "name", names)
    assert snapshot.churn is not None
    lines = member_lines(scores, customers, snapshot.churn.risk_days)
    return replace(snapshot, tables={**snapshot.tables, "customers": customers, "member_lines": lines})


def overlay(snapshot: Snapshot, changed: pa.Table) -> Overlay:
    names = ("customer_scores", "customers", "customer_features")
    nothing = {name: snapshot.tables[name].slice(0, 0) for name in names}
    return Overlay(snapshot.version, 99, snapshot.cutoff, {**nothing, "customer_scores": changed})


def test_published_versions_have_them(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    lines, scores = snapshot.tables["member_lines"], snapshot.tables["customer_scores"]
    assert lines.schema == LINES
    assert lines["customer_id"].equals(scores["customer_id"])
    assert not lines["line"].null_count
    for segment in segments(snapshot):
        assert whole(snapshot, callers["admin"], segment) == page(snapshot, callers["admin"], segment)


def test_texts_of_any_kind(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    named = with_names(snapshot)
    found = {row[1] for segment in segments(named) for row in whole(named, callers["admin"], segment)[1:]}
    assert found == {'Yang, "Big" Li', "'=HYPERLINK(1)", "'＋86", "a\r\nb", "", "'  -1", "小明"}
    for segment in segments(named):
        assert whole(named, callers["sales"], segment) == page(named, callers["sales"], segment)


def test_who_changed_since_is_told_as_of_now(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    scores = snapshot.tables["customer_scores"]
    segment = segments(snapshot)[0]
    changed = scores.filter(pc.equal(scores["segment_id"], segment)).slice(0, 3)
    changed = changed.set_column(changed.column_names.index("churn_90"), "churn_90", pa.array([0.123456] * 3))
    live = replace(snapshot, overlay=overlay(snapshot, changed))
    told = whole(live, callers["admin"], segment)
    assert told == page(live, callers["admin"], segment)
    assert [row[0] for row in told if row[5] == 0.123456] != []
    assert told != whole(snapshot, callers["admin"], segment)


def test_who_is_being_erased_is_not_there(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    segment = segments(snapshot)[0]
    before = whole(snapshot, callers["admin"], segment)
    gone = frozenset(row[0] for row in before[1:4])
    after = whole(snapshot.without(gone), callers["admin"], segment)
    assert [row for row in before if row[0] not in gone] == after


def test_a_version_without_them_is_written_when_asked(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    tables = {name: table for name, table in snapshot.tables.items() if name != "member_lines"}
    older = replace(snapshot, tables=tables)
    segment = segments(snapshot)[0]
    listed = everybody(older, callers["admin"], segment)
    assert listed.lines is None
    content = b"".join(csv_pieces(listed.names, listed.pieces()))
    assert cells(content) == whole(snapshot, callers["admin"], segment)


def test_nobody_scored_and_nobody_changed(snapshot: Snapshot) -> None:
    nobody = snapshot.tables["customer_scores"].slice(0, 0)
    assert member_lines(nobody, snapshot.tables["customers"], None).equals(LINES.empty_table())
    assert unwritten(nobody["customer_id"]).equals(LINES.empty_table())
    assert np.array_equal(unwritten(pa.chunked_array([["a"]]))["line"].is_null().to_numpy(), [True])
