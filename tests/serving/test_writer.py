"""The writer: what was acknowledged is in the lake once and over the version at once, wherever it is killed."""

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.compute as pc
import pytest

from cli.holdings import describe
from features.statistics.query import Query
from serving.holder import Holder
from serving.live_events import LiveInteractions
from serving.publish import publish
from serving.writer import Writer
from workspace.folder import Workspace
from workspace.journal import entries, last_position, record
from workspace.secret import secret
from workspace.state import State, now


def contacts(holder: Holder) -> int:
    query = Query("contacts", datetime(2024, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=2))
    (row,) = holder.current().figure(query).to_pylist()
    return int(row["count"])


def accept(workspace: Workspace, state: State, keys: list[str]) -> None:
    """As the service does before it answers 202."""
    said: list[dict[str, Any]] = [
        {
            "interaction_id": key,
            "customer_id": f"C{number % 50 + 1:06}",
            "occurred_at": datetime.now(UTC),
            "channel": "chat",
            "content": "the parcel is late",
        }
        for number, key in enumerate(keys)
    ]
    record(
        state,
        secret(workspace.folder),
        [one.event() for one in LiveInteractions.model_validate(said).interactions],
        now(),
    )


def drained(workspace: Workspace) -> Counter[str]:
    rows = workspace.lake.read("interactions", ["interaction_id", "source"])
    return Counter(rows.filter(pc.equal(rows["source"], "live"))["interaction_id"].to_pylist())


@pytest.mark.slow
def test_from_the_journal_over_the_version_and_into_the_next(own_workspace: Workspace) -> None:
    state, holder = own_workspace.state(), Holder(own_workspace.folder)
    writer = Writer(own_workspace, drain_seconds=0)
    before = contacts(holder)
    accept(own_workspace, state, ["a", "b"])
    assert writer.step()
    holder.refresh()
    assert contacts(holder) == before + 2
    assert holder.current().position == last_position(state) == 2
    assert drained(own_workspace) == Counter(["a", "b"])
    signals = own_workspace.lake.read("message_signals", ["interaction_id"])["interaction_id"].to_pylist()
    assert {"a", "b"} <= set(signals)
    account = describe(own_workspace)["sources"][-1]
    assert (account["source"], account["received"], account["kept"]) == ("live", 2, 2)

    # A new version holds them; whoever is scored before them is scored over it again.
    publish(own_workspace)
    accept(own_workspace, state, ["c"])
    assert writer.step()
    assert holder.refresh()
    snapshot = holder.current()
    assert snapshot.manifest["journal"] == 2
    assert contacts(holder) == before + 3
    assert snapshot.overlay is not None
    assert snapshot.overlay.tables["interactions"]["interaction_id"].to_pylist() == ["c"]
    assert set(snapshot.overlay.tables["customer_scores"]["customer_id"].to_pylist()) == {"C000001", "C000002"}
    # Their words stay until a scoring knows them: these happened after the version's cutoff.
    assert [one.position for one in entries(state, 0, 10)] == [1, 2, 3]


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_killed_at_any_instant_it_loses_nothing_and_counts_nothing_twice(
    own_workspace: Workspace, share: float
) -> None:
    state, holder = own_workspace.state(), Holder(own_workspace.folder)
    before = contacts(holder)
    draw = random.Random(7)
    accepted: list[str] = []
    for turn in range(max(1, round(200 * share))):
        command = [sys.executable, "-P", "-m", "serving.writer", str(own_workspace.folder), "0.1"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until = time.monotonic() + draw.uniform(0.5, 5)
        while time.monotonic() < until:
            keys = [f"{turn}-{len(accepted) + number}" for number in range(draw.randint(1, 5))]
            accept(own_workspace, state, keys)
            accepted += keys
            time.sleep(draw.uniform(0, 0.1))
        process.kill()
        process.wait()
    writer = Writer(own_workspace)
    while writer.step():
        pass
    writer.drain()
    holder.refresh()
    assert drained(own_workspace) == Counter(accepted)
    assert contacts(holder) == before + len(accepted)
