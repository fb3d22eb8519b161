"""Whose data was read, by whom: every personal route leaves its entry, and nothing else does."""

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from serving import audit as audits
from serving.access import Access
from serving.audit import Audit, people_in
from serving.callers import Caller
from serving.gate import Gate
from serving.holder import Holder
from serving.metrics import Metrics
from serving.openapi import document
from serving.policy import POLICY
from workspace.audit_log import about, verify
from workspace.folder import Workspace
from workspace.secret import secret
from workspace.state import AUDIT, State, now

PERSONAL = {(rule.method, rule.path): rule.personal for rule in POLICY}


@pytest.fixture
def state(service: Any) -> Iterator[State]:
    opened = service.workspace.state()
    yield opened
    opened.close()


def entries_of(state: State, *request_ids: str) -> list[dict[str, Any]]:
    """The entries of requests, waited for."""
    wanted = sa.select(AUDIT).where(AUDIT.c.request_id.in_(request_ids)).order_by(AUDIT.c.number)
    until = time.monotonic() + 10
    while True:
        with state.begin() as connection:
            found = [dict(row) for row in connection.execute(wanted).mappings()]
        if len(found) >= len(request_ids) or time.monotonic() > until:
            return found
        time.sleep(0.02)


def test_an_entry_says_who_how_whom_and_when(
    served: tuple[httpx.Client, dict[str, str]], state: State, snapshot: Any, callers: dict[str, Caller], service: Any
) -> None:
    client, keys = served
    customer = snapshot.listing.scores["customer_id"][0].as_py()
    hidden = callers["analyst"].label(customer)
    asked = [("admin", customer), ("analyst", hidden), ("admin", "nobody at all"), ("sales", customer)]
    answers = [
        client.get(f"/api/v1/customers/{name}", headers={"authorization": f"Bearer {keys[role]}"})
        for role, name in asked
    ]
    rows = entries_of(state, *(answer.headers["x-request-id"] for answer in answers))
    assert [row["who"] for row in rows] == ["admin", "analyst", "admin", "sales"]
    assert [row["status"] for row in rows] == [answer.status_code for answer in answers]
    assert {(row["method"], row["route"]) for row in rows} == {("GET", "/api/v1/customers/{customer_id}")}
    # The one person is the same by key, by pseudonym and where it is another rep's; a made-up one is nobody.
    assert rows[0]["person"] == rows[1]["person"] == rows[3]["person"] is not None
    assert rows[2]["person"] is None
    assert all(row["at"][:4].isdigit() for row in rows)
    named = about(state, secret(service.workspace.folder), customer)
    assert {row["number"] for row in rows if row["person"]} <= {row["number"] for row in named}
    assert verify(state, secret(service.workspace.folder)).valid


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/api/v1/churn?limit=7", lambda answer: len(answer["customers"])),
        ("/api/v1/topics", lambda answer: sum(len(topic["examples"]) for topic in answer["topics"])),
    ],
)
def test_a_list_says_how_many_and_not_who(
    served: tuple[httpx.Client, dict[str, str]], state: State, path: str, count: Any
) -> None:
    client, keys = served
    answer = client.get(path, headers={"authorization": f"Bearer {keys['admin']}"})
    (row,) = entries_of(state, answer.headers["x-request-id"])
    assert row["people"] == count(answer.json())
    assert row["person"] is None


def test_pages_and_changes_are_entered_too_and_figures_are_not(
    served: tuple[httpx.Client, dict[str, str]], state: State, snapshot: Any
) -> None:
    client, keys = served
    customer = snapshot.listing.scores["customer_id"][0].as_py()
    header = {"authorization": f"Bearer {keys['admin']}"}
    page = client.get(f"/customers/{customer}", headers=header)
    listed = client.get("/churn", headers=header)
    figure = client.get("/api/v1/segments", headers=header)
    refused = client.get(f"/customers/{customer}", headers={"authorization": f"Bearer {keys['marketing']}"})
    change = client.post(f"/api/v1/customers/{customer}/outcomes", headers=header, json={"outcome": "stays"})
    rows = entries_of(state, *(answer.headers["x-request-id"] for answer in (page, listed, change)))
    assert [(row["method"], row["route"]) for row in rows] == [
        ("GET", "/customers/{customer_id}"),
        ("GET", "/churn"),
        ("POST", "/api/v1/customers/{customer_id}/outcomes"),
    ]
    assert rows[0]["person"] == rows[2]["person"] is not None
    assert rows[1]["people"] > 0
    ids = sa.select(AUDIT.c.request_id)
    with state.begin() as connection:
        found = set(connection.execute(ids).scalars())
    assert found.isdisjoint({figure.headers["x-request-id"], refused.headers["x-request-id"]})


