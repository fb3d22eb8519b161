"""The customers at risk, filtered and sorted, and how good the model behind them is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast, get_args

from serving.answers import churn as answers
from serving.answers import models, segments, statistics
from serving.dashboard.memory import remembered
from serving.dashboard.paging import page_of, parts_of
from serving.dashboard.visit import Visit
from serving.listing import Sort

PAGE = 50
RISKS = (0.1, 0.25, 0.5, 0.75)


def churn(visit: Visit) -> dict[str, Any]:
    """`answer` (customers at risk), `page`, `csv`, the filters in use and to choose from, the model's `quality`.

    Raises QueryError for a filter of the wrong shape.
    """
    owner, segment, risk = visit.text("owner"), visit.text("segment"), visit.share("min_risk")
    sort = cast(Sort, visit.choice("sort", get_args(Sort), "risk"))
    answer = answers.at_risk(
        visit.snapshot, visit.caller, owner, segment, risk, sort, limit=PAGE, cursor=visit.text("cursor")
    )
    return {
        "answer": answer,
        "page": page_of(visit, answer),
        "csv": parts_of(visit, answer["total"]),
        "asked": {"owner": owner, "segment": segment, "min_risk": risk or None, "sort": sort},
        "owners": remembered(("owners", *visit.scope), lambda: _owners(visit)),
        "segments": segments.all_segments(visit.snapshot, visit.caller)["segments"],
        "risks": RISKS,
        "sorts": get_args(Sort),
        "quality": quality(visit),
    }


def quality(visit: Visit) -> dict[str, Any] | None:
    """The churn model's grade and average precision beside the best simple rule's; None without a model."""
    for model in models.models(visit.snapshot, visit.caller, visit.state)["models"]:
        if model["model"] == "churn":
            metrics, baselines = model["metrics"] or {}, model["baselines"] or {}
            ranked = sorted(baselines.items(), key=lambda item: -(item[1].get("average_precision") or 0.0))
            return {
                "grade": model["grade"],
                "served": model["served"],
                "average_precision": metrics.get("average_precision"),
                "lift_at_10": metrics.get("lift_at_10"),
                "rule": ranked[0][0] if ranked else None,
                "rule_average_precision": ranked[0][1].get("average_precision") if ranked else None,
            }
    return None


def _owners(visit: Visit) -> list[str]:
    """The reps with contacts in the year before the cutoff."""
    if visit.caller.only_owner is not None:
        return []
    end = visit.snapshot.cutoff.astimezone(visit.zone).date() + timedelta(days=1)
    answer = statistics.statistic(
        visit.snapshot, visit.caller, "contacts", start=end - timedelta(days=365), end=end, by=("owner",)
    )
    return sorted(row["owner"] for row in answer["rows"] if row["owner"] is not None)
