"""What keeps a customer alive: the one definition for features, labels and baselines."""

from __future__ import annotations

from typing import Protocol

import ibis

from features.order import whole_orders
from features.windows import Event


class Eventful(Protocol):
    """Anything with the two tables that events come from, such as a History."""

    @property
    def interactions(self) -> ibis.Table: ...

    @property
    def orders(self) -> ibis.Table: ...


def events(history: Eventful, event: Event = "interactions") -> ibis.Table:
    """Signs of life, one row each: customer_id, at (UTC), at_us, age_us (microseconds before the cutoff),
    is_observed, is_recent.

    "interactions" and "left_at": contacts the customer began, and orders. "orders": orders alone. An order of several
    lines is one event, at its first line.
    """
    ordered = whole_orders(history.orders)
    columns = ("customer_id", "at", "at_us", "age_us", "is_observed", "is_recent")
    if event == "orders":
        return ordered.select(columns)
    contacts = history.interactions.filter(history.interactions.is_contact)
    return contacts.mutate(at=contacts.occurred_at).select(columns).union(ordered.select(columns))
