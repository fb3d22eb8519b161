"""Answers that need more memory than `[limits] answer_memory`, over the real application and data."""

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from serving.access import Access
from serving.app import create_app
from serving.gate import refusal_of_bentoml
from serving.holder import Holder
from serving.problems import response_for
from workspace.settings import Limits

FIGURE = "/api/v1/statistics/wait_seconds_p90?by=channel,owner&grain=day&from=2025-01-01&to=2027-01-01"
HISTORIES = {
    "histories": [{"interactions": [{"occurred_at": "2026-10-01T00:00:00Z", "channel": "phone", "content": "canary"}]}]
}


@pytest.fixture(scope="module", params=["1MB", "3MB"])
def small(request: pytest.FixtureRequest, service: Any) -> Starlette:
    """The application with so little memory that it runs out: as its engine opens, or amid a query."""
    folder = service.workspace.folder
    return create_app(Holder(folder, limits=Limits(answer_memory=request.param)), Access(folder))


def asked(app: Starlette, method: str, path: str, key: str, **given: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://rapport") as client:
            return await client.request(method, path, headers={"authorization": f"Bearer {key}"}, **given)

    return asyncio.run(ask())


@pytest.mark.parametrize(("method", "path", "body"), [("GET", FIGURE, None), ("POST", "/api/v1/score", HISTORIES)])
def test_it_is_a_problem_that_tells_the_caller_to_ask_for_less(
    small: Starlette, service: Any, caplog: pytest.LogCaptureFixture, method: str, path: str, body: Any
) -> None:
    with caplog.at_level(logging.ERROR, "rapport.serving"):
        answer = asked(small, method, path, service.keys["admin"], json=body)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:rapport:problem:too-much"
    assert problem["detail"] == "Ask for less at once: a shorter range, fewer dimensions, fewer histories."
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}
    # The setting is for who runs the service.
    (told,) = [record.reason for record in caplog.records if record.message == "limit reached"]
    assert "`[limits] answer_memory`" in told
    assert "RAPPORT_LIMITS__ANSWER_MEMORY" in told
    assert "canary" not in answer.text + told


def test_the_service_goes_on(small: Starlette, service: Any) -> None:
    for _ in range(2):
        assert asked(small, "GET", FIGURE, service.keys["admin"]).status_code == 503
        assert asked(small, "GET", "/api/v1/segments", service.keys["admin"]).status_code == 200


def test_the_same_with_the_memory_it_needs(service: Any) -> None:
    folder = service.workspace.folder
    app = create_app(Holder(folder, limits=Limits(answer_memory="500MB")), Access(folder))
    assert asked(app, "GET", FIGURE, service.keys["admin"]).status_code == 200
    assert asked(app, "POST", "/api/v1/score", service.keys["admin"], json=HISTORIES).status_code == 200


def test_a_method_of_bentoml_says_the_same() -> None:
    answer = response_for(refusal_of_bentoml(503), "method", "0" * 16)
    assert (answer.status_code, json.loads(answer.body)["type"]) == (503, "urn:rapport:problem:too-much")
