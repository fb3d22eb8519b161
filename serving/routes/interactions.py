"""Live events in: for systems."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from serving import shapes
from serving.live_events import LiveInteractions
from serving.operations import Call, Operation
from serving.snapshot import Snapshot
from workspace.journal import record
from workspace.state import now


def _accept(call: Call) -> dict[str, Any]:
    events = [given.event() for given in call.body.interactions]
    positions = record(call.state, call.secret, events, now(), _published(call.snapshot, events))
    return {
        "accepted": sum(position is not None for position in positions),
        "known": sum(position is None for position in positions),
        "interactions": [
            {"interaction_id": event["interaction_id"], "status": "known" if position is None else "accepted"}
            for event, position in zip(events, positions, strict=True)
        ],
    }


def _published(snapshot: Snapshot, events: Sequence[Mapping[str, Any]]) -> set[str]:
    """Keys among the events that published contacts of the same customers have."""
    wanted = pa.array({event["interaction_id"] for event in events}, pa.string())
    found: set[str] = set()
    for customer in {event["customer_id"] for event in events} - {None}:
        keys = snapshot.rows("interactions", customer)["interaction_id"]
        found.update(keys.filter(pc.is_in(keys, value_set=wanted)).to_pylist())
    return found


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/interactions",
        "Add contacts as they happen; answered once they are safe on the disk",
        _accept,
        shapes.Accepted,
        body=LiveInteractions,
        threaded=True,
        status=202,
    ),
)
