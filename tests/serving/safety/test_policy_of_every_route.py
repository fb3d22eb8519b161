"""Every route of the application, by every role, for own and foreign customers: as serving/policy.py declares.

The table is the policy itself and the application's routes, so a new route is tried by being there.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from serving.access import Access, add_key
from serving.app import create_app
from serving.callers import Caller
from serving.holder import Holder
from serving.policy import POLICY, Rule
from serving.roles import ROLES
from serving.routes import operations
from serving.snapshot import Snapshot
from workspace.folder import Workspace

# Served by BentoML itself; tests/serving/test_server.py and test_injections.py try their doors.
BENTOML = {"/schema.json", "/score_churn", "/assign_segment", "/forecast_volume"}
CONTACT = {"occurred_at": "2026-10-01T00:00:00Z", "channel": "phone"}
BODIES: dict[str, Any] = {
    "/api/v1/score": {"histories": [{"interactions": [CONTACT]}]},
    "/api/v1/sentiment": {"texts": ["the clerk was nice"]},
    "/api/v1/customers/{customer_id}/outcomes": {"outcome": "contacted"},
    "/api/v1/exports": {"min_risk": 0.0},
    "/api/v1/interactions": CONTACT,
}
OURS = [rule for rule in POLICY if rule.path not in BENTOML]
GUARDED = [rule for rule in OURS if rule.door != "open"]
ABOUT_ONE = [rule for rule in GUARDED if "{customer_id}" in rule.path and "sales" in rule.roles]
NOT_THEIRS = ("email", "phone")


@dataclass(frozen=True)
class Doors:
    """The application without a socket; a key for each role, and `other`, another rep's."""

    app: Starlette
    keys: dict[str, str]

    def ask(self, role: str | None, method: str, path: str, **sent: Any) -> httpx.Response:
        headers = {} if role is None else {"authorization": f"Bearer {self.keys[role]}"}

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://rapport") as client:
                return await client.request(method, path, headers=headers, **sent)

        return asyncio.run(asked())

    def knock(self, role: str | None, rule: Rule, path: str, method: str | None = None) -> httpx.Response:
        sent: dict[str, Any] = {"json": BODIES[rule.path]} if rule.path in BODIES else {}
        if rule.method == "POST" and rule.door == "page":
            sent = {"content": "min_risk=0"}
        return self.ask(role, method or rule.method, path, **sent)


@pytest.fixture
def doors(own_workspace: Workspace, snapshot: Snapshot, owner: str) -> Iterator[Doors]:
    keys = {role: add_key(own_workspace, role, role, owner if role == "sales" else None) for role in ROLES}
    keys["other"] = add_key(own_workspace, "other", "sales", other_owner(snapshot, owner))
    access = Access(own_workspace.folder)
    yield Doors(create_app(Holder(own_workspace.folder), access), keys)
    access.close()


def other_owner(snapshot: Snapshot, owner: str) -> str:
    owners = snapshot.listing.owners.drop_null().to_pylist()
    return next(name for name in sorted(set(owners)) if name != owner)


def scored_of(snapshot: Snapshot, owner: str) -> str:
    """A customer with a risk of a rep."""
    rows = snapshot.listing.select("risk", owner=owner, min_risk=0.0)[:1]
    return str(snapshot.listing.people(rows)[0]["customer_id"])


def filled(rule: Rule, **values: str) -> str:
    path = rule.path.replace("{path:path}", values.pop("path", "style.css"))
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, path
    return path


def test_the_routes_of_the_application_and_the_lines_of_the_policy_are_the_same(doors: Doors) -> None:
    served = {
        (method, route.path)
        for route in doors.app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert len(doors.app.routes) == len({id(route) for route in doors.app.routes if isinstance(route, Route)})
    assert served == {(rule.method, rule.path) for rule in OURS}
    assert {(one.method, one.path) for one in operations()} == {
        (rule.method, rule.path) for rule in OURS if rule.path.startswith("/api/v1/")
    }


@pytest.mark.slow
def test_each_role_gets_in_where_the_policy_says_and_nowhere_else(
    doors: Doors, snapshot: Snapshot, callers: dict[str, Caller], owner: str
) -> None:
    segment = snapshot.tables["segment_profiles"]["segment_id"][0].as_py()
    theirs = {"segment_id": segment, "metric": "contacts"}
    own = doors.ask("sales", "POST", "/api/v1/exports", json={"min_risk": 0.0}).json()["export_id"]
    # Two who may go: the route that forgets a customer is a route like any other.
    going, gone = snapshot.tables["customers"]["customer_id"].to_pylist()[-2:]
    assert scored_of(snapshot, owner) not in (going, gone)
    theirs["erasure_id"] = doors.ask("admin", "DELETE", f"/api/v1/customers/{gone}").json()["erasure_id"]
    for rule in GUARDED:
        for role in ROLES:
            customer = going if rule.method == "DELETE" else callers[role].label(scored_of(snapshot, owner))
            path = filled(rule, **theirs, customer_id=customer, export_id=own)
            status = doors.knock(role, rule, path).status_code
            assert status in ((200, 201, 202, 303) if role in rule.roles else (403,)), (role, rule, status)
            if rule.method == "GET":
                assert doors.knock(role, rule, path, "HEAD").status_code == status, (role, rule)
        refused = doors.knock(None, rule, path).status_code
        assert refused == (302 if rule.door == "page" else 401), rule
        declared = {other.method for other in POLICY if other.pattern.match(path)} | {"HEAD"}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} - declared:
            assert doors.knock("admin", rule, path, method).status_code == 405, (method, rule)
            assert doors.knock(None, rule, path, method).status_code == 401, (method, rule)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ABOUT_ONE, ids=lambda rule: f"{rule.method} {rule.path}")