def test_every_operation_whose_answer_names_people_is_declared_personal() -> None:
    schemas = document()["components"]["schemas"]

    def names(schema: Any, seen: frozenset[str] = frozenset()) -> set[str]:
        if isinstance(schema, list):
            return set().union(*(names(part, seen) for part in schema))
        if not isinstance(schema, dict):
            return set()
        reference = schema.get("$ref", "").rpartition("/")[2]
        if reference and reference not in seen:
            return names(schemas[reference], seen | {reference})
        return set(schema.get("properties", {})) | names(list(schema.values()), seen)

    # POST score answers about the histories that came with it, nothing that is kept here.
    apart = {("POST", "/api/v1/score")}
    for path, methods in document()["paths"].items():
        for method, described in methods.items():
            answer = next(value for status, value in described["responses"].items() if status.startswith("2"))
            shown = names(answer["content"]["application/json"]["schema"])
            route = (method.upper(), path)
            if shown & {"customer_id", "examples", "interaction_id"} and route not in apart:
                assert PERSONAL[route] is not None, route
    assert {rule.personal for rule in POLICY if "{customer_id}" in rule.path} == {"person"}


def test_rows_are_counted_wherever_the_list_lies() -> None:
    assert people_in({"answer": {"customers": [{"a": 1}, {"a": 2}]}, "customers": 7}) == 2
    assert people_in({"topics": [{"examples": ["a"]}, {"examples": ["b", "c"]}]}) == 3
    assert people_in({"rows": [{"mean": 1.0}]}) == 0


def test_stopping_writes_what_waits(own_workspace: Workspace) -> None:
    state = own_workspace.state()
    audit = Audit(state, secret(own_workspace.folder), Holder(own_workspace.folder))
    caller = Caller("Ann", "admin")
    for number in range(30):
        audit.note(audits.PersonalRequest(caller, "GET", "/churn", str(number), 200, None, number))
    audit.stop()
    assert len(entries_of(state, *(str(number) for number in range(30)))) == 30
    state.close()


def test_what_cannot_be_recorded_is_not_shown(
    service: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    access = Access(service.workspace.folder)
    audit = Audit(access.state, access.secret, Holder(service.workspace.folder))

    def fails(*_given: Any) -> None:
        raise OSError(28, "No space left on device")

    async def shows(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"personal"})

    async def ask(times: int) -> list[int]:
        transport = httpx.ASGITransport(Gate(shows, access, Metrics(), audit=audit))
        header = {"authorization": f"Bearer {service.keys['admin']}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://rapport", headers=header) as client:
            return [(await client.get("/api/v1/churn")).status_code for _ in range(times)]

    monkeypatch.setattr(audits, "MOST_WAITING", 3)
    monkeypatch.setattr(audits.audit_log, "append", fails)
    assert asyncio.run(ask(5)) == [200, 200, 200, 503, 503]
    audit._try_to_flush()
    assert caplog.records[-1].error == "OSError"
    monkeypatch.undo()
    audit._try_to_flush()
    assert asyncio.run(ask(1)) == [200]
    audit.stop()
    access.close()


def test_answers_wait_for_a_log_that_is_behind_and_are_given_all_the_same(
    service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access(service.workspace.folder)
    audit = Audit(access.state, access.secret, Holder(service.workspace.folder))
    monkeypatch.setattr(audits, "MANY_WAITING", 5)
    caller = access.by_key(service.keys["admin"])
    assert caller is not None
    for number in range(20):
        audit._waiting.append((now(), audits.PersonalRequest(caller, "GET", "/churn", str(number), 200, None, 1)))

    async def waits(patience: float) -> float:
        monkeypatch.setattr(audits, "PATIENCE_SECONDS", patience)
        begun = time.monotonic()
        await audit.room()
        return time.monotonic() - begun

    # Nobody writes: given up after a while.
    assert asyncio.run(waits(0.1)) >= 0.1
    assert audit.is_behind
    threading.Timer(0.1, audit.flush).start()
    assert asyncio.run(waits(60.0)) < 50
    assert not audit.is_behind
    audit.stop()
    access.close()
