"""The audit log's chain: whatever is changed, taken out, cut off or put in is found; erasing breaks nothing."""

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from workspace import audit_log
from workspace.audit_log import Entry, about, append, verify
from workspace.errors import WorkspaceError
from workspace.state import State

SECRET = bytes(range(32))


def entry(number: int = 0, customer_id: str | None = "C1") -> Entry:
    return Entry(
        f"2026-01-01T00:00:{number % 60:02d}", "Ann", "GET", "/c/{customer_id}", f"r{number}", 200, customer_id
    )


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    opened = State(tmp_path_factory.mktemp("shared"))
    yield opened
    opened.close()


@pytest.fixture
def written(state: State) -> State:
    """Ten entries, written in three goes."""
    for numbers in (range(4), range(4, 5), range(5, 10)):
        append(state, SECRET, [entry(number, f"C{number % 3}") for number in numbers])
    return state


def test_however_many_entries_come_at_once_the_driver_has_few_statements_to_keep(state: State) -> None:
    told: set[str] = set()
    sa.event.listen(state.engine, "before_cursor_execute", lambda *given: told.add(given[2]))
    for count in range(1, 60):
        append(state, SECRET, [entry(number, f"C{count}-{number}") for number in range(count)])
    assert len(told) < 25
    assert verify(state, SECRET).entries == sum(range(1, 60))
    assert len(about(state, SECRET, "C40-39")) == 1


def change(state: State, *statements: str) -> None:
    """What somebody with a tool for SQLite may do to it."""
    with sqlite3.connect(str(state.engine.url.database)) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_an_empty_log_and_a_written_one_are_whole(state: State) -> None:
    assert verify(state, SECRET).valid
    append(state, SECRET, [])
    append(state, SECRET, [entry()])
    found = verify(state, SECRET)
    assert (found.valid, found.entries) == (True, 1)


def test_the_chain_is_that_of_plain_sha256(written: State) -> None:
    before = bytes(32)
    with sqlite3.connect(str(written.engine.url.database)) as connection:
        columns = "number, at, who, method, route, people, request_id, status, person, hash"
        for *told, person, stored in connection.execute(f"SELECT {columns} FROM audit ORDER BY number"):
            text = json.dumps([*told, person.hex()], separators=(",", ":"))
            before = hashlib.sha256(before + text.encode()).digest()
            assert before == stored
        (signature,) = connection.execute("SELECT signature FROM audit_head").fetchone()
    connection.close()
    assert hmac.digest(SECRET, b"audit-head:10:" + before, "sha256") == signature
    assert verify(written, SECRET).head == before.hex()


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET who = 'Bob' WHERE number = 4", 4),
        ("UPDATE audit SET status = '200x' WHERE number = 4", 4),
        ("UPDATE audit SET person = NULL WHERE number = 1", 1),
        ("UPDATE audit SET person = 'text' WHERE number = 2", 2),
        ("UPDATE audit SET who = CAST(x'ff' AS TEXT) WHERE number = 1", 1),
        ("UPDATE audit SET hash = zeroblob(32) WHERE number = 10", 10),
        ("DELETE FROM audit WHERE number = 5", 5),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number > 7", 8),
        ("DELETE FROM audit", 1),
        ("DELETE FROM audit_head", 10),
        ("UPDATE audit_head SET number = 7", 10),
        ("UPDATE audit_head SET signature = zeroblob(32)", 10),
        ("UPDATE audit_head SET signature = NULL || 'x'", 10),
        (
            "INSERT INTO audit SELECT 11, at, who, method, route, person, people, request_id, status, hash FROM audit",
            11,
        ),
        ("INSERT INTO audit SELECT 0, at, who, method, route, person, people, request_id, status, hash FROM audit", 1),
    ],
)
def test_what_somebody_changes_is_found_where_it_is(written: State, statement: str, broken_at: int) -> None:
    if statement.startswith("INSERT"):
        statement += " WHERE number = 10"
    if "NULL ||" in statement:
        statement = "UPDATE audit_head SET signature = 'text'"
    change(written, statement)
    found = verify(written, SECRET)
    assert not found.valid
    assert found.broken_at == broken_at
    assert found.problem


