"""The gate keeps every failure in, and nobody waits for ever."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.access import Access
from serving.gate import Gate
from serving.metrics import Metrics
from workspace.errors import QueryError


@pytest.fixture
def access(service: Any) -> Iterator[Access]:
    found = Access(service.workspace.folder)
    yield found
    found.close()


def _asked(app: ASGIApp, access: Access, key: str, path: str = "/api/v1/churn", seconds: float = 5.0) -> httpx.Response:
    gate = Gate(app, access, Metrics(), deadline_seconds=seconds)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(gate)
        async with httpx.AsyncClient(transport=transport, base_url="http://rapport") as client:
            return await client.get(path, headers={"authorization": f"Bearer {key}"})

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("error", "status"),
    [(ValueError("canary"), 500), (QueryError("Choose another grain."), 400), (KeyError("canary"), 500)],
)
def test_an_exception_becomes_a_problem_and_its_text_stays_here(
    access: Access, service: Any, caplog: pytest.LogCaptureFixture, error: Exception, status: int
) -> None:
    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    with caplog.at_level(logging.ERROR, "rapport.serving"):
        answer = _asked(fail, access, service.keys["admin"])
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "canary" not in answer.text
    if status < 500:
        # The caller's to put right, not the operator's.
        assert not caplog.records
        return
    (record,) = caplog.records
    assert record.request_id == answer.json()["request_id"]
    assert record.error == type(error).__name__
    assert "test_gate.py" in record.where[-1]
    assert "canary" not in str(vars(record))


def test_an_answer_that_takes_too_long_is_given_up(access: Access, service: Any) -> None:
    async def sleep(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(30)

    answer = _asked(sleep, access, service.keys["admin"], seconds=0.05)
    assert answer.status_code == 504
    assert answer.json()["title"] == "The answer took too long"


def test_a_list_sent_in_pieces_has_the_deadline_for_each_of_them(access: Access, service: Any) -> None:
    def pieces(pause: float) -> ASGIApp:
        async def send_some(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(6):
                await asyncio.sleep(pause)
                await send({"type": "http.response.body", "body": b"row\n", "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        return send_some

    assert _asked(pieces(0.06), access, service.keys["admin"], seconds=0.25).text == "row\n" * 6
    # Broken off: the last piece, which says that it is the last, never comes.
    with pytest.raises(AssertionError):
        _asked(pieces(0.5), access, service.keys["admin"], seconds=0.25)


def test_what_bentoml_refuses_is_said_in_our_words(access: Access, service: Any) -> None:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await Response('{"detail": "canary"}', 400)(scope, receive, send)

    gate = Gate(refuse, access, Metrics())

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://rapport") as client:
            return await client.post("/score_churn", headers={"authorization": f"Bearer {service.keys['admin']}"})

    answer = asyncio.run(ask())
    assert answer.status_code == 422
    assert "canary" not in answer.text


def test_what_passes_knows_its_caller(access: Access, service: Any) -> None:
    async def name(scope: Scope, receive: Receive, send: Send) -> None:
        caller = Request(scope).state.caller
        await Response(f"{caller.name} {caller.role}")(scope, receive, send)

    answer = _asked(name, access, service.keys["analyst"])
    assert answer.text == "analyst analyst"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_websocket_is_not_let_in(access: Access) -> None:
    reached: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        reached.append(scope)

    async def nothing(*_message: Any) -> Any:
        return {"type": "websocket.connect"}

    asyncio.run(Gate(app, access, Metrics())({"type": "websocket", "path": "/"}, nothing, nothing))
    assert reached == []
