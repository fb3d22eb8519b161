"""The rhythm of a customer's events."""

from __future__ import annotations

import ibis

from features.aggregates import count_where, sum_where
from features.events import events
from features.history import History
from features.windows import DAY_US, Window


def cadence(history: History, window: Window) -> ibis.Table:
    """How regularly each customer is in touch, and whether that is slowing down.

    One row per customer with an event in the observation window, figures null where they can't be computed:
    customer_id, active_days_count (different UTC days with an event), gap_days_median (median days between successive
    events), gap_days_cv (sample standard deviation / mean of those gaps; two gaps or more), overdue_ratio (recency_days
    / gap_days_median), slowing_ratio (mean gap in the later half of the gaps / mean in the earlier half; of an odd
    number the middle one is left out). All of them in the window.
    """
    rows = paced(events(history, window.event))
    return rows.group_by("customer_id").aggregate(**measures(rows))


def paced(rows: ibis.Table) -> ibis.Table:
    """The window's events with `gap_us` (from the event before, null for the first), `is_new_day`, and whether the gap
    `is_later` or `is_earlier` half."""
    rows = rows.filter(rows.is_observed)
    in_order = ibis.window(group_by="customer_id", order_by="at_us")
    rows = rows.mutate(
        before_us=rows.at_us.lag().over(in_order),
        # Gap 1 is the earliest; the first event, at place 0, has none before it.
        place=ibis.row_number().over(in_order),
        gaps=rows.count().over(group_by="customer_id") - 1,
    )
    half = rows.gaps // 2
    return rows.mutate(
        gap_us=rows.at_us - rows.before_us,
        is_new_day=rows.before_us.isnull() | (rows.at_us // DAY_US != rows.before_us // DAY_US),
        is_later=rows.place > rows.gaps - half,
        is_earlier=(rows.place > 0) & (rows.place <= half),
    ).drop("before_us", "place", "gaps")


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `cadence` as aggregates over `paced` events."""
    gap = rows.gap_us
    median = gap.median().nullif(0)
    earlier = sum_where(gap, rows.is_earlier).nullif(0)
    return {
        "active_days_count": count_where(rows.is_new_day),
        "gap_days_median": gap.median() / DAY_US,
        "gap_days_cv": variation(gap),
        "overdue_ratio": rows.age_us.min() / median,
        "slowing_ratio": sum_where(gap, rows.is_later) / earlier,
    }


def variation(gap: ibis.Value) -> ibis.Value:
    """Sample standard deviation / mean from exact sums: (n sum(g^2) - sum(g)^2) / (n (n - 1)), one division at the end.

    Squares of microseconds pass 64 bits, so they are summed as whole decimals; null with fewer than two gaps or with
    a mean of 0.
    """
    wide = gap.cast("decimal(19, 0)")
    count = gap.count()
    total = gap.sum().cast("decimal(19, 0)")
    spread = ((wide * wide).sum() * count - total * total).cast("float64")
    deviation = (spread / (count * (count - 1)).nullif(0).cast("float64")).sqrt()
    return deviation * count / gap.sum().nullif(0)
