"""What customers said in surveys."""

from __future__ import annotations

import ibis

from features.aggregates import count_where
from features.fills import total
from features.history import History
from features.windows import Window


def surveys(history: History, window: Window) -> ibis.Table:
    """Needs and satisfaction from the survey answers in the observation window.

    One row per customer with an answer: customer_id, need_gap (mean of importance x (5 - satisfaction), 0 to 20: how
    much of what matters is unmet), survey_satisfaction (mean, 1 to 5).
    """
    rows = history.surveys.filter(history.surveys.is_observed)
    return rows.group_by("customer_id").aggregate(**measures(rows))


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `surveys` as aggregates over the window's survey answers."""
    said = rows.satisfaction.notnull()
    weighed = said & rows.importance.notnull()
    gap = rows.importance * (5 - rows.satisfaction)
    return {
        "need_gap": total(gap, weighed) / count_where(weighed).nullif(0),
        "survey_satisfaction": total(rows.satisfaction, said) / count_where(said).nullif(0),
    }
