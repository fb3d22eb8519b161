"""What can't be true of a row: times out of order or in the future, negative lengths, values out of their range."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.typed import shown

if TYPE_CHECKING:
    import ibis.expr.types as ir

# A clock may be wrong by a day, or a zone unstated.
TOLERANCE = timedelta(days=1)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)

# left_at may lie ahead: a contract that was given notice.
PAST_TIMES: dict[str, tuple[str, ...]] = {
    "interactions": ("occurred_at", "responded_at", "resolved_at", "rated_at"),
    "customers": ("joined_at",),
    "orders": ("ordered_at",),
    "surveys": ("answered_at",),
    "volume_history": ("period_start",),
}
NOT_NEGATIVE: dict[str, tuple[str, ...]] = {
    "interactions": ("duration_ms", "wait_ms"),
    "customers": ("income",),
    "orders": (),  # a return is an order line with a negative amount
    "surveys": (),
    "volume_history": ("count", "period_minutes"),
}
RANGES: dict[str, dict[str, tuple[int, int]]] = {
    "interactions": {"satisfaction": (1, 5)},
    "customers": {"birth_year": (1880, 2100), "latitude": (-90, 90), "longitude": (-180, 180)},
    "orders": {},
    "surveys": {"importance": (1, 5), "satisfaction": (1, 5)},
    "volume_history": {"period_minutes": (1, 60 * 24 * 366)},
}
# (earlier, later, reason): the later one can't come first.
ORDER: dict[str, tuple[tuple[str, str, str], ...]] = {
    "interactions": (
        ("occurred_at", "responded_at", "answered before asked"),
        ("occurred_at", "resolved_at", "resolved before asked"),
        ("occurred_at", "rated_at", "rated before asked"),
    ),
    "customers": (("joined_at", "left_at", "left before joined"),),
    "orders": (),
    "surveys": (),
    "volume_history": (),
}


def impossible(values: dict[str, ir.Value], table: str, collected_at: datetime) -> dict[str, Any]:
    """Conditions by reason on the cleaned values of one table's rows; null where a value is missing."""
    found: dict[str, Any] = {}
    latest = ibis.literal(collected_at + TOLERANCE, "timestamp('UTC')")
    earliest = ibis.literal(EARLIEST, "timestamp('UTC')")
    for name in PAST_TIMES[table]:
        if name in values:
            found[f"{name} in the future"] = values[name] > latest
            found[f"{name} out of range"] = values[name] < earliest
    for name in NOT_NEGATIVE[table]:
        if name in values:
            found[f"{shown(name)} negative"] = values[name] < 0
    for name, (low, high) in RANGES[table].items():
        if name in values:
            found[f"{name} out of range"] = (values[name] < low) | (values[name] > high)
    for earlier, later, reason in ORDER[table]:
        if earlier in values and later in values:
            found[reason] = values[later] < values[earlier]
    return found
