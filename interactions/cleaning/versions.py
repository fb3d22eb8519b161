"""From when on a row's content was known: what keeps features from seeing the future."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.duplicates import FIRST
from workspace.tables import TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir


def known_at(rows: ir.Table, table: str, collected_at: datetime) -> Any:
    """The mapped moment; else the event's own time for the first version of a key, `collected_at` for later ones and
    for a customer without a date of joining."""
    received: Any = ibis.literal(collected_at, "timestamp('UTC')").cast("timestamp('UTC', 6)")
    event = TABLES[table].event_time
    # A file of customers need not say when they joined.
    own = rows[event] if event in rows.columns else ibis.null("timestamp('UTC', 6)")
    return ibis.coalesce(rows["known_at"], rows[FIRST].ifelse(own, received), received)
