"""Customers' contacts with their texts, as known at a cutoff: what sentiment and topics are learned from."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from features.history import HISTORY_TABLES, known
from features.identity import with_links
from features.versions import VERSION_ORDER, latest
from features.windows import Window, micros_of
from workspace.engine import connect
from workspace.folder import Workspace
from workspace.tables import TABLES

_COLUMNS = (
    *("interaction_id", "customer_id", "channel", "kind", "outcome", "wait_ms", "response_us", "reopened"),
    *("is_resolved", "satisfaction"),
)


def contacts_known(
    workspace: Workspace, cutoff: datetime, since: datetime | None = None, rated_since: datetime | None = None
) -> pa.Table:
    """One row a contact that a customer began before `cutoff`, as known then, in the order of time, then of id.

    interaction_id, customer_id (the person's), at_us and rated_us (microseconds since 1970; null: not rated yet),
    channel, kind, outcome, wait_ms, response_us, reopened, is_resolved, satisfaction (1 to 5, null until rated),
    content (masked; null: no text), sentiment (the lexicons', null without a text). Nobody who must not be profiled.

    With `since` only contacts from then on, and with `rated_since` also those from that moment on that were rated: the
    whole history of a large company would not fit in memory. Rated ones alone where `since` is the cutoff.
    """
    window = Window.from_settings(workspace.settings, cutoff)
    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        tables = with_links(backend, workspace.lake, HISTORY_TABLES)
        history = known(tables, window)
        rows = tables["interactions"]
        rows = rows.filter(rows.known_at < cutoff).select("interaction_id", "content", *VERSION_ORDER, "is_revision")
        texts = latest(rows, TABLES["interactions"].key).select("interaction_id", "content")
        felt = history.message_signals.select("interaction_id", "sentiment")
        contacts = history.interactions.filter(history.interactions.is_contact)
        if since is not None:
            kept = contacts.at_us >= micros_of(since)
            if rated_since is not None:
                kept |= contacts.satisfaction.notnull() & (contacts.at_us >= micros_of(rated_since))
            contacts = contacts.filter(kept)
        contacts = contacts.select(*_COLUMNS, "at_us", rated_us=lambda row: row.at_us + row.age_us - row.rated_age_us)
        joined = contacts.left_join(texts, "interaction_id").drop("interaction_id_right")
        joined = joined.left_join(felt, "interaction_id").drop("interaction_id_right")
        return joined.order_by("at_us", "interaction_id").to_pyarrow()
    finally:
        backend.disconnect()


def sampled(contacts: pa.Table, most: int) -> pa.Table:
    """All contacts of so many customers, always the same ones, that there are hardly more than `most` of them."""
    if contacts.num_rows <= most:
        return contacts
    people = pc.unique(contacts["customer_id"])
    bound = most / contacts.num_rows * 2.0**64
    kept = [_number(customer) < bound for customer in people.to_pylist()]
    return contacts.filter(pc.is_in(contacts["customer_id"], value_set=people.filter(pa.array(kept, pa.bool_()))))


def _number(customer_id: str) -> int:
    return int.from_bytes(hashlib.sha256(customer_id.encode()).digest()[:8], "big")
