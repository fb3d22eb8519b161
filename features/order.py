"""What an order is: its lines together, one definition for features, labels and statistics."""

import ibis


def order_key(lines: ibis.Table) -> ibis.Value:
    """The order a line belongs to; a line that names none is an order of its own."""
    return ibis.coalesce(lines.order_id, lines.order_line_id)


def whole_orders(lines: ibis.Table) -> ibis.Table:
    """Orders of a History's order lines: customer_id, order_key, at (UTC), at_us, age_us of the first line,
    last_age_us of the last one, is_observed, is_recent (all lines lie in the observation window, in its last 90 days),
    any_observed, any_recent, and amount_observed, amount_recent: the known amounts of those of its lines that do.
    """
    return lines.group_by("customer_id", order_key=order_key(lines)).aggregate(
        at=lines.ordered_at.min(),
        at_us=lines.at_us.min(),
        age_us=lines.age_us.max(),
        last_age_us=lines.age_us.min(),
        is_observed=lines.is_observed.all(),
        is_recent=lines.is_recent.all(),
        any_observed=lines.is_observed.any(),
        any_recent=lines.is_recent.any(),
        amount_observed=lines.amount.sum(where=lines.is_observed),
        amount_recent=lines.amount.sum(where=lines.is_recent),
    )
