"""Satisfaction and value as scores on [0, 1], with the parts they are made of."""

import ibis

from features.contact import by_person, from_customer
from features.customer.satisfaction import COMPLAINT
from features.statistics.measure import Grouped, Measure
from features.statistics.satisfaction import MILLION, millionths, written

# Columns of the table customer_values by the end of the figure's name.
VALUE_PARTS = {"": "score", "_income": "income", "_frequency": "frequency", "_loyalty": "loyalty"}
_FINE = 10**15


def scores(rows: ibis.Table) -> dict[str, Measure | Grouped]:
    """satisfaction_score and value_score with their parts; the latter needs customer_values: customer_id, score,
    income, frequency, loyalty.
    """
    return {**_satisfaction(rows), **{f"value_score{end}": _value(rows, column) for end, column in VALUE_PARTS.items()}}


def _satisfaction(rows: ibis.Table) -> dict[str, Measure | Grouped]:
    rated, felt, begun = by_person(rows) & rows.satisfaction.notnull(), written(rows), from_customer(rows)
    ratings, messages, contacts = rows.count(where=rated), rows.count(where=felt), rows.count(where=begun)
    complaints = rows.count(where=begun & (rows.kind == COMPLAINT))
    rating = (rows.satisfaction.sum(where=rated) - ratings) / (4 * ratings.nullif(0))
    sentiment = (millionths(rows).sum(where=felt) + MILLION * messages) / (2 * MILLION * messages.nullif(0))
    calm = (contacts - complaints) / contacts.nullif(0)
    parts = (rating, sentiment, calm)
    known = sum((part.notnull().cast("int64") for part in parts[1:]), parts[0].notnull().cast("int64"))
    total = parts[0].fill_null(0.0) + parts[1].fill_null(0.0) + parts[2].fill_null(0.0)
    heard = (ratings + messages).nullif(0)
    people = rows.count(where=by_person(rows))
    return {
        # Having complained of nothing says little alone.
        "satisfaction_score": Measure(heard.isnull().ifelse(None, total / known.nullif(0)), people),
        "satisfaction_score_rating": Measure(rating, ratings),
        "satisfaction_score_sentiment": Measure(sentiment, messages),
        "satisfaction_score_calm": Measure(calm, contacts),
    }


def _value(rows: ibis.Table, column: str) -> Grouped:
    """Mean over different customers, summed as whole numbers: a float sum depends on the order of its rows."""
    known = f'COUNT("{column}") FILTER (WHERE contacts > 0)'
    total = f'SUM(CAST(ROUND("{column}" * {_FINE}) AS BIGINT)) FILTER (WHERE contacts > 0)'
    return Grouped(
        within=("customer_id",),
        parts={"contacts": rows.count(where=by_person(rows))},
        # As wide as the sum: 9,224 customers times the fineness are more than a BIGINT holds.
        value=f"{total} / (CAST(NULLIF({known}, 0) AS HUGEINT) * {_FINE})",
        count=known,
        beside="customer_values",
        of_any=True,
    )
