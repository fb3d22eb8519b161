"""The rhythm of a customer's events."""

from __future__ import annotations

import ibis

from features.events import events
from features.history import History
from features.windows import DAY_US, Window, within


def cadence(history: History, window: Window) -> ibis.Table:
    """How regularly each customer is in touch, and whether that is slowing down.

    One row per customer with an event before the cutoff, figures null where they can't be computed: customer_id,
    gap_days_median (median days between successive events in the observation window), gap_days_cv (sample standard
    deviation / mean of those gaps; two gaps or more), overdue_ratio (recency_days / gap_days_median), slowing_ratio
    (mean gap in the later half of the gaps / mean in the earlier half; of an odd number the middle one is left out).
    """
    rows = paced(events(history, window.event), window)
    return rows.group_by("customer_id").aggregate(**measures(rows))


def paced(rows: ibis.Table, window: Window) -> ibis.Table:
    """Events with `gap_us` (from the event before, both in the window), `is_later` and `is_earlier` half; and
    `silence_us`, from the event before wherever that lies."""
    observed = rows.is_observed
    in_order = ibis.window(group_by="customer_id", order_by="at_us")
    whole = ibis.window(group_by="customer_id")
    rows = rows.mutate(
        before_us=rows.age_us.lag().over(in_order),
        place=ibis.row_number().over(in_order),
        events_all=rows.count().over(whole),
        gaps=rows.count(where=observed).over(whole) - 1,
    )
    # The window's events are a customer's last ones: counted from the end, gap 0 is the latest.
    from_end = rows.events_all - 1 - rows.place
    inside = within(rows.before_us, window.observation_days)
    half = rows.gaps // 2
    return rows.mutate(
        gap_us=inside.ifelse(rows.before_us - rows.age_us, None),
        silence_us=rows.before_us - rows.age_us,
        is_later=inside & (from_end < half),
        is_earlier=inside & (from_end >= rows.gaps - half),
    ).drop("before_us", "place", "events_all", "gaps")


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `cadence` as aggregates over `paced` events."""
    gap = rows.gap_us
    median = gap.median().nullif(0)
    earlier = gap.sum(where=rows.is_earlier).nullif(0)
    return {
        "gap_days_median": gap.median() / DAY_US,
        "gap_days_cv": variation(gap),
        "overdue_ratio": rows.age_us.min() / median,
        "slowing_ratio": gap.sum(where=rows.is_later) / earlier,
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
