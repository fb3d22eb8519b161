"""What was bought."""

import ibis

from features.events import order_key
from features.statistics.measure import Measure


def orders(rows: ibis.Table) -> dict[str, Measure]:
    """orders and revenue over the orders base."""
    revenue = rows.amount.sum().fill_null(ibis.literal(0, type="decimal(38, 4)"))
    return {
        "orders": Measure(order_key(rows).nunique(), rows.count()),
        "revenue": Measure(revenue, rows.amount.count()),
    }
