"""Where a customer stands: new, returning, resurrecting or dormant."""

from __future__ import annotations

import ibis

from features.events import events
from features.history import History
from features.windows import Window, within

STAGES = ("new", "returning", "resurrecting", "dormant")


def lifecycle(history: History, window: Window) -> ibis.Table:
    """The stage each customer is in at the cutoff.

    One row per customer with an event before the cutoff: customer_id, lifecycle: "dormant" without an event in the
    window's active days; "new" when the first event of all lies in them; "resurrecting" when one of them came after
    more than so many days of silence; else "returning".
    """
    rows = events(history, window.event)
    return rows.group_by("customer_id").aggregate(**measures(rows, window))


def measures(rows: ibis.Table, window: Window) -> dict[str, ibis.Value]:
    """The figure of `lifecycle` as an aggregate over events."""
    days = window.active_days
    lately = within(rows.age_us, days)
    # Between two events of the active days lie fewer: only the first of them can have ended such a silence.
    silence_us = rows.age_us.min(where=~lately) - rows.age_us.max(where=lately)
    stage = ibis.cases(
        (~within(rows.age_us.min(), days), "dormant"),
        (within(rows.age_us.max(), days), "new"),
        (~within(silence_us, days), "resurrecting"),
        else_="returning",
    )
    return {"lifecycle": stage}
