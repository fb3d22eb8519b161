"""Conversations: how long they were, how long people waited, and who gave up."""

import ibis

from features.contact import by_person, from_customer
from features.statistics.measure import Measure, mean, quantile, share

_SECOND_MS = 1000
# Where someone waits in a line and can hang up; an e-mail can't be abandoned.
_QUEUES = ["phone", "chat"]
_IN_TIME_MS = 20 * _SECOND_MS


def service(rows: ibis.Table) -> dict[str, Measure]:
    """service_seconds_ and wait_seconds_mean, _median and _p90, service_level, abandonment_share and its queued one."""
    begun = from_customer(rows)
    answered = by_person(rows) & (rows.outcome == "answered")
    offered = begun & rows.channel.isin(_QUEUES) & rows.outcome.isin(["answered", "abandoned"])
    abandoned = rows.outcome == "abandoned"
    in_time = (rows.outcome == "answered") & (rows.wait_ms <= _IN_TIME_MS)
    return {
        "service_seconds_mean": mean(rows.duration_ms, answered, _SECOND_MS),
        "service_seconds_median": quantile(rows.duration_ms, answered, _SECOND_MS),
        "service_seconds_p90": quantile(rows.duration_ms, answered, _SECOND_MS, at=0.9),
        "wait_seconds_mean": mean(rows.wait_ms, begun, _SECOND_MS),
        "wait_seconds_median": quantile(rows.wait_ms, begun, _SECOND_MS),
        "wait_seconds_p90": quantile(rows.wait_ms, begun, _SECOND_MS, at=0.9),
        "service_level": share(in_time, offered & (abandoned | rows.wait_ms.notnull())),
        "abandonment_share": share(abandoned, offered),
        "abandonment_queued_share": share(abandoned, offered & (rows.wait_ms > 0)),
    }
