"""SIGTERM in the middle of work: what was asked before is answered, and what was acknowledged is kept."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import httpx
import pytest

from workspace.folder import Workspace
from workspace.journal import accepted

_ASKING = 4
# Sent so long before the signal, a request has reached the service, however busy the machine is.
_ARRIVED_SECONDS = 0.5


class _Asker:
    """Asks until nobody answers any more, half of it events to keep; when each was asked, and answered or not."""

    def __init__(self, serving: Any, name: str) -> None:
        self.serving, self.name = serving, name
        self.answered: list[tuple[float, float]] = []
        self.lost: list[float] = []
        self.kept = 0
        self.stopped_at = float("inf")

    def __call__(self, ended: threading.Event) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            begun = time.monotonic()
            try:
                self._ask(f"{self.name}-{number}", number)
                self.answered.append((begun, time.monotonic()))
            except httpx.TransportError:
                self.lost.append(begun)
                if begun > self.stopped_at:
                    return

    def _ask(self, key: str, number: int) -> None:
        # A connection of its own: an idle one may be closed at any time, as HTTP has it.
        with self.serving.client() as client:
            if number % 2:
                event = {"interaction_id": key, "occurred_at": "2026-01-05T08:00:00Z", "channel": "chat"}
                answer = client.post("/api/v1/interactions", json=[event])
                assert answer.status_code == 202, answer.text
                self.kept += 1
            else:
                answer = client.get("/api/v1/statistics/contacts?grain=day&by=channel")
                assert answer.status_code == 200, answer.text


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_nothing_in_flight_is_lost(serving: Any, together: Any, own_workspace: Workspace, share: float) -> None:
    draw = random.Random(3)
    every = []
    for turn in range(max(2, round(50 * share))):
        serving.start()
        askers = [_Asker(serving, f"{turn}-{number}") for number in range(_ASKING)]
        with together(*askers):
            time.sleep(_ARRIVED_SECONDS + draw.uniform(0.2, 1.0))
            stopped_at = time.monotonic()
            for asker in askers:
                asker.stopped_at = stopped_at
            assert serving.stop() == 0
        for asker in askers:
            assert asker.answered
            assert not [begun for begun in asker.lost if begun < stopped_at - _ARRIVED_SECONDS]
        every += askers
    # The signals did meet requests that were on their way, and these were answered.
    assert sum(begun < asker.stopped_at < end for asker in every for begun, end in asker.answered)
    assert accepted(own_workspace.state()) >= sum(asker.kept for asker in every)