def test_a_chain_computed_anew_is_betrayed_by_its_signature(written: State) -> None:
    change(
        written, "DELETE FROM audit WHERE number > 3", "DELETE FROM audit_head", "DELETE FROM audit WHERE number = 3"
    )
    forger = bytes(32)
    with written.begin() as connection:
        rows = [dict(row) for row in connection.exec_driver_sql("SELECT * FROM audit ORDER BY number").mappings()]
    last = rows[-1]["hash"]
    forged = audit_log._head(forger, 2, last)
    with sqlite3.connect(str(written.engine.url.database)) as connection:
        connection.execute("INSERT INTO audit_head VALUES (1, 2, ?, ?)", (forged["hash"], forged["signature"]))
    connection.close()
    assert verify(written, forger).valid
    assert verify(written, SECRET).broken_at == 2
    with pytest.raises(WorkspaceError, match="signed end"):
        append(written, SECRET, [entry()])


def test_writing_on_does_not_hide_what_was_cut(written: State) -> None:
    change(written, "DELETE FROM audit WHERE number > 7")
    append(written, SECRET, [entry(11)])
    assert verify(written, SECRET).broken_at == 8


def test_entries_name_a_person_until_the_key_is_destroyed(written: State) -> None:
    assert [row["number"] for row in about(written, SECRET, "C1")] == [2, 5, 8]
    with written.begin() as connection:
        audit_log.forget(connection, SECRET, ["C1", "never seen"])
    append(written, SECRET, [entry(10, "C1"), entry(11, "C2"), entry(12, "never seen")])
    assert about(written, SECRET, "C1") == about(written, SECRET, "never seen") == []
    assert [row["number"] for row in about(written, SECRET, "C2")] == [3, 6, 9, 12]
    assert verify(written, SECRET).valid


def test_no_customer_is_in_the_file(state: State, tmp_path: Path) -> None:
    append(state, SECRET, [entry(1, "canary-customer")])
    state.close()
    assert not any(b"canary" in file.read_bytes() for file in tmp_path.iterdir())


def _appended(folder: Path, writer: int) -> None:
    state = State(folder)
    for number in range(15):
        append(state, SECRET, [entry(number, f"C{number}"), entry(number, f"P{writer}")])
    state.close()


@pytest.mark.parametrize(
    "writers",
    [
        ThreadPoolExecutor(2),
        pytest.param(ProcessPoolExecutor(2, get_context("spawn")), marks=pytest.mark.slow),
    ],
    ids=["threads", "processes"],
)
def test_writers_at_once_make_one_chain(tmp_path: Path, writers: Executor) -> None:
    State(tmp_path).close()
    with writers as pool:
        list(pool.map(_appended, [tmp_path] * 2, range(2)))
    state = State(tmp_path)
    assert (verify(state, SECRET).entries, verify(state, SECRET).problem) == (60, None)
    assert len(about(state, SECRET, "C3")) == 2
    state.close()


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_NUMBER = st.integers(0, 599)
_ENTRY = st.builds(Entry, _TEXT, _TEXT, _TEXT, _TEXT, _TEXT, _NUMBER, st.none() | _TEXT, st.none() | _NUMBER)
_COLUMNS = ("at", "who", "method", "route", "request_id", "status", "people", "person", "hash", "number")


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(entries=st.lists(_ENTRY, min_size=1, max_size=6), data=st.data())
def test_any_log_is_whole_and_no_change_goes_unseen(shared: State, entries: list[Entry], data: Any) -> None:
    change(shared, "DELETE FROM audit", "DELETE FROM audit_head")
    append(shared, SECRET, entries)
    assert verify(shared, SECRET).valid
    at = data.draw(st.integers(1, len(entries)))
    change(shared, _broken(data.draw(st.sampled_from(_COLUMNS)), at))
    assert verify(shared, SECRET).broken_at == at


def _broken(column: str, at: int) -> str:
    if column == "number":
        return f"DELETE FROM audit WHERE number = {at}"
    if column == "hash":
        return f"UPDATE audit SET hash = randomblob(32) WHERE number = {at}"
    return f"UPDATE audit SET {column} = coalesce({column}, '') || 'x' WHERE number = {at}"


def test_the_head_is_read_with_the_entries(written: State, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: Callable[..., Any] = audit_log._judged

    def while_another_writes(*given: Any) -> Any:
        append(written, SECRET, [entry(20)])
        return judged(*given)

    monkeypatch.setattr(audit_log, "_judged", while_another_writes)
    assert verify(written, SECRET).entries == 10
