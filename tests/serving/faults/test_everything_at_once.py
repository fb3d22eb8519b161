"""Publishing, compacting, erasing and reading at once: no reader fails."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import pytest

from workspace.folder import Workspace

_READERS = 3
_MINUTES = 10
_PAUSE = 8.0
_PATIENCE = 120.0
# The folder belongs to one stage at a time; whoever comes second is told so and comes again.
_BUSY = "needs it alone"


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_no_reader_fails(serving: Any, together: Any, rapport: Any, own_workspace: Workspace, share: float) -> None:
    ids = own_workspace.lake.read("customers", ["customer_id"])["customer_id"].to_pylist()
    draw = random.Random(9)
    draw.shuffle(ids)
    kept, gone = ids[:100], ids[100:]
    with (own_workspace.folder / "rapport.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[keep]\nlease_seconds = 5\n")
    serving.start()
    done: dict[str, int] = {"publish": 0, "compact": 0, "erase": 0, "event": 0, "read": 0}

    def command(name: str) -> Any:
        def repeat(ended: threading.Event) -> None:
            while not ended.is_set():
                try:
                    rapport(name)
                    done[name] += 1
                except AssertionError as error:
                    if _BUSY not in str(error):
                        raise
                else:
                    # So that the others have the folder too.
                    ended.wait(_PAUSE)

        return repeat

    def erase(ended: threading.Event) -> None:
        with serving.client() as client:
            for customer in gone:
                answer = client.delete(f"/api/v1/customers/{customer}")
                assert answer.status_code == 202, answer.text
                done["erase"] += 1
                if ended.wait(3 * _PAUSE):
                    return

    def write(ended: threading.Event) -> None:
        with serving.client() as client:
            while not ended.wait(0.3):
                customer = kept[done["event"] % len(kept)]
                event = {"customer_id": customer, "occurred_at": "2026-01-05T08:00:00Z", "channel": "chat"}
                answer = client.post("/api/v1/interactions", json=[{**event, "interaction_id": f"e{done['event']}"}])
                assert answer.status_code == 202, answer.text
                done["event"] += 1

    def read(ended: threading.Event) -> None:
        asked = random.Random(threading.get_ident())
        paths = [
            "/api/v1/statistics/contacts?grain=month&by=channel",
            "/api/v1/statistics/wait_seconds_mean?grain=week",
            "/api/v1/segments",
            "/api/v1/churn?limit=50",
            "/",
        ]
        with serving.client() as client:
            while not ended.is_set():
                path = asked.choice([*paths, f"/api/v1/customers/{asked.choice(kept)}"])
                answer = client.get(path)
                assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
                done["read"] += 1

    with together(command("publish"), command("compact"), erase, write, *[read] * _READERS) as ended:
        until = time.monotonic() + _MINUTES * 60 * share
        # A little longer where one of them never had the folder to itself.
        while time.monotonic() < until or (not all(done.values()) and time.monotonic() < until + _PATIENCE):
            if ended.wait(1):
                break
    assert all(done.values()), done
    assert serving.stop() == 0
