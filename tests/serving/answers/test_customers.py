"""One customer's page: everything about them, for those who may see it, and no more."""

import json
from typing import Any

import pytest

from serving.answers.customers import TIMELINE_LIMIT, customer
from serving.callers import Caller
from serving.errors import NotFound
from serving.snapshot import Snapshot


def _everybody(snapshot: Snapshot) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = snapshot.tables["customers"].to_pylist()
    return rows


def test_scores_and_timeline_are_those_of_the_tables(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    scores = {row["customer_id"]: row for row in snapshot.tables["customer_scores"].to_pylist()}
    for person in _everybody(snapshot)[:60]:
        key = person["customer_id"]
        answer = customer(snapshot, callers["admin"], key)
        assert answer["profile"]["name"] == person["name"]
        expected = scores.get(key)
        if expected is None:
            assert answer["scores"] is None
        else:
            assert answer["scores"]["churn_90"] == expected["churn_90"]
            assert len(answer["reasons"]) == len(json.loads(expected["reasons"] or "[]"))
        counted = sum(
            table["customer_id"].to_pylist().count(key)
            for table in (snapshot.tables[name] for name in ("interactions", "orders", "surveys"))
        )
        assert answer["timeline_total"] == counted
        assert len(answer["timeline"]) == min(counted, TIMELINE_LIMIT)
        moments = [entry["at"] for entry in answer["timeline"]]
        assert moments == sorted(moments, reverse=True)


def test_durations_are_seconds_and_money_is_text(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    seen: dict[str, set[type]] = {"duration_seconds": set(), "wait_seconds": set(), "amount": set()}
    for person in _everybody(snapshot)[:60]:
        for entry in customer(snapshot, callers["admin"], person["customer_id"])["timeline"]:
            assert not any(name.endswith("_ms") for name in entry)
            for name in seen.keys() & entry.keys():
                seen[name].add(type(entry[name]))
    assert seen["duration_seconds"] <= {float, type(None)}
    assert seen["amount"] == {str}


def test_an_analyst_finds_the_person_but_not_who_it_is(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    for person in _everybody(snapshot)[:60]:
        key = person["customer_id"]
        shown = customer(snapshot, callers["analyst"], callers["analyst"].label(key))
        text = json.dumps(shown, ensure_ascii=False)
        for name in ("customer_id", "name", "email", "phone"):
            assert person[name] is None or person[name] not in text
        written = snapshot.rows("interactions", key)["content"].drop_null().to_pylist()
        assert not any(content in text for content in written if len(content) > 8)
        assert "income" not in shown["features"]
        assert all(reason["feature"] != "income" for reason in shown["reasons"])


def test_an_analyst_cannot_ask_by_the_real_key(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    with pytest.raises(NotFound):
        customer(snapshot, callers["analyst"], _everybody(snapshot)[0]["customer_id"])


def test_sales_reach_their_own_customers_and_no_other(
    snapshot: Snapshot, callers: dict[str, Caller], owner: str
) -> None:
    for person in _everybody(snapshot):
        if person["owner"] == owner:
            assert customer(snapshot, callers["sales"], person["customer_id"])["profile"]["owner"] == owner
        else:
            with pytest.raises(NotFound, match="no such customer, or it is not yours"):
                customer(snapshot, callers["sales"], person["customer_id"])
