"""Live events in: for systems."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from serving import shapes
from serving.live_events import LiveInteractions
from serving.operations import Call, Operation
from serving.snapshot import Snapshot
from workspace.erasure_records import count_blocked, erased_among
from workspace.journal import record
from workspace.state import now


def _accept(call: Call) -> dict[str, Any]:
    events = [given.event() for given in call.body.interactions]
    positions = record(call.state, call.secret, events, now(), _published(call.snapshot, events))
    named = {event["customer_id"] for event in events} - {None}
    erased = erased_among(call.state, call.secret, named)
    found = [
        {"interaction_id": event["interaction_id"], "status": _status(position, event["customer_id"] in erased)}
        for event, position in zip(events, positions, strict=True)
    ]
    counts = Counter(one["status"] for one in found)
    if counts["blocked"]:
        count_blocked(call.state, counts["blocked"])
    return {**{name: counts[name] for name in ("accepted", "known", "blocked")}, "interactions": found}


def _status(position: int | None, is_erased: bool) -> str:
    if position is not None:
        return "accepted"
    return "blocked" if is_erased else "known"


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
