"""What a customer said about the service: ratings and complaints."""

from __future__ import annotations

import ibis

from features.aggregates import count_where, sum_where
from features.fills import said, total
from features.history import History
from features.windows import Window

COMPLAINT = "complaint"


def satisfaction(history: History, window: Window) -> ibis.Table:
    """Ratings known at the cutoff and complaints, of contacts in the observation window.

    One row per customer with a contact in the window: customer_id, rating_mean, rating_count, rating_last (the latest
    given; of several at one moment the lowest), low_ratings_90 (1 or 2, contacts of the last 90 days), complaint_share
    (of the contacts the customer began), complaints_90, rating_trend (mean rating of the last 90 days' contacts less
    that of those before; null without both), rating_response_share (rated / contacts the customer began). rating_mean
    and complaint_share take in what a mapping has filled in (features/fills.py), the others only what was said.
    """
    rows = history.observed_interactions
    return rows.group_by("customer_id").aggregate(**measures(rows))


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `satisfaction` as aggregates over the window's interactions."""
    complaint = rows.is_contact & (rows.kind == COMPLAINT)
    complained = rows.is_contact & (said(rows, "kind") == COMPLAINT)
    rating, known = said(rows, "satisfaction"), rows.satisfaction.notnull()
    rated = rating.notnull()
    begun = count_where(rows.is_contact)
    return {
        "rating_mean": total(rows.satisfaction, known) / count_where(known).nullif(0),
        "rating_count": count_where(rated),
        # Age and rating in one whole number: its smallest is the latest rating, and no tie is left to chance.
        "rating_last": (rows.rated_age_us * 8 + rating).min(where=rated) % 8,
        "low_ratings_90": count_where(rows.is_recent & (rating <= 2)),
        "complaint_share": count_where(complaint) / begun.nullif(0),
        "complaints_90": count_where(rows.is_recent & complained),
        "rating_trend": _mean(rating, rated & rows.is_recent) - _mean(rating, rated & ~rows.is_recent),
        "rating_response_share": count_where(rows.is_contact & rated) / begun.nullif(0),
    }


def _mean(rating: ibis.Value, where: ibis.Value) -> ibis.Value:
    return sum_where(rating, where) / count_where(where).nullif(0)
