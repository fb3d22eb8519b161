"""Every route by every role over the real application: who gets in, and what comes out keeps its promised shape."""

import json
from typing import Any

import httpx
import pytest
from pydantic import ConfigDict, TypeAdapter, with_config

from serving.callers import Caller
from serving.policy import POLICY, Rule
from serving.routes import operations
from serving.snapshot import Snapshot

Served = tuple[httpx.Client, dict[str, str]]

BENTOML = ("/schema.json", "/score_churn", "/assign_segment", "/forecast_volume")
GUARDED = [rule for rule in POLICY if rule.door != "open" and rule.path not in BENTOML]
BODIES = {
    "/api/v1/score": {"histories": [{"interactions": [{"occurred_at": "2026-10-01T00:00:00Z", "channel": "phone"}]}]},
    "/api/v1/sentiment": {"texts": ["快递很慢, but the clerk was nice", ""]},
    "/api/v1/customers/{customer_id}/outcomes": {"outcome": "contacted"},
    "/api/v1/exports": {"min_risk": 0.0},
    "/api/v1/interactions": {"occurred_at": "2026-10-01T00:00:00Z", "channel": "phone"},
}


FORMS = {"/exports": "min_risk=0"}


def _filled(path: str, caller: Caller, snapshot: Snapshot) -> str:
    """A path with values that exist for the caller."""
    listing = snapshot.listing
    rows = listing.select("risk", owner=caller.only_owner, min_risk=0.0)
    customer = listing.people(rows[:1])[0]
    values = {
        "segment_id": customer["segment_id"],
        "customer_id": caller.label(customer["customer_id"]),
        "metric": "contacts",
        "path:path": "style.css",
    }
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _exported(served: Served, path: str) -> str:
    """A path with an export that every role that may see exports sees: one of the sales key's own customers."""
    if "{export_id}" not in path:
        return path
    client, keys = served
    body = BODIES["/api/v1/exports"]
    made = client.post("/api/v1/exports", json=body, headers={"authorization": f"Bearer {keys['sales']}"})
    return path.replace("{export_id}", made.json()["export_id"])


# What these do can't be taken back from a service that other tests share: they are asked for what isn't there.
IRREVOCABLE = {
    "/api/v1/customers/{customer_id}": "/api/v1/customers/nobody-of-this-name",
    "/api/v1/erasures/{erasure_id}": "/api/v1/erasures/x_none",
}


def _is_irrevocable(method: str, path: str) -> bool:
    return path in IRREVOCABLE and (method == "DELETE" or "erasures" in path)


def _asked(client: httpx.Client, rule: Rule, path: str, **headers: str) -> Any:
    return client.request(rule.method, path, headers=headers, json=BODIES.get(rule.path), content=FORMS.get(rule.path))


@pytest.mark.parametrize("rule", GUARDED, ids=lambda rule: f"{rule.method} {rule.path}")
def test_each_route_without_a_key_with_a_wrong_key_and_by_role(
    served: Served, callers: dict[str, Caller], snapshot: Snapshot, rule: Rule
) -> None:
    client, keys = served
    template = IRREVOCABLE[rule.path] if _is_irrevocable(rule.method, rule.path) else _exported(served, rule.path)
    path = _filled(template, callers["admin"], snapshot)
    refused = [
        _asked(client, rule, path),
        _asked(client, rule, path, authorization="Bearer rapport_wrong"),
        _asked(client, rule, path, authorization=keys["admin"]),
        _asked(client, rule, path, cookie="rapport_session=forged.1.2"),
    ]
    for answer in refused:
        if rule.door == "page":
            assert (answer.status_code, answer.headers["location"]) == (302, "/sign-in")
        else:
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"
    for role, key in keys.items():
        answer = _asked(client, rule, _filled(template, callers[role], snapshot), authorization=f"Bearer {key}")
        if role in rule.roles and _is_irrevocable(rule.method, rule.path):
            assert answer.status_code == 404, role
        elif role in rule.roles:
            assert answer.status_code in (200, 201, 202, 303), (role, answer.text)
        else:
            assert answer.status_code == 403, role


@pytest.mark.parametrize("role", ["marketing", "sales", "analyst", "admin"])
def test_every_answer_has_the_shape_that_openapi_promises(
    served: Served, callers: dict[str, Caller], snapshot: Snapshot, role: str
) -> None:
    client, keys = served
    for operation in operations():
        if _is_irrevocable(operation.method, operation.path):
            continue
        shape = with_config(ConfigDict(extra="forbid"))(operation.answer)
        path = _filled(_exported(served, operation.path), callers[role], snapshot)
        headers = {"authorization": f"Bearer {keys[role]}"}
        answer = client.request(operation.method, path, headers=headers, json=BODIES.get(operation.path))
        if answer.status_code == 403:
            continue
        assert answer.status_code == operation.status
        TypeAdapter(shape).validate_json(answer.content, strict=True)
        assert answer.headers["x-data-cutoff"] == "2026-10-31T16:00:00Z"
        assert answer.headers["x-published-version"] == snapshot.version
        assert len(answer.headers["x-request-id"]) == 16


