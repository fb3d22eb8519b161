"""How satisfied everybody is, and what customers need."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from serving.answers import needs as needs_answers
from serving.answers import satisfaction as answers
from serving.answers import segments
from serving.dashboard import drawings
from serving.dashboard.memory import remembered
from serving.dashboard.texts import data_word, translator
from serving.dashboard.visit import Visit


def satisfaction(visit: Visit) -> dict[str, Any]:
    """`estimate` (the CSAT answer) and the share that was rated; `needs` with words for its topics, their
    `chart`, `csv`, the segment `asked` for and the `segments` to choose from.

    Raises QueryError for a filter of the wrong shape.
    """
    estimate = answers.satisfaction(visit.snapshot, visit.caller)
    segment = visit.text("segment")
    needs = remembered(("needs", segment, *visit.scope), lambda: _needs(visit, segment))
    return {
        "estimate": estimate,
        "rated_share": estimate["rated"] / estimate["contacts"] if estimate["contacts"] else None,
        "needs": needs,
        "chart": remembered(("needs map", segment, *visit.scope), lambda: drawings.needs(visit, needs["needs"])),
        "csv": f"/api/v1/needs?{urlencode({**({'segment': segment} if segment else {}), 'format': 'csv'})}",
        "asked": {"segment": segment},
        "segments": segments.all_segments(visit.snapshot, visit.caller)["segments"],
    }


def _needs(visit: Visit, segment: str | None) -> dict[str, Any]:
    """The answer, each topic with its `name` in words; none of a version of an older Rapport."""
    if "survey_importance.value" not in visit.snapshot.statistics_sql:
        return {"needs": [], "left_out": 0, "fewest": 0}
    answer = needs_answers.needs(visit.snapshot, visit.caller, segment=segment)
    unknown = translator(visit.language)("unknown")
    rows = [
        {**row, "name": unknown if row["topic"] is None else data_word(row["topic"], visit.language)}
        for row in answer["needs"]
    ]
    return {**answer, "needs": rows}
