"""What customers said in surveys."""

import ibis

from features.statistics.measure import Measure, mean

_BEST = 5


def surveys(rows: ibis.Table) -> dict[str, Measure]:
    """need_gap, survey_importance and survey_satisfaction over the surveys base."""
    gap = rows.importance * (_BEST - rows.satisfaction)
    return {
        "need_gap": mean(gap, rows.importance.notnull() & rows.satisfaction.notnull(), 1),
        "survey_importance": mean(rows.importance, rows.importance.notnull(), 1),
        "survey_satisfaction": mean(rows.satisfaction, rows.satisfaction.notnull(), 1),
    }
