"""What keeps a customer alive: the one definition for features, labels and baselines."""

from __future__ import annotations

from typing import Protocol

import ibis

from features.windows import Event


class Eventful(Protocol):
    """Anything with the two tables that events come from, such as a History."""

    @property
    def interactions(self) -> ibis.Table: ...

    @property
    def orders(self) -> ibis.Table: ...


def order_key(orders: ibis.Table) -> ibis.Value:
    """The order a line belongs to; a line that names none is an order of its own."""
    return ibis.coalesce(orders.order_id, orders.order_line_id)


def events(history: Eventful, event: Event = "interactions") -> ibis.Table:
    """Signs of life, one row each: customer_id, at (UTC), at_us, age_us (microseconds before the cutoff),
    is_observed, is_recent.

    "interactions": contacts the customer began, and orders. "orders": orders alone. An order of several lines is one
    event, at its first line.
    """
    lines = history.orders
    ordered = lines.group_by("customer_id", order_key=order_key(lines)).aggregate(
        at=lines.ordered_at.min(),
        at_us=lines.at_us.min(),
        age_us=lines.age_us.max(),
        is_observed=lines.is_observed.all(),
        is_recent=lines.is_recent.all(),
    )
    columns = ("customer_id", "at", "at_us", "age_us", "is_observed", "is_recent")
    if event == "orders":
        return ordered.select(columns)
    contacts = history.interactions.filter(history.interactions.is_contact)
    return contacts.mutate(at=contacts.occurred_at).select(columns).union(ordered.select(columns))
