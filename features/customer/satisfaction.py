"""What a customer said about the service: ratings and complaints."""

from __future__ import annotations

import ibis

from features.history import History
from features.windows import Window

COMPLAINT = "complaint"


def satisfaction(history: History, window: Window) -> ibis.Table:
    """Ratings known at the cutoff and complaints, of contacts in the observation window.

    One row per customer with a contact in the window: customer_id, rating_mean, rating_count, rating_last (the latest
    given; of several at one moment the lowest), low_ratings_90 (1 or 2, contacts of the last 90 days), complaint_share
    (of the contacts the customer began), complaints_90.
    """
    rows = history.observed_interactions
    return rows.group_by("customer_id").aggregate(**measures(rows))


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `satisfaction` as aggregates over the window's interactions."""
    complaint = rows.is_contact & (rows.kind == COMPLAINT)
    rated = rows.satisfaction.notnull()
    ratings = rows.count(where=rated)
    return {
        "rating_mean": rows.satisfaction.sum(where=rated) / ratings.nullif(0),
        "rating_count": ratings,
        # Age and rating in one whole number: its smallest is the latest rating, and no tie is left to chance.
        "rating_last": (rows.rated_age_us * 8 + rows.satisfaction).min(where=rated) % 8,
        "low_ratings_90": rows.count(where=rows.is_recent & (rows.satisfaction <= 2)),
        "complaint_share": rows.count(where=complaint) / rows.count(where=rows.is_contact).nullif(0),
        "complaints_90": rows.count(where=rows.is_recent & complaint),
    }
