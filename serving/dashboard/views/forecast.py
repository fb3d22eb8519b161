"""How much contact is coming, channel by channel, and how well that went before."""

from __future__ import annotations

from typing import Any

from serving.answers import forecast as answers
from serving.dashboard import drawings
from serving.dashboard.memory import remembered
from serving.dashboard.views.staffing import staffing
from serving.dashboard.visit import Visit
from workspace.errors import QueryError


def forecast(visit: Visit) -> dict[str, Any]:
    """`answer` (None without a forecast), chart, total, busiest, staffing. Raises QueryError for an unknown channel."""
    channel = visit.text("channel") or "all"
    try:
        answer = answers.forecast(visit.snapshot, visit.caller, channel)
    except QueryError:
        if visit.text("channel") is not None:
            raise
        return {"answer": None}
    rows = answer["rows"]
    return {
        "answer": answer,
        "chart": remembered(
            ("forecast", channel, *visit.scope),
            lambda: drawings.forecast(visit, answer, history_days=90, forecast_days=len(rows)),
        ),
        "total": sum(row["mean"] for row in rows),
        "busiest": max(rows, key=lambda row: float(row["mean"]), default=None),
        "days": len(rows),
        "staffing": remembered(("staffing", channel, *visit.scope), lambda: staffing(visit, channel)),
    }
