"""Answers and resolutions: how quickly they came and whether they held."""

import ibis

from features.clock import micros
from features.contact import from_customer
from features.statistics.measure import Measure, quantile, share

_MINUTE_US = 60_000_000
_HOUR_US = 60 * _MINUTE_US


def response(rows: ibis.Table) -> dict[str, Measure]:
    """first_response_minutes_median and _p90, resolution_hours_median, reopened_share."""
    begun = from_customer(rows)
    began_us = micros(rows.occurred_at)
    response_us = micros(rows.responded_at) - began_us
    resolution_us = micros(rows.resolved_at) - began_us
    answered, resolved = begun & (response_us >= 0), begun & (resolution_us >= 0)
    return {
        "first_response_minutes_median": quantile(response_us, answered, _MINUTE_US),
        "first_response_minutes_p90": quantile(response_us, answered, _MINUTE_US, at=0.9),
        "resolution_hours_median": quantile(resolution_us, resolved, _HOUR_US),
        "reopened_share": share(rows.reopened, begun & rows.resolved_at.notnull()),
    }