def test_health_is_open(served: Served) -> None:
    client, _ = served
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_answers_name_their_model_and_cutoff(served: Served, snapshot: Snapshot) -> None:
    client, keys = served
    answer = client.get("/api/v1/churn", headers={"authorization": f"Bearer {keys['admin']}"})
    assert answer.headers["x-model-version"] == answer.json()["model"] == snapshot.manifest["bundles"]["churn"]
    assert answer.json()["cutoff"] == "2026-10-31T16:00:00Z"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/v1/churn?limit=0", "`limit` must be a whole number from 1 to 1000"),
        ("/api/v1/churn?limit=1001", "`limit` must be"),
        ("/api/v1/churn?limit=canary", "`limit` must be"),
        ("/api/v1/churn?limit=%D9%A1", "`limit` must be"),
        ("/api/v1/churn?min_risk=nan", "`min_risk` must be a number from 0 to 1"),
        ("/api/v1/churn?sort=canary", "`sort` must be one of risk, value, risk_value"),
        ("/api/v1/churn?limit=1&limit=2", "`limit` may be given once"),
        ("/api/v1/churn?canary=1", "It knows: cursor, format, limit, min_risk, owner, segment, sort"),
        ("/api/v1/churn?cursor=canary", "cursor is not one this service gave"),
        ("/api/v1/statistics/canary", "The statistics have: contacts"),
        ("/api/v1/statistics/contacts?from=canary", "`from` must be a day such as 2026-01-31"),
        ("/api/v1/statistics/contacts?from=2026-01-01T00:00:00", "`from` must be a day"),
        ("/api/v1/statistics/contacts?from=0001-01-01", "from 1900 to 2199"),
        ("/api/v1/statistics/contacts?to=9999-12-31T23:59:59Z", "from 1900 to 2199"),
        ("/api/v1/statistics/contacts?from=2026-W05-6", "`from` must be a day"),
        ("/api/v1/statistics/contacts?from=2026-10-02&to=2026-10-01", "`from` must lie before `to`"),
        ("/api/v1/statistics/contacts?grain=canary", "`grain` must be one of hour, day"),
        ("/api/v1/statistics/contacts?by=canary", "`by` must be some of channel"),
        ("/api/v1/statistics/revenue?by=channel", "revenue has no dimension"),
        ("/api/v1/forecast?channel=canary", "`channel` must be one of all, phone"),
        ("/api/v1/forecast?channel=sms", "The forecast has the channels: all, phone"),
    ],
)
def test_what_can_not_be_answered_is_said_plainly_and_not_repeated(served: Served, path: str, said: str) -> None:
    client, keys = served
    answer = client.get(path, headers={"authorization": f"Bearer {keys['admin']}"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert said in problem["detail"]
    assert "canary" not in answer.text
    assert problem["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{canary", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'{"histories": []}', "application/json", 422),
        (b'{"histories": [{"canary": 1}]}', "application/json", 422),
        (
            b'{"histories": [{"interactions": [{"occurred_at": "canary", "channel": "canary"}]}]}',
            "application/json",
            422,
        ),
        (
            b'{"histories": [{"interactions": [{"occurred_at": "2026-10-01", "channel": "phone"}]}]}',
            "application/json",
            422,
        ),
        (
            b'{"histories": [{"orders": [{"ordered_at": "2026-10-01T00:00:00Z", "amount": "NaN"}]}]}',
            "application/json",
            422,
        ),
    ],
)
def test_bodies_of_another_shape_are_refused_and_not_repeated(
    served: Served, content: bytes, media_type: str, status: int
) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['admin']}", "content-type": media_type}
    answer = client.post("/api/v1/score", content=content, headers=headers)
    assert answer.status_code == status
    assert "canary" not in answer.text
    if status == 422:
        assert answer.json()["problems"][0]["where"].startswith("histories")


def test_a_body_of_thousands_of_mistakes_is_told_their_number(served: Served) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['admin']}"}
    unknown = dict.fromkeys(map("canary {}".format, range(5_000)), 1)
    answer = client.post("/api/v1/score", json={"histories": [unknown]}, headers=headers)
    assert answer.status_code == 422
    assert "5000 places of the body" in answer.json()["detail"]
    assert answer.json()["problems"] == []


