"""How quickly and how well a customer was answered."""

from __future__ import annotations

import ibis

from features.aggregates import count_where, median_where, sum_where
from features.fills import said
from features.history import History
from features.windows import Window

_MINUTE_US = 60_000_000


def responsiveness(history: History, window: Window) -> ibis.Table:
    """Waiting and answers for the contacts each customer began in the observation window.

    One row per customer with a contact in the window: customer_id, response_minutes_median and response_minutes_90
    (median, and mean of the last 90 days, of minutes from contact to first human answer), wait_seconds_mean,
    abandoned_share (of contacts with a known outcome), unanswered_share (neither an answer known at the cutoff nor the
    outcome "answered"), reopened_share (of contacts resolved before the cutoff). Null without a contact
    to compute it from.
    """
    rows = history.observed_interactions
    return rows.group_by("customer_id").aggregate(**measures(rows))


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `responsiveness` as aggregates over the window's interactions."""
    contact = rows.is_contact
    answered = contact & (rows.response_us >= 0)
    lately = answered & rows.is_recent
    waited = contact & rows.wait_ms.notnull()
    silent = contact & rows.response_us.isnull() & (said(rows, "outcome").fill_null("") != "answered")
    resolved = contact & rows.is_resolved
    return {
        "response_minutes_median": median_where(rows.response_us, answered) / _MINUTE_US,
        "response_minutes_90": sum_where(rows.response_us, lately) / (count_where(lately).nullif(0) * _MINUTE_US),
        "wait_seconds_mean": sum_where(rows.wait_ms, waited) / (count_where(waited).nullif(0) * 1000),
        "abandoned_share": count_where(contact & (rows.outcome == "abandoned"))
        / count_where(contact & rows.outcome.notnull()).nullif(0),
        "unanswered_share": count_where(silent) / count_where(contact).nullif(0),
        "reopened_share": count_where(resolved & rows.reopened) / count_where(resolved).nullif(0),
    }
