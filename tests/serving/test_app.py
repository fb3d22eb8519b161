"""The application behind a gate of its own, or within one that stands around the whole service."""

import asyncio
import logging
from typing import Any

import httpx
import pytest

from serving.access import Access
from serving.app import create_app
from serving.gate import Gate
from serving.holder import Holder
from serving.metrics import Metrics


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
