"""Recency, frequency and tenure."""

from __future__ import annotations

import ibis

from features.aggregates import count_where
from features.events import events
from features.history import History
from features.windows import DAY_US, Window, within


def rfm(history: History, window: Window) -> ibis.Table:
    """How recently, how often and for how long each customer has been in touch.

    One row per customer with an event before the cutoff: customer_id, recency_days and tenure_days (days from the last
    and from the first event of all to the cutoff), frequency, frequency_30, frequency_90 (events in the observation
    window, the first included, and in the last 30 and 90 days).
    """
    rows = events(history, window.event)
    return rows.group_by("customer_id").aggregate(**measures(rows))


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `rfm` as aggregates over events, for table.py to take in one pass with others."""
    observed = rows.is_observed
    return {
        "recency_days": rows.age_us.min() / DAY_US,
        "tenure_days": rows.age_us.max() / DAY_US,
        "frequency": count_where(observed),
        "frequency_30": count_where(observed & within(rows.age_us, 30)),
        "frequency_90": count_where(observed & rows.is_recent),
    }