def test_a_foreign_customer_is_a_missing_one(
    doors: Doors, snapshot: Snapshot, callers: dict[str, Caller], owner: str, rule: Rule
) -> None:
    own, foreign = scored_of(snapshot, owner), scored_of(snapshot, other_owner(snapshot, owner))
    nobody, pseudonym = "C99999999", callers["analyst"].label(own)

    def seen(role: str, customer: str) -> tuple[int, str, dict[str, str]]:
        answer = doors.knock(role, rule, filled(rule, customer_id=customer))
        apart = {"x-request-id", "content-length"}
        text = re.sub(r'"request_id": ?"[0-9a-f]{16}"', "", answer.text).replace(customer, "CUSTOMER")
        return answer.status_code, text, {name: said for name, said in answer.headers.items() if name not in apart}

    missing = seen("sales", nobody)
    assert missing[0] == 404
    assert seen("sales", foreign) == missing
    assert seen("sales", pseudonym) == missing
    assert seen("other", own) == seen("other", nobody)
    assert seen("sales", own)[0] < 300
    assert seen("other", foreign)[0] < 300
    assert seen("admin", own)[0] < 300
    assert seen("admin", foreign)[0] < 300
    if "analyst" in rule.roles:
        assert seen("analyst", own) == seen("analyst", nobody)
        assert seen("analyst", nobody)[0] == 404
        assert seen("analyst", pseudonym)[0] < 300


@pytest.mark.slow
def test_an_export_of_others_is_a_missing_one(doors: Doors) -> None:
    made = {role: doors.ask(role, "POST", "/api/v1/exports", json={"min_risk": 0.0}) for role in ("sales", "admin")}
    ids = {role: answer.json()["export_id"] for role, answer in made.items()}
    rules = [rule for rule in GUARDED if "{export_id}" in rule.path]
    assert len(rules) >= 3
    for rule in rules:
        said = {}
        for name, export in (("own", ids["sales"]), ("company", ids["admin"]), ("none", "e_0123456789abcdef")):
            for role in ("sales", "other", "marketing"):
                answer = doors.knock(role, rule, filled(rule, export_id=export))
                said[role, name] = answer.status_code
                if answer.status_code == 404:
                    assert export not in answer.text.replace(f"/exports/{export}", "")
        assert {key for key, status in said.items() if status == 200} == {
            ("sales", "own"), ("marketing", "own"), ("marketing", "company")
        }, (rule, said)  # fmt: skip
        assert set(said.values()) == {200, 404}


@pytest.mark.slow
def test_nothing_that_a_role_may_open_names_whom_it_may_not_see(
    doors: Doors, snapshot: Snapshot, callers: dict[str, Caller], owner: str
) -> None:
    customers = snapshot.tables["customers"].to_pylist()
    foreign = {row["customer_id"] for row in customers if row["owner"] != owner}
    everybody = {row["customer_id"] for row in customers}
    addresses = {row[name] for row in customers for name in NOT_THEIRS if row[name]}
    names = {row["name"] for row in customers if row["name"]} - {row["owner"] for row in customers}
    hidden = {"sales": foreign, "analyst": everybody | addresses | names, "marketing": addresses}
    segment = snapshot.tables["segment_profiles"]["segment_id"][0].as_py()
    for role, secrets in hidden.items():
        customer = callers[role].label(scored_of(snapshot, owner))
        words = re.compile("|".join(re.escape(word) for word in sorted(secrets, key=len, reverse=True)))
        for rule in GUARDED:
            if role not in rule.roles or rule.method != "GET" or "{export_id}" in rule.path or rule.path == "/topics":
                continue
            path = filled(rule, segment_id=segment, metric="contacts", customer_id=customer)
            text = doors.knock(role, rule, path).text
            found = words.search(text)
            assert found is None, (role, rule, text[max(0, found.start() - 60) : found.end() + 20])
