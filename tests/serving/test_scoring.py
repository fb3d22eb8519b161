"""A score by HTTP is the published one, bit for bit."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from features.table import compiled_sql
from features.versions import latest
from serving.answers.forms import plain
from serving.histories import Described, History, Interaction
from serving.scoring import Scorer
from serving.snapshot import Snapshot
from training.bundle.churn import ChurnModel
from training.bundle.matrix import FEATURES
from training.bundle.store import Bundle
from workspace.engine import connect, lake_tables
from workspace.folder import Workspace
from workspace.tables import TABLES

Served = tuple[httpx.Client, dict[str, str]]

CUTOFF = datetime(2026, 10, 1, tzinfo=UTC)
RULE = {"feature": "recency_days", "centre": 1.0, "coefficients": [[-2.0, 0.5]] * 3}
DATED = {
    **{"features": list(FEATURES), "horizon_days": [30, 60, 90], "horizon_steps": [1, 2, 3], "seasonal": False},
    **{"edges": [0.0, 30.0, 60.0, 90.0], "active_days": 90, "event": "left_at", "grade": "C", "served": "recency"},
    "bands": {"medium": 0.3, "high": 0.6},
}
COMPARED = (
    "active",
    "churn_30",
    "churn_60",
    "churn_90",
    "risk_band",
    "segment_id",
    "value",
    "satisfaction",
    "expected_value",
)


@pytest.fixture(scope="module")
def histories(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """What the lake holds of every customer, as a caller would send it."""
    backend = connect()
    names = ("customers", "interactions", "orders", "surveys")
    tables = lake_tables(backend, workspace.lake, names)
    rows = {name: latest(tables[name], TABLES[name].key).to_pyarrow().to_pylist() for name in names}
    backend.disconnect()
    people = {row["customer_id"]: row for row in rows["customers"]}
    found: dict[str, dict[str, Any]] = {
        key: {
            "customer_id": key,
            "customer": {"income": plain(row["income"])},
            "interactions": [],
            "orders": [],
            "surveys": [],
        }
        for key, row in people.items()
    }
    for row in rows["interactions"]:
        if row["customer_id"] is not None:
            found[row["customer_id"]]["interactions"].append(_interaction(row))
    for name, columns in (
        ("orders", ("order_line_id", "order_id", "ordered_at", "amount", "product", "quantity", "known_at")),
        ("surveys", ("response_id", "answered_at", "topic", "importance", "satisfaction", "known_at")),
    ):
        for row in rows[name]:
            found[row["customer_id"]][name].append(_sent(row, columns))
    return found


def _sent(row: dict[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    return {name: plain(row[name]) for name in columns}


def _interaction(row: dict[str, Any]) -> dict[str, Any]:
    same = (
        "interaction_id", "occurred_at", "channel", "direction", "kind", "content", "outcome", "responded_at",
        "resolved_at", "reopened", "satisfaction", "rated_at", "is_automated", "known_at",
    )  # fmt: skip
    durations = {
        f"{name}_seconds": None if row[f"{name}_ms"] is None else row[f"{name}_ms"] / 1000
        for name in ("duration", "wait")
    }
    return {**_sent(row, same), **durations}


def _posted(served: Served, body: dict[str, Any]) -> dict[str, Any]:
    client, keys = served
    answer = client.post("/api/v1/score", json=body, headers={"authorization": f"Bearer {keys['admin']}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _in_parts(items: list[Any], size: int) -> list[list[Any]]:
    return [items[at : at + size] for at in range(0, len(items), size)]


def test_everybody_scored_again_by_http_gives_the_published_bits(
    served: Served, snapshot: Snapshot, histories: dict[str, dict[str, Any]]
) -> None:
    published = {row["customer_id"]: row for row in snapshot.tables["customer_scores"].to_pylist()}
    assert len(published) > 300
    for part in _in_parts([histories[key] for key in published], 40):
        answer = _posted(served, {"histories": part})
        assert answer["cutoff"] == "2026-10-31T16:00:00Z"
        for score in answer["scores"]:
            expected = published[score["customer_id"]]
            assert score["scored"]
            assert {name: score[name] for name in COMPARED} == {name: expected[name] for name in COMPARED}


def test_one_alone_gives_the_same_bits(
    served: Served, snapshot: Snapshot, histories: dict[str, dict[str, Any]]
) -> None:
    scores = snapshot.tables["customer_scores"].to_pylist()
    for expected in scores[:: len(scores) // 10]:
        body = {"histories": [histories[expected["customer_id"]]]}
        (score,) = _posted(served, body)["scores"]
        assert {name: score[name] for name in COMPARED} == {name: expected[name] for name in COMPARED}


def test_singles_that_come_at_once_are_scored_together_and_get_the_same_bits(
    served: Served, snapshot: Snapshot, histories: dict[str, dict[str, Any]]
) -> None:
    published = snapshot.tables["customer_scores"].to_pylist()[:18]
    earlier = snapshot.cutoff - timedelta(days=40)
    bodies: list[dict[str, Any]] = [{"histories": [histories[row["customer_id"]]]} for row in published]
    # Every third asks as of another day.
    for body in bodies[::3]:
        body["cutoff"] = earlier.isoformat()
    alone = [_posted(served, body) for body in bodies]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda body: _posted(served, body), bodies))
    assert together == alone
    for number, (answer, expected) in enumerate(zip(together, published, strict=True)):
        (score,) = answer["scores"]
        same = {name: score[name] for name in COMPARED} == {name: expected[name] for name in COMPARED}
        assert same or number % 3 == 0
    assert any(
        answer["scores"][0]["churn_90"] != row["churn_90"] for answer, row in zip(together, published, strict=True)
    )


def test_what_happened_after_the_cutoff_counts_for_nothing(
    served: Served, snapshot: Snapshot, histories: dict[str, dict[str, Any]]
) -> None:
    key = snapshot.tables["customer_scores"]["customer_id"][0].as_py()
    history = histories[key]
    later = {"occurred_at": snapshot.cutoff.isoformat(), "channel": "phone", "kind": "complaint", "satisfaction": 1}
    with_later = {**history, "interactions": [*history["interactions"], later]}
    assert _posted(served, {"histories": [history]}) == _posted(served, {"histories": [with_later]})


def test_an_earlier_cutoff_can_be_asked_for(served: Served, histories: dict[str, dict[str, Any]]) -> None:
    history = next(iter(histories.values()))
    first = min(datetime.fromisoformat(row["occurred_at"]) for row in history["interactions"])
    before = _posted(served, {"cutoff": first.isoformat(), "histories": [history]})
    (score,) = before["scores"]
    assert not score["scored"]
    assert score["churn_90"] is None
    assert datetime.fromisoformat(before["cutoff"]) == first


def test_a_history_without_a_name_is_called_by_its_place_and_none_is_mixed(
    served: Served, histories: dict[str, dict[str, Any]]
) -> None:
    one, other = list(histories.values())[:2]
    nameless = {name: value for name, value in other.items() if name != "customer_id"}
    answer = _posted(served, {"histories": [one, nameless, {}, one]})
    scores = answer["scores"]
    assert [score["customer_id"] for score in scores] == [one["customer_id"], "1", "2", one["customer_id"]]
    assert scores[0] == scores[3]
    assert not scores[2]["scored"]
    assert scores[1]["churn_90"] == _posted(served, {"histories": [other]})["scores"][0]["churn_90"]


def test_duplicate_rows_of_one_history_count_once(served: Served) -> None:
    contact = {"interaction_id": "i-1", "occurred_at": "2026-10-01T00:00:00Z", "channel": "phone"}
    once, twice = {"interactions": [contact]}, {"interactions": [contact, contact]}
    first, second = _posted(served, {"histories": [once, twice]})["scores"]
    assert {**first, "customer_id": ""} == {**second, "customer_id": ""}


def test_who_left_before_the_cutoff_is_told_by_the_history() -> None:
    contact = Interaction(occurred_at=CUTOFF - timedelta(days=3), channel="phone")
    left = (CUTOFF - timedelta(days=1), CUTOFF, None)
    told = [History(customer=Described(left_at=at), interactions=(contact,)) for at in left]
    bundle = Bundle("abc", "churn", DATED, {"rule.json": json.dumps(RULE).encode()})
    scorer = Scorer(compiled_sql(event="left_at"), ChurnModel.from_bundle(bundle), None)
    scores = scorer.scores([*told, History(interactions=(contact,))], [CUTOFF] * 4)
    assert [row["active"] for row in scores] == [False, True, True, True]
    assert scores[0]["churn_90"] is None
    assert scores[1]["churn_30"] < scores[1]["churn_60"] < scores[1]["churn_90"]
