"""Events of the journal as rows of the lake's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from serving.history_tables import signals_of
from serving.live_events import columns_of
from workspace.journal import Entry
from workspace.tables import TABLES

# The source of every row that came in by request.
SOURCE = "live"
# The tables that events go to.
DRAINED = ("message_signals", "interactions")


def live_rows(entries: Sequence[Entry]) -> dict[str, pa.Table]:
    """`interactions` and `message_signals` of the entries, in the schemas of tables.py; a row's number is its position.

    The first version of a contact was known when it happened, as everywhere; a later one when it was received.
    """
    from interactions.cleaning.text import signals  # nltk and the word lists load with the first text

    contacts = _table("interactions", [_row(entry) for entry in entries])
    return {"interactions": contacts, "message_signals": signals_of(contacts, signals)}


def _row(entry: Entry) -> dict[str, Any]:
    received = datetime.fromisoformat(entry.received_at)
    columns = columns_of(entry.event)
    return {
        **columns,
        "source": SOURCE,
        "source_row": entry.position,
        "collected_at": received,
        "known_at": received if entry.is_revision else columns["occurred_at"],
        # Another source may have told of the same contact: nobody has looked.
        "is_revision": True if entry.is_revision else None,
    }


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = TABLES[name].schema
    return pa.table([pa.array([row.get(field.name) for row in rows], field.type) for field in schema], schema)
