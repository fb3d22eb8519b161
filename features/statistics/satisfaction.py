"""What customers thought of it, and how many said so."""

import ibis

from features.contact import by_person, from_customer
from features.statistics.measure import Measure, share

_SATISFIED = 4


def satisfaction(rows: ibis.Table) -> dict[str, Measure]:
    """csat and csat_response_share."""
    rated = rows.satisfaction.notnull()
    return {
        "csat": share(rows.satisfaction >= _SATISFIED, by_person(rows) & rated),
        "csat_response_share": share(rated, from_customer(rows)),
    }
