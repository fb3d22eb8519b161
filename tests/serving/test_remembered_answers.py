"""An answer is remembered for its ETag, within its snapshot, and goes when there is no room."""

import httpx
import pytest

from serving import remembered_answers
from serving.answers import customers
from serving.remembered_answers import Remembered, RememberedAnswers
from serving.snapshot import Snapshot

Served = tuple[httpx.Client, dict[str, str]]


def answer(size: int) -> Remembered:
    return Remembered(b"x" * size, [], None)


def test_what_was_not_asked_for_longest_goes_first() -> None:
    kept = RememberedAnswers(100)
    for name in "abc":
        kept.keep(name, answer(30))
    assert kept.find("a") is not None
    kept.keep("d", answer(30))
    assert [name for name in "abcd" if kept.find(name)] == ["a", "c", "d"]
    kept.keep("a", answer(40))
    assert [name for name in "abcd" if kept.find(name)] == ["a", "c", "d"]
    # Asked for last but two: a.
    kept.keep("e", answer(1))
    assert [name for name in "acde" if kept.find(name)] == ["c", "d", "e"]


def test_a_long_one_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = RememberedAnswers(100)
    kept.keep("a", answer(50))
    kept.keep("b", answer(101))
    monkeypatch.setattr(remembered_answers, "MOST_OF_ONE", 10)
    kept.keep("c", answer(11))
    assert [name for name in "abc" if kept.find(name)] == ["a"]


def test_another_snapshot_has_none_of_them(snapshot: Snapshot) -> None:
    live = snapshot.with_overlay(None)
    live.answers.keep("a", answer(1))
    assert live.answers.find("a") is not None
    from dataclasses import replace

    assert replace(live).answers.find("a") is None


def test_asked_again_it_is_not_made_again_and_audited_all_the_same(
    served: Served, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, keys = served
    made: list[str] = []
    usual = customers.customer

    def counted(*given: object) -> object:
        made.append(str(given[2]))
        return usual(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(customers, "customer", counted)
    key = snapshot.tables["customer_scores"]["customer_id"][17].as_py()
    asked = {"authorization": f"Bearer {keys['admin']}"}
    answers = [client.get(f"/api/v1/customers/{key}", headers=asked) for _ in range(3)]
    assert len({one.content for one in answers}) == 1
    assert len({one.headers["etag"] for one in answers}) == 1
    assert len({one.headers["x-request-id"] for one in answers}) == 3
    assert made == [key]
    # A rep of other customers is told nothing by what an admin saw.
    other = client.get(f"/api/v1/customers/{key}", headers={"authorization": f"Bearer {keys['analyst']}"})
    assert other.status_code == 404
