"""Customers' contacts with their texts, as known at a cutoff: what sentiment and topics are learned from."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from features.history import HISTORY_TABLES, known
from features.identity import with_links
from features.versions import VERSION_ORDER, latest
from features.windows import Window
from workspace.engine import connect
from workspace.folder import Workspace
from workspace.tables import TABLES

_COLUMNS = (
    *("interaction_id", "customer_id", "channel", "kind", "outcome", "wait_ms", "response_us", "reopened"),
    *("is_resolved", "satisfaction"),
)


def contacts_known(workspace: Workspace, cutoff: datetime) -> pa.Table:
    """One row a contact that a customer began before `cutoff`, as known then, in the order of time, then of id.

    interaction_id, customer_id (the person's), at_us and rated_us (microseconds since 1970; null: not rated yet),
    channel, kind, outcome, wait_ms, response_us, reopened, is_resolved, satisfaction (1 to 5, null until rated),
    content (masked; null: no text), sentiment (the lexicons', null without a text). Nobody who must not be profiled.
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
        contacts = contacts.select(*_COLUMNS, "at_us", rated_us=lambda row: row.at_us + row.age_us - row.rated_age_us)
        joined = contacts.left_join(texts, "interaction_id").drop("interaction_id_right")
        joined = joined.left_join(felt, "interaction_id").drop("interaction_id_right")
        return joined.order_by("at_us", "interaction_id").to_pyarrow()
    finally:
        backend.disconnect()
