"""What was bought."""

import ibis

from features.order import order_key
from features.statistics.measure import Measure


def orders(rows: ibis.Table) -> dict[str, Measure]:
    """orders, revenue, order_value_mean and orders_per_customer over the orders base."""
    amount, priced, known = rows.amount.sum(), rows.amount.notnull(), rows.customer_id.notnull()
    worth = order_key(rows).nunique(where=priced)
    bought, customers = order_key(rows).nunique(where=known), rows.customer_id.nunique()
    return {
        "orders": Measure(order_key(rows).nunique(), rows.count()),
        "revenue": Measure(amount.fill_null(ibis.literal(0, type="decimal(38, 4)")), rows.amount.count()),
        "order_value_mean": Measure(amount.cast("float64") / worth.nullif(0), rows.amount.count()),
        "orders_per_customer": Measure(bought / customers.nullif(0), rows.count(where=known)),
    }
