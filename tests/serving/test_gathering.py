"""Requests that wait are scored together; each has its own scores, or its own failure."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serving.gathering import Gathering
from serving.histories import MAX_HISTORIES, History, Interaction

CUTOFF = datetime(2026, 10, 1, tzinfo=UTC)


class Slow:
    """Scores that name history and cutoff; the first waits until it may go on."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, histories: Sequence[History], cutoffs: Sequence[datetime]) -> list[dict[str, Any]]:
        self.calls.append(len(histories))
        self.begun.set()
        self.go_on.wait(10)
        if any(history.customer_id == "bad" for history in histories):
            raise ValueError("bad")
        return [{"who": one.customer_id, "at": cutoff} for one, cutoff in zip(histories, cutoffs, strict=True)]


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def gathering(slow: Slow) -> Gathering:
    """One that is busy with a first request."""
    found = Gathering(slow)
    found.ask([History(customer_id="first")], CUTOFF)
    assert slow.begun.wait(10)
    return found


def named(names: Sequence[str]) -> list[History]:
    return [History(customer_id=name) for name in names]


def test_those_that_wait_are_scored_at_once_each_by_its_cutoff(gathering: Gathering, slow: Slow) -> None:
    moments = [CUTOFF + timedelta(days=day) for day in range(20)]
    asked = [gathering.ask(named([f"{n}a", f"{n}b"]), moment) for n, moment in enumerate(moments)]
    slow.go_on.set()
    for n, (told, moment) in enumerate(zip(asked, moments, strict=True)):
        assert told.result(10) == [{"who": f"{n}a", "at": moment}, {"who": f"{n}b", "at": moment}]
    assert slow.calls == [1, 40]


def test_who_is_alone_does_not_wait(slow: Slow) -> None:
    slow.go_on.set()
    gathering = Gathering(slow)
    for _ in range(3):
        assert len(gathering.ask(named(["a"]), CUTOFF).result(10)) == 1
    assert slow.calls == [1, 1, 1]


def test_a_failure_is_that_of_its_request_alone(gathering: Gathering, slow: Slow) -> None:
    asked = {name: gathering.ask(named([name]), CUTOFF) for name in ("a", "bad", "c")}
    slow.go_on.set()
    with pytest.raises(ValueError, match="bad"):
        asked["bad"].result(10)
    assert [asked[name].result(10)[0]["who"] for name in ("a", "c")] == ["a", "c"]
    assert gathering.ask(named(["later"]), CUTOFF).result(10)[0]["who"] == "later"


def test_who_gave_up_is_not_scored(gathering: Gathering, slow: Slow) -> None:
    asked = [gathering.ask(named(["a"] * 5), CUTOFF) for _ in range(4)]
    assert asked[1].cancel()
    assert asked[3].cancel()
    slow.go_on.set()
    assert len(asked[2].result(10)) == 5
    assert slow.calls == [1, 10]


def test_no_more_at_once_than_one_request_may_have(gathering: Gathering, slow: Slow) -> None:
    contact = Interaction(occurred_at=CUTOFF, channel="phone")
    long = History(interactions=(contact,) * 15_000)
    sizes: list[Future[Any]] = [
        gathering.ask(named(["a"] * (MAX_HISTORIES - 1)), CUTOFF),
        gathering.ask(named(["b"] * 2), CUTOFF),
        gathering.ask([long], CUTOFF),
        gathering.ask([long], CUTOFF),
        gathering.ask(named(["c"]), CUTOFF),
    ]
    slow.go_on.set()
    assert [len(told.result(10)) for told in sizes] == [MAX_HISTORIES - 1, 2, 1, 1, 1]
    assert slow.calls == [1, MAX_HISTORIES - 1, 3, 2]


def test_after_a_batch_a_moment_is_waited_for_as_many_again(
    gathering: Gathering, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.gathering.COMPANY_SECONDS", 1.0)
    monkeypatch.setattr("serving.gathering._NOBODY_SECONDS", 1.0)
    told = [gathering.ask(named([f"{number}"]), CUTOFF) for number in range(8)]
    slow.go_on.set()
    told[-1].result(10)
    # One after the other, as clients that were told ask again.
    again = []
    for number in range(8):
        again.append(gathering.ask(named([f"again {number}"]), CUTOFF))
        time.sleep(0.001)
    assert [one.result(10)[0]["who"] for one in again] == [f"again {number}" for number in range(8)]
    assert slow.calls == [1, 8, 8]


def test_where_several_came_at_once_the_rest_of_them_are_waited_for(
    gathering: Gathering, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.gathering.COMPANY_SECONDS", 1.0)
    monkeypatch.setattr("serving.gathering._NOBODY_MORE_SECONDS", 0.5)
    told = [gathering.ask(named([f"{number}"]), CUTOFF) for number in range(3)]
    slow.go_on.set()
    time.sleep(0.1)
    told += [gathering.ask(named([f"later {number}"]), CUTOFF) for number in range(3)]
    assert [len(one.result(10)) for one in told] == [1] * 6
    assert slow.calls == [1, 6]


def test_memory_goes_back_once_nobody_asks_and_delays_nobody(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    given = threading.Event()
    monkeypatch.setattr("serving.gathering.give_back", lambda thoroughly: given.set())
    monkeypatch.setattr("serving.gathering.QUIET_SECONDS", 60.0)
    slow.go_on.set()
    gathering = Gathering(slow)
    gathering.ask(named(["a"] * 200), CUTOFF).result(10)
    begun = time.monotonic()
    monkeypatch.setattr("serving.gathering.QUIET_SECONDS", 0.01)
    assert len(gathering.ask(named(["b"]), CUTOFF).result(10)) == 1
    assert time.monotonic() - begun < 10
    assert given.wait(10)
    given.clear()
    gathering.ask(named(["c"]), CUTOFF).result(10)
    assert not given.wait(0.2)
