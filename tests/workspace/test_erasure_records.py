import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from workspace import erasure_records
from workspace.erasure_records import COMPLETE, SWEPT
from workspace.journal import entries, record
from workspace.state import State

SECRET = bytes(range(32))
AT = "2026-05-01T00:00:00+00:00"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path)
    yield state
    state.close()


def event(customer: str | None, key: str) -> dict[str, str | None]:
    return {"interaction_id": key, "customer_id": customer, "content": f"words of {customer}"}


def test_whoever_is_erased_is_hidden_and_what_comes_of_them_is_blocked(state: State) -> None:
    first = [event("anna", "a"), event("ben", "b"), event(None, "c")]
    assert record(state, SECRET, first, AT) == [1, 2, 3]
    asked = erasure_records.ask(state, SECRET, ["anna", "anna-2"], "admin", AT)
    assert erasure_records.hidden(state) == {"anna", "anna-2"}
    assert asked.positions == (1,)
    assert [one.position for one in entries(state, 0, 10)] == [2, 3]
    later = [event("anna", "d"), event("anna-2", "e"), event("ben", "f"), event(None, "g")]
    assert record(state, SECRET, later, AT) == [None, None, 4, 5]
    assert erasure_records.erased_among(state, SECRET, ["anna", "ben", "anna-2"]) == {"anna", "anna-2"}
    assert erasure_records.live_events_left_out(state, 0) == (0, 0)
    assert erasure_records.live_events_left_out(state, 1) == (1, 0)
    for _ in range(2):
        erasure_records.count_blocked(state, 2)
    assert erasure_records.live_events_left_out(state, 1) == (1, 4)


def test_asked_again_it_is_the_same_and_other_ids_of_the_person_join_it(state: State) -> None:
    asked = erasure_records.ask(state, SECRET, ["anna"], "admin", AT)
    again = erasure_records.ask(state, SECRET, ["anna-2", "anna"], "somebody else", AT)
    assert again.erasure_id == asked.erasure_id
    assert erasure_records.hidden(state) == {"anna", "anna-2"}
    assert [one.customer_ids for one in erasure_records.unfinished(state)] == [("anna", "anna-2")]


def test_in_the_end_the_file_knows_no_id_and_the_block_stays(state: State, tmp_path: Path) -> None:
    asked = erasure_records.ask(state, SECRET, ["anna-of-the-mill"], "admin", AT)
    erasure_records.progressed(state, asked.erasure_id, SWEPT, asked.receipt, {}, AT)
    assert erasure_records.hidden(state) == frozenset()
    erasure_records.progressed(state, asked.erasure_id, COMPLETE, asked.receipt, {}, AT)
    assert erasure_records.unfinished(state) == []
    state.close()
    connection = sqlite3.connect(tmp_path / "state.db")
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    for file in tmp_path.iterdir():
        assert b"anna-of-the-mill" not in file.read_bytes()
    state = State(tmp_path)
    assert record(state, SECRET, [event("anna-of-the-mill", "a")], AT) == [None]
    # Under another secret nobody is recognised.
    assert erasure_records.erased_among(state, bytes(32), ["anna-of-the-mill"]) == set()
    state.close()
