"""The same weeks a year before: what the season alone would make of a customer."""

from __future__ import annotations

import ibis

from features.aggregates import count_where
from features.events import events
from features.history import History
from features.windows import Window, within

# Whole weeks, so that weekdays fall on weekdays: 52 of them back, 13 long.
_YEAR_DAYS = 364
_QUARTER_DAYS = 91


def season(history: History, window: Window) -> ibis.Table:
    """Events a year before the weeks around the cutoff, of all that is known, however short the observation window.

    One row per customer with an event before the cutoff: customer_id, season_ahead_count and season_behind_count
    (events a year before the 13 weeks that follow the cutoff, and before the 13 weeks that end with it). Null for who
    was not a customer yet when those weeks began.
    """
    rows = events(history, window.event)
    return rows.group_by("customer_id").aggregate(**measures(rows))


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `season` as aggregates over events."""
    return {
        "season_ahead_count": _count_between(rows, _YEAR_DAYS, _YEAR_DAYS - _QUARTER_DAYS),
        "season_behind_count": _count_between(rows, _YEAR_DAYS + _QUARTER_DAYS, _YEAR_DAYS),
    }


def _count_between(rows: ibis.Table, oldest: int, youngest: int) -> ibis.Value:
    """Events of `[cutoff - oldest days, cutoff - youngest days)`; null when the first event of all is younger."""
    count = count_where(within(rows.age_us, oldest) & ~within(rows.age_us, youngest))
    return within(rows.age_us.max(), oldest).ifelse(None, count)
