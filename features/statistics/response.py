"""Answers and resolutions: how quickly they came and whether they held."""

import ibis

from features.clock import micros
from features.contact import from_customer
from features.statistics.measure import Measure, quantile, share

_MINUTE_US = 60_000_000
_HOUR_US = 60 * _MINUTE_US
_BUCKETS = {"0_1h": (0, 1), "1_4h": (1, 4), "4_8h": (4, 8), "8_24h": (8, 24), "24h": (24, None)}


def response(rows: ibis.Table) -> dict[str, Measure]:
    """first_response_minutes_ and resolution_hours_median and _p90, by the calendar and in business hours; the shares
    of first answers by hours; unanswered_share, reopened_share.
    """
    begun = from_customer(rows)
    began_us = micros(rows.occurred_at)
    response_us = micros(rows.responded_at) - began_us
    resolution_us = micros(rows.resolved_at) - began_us
    answered, resolved = begun & (response_us >= 0), begun & (resolution_us >= 0)
    silent = rows.responded_at.isnull() & (rows.outcome.fill_null("") != "answered")
    return {
        "first_response_minutes_median": quantile(response_us, answered, _MINUTE_US),
        "first_response_minutes_p90": quantile(response_us, answered, _MINUTE_US, at=0.9),
        "first_response_business_minutes_median": quantile(rows.response_business_us, answered, _MINUTE_US),
        "first_response_business_minutes_p90": quantile(rows.response_business_us, answered, _MINUTE_US, at=0.9),
        **_buckets(response_us, answered),
        "unanswered_share": share(silent, begun),
        "resolution_hours_median": quantile(resolution_us, resolved, _HOUR_US),
        "resolution_hours_p90": quantile(resolution_us, resolved, _HOUR_US, at=0.9),
        "resolution_business_hours_median": quantile(rows.resolution_business_us, resolved, _HOUR_US),
        "resolution_business_hours_p90": quantile(rows.resolution_business_us, resolved, _HOUR_US, at=0.9),
        "reopened_share": share(rows.reopened, begun & rows.resolved_at.notnull()),
    }


def _buckets(response_us: ibis.Value, answered: ibis.Value) -> dict[str, Measure]:
    """first_response_HOURS_share: from the first hour on, up to before the second."""
    found = {}
    for name, (least, below) in _BUCKETS.items():
        inside = response_us >= least * _HOUR_US
        if below is not None:
            inside = inside & (response_us < below * _HOUR_US)
        found[f"first_response_{name}_share"] = share(inside, answered)
    return found
