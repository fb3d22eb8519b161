"""The application behind a gate of its own, or within one that stands around the whole service."""

import asyncio
import logging
from typing import Any

import httpx
import pytest

from serving.access import Access
from serving.answers import score
from serving.app import create_app
from serving.gate import Gate
from serving.holder import Holder
from serving.metrics import Metrics
from serving.operations import LARGE_AT_ONCE


@pytest.mark.parametrize("gated", [True, False])
@pytest.mark.parametrize(("path", "kind"), [("/api/v1/segments", "application/problem+json"), ("/", "text/html")])
def test_what_nobody_foresaw_is_a_problem_without_what_it_said(
    service: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, gated: bool, path: str, kind: str
) -> None:
    access, metrics = Access(service.workspace.folder), Metrics()
    app: Any = create_app(Holder(service.workspace.folder), access, metrics, gated=gated)
    monkeypatch.setattr(Holder, "current", lambda _self: 1 / 0)
    asked = app if gated else Gate(app, access, metrics)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(asked, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://rapport") as client:
            return await client.get(path, headers={"authorization": f"Bearer {service.keys['admin']}"})

    try:
        with caplog.at_level(logging.ERROR, "rapport.serving"):
            answer = asyncio.run(ask())
    finally:
        access.close()
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith(kind)
    assert "division" not in answer.text
    (record,) = [one for one in caplog.records if one.name == "rapport.serving"]
    assert record.error == "ZeroDivisionError"
    assert record.request_id in answer.text


def test_only_so_many_large_bodies_are_read_and_answered_at_a_time(
    service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = [0, 0]

    async def slow(_snapshot: Any, _caller: Any, asked: Any) -> dict[str, Any]:
        large = len(asked.histories[0].interactions) > 1
        running[large] += 1
        most[large] = max(most[large], running[large])
        await asyncio.sleep(0.02)
        running[large] -= 1
        return {}

    most = [0, 0]
    monkeypatch.setattr(score, "scores", slow)
    contact = {"occurred_at": "2026-01-01T00:00:00Z", "channel": "chat", "content": "x" * 200}
    access = Access(service.workspace.folder)
    app = create_app(Holder(service.workspace.folder), access, Metrics())

    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rapport") as client:
            header = {"authorization": f"Bearer {service.keys['admin']}"}
            bodies = [{"histories": [{"interactions": [contact] * count}]} for count in [500, 1] * 20]
            told = await asyncio.gather(*(client.post("/api/v1/score", json=one, headers=header) for one in bodies))
        return [answer.status_code for answer in told]

    try:
        assert asyncio.run(ask()) == [200] * 40
    finally:
        access.close()
    assert most[True] == LARGE_AT_ONCE
    assert most[False] > LARGE_AT_ONCE
