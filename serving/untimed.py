"""In the place of BentoML's time-out, which leaves a timer behind for every request: a busy worker holds hundreds of
thousands (150 MB at 3,800 requests a second). The deadline of the gate is the one that counts."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Untimed:
    """ASGI middleware that passes everything on."""

    def __init__(self, app: ASGIApp, timeout: float) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self.app(scope, receive, send)
