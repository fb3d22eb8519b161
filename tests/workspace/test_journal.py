"""The journal keeps each event once, in one order, and says so of an event whose words have gone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from workspace.journal import JournalEnd, entries, last_position, let_go, record
from workspace.state import State

SECRET = b"a secret of these tests"
AT = "2026-10-01T08:00:00.000000+00:00"


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


def event(key: str, customer: str | None = "c1", **said: Any) -> dict[str, Any]:
    return {"interaction_id": key, "customer_id": customer, **said}


def test_events_come_back_in_the_order_they_were_kept(state: State) -> None:
    assert record(state, SECRET, [event("b"), event("a", None)], AT) == [1, 2]
    assert record(state, SECRET, [event("c")], AT) == [3]
    found = entries(state, 0, 10)
    assert [(one.position, one.event["interaction_id"], one.received_at) for one in found] == [
        (1, "b", AT), (2, "a", AT), (3, "c", AT),
    ]  # fmt: skip
    assert [one.position for one in entries(state, 1, 1)] == [2]
    assert (last_position(state), last_position(state, "c1"), last_position(state, "nobody")) == (3, 3, 0)


def test_the_same_event_is_kept_once_and_another_content_is_a_later_version(state: State) -> None:
    assert record(state, SECRET, [event("a", n=1), event("a", n=1)], AT) == [1, None]
    assert record(state, SECRET, [event("a", n=1)], AT) == [None]
    (position,) = record(state, SECRET, [event("a", n=2)], AT)
    first, second = entries(state, 0, 10)
    assert (first.is_revision, second.is_revision) == (False, True)
    assert second.position == position
    assert record(state, SECRET, [event("a", n=1)], AT) == [None]


def test_workers_at_once_keep_an_event_once(tmp_path: Path) -> None:
    State(tmp_path).close()

    def send(_worker: int) -> list[int | None]:
        own = State(tmp_path)
        try:
            return [record(own, SECRET, [event(f"e{number}")], AT)[0] for number in range(20)]
        finally:
            own.close()

    with ThreadPoolExecutor(4) as workers:
        answers = list(workers.map(send, range(4)))
    for kept in zip(*answers, strict=True):
        assert sum(position is not None for position in kept) == 1


def test_what_is_let_go_leaves_no_trace_but_is_known(state: State, tmp_path: Path) -> None:
    record(state, SECRET, [event("interaction-of-anna", "anna", content="my own words")], AT)
    record(state, SECRET, [event("later")], AT)
    let_go(state, 1)
    assert [one.position for one in entries(state, 0, 10)] == [2]
    assert record(state, SECRET, [event("interaction-of-anna", "anna", content="my own words")], AT) == [None]
    with state.begin() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM journal WHERE position = 1").one()
    assert "anna" not in repr(kept)


def test_all_or_none(state: State) -> None:
    with pytest.raises(KeyError):
        record(state, SECRET, [event("a"), {"interaction_id": "b"}], AT)
    assert last_position(state) == 0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A word for every question that went to the journal itself."""
    import workspace.journal as journal

    found: list[str] = []
    ask = journal.last_position
    monkeypatch.setattr(journal, "last_position", lambda state: found.append("asked") or ask(state))
    return found


def test_the_end_is_asked_for_again_only_once_somebody_wrote(tmp_path: Path, asked: list[str]) -> None:
    state, another_worker = State(tmp_path), State(tmp_path)
    end = JournalEnd(state)
    assert [end.position() for _ in range(3)] == [0, 0, 0]
    assert len(asked) == 1
    record(another_worker, SECRET, [event("a"), event("b")], AT)
    assert [end.position(), end.position()] == [2, 2]
    record(state, SECRET, [event("c")], AT)
    assert [end.position(), end.position()] == [3, 3]
    assert len(asked) == 3
    another_worker.remember("anything", "else")
    assert end.position() == 3
    state.close()
    another_worker.close()


def test_the_end_of_another_database_is_always_asked_for(state: State, asked: list[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(State, "changes", lambda _self: None)
    end = JournalEnd(state)
    assert end.position() == 0
    record(state, SECRET, [event("a")], AT)
    assert [end.position(), end.position()] == [1, 1]
    assert len(asked) == 3