def test_a_list_is_read_as_far_as_its_first_mistake(served: Served) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['admin']}"}
    contact = {"occurred_at": "2026-01-01T00:00:00Z", "channel": "chat"}
    histories = [{"interactions": [contact, {"channel": "canary"}, *[{}] * 5_000], "orders": [{"canary": 1}]}, {"x": 1}]
    problem = client.post("/api/v1/score", json={"histories": histories}, headers=headers).json()
    places = [(one["where"].removeprefix("histories.0."), one["problem"]) for one in problem["problems"]]
    assert [place for place, _ in places] == [
        "interactions.1.occurred_at",
        "interactions.1.channel",
        "orders.0.ordered_at",
        "orders.0",
    ]
    assert places[-1][1] == "has a field that is not known here"
    assert problem["detail"].startswith("4 places of the body are not as expected; each list was read as far as")


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_above_the_limit_is_refused_whether_it_says_so_or_not(served: Served, declared: bool) -> None:
    client, keys = served
    body = b"[" + b" " * 2_100_000 + b"]"
    content: Any = body if declared else (body[at : at + 100_000] for at in range(0, len(body), 100_000))
    headers = {"authorization": f"Bearer {keys['admin']}", "content-type": "application/json"}
    answer = client.post("/api/v1/score", content=content, headers=headers)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_and_what_is_another_reps_look_the_same(
    served: Served, snapshot: Snapshot, owner: str
) -> None:
    client, keys = served
    others = [row for row in snapshot.tables["customers"].to_pylist() if row["owner"] not in (owner, None)]
    headers = {"authorization": f"Bearer {keys['sales']}"}
    foreign = client.get(f"/api/v1/customers/{others[0]['customer_id']}", headers=headers)
    missing = client.get("/api/v1/customers/nobody", headers=headers)
    assert foreign.status_code == missing.status_code == 404
    assert {**foreign.json(), "request_id": ""} == {**missing.json(), "request_id": ""}


def test_a_path_that_is_not_there(served: Served) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['admin']}"}
    assert client.get("/api/v1/nothing").status_code == 401
    assert client.get("/api/v1/nothing", headers=headers).status_code == 404
    assert client.delete("/api/v1/churn", headers=headers).status_code == 405


def test_an_outcome_is_kept(served: Served, callers: dict[str, Caller], snapshot: Snapshot) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['sales']}"}
    path = _filled("/api/v1/customers/{customer_id}/outcomes", callers["sales"], snapshot)
    answer = client.post(path, json={"outcome": "stays", "note": "will renew"}, headers=headers)
    assert answer.status_code == 201
    assert answer.json()["outcome"] == "stays"
    assert client.post(path, json={"outcome": "canary"}, headers=headers).status_code == 422
    assert (
        client.post("/api/v1/customers/nobody/outcomes", json={"outcome": "stays"}, headers=headers).status_code == 404
    )


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/segments",
        "/api/v1/churn?limit=3",
        "/api/v1/statistics",
        "/api/v1/statistics/contacts?by=channel&grain=day",
        "/api/v1/statistics/contacts?by=weekday,hour_of_day&weekday=monday",
        "/api/v1/bottlenecks",
        "/api/v1/forecast",
    ],
)
def test_lists_come_as_csv_too(served: Served, path: str) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['admin']}"}
    by_header = client.get(path, headers={**headers, "accept": "text/csv"})
    by_query = client.get(path + ("&" if "?" in path else "?") + "format=csv", headers=headers)
    assert by_header.content == by_query.content
    assert by_header.headers["content-type"] == "text/csv; charset=utf-8"
    assert by_header.content.startswith(b"\xef\xbb\xbf")
    assert len(by_header.text.splitlines()) > 1


def test_the_description_names_every_operation(served: Served) -> None:
    client, keys = served
    document = client.get("/openapi.json", headers={"authorization": f"Bearer {keys['marketing']}"}).json()
    assert document["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(operation.method, operation.path) for operation in operations()}
    names = set(document["components"]["schemas"])
    text = json.dumps(document)
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= names


def test_metrics_count_by_template_and_name_nobody(served: Served, snapshot: Snapshot) -> None:
    client, keys = served
    headers = {"authorization": f"Bearer {keys['admin']}"}
    customer = snapshot.tables["customers"]["customer_id"][0].as_py()
    client.get(f"/api/v1/customers/{customer}", headers=headers)
    client.get("/canary", headers=headers)
    text = client.get("/metrics", headers=headers).text
    assert 'rapport_requests_total{method="GET",route="/api/v1/customers/{customer_id}",status="200"}' in text
    assert 'route="(none)",status="404"' in text
    assert customer not in text
    assert "canary" not in text
