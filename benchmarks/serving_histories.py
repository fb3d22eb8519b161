"""Histories of 20 contacts as a system would send them: the last ones of customers that are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from serving.answers.forms import plain
from serving.snapshot import Snapshot

CONTACTS = 20
_TOLD = (
    "interaction_id", "occurred_at", "channel", "direction", "kind", "content", "outcome", "responded_at",
    "resolved_at", "reopened", "satisfaction", "rated_at", "is_automated",
)  # fmt: skip

History = dict[str, Any]


def histories(snapshot: Snapshot) -> list[History]:
    """Of every customer with so many contacts and a text among them the last 20."""
    found = []
    for customer in snapshot.tables["customer_scores"]["customer_id"].to_pylist():
        # Copies have a number before their key, a dash between, and few contacts.
        if "-" in customer:
            continue
        rows = snapshot.rows("interactions", customer)
        if len(rows) >= CONTACTS and rows["content"].null_count < len(rows):
            contacts = [_told(row) for row in rows.slice(len(rows) - CONTACTS).to_pylist()]
            found.append({"customer_id": customer, "interactions": contacts})
    return found


def with_new_texts(told: Sequence[Mapping[str, Any]], turn: int) -> list[History]:
    """A hundred of them, every text one that was never sent before."""
    hundred = [told[(100 * turn + place) % len(told)] for place in range(100)]
    return [
        {**one, "interactions": [_said_anew(row, f"{turn} {place} {at}") for at, row in enumerate(one["interactions"])]}
        for place, one in enumerate(hundred)
    ]


def _told(row: Mapping[str, Any]) -> History:
    told = {name: plain(row[name]) for name in _TOLD if row[name] is not None}
    waits = {f"{name}_seconds": row[f"{name}_ms"] for name in ("wait", "duration")}
    return told | {name: value / 1000 for name, value in waits.items() if value is not None}


def _said_anew(row: Mapping[str, Any], mark: str) -> History:
    return {**row, "content": f"{row['content']} {mark}"} if "content" in row else dict(row)
