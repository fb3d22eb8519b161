"""Rows of a few customers out of a version are found alike by looking for each and by going through all."""

import pyarrow as pa
import pytest

from serving import live_history
from serving.live_history import as_collected, in_place, only, published_rows, published_signals, without
from serving.snapshot import Snapshot
from workspace.tables import TABLES


@pytest.mark.parametrize("table", ["customers", "interactions", "orders", "surveys"])
def test_looked_for_and_gone_through(table: str, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    scored = snapshot.tables["customer_scores"]["customer_id"].to_pylist()
    wanted = [scored[3], scored[50], "nobody"]
    found = []
    for rows_a_look in (0, 10**9):
        monkeypatch.setattr(live_history, "_ROWS_A_LOOK", rows_a_look)
        found.append(published_rows(snapshot, table, wanted))
        assert published_rows(snapshot, table, []).num_rows == 0
    expected = [row for row in snapshot.tables[table].to_pylist() if row["customer_id"] in wanted]
    assert found[0].to_pylist() == found[1].to_pylist() == expected
    collected = as_collected(table, found[0])
    assert collected.schema.equals(TABLES[table].schema)
    assert collected["known_at"].to_pylist() == found[0]["known_at"].to_pylist()


def test_signals_of_contacts_with_a_text(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    contacts = published_rows(
        snapshot, "interactions", snapshot.tables["customer_scores"]["customer_id"].to_pylist()[:5]
    )
    found = []
    for rows_a_look in (0, 10**9):
        monkeypatch.setattr(live_history, "_ROWS_A_LOOK", rows_a_look)
        found.append(published_signals(snapshot, contacts).sort_by("interaction_id").to_pylist())
    written = [row["interaction_id"] for row in contacts.to_pylist() if row["content"] is not None]
    assert found[0] == found[1]
    assert [row["interaction_id"] for row in found[0]] == sorted(written)


def test_newer_rows_take_the_places_of_older_ones() -> None:
    rows = pa.table({"key": ["a", "b", "c"], "n": [1, 2, 3]})
    newer = pa.table({"key": ["b", "d"], "n": [9, 4]})
    assert in_place(rows, newer, "key").to_pydict() == {"key": ["a", "c", "b", "d"], "n": [1, 3, 9, 4]}
    assert only(rows, "key", ["c", "x"]).to_pydict() == {"key": ["c"], "n": [3]}
    assert without(rows, "key", newer["key"])["key"].to_pylist() == ["a", "c"]
