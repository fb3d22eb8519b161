"""kill -9 of workers and of the writer under POST interactions: what was acknowledged is there, once."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psutil
import pyarrow.compute as pc
import pytest

from features.statistics.query import Query
from serving.holder import Holder
from serving.writer import Writer
from workspace.folder import Workspace

_POSTERS = 3
# BentoML looks after its workers every few seconds: as long as two are gone at most, one may be waited for.
_RESTART_SECONDS = 60


def contacts(workspace: Workspace) -> int:
    """All contacts that the statistics count, as a worker would."""
    query = Query("contacts", datetime(2024, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=2))
    (row,) = Holder(workspace.folder).current().figure(query).to_pylist()
    return int(row["count"])


def _events(keys: list[str]) -> list[dict[str, Any]]:
    moment = datetime.now(UTC).isoformat()
    return [
        {
            "interaction_id": key,
            "customer_id": f"C{number % 50 + 1:06}",
            "occurred_at": moment,
            "channel": "chat",
            "content": "the parcel is late",
        }
        for number, key in enumerate(keys)
    ]


class _Poster:
    """Sends events until told to end, each batch again under the same ids until it is acknowledged."""

    def __init__(self, serving: Any, name: str) -> None:
        self.serving, self.name = serving, name
        self.sent: set[str] = set()
        self.acknowledged: list[str] = []

    def __call__(self, ended: threading.Event) -> None:
        draw = random.Random(self.name)
        with self.serving.client() as client:
            while not ended.is_set():
                keys = [f"{self.name}-{len(self.sent) + number}" for number in range(draw.randint(1, 8))]
                self.sent.update(keys)
                # The very same again where no answer came: another content would be a later version of its event.
                events = _events(keys)
                while not ended.is_set():
                    with suppress(httpx.TransportError):
                        answer = client.post("/api/v1/interactions", json=events)
                        assert answer.status_code == 202, answer.text
                        self.acknowledged += keys
                        break
                    time.sleep(0.05)
                time.sleep(draw.uniform(0, 0.1))


def _killed(serving: Any, draw: random.Random) -> str:
    """One process killed: a worker where there are two, or the writer."""
    until = time.monotonic() + _RESTART_SECONDS
    while time.monotonic() < until:
        kind = draw.choice(["worker", "writer"])
        found = serving.workers() if kind == "worker" else serving.writers()
        if len(found) >= (2 if kind == "worker" else 1):
            with suppress(psutil.NoSuchProcess):
                draw.choice(found).kill()
                return kind
        time.sleep(0.05)
    raise AssertionError(f"Killed processes were not started again within {_RESTART_SECONDS} s.")


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_what_was_acknowledged_is_there_once(
    serving: Any, together: Any, own_workspace: Workspace, share: float
) -> None:
    before = contacts(own_workspace)
    serving.start()
    posters = [_Poster(serving, f"p{number}") for number in range(_POSTERS)]
    draw = random.Random(11)
    killed: Counter[str] = Counter()
    with together(*posters) as ended:
        for _ in range(max(2, round(200 * share))):
            if ended.wait(draw.uniform(0.1, 1.5)):
                break
            killed[_killed(serving, draw)] += 1
    serving.stop()
    assert set(killed) == {"worker", "writer"} or share < 0.05

    writer = Writer(own_workspace)
    while writer.step():
        pass
    writer.drain()
    rows = own_workspace.lake.read("interactions", ["interaction_id", "source"])
    live = Counter(rows.filter(pc.equal(rows["source"], "live"))["interaction_id"].to_pylist())
    acknowledged = {key for poster in posters for key in poster.acknowledged}
    assert acknowledged
    assert set(live.values()) == {1}
    assert acknowledged <= set(live) <= {key for poster in posters for key in poster.sent}
    assert contacts(own_workspace) == before + len(live)
