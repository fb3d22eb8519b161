"""What a worker answers with, made once: the snapshot in use, who may ask, what is counted, and the application."""

from __future__ import annotations

from pathlib import Path

from starlette.types import ASGIApp

from serving.access import Access
from serving.app import create_app
from serving.audit import Audit
from serving.gate import Gate
from serving.holder import Holder
from serving.metrics import Metrics
from serving.throttle import Throttle
from workspace.settings import Settings


class Worker:
    """One worker's own parts; `workers`: how many share what the throttle allows."""

    def __init__(self, workspace: Path, settings: Settings, workers: int) -> None:
        self.holder = Holder(workspace, limits=settings.limits)
        access = Access(workspace)
        metrics = Metrics()
        audit = Audit(access.state, access.secret, self.holder)
        throttle = Throttle(settings.serving, workers)
        self.app = create_app(self.holder, access, metrics, gated=False, audit=audit)
        doors = self.app.state.doors
        self._guarding = {"access": access, "metrics": metrics, "audit": audit, "throttle": throttle, "doors": doors}

    def gate(self, app: ASGIApp) -> Gate:
        """The one gate, around everything that BentoML serves."""
        return Gate(app, **self._guarding)
