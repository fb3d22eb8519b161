"""What-if over the published company: the score itself at the own value, nothing beyond what was observed."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import httpx
import pytest

from serving.answers.what_if import what_if
from serving.callers import Caller
from serving.errors import NotFound, OutOfRange, RequestError
from serving.snapshot import Snapshot
from training.bundle.churn import ChurnModel
from training.bundle.store import Bundle
from training.bundle.what_if import ACTIONABLE, range_of, whole

RISKS = ("churn_30", "churn_60", "churn_90")
RULE = {"feature": "recency_days", "centre": 2.0, "coefficients": [[-0.5, -0.5]] * 3}


@pytest.fixture(scope="module")
def people(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Scores of some customers who have a risk, from the highest to the lowest."""
    rows = snapshot.listing.select("risk", min_risk=0.0)
    return snapshot.listing.people(rows[:: max(1, len(rows) // 25)])


@pytest.fixture
def by_rule(snapshot: Snapshot) -> Snapshot:
    """The same version, a rule served in it."""
    assert snapshot.churn is not None
    manifest = {**snapshot.churn.manifest, "served": "recency"}
    count = len(manifest["edges"]) - 1
    rule = {**RULE, "coefficients": [[-0.5, -0.5]] * count}
    model = ChurnModel.from_bundle(Bundle("rule", "churn", manifest, {"rule.json": json.dumps(rule).encode()}))
    return replace(snapshot, churn=model)


def test_at_the_own_value_it_is_the_published_score(
    snapshot: Snapshot, callers: dict[str, Caller], people: list[dict[str, Any]]
) -> None:
    asked = 0
    for person in people:
        features = snapshot.row("customer_features", person["customer_id"])
        assert features is not None
        for feature in ACTIONABLE:
            seen = range_of(snapshot.churn, feature) if snapshot.churn is not None else None
            if seen is None or features[feature] is None or not seen.holds(features[feature]):
                continue
            answer = what_if(snapshot, callers["admin"], person["customer_id"], feature, features[feature])
            (found,) = answer["features"]
            (value,) = found["values"]
            assert (value["value"], found["own"]) == (features[feature], features[feature])
            assert [value[name] for name in RISKS] == [person[name] for name in RISKS]
            assert [answer[name] for name in RISKS] == [person[name] for name in RISKS]
            asked += 1
    assert asked > 100


def test_values_rise_within_the_observed_range_and_beyond_it_is_refused(
    snapshot: Snapshot, callers: dict[str, Caller], people: list[dict[str, Any]]
) -> None:
    key = people[0]["customer_id"]
    answer = what_if(snapshot, callers["admin"], key)
    assert len(answer["features"]) > 10
    for found in answer["features"]:
        values = [one["value"] for one in found["values"]]
        assert all(low < high for low, high in pairwise(values))
        assert (values[0], values[-1]) == (found["low"], found["high"])
        assert all(1 >= one["churn_30"] >= one["churn_60"] >= one["churn_90"] >= 0 for one in found["values"])
        alone = what_if(snapshot, callers["admin"], key, found["feature"])["features"]
        assert alone == [found]
        for beyond in (found["low"] - 1, found["high"] + 1):
            with pytest.raises(OutOfRange, match=f"{found['low']} to {found['high']}"):
                what_if(snapshot, callers["admin"], key, found["feature"], beyond)
        if whole(found["feature"]) and found["low"] < found["high"]:
            with pytest.raises(OutOfRange, match="whole"):
                what_if(snapshot, callers["admin"], key, found["feature"], found["low"] + 0.5)


def test_it_says_what_goes_with_what_and_never_what_causes(
    snapshot: Snapshot, callers: dict[str, Caller], people: list[dict[str, Any]]
) -> None:
    answer = what_if(snapshot, callers["admin"], people[0]["customer_id"], "recency_days")
    for value in answer["features"][0]["values"]:
        assert "goes with a risk of" in value["text_en"]
        assert f"{100 * value['churn_90']:.1f} %" in value["text_en"]
        assert "相关" in value["text_zh"]
    text = json.dumps(answer, ensure_ascii=False).lower()
    assert "cause" not in text
    assert "held as they are" in answer["note_en"]
    assert "其余保持不变" in answer["note_zh"]


def test_a_rule_looks_at_one_feature_alone_and_says_so(
    by_rule: Snapshot, callers: dict[str, Caller], people: list[dict[str, Any]]
) -> None:
    answer = what_if(by_rule, callers["admin"], people[0]["customer_id"])
    assert answer["served"] == "recency"
    for found in answer["features"]:
        risks = {one["churn_90"] for one in found["values"]}
        assert found["used"] == (found["feature"] == "recency_days")
        assert (len(risks) == 1) == (not found["used"])
        assert ("last contact alone" in (found["note_en"] or "")) == (not found["used"])


def test_each_caller_asks_about_customers_they_may_see(
    snapshot: Snapshot, callers: dict[str, Caller], people: list[dict[str, Any]]
) -> None:
    other = next(one for one in people if one["owner"] != callers["sales"].owner)
    with pytest.raises(NotFound):
        what_if(snapshot, callers["sales"], other["customer_id"])
    key = people[0]["customer_id"]
    with pytest.raises(NotFound):
        what_if(snapshot, callers["analyst"], key)
    label = callers["analyst"].label(key)
    answer = what_if(snapshot, callers["analyst"], label)
    assert answer["customer_id"] == label
    assert key not in json.dumps(answer)
    assert answer["features"] == what_if(snapshot, callers["admin"], key)["features"]


def test_who_has_no_score_has_no_what_if(snapshot: Snapshot, callers: dict[str, Caller]) -> None:
    scores = {row["customer_id"]: row["churn_90"] for row in snapshot.tables["customer_scores"].to_pylist()}
    unscored = [key for key in snapshot.tables["customers"]["customer_id"].to_pylist() if scores.get(key) is None]
    # Who must not be profiled among them.
    refused = [row["customer_id"] for row in snapshot.tables["customers"].to_pylist() if row["do_not_profile"]]
    assert refused
    assert set(refused) <= set(unscored)
    for key in (*refused, *unscored[:3]):
        answer = what_if(snapshot, callers["admin"], key, "recency_days", 3.0)
        assert (answer["scored"], answer["features"], answer["churn_90"]) == (False, [], None)
        assert "no risk" in answer["note_en"]


def test_what_can_not_be_asked_is_a_clear_refusal(
    snapshot: Snapshot,
    callers: dict[str, Caller],
    served: tuple[httpx.Client, dict[str, str]],
    people: list[dict[str, Any]],
) -> None:
    key = people[0]["customer_id"]
    with pytest.raises(RequestError, match="must be one of recency_days"):
        what_if(snapshot, callers["admin"], key, "tenure_days")
    with pytest.raises(RequestError, match="name it with `feature`"):
        what_if(snapshot, callers["admin"], key, None, 3.0)
    assert snapshot.churn is not None
    before = {name: value for name, value in snapshot.churn.manifest.items() if name != "observed"}
    older = replace(snapshot, churn=ChurnModel(snapshot.churn._hazard, before))
    assert "train churn" in what_if(older, callers["admin"], key)["note_en"]
    client, keys = served
    path, headers = f"/api/v1/customers/{key}/what-if", {"authorization": f"Bearer {keys['admin']}"}
    answer = client.get(path, params={"feature": "recency_days", "value": 10**6}, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    seen = range_of(snapshot.churn, "recency_days")
    assert seen is not None
    assert f"from {seen.low} to {seen.high}" in answer.json()["detail"]
    answer = client.get(path, params={"feature": "recency_days", "value": "soon"}, headers=headers)
    assert answer.status_code == 400
