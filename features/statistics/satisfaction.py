"""What customers thought of it, how many said so, and how their messages sound."""

import ibis

from features.contact import by_person, from_customer
from features.statistics.measure import Grouped, Measure, mean, share

_SATISFIED = 4
# Sentiments are summed as whole millionths: a float sum depends on the order of its rows.
MILLION = 1_000_000
_NEGATIVE = -0.05
# Shares of strata are summed as whole trillionths for the same reason.
_TRILLION = 1_000_000_000_000


def satisfaction(rows: ibis.Table) -> dict[str, Measure | Grouped]:
    """csat, csat_response_share, csat_weighted, rating_mean and _count, sentiment_mean, negative_share."""
    people, rated = by_person(rows), rows.satisfaction.notnull()
    ratings = rows.count(where=people & rated)
    felt = written(rows)
    messages = rows.count(where=felt)
    return {
        "csat": share(rows.satisfaction >= _SATISFIED, people & rated),
        "csat_response_share": share(rated, from_customer(rows)),
        "csat_weighted": _weighted(rows),
        "rating_mean": mean(rows.satisfaction, people, 1),
        "rating_count": Measure(ratings, ratings),
        "sentiment_mean": Measure(millionths(rows).sum(where=felt) / (messages.nullif(0) * MILLION), messages),
        "negative_share": share(rows.sentiment < _NEGATIVE, felt),
    }


def written(rows: ibis.Table) -> ibis.Value:
    """True for a contact the customer began with a message whose sentiment is known."""
    return from_customer(rows) & rows.sentiment.notnull()


def millionths(rows: ibis.Table) -> ibis.Value:
    """Sentiment as a whole number."""
    return (rows.sentiment * MILLION).round().cast("int64")


def _weighted(rows: ibis.Table) -> Grouped:
    """Inverse response-rate weights: each stratum of channel and month counts by its contacts, not by its ratings.

    A stratum without a rating says nothing: it is left out, its contacts too.
    """
    begun = from_customer(rows)
    rated = begun & rows.satisfaction.notnull()
    parts = {
        "contacts": rows.count(where=begun),
        "rated": rows.count(where=rated),
        "satisfied": rows.count(where=rated & (rows.satisfaction >= _SATISFIED)),
    }
    estimated = f"SUM(CAST(contacts AS HUGEINT) * satisfied * {_TRILLION} // NULLIF(rated, 0))"
    contacts = f"SUM(contacts) FILTER (WHERE rated > 0) * {_TRILLION}"
    return Grouped(
        within=("channel", "month"),
        parts=parts,
        value=f"{estimated} / ({contacts})",
        count="COALESCE(SUM(rated), 0)",
    )
