"""What a customer buys and earns."""

from __future__ import annotations

import ibis

from features.aggregates import count_where
from features.history import History
from features.order import whole_orders
from features.windows import DAY_US, Window

_MONEY = "decimal(18, 4)"


def value(history: History, window: Window) -> ibis.Table:
    """Orders in the observation window, and income.

    One row per customer with an order or a customers row: customer_id, order_count (different orders; a line that
    names no order is one), order_amount and order_amount_mean (company currency; null when no line's amount is known),
    order_count_90 and order_amount_90 (the last 90 days), order_recency_days (days from the last order of all to the
    cutoff), income.
    """
    orders = whole_orders(history.orders)
    bought = orders.group_by("customer_id").aggregate(**measures(orders))
    incomes = history.customers.select("customer_id", "income")
    joined = bought.outer_join(incomes, "customer_id")
    key = ibis.coalesce(joined.customer_id, joined.customer_id_right)
    rows = joined.mutate(customer_id=key).drop("customer_id_right")
    return rows.mutate(**without_orders(rows))


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `value` that come from orders, as aggregates over whole orders."""
    count = count_where(rows.any_observed)
    amount = rows.amount_observed.sum().cast(_MONEY)
    lately = count_where(rows.any_recent)
    amount_90 = rows.amount_recent.sum().cast(_MONEY)
    return {
        "order_count": count,
        "order_amount": (count == 0).ifelse(ibis.literal(0, type=_MONEY), amount),
        "order_amount_mean": amount.cast("float64") / count.nullif(0),
        "order_count_90": lately,
        "order_amount_90": (lately == 0).ifelse(ibis.literal(0, type=_MONEY), amount_90),
        "order_recency_days": rows.last_age_us.min() / DAY_US,
    }


def without_orders(rows: ibis.Table) -> dict[str, ibis.Value]:
    """Who has never ordered has ordered nothing: 0, not unknown."""
    never = rows.order_count.isnull()
    nothing = ibis.literal(0, type=_MONEY)
    return {
        "order_count": rows.order_count.fill_null(0),
        "order_amount": never.ifelse(nothing, rows.order_amount),
        "order_count_90": rows.order_count_90.fill_null(0),
        "order_amount_90": never.ifelse(nothing, rows.order_amount_90),
    }
