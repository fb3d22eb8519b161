"""Where waiting grew, beside the figure that is looked at: over the same days."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from features.statistics.bottlenecks import METRICS
from serving.answers import bottlenecks as answers
from serving.answers.statistics import Compare
from serving.dashboard.memory import remembered
from serving.dashboard.texts import data_word, translator
from serving.dashboard.visit import Visit

# The worst ones; the CSV has all.
ROWS = 10


def bottlenecks(visit: Visit, asked: dict[str, Any]) -> dict[str, Any] | None:
    """`rows` with titles, units and words, `total`, `fewest`, `compare`, `csv`; of the range and comparison `asked`.

    None for a version of an older Rapport, which lacks a figure that this needs.
    """
    if any(f"{metric}.value" not in visit.snapshot.statistics_sql for metric in METRICS):
        return None
    compare = cast("Compare", asked["compare"] or "previous")
    since, until = asked["from"], asked["to"]
    answer = remembered(
        ("bottlenecks", since, until, compare, *visit.scope),
        lambda: answers.bottlenecks(visit.snapshot, visit.caller, since, until, compare),
    )
    given = {name: day.isoformat() for name, day in (("from", since), ("to", until)) if day is not None}
    given["compare"] = compare
    return {
        "rows": [_shown(visit, row, given) for row in answer["rows"][:ROWS]],
        "total": len(answer["rows"]),
        "fewest": answer["fewest"],
        "compare": compare,
        "csv": f"/api/v1/bottlenecks?{urlencode({**given, 'format': 'csv'})}",
    }


def _shown(visit: Visit, row: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    """The row with its figure's title and unit, its group in words, and the address of the figure by that dimension."""
    from features.statistics.catalogue import CATALOGUE

    described = CATALOGUE[row["metric"]]
    known = row["group"] is not None
    return {
        **row,
        "title": described.title_zh if visit.language == "zh" else described.title_en,
        "unit": described.unit,
        "text": data_word(row["group"], visit.language) if known else translator(visit.language)("unknown"),
        "page": f"/statistics?{urlencode({'metric': row['metric'], 'by': row['dimension'], **given})}",
    }
