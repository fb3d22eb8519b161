"""The staffing card of the forecast page: the coming week's agents, day by day."""

from __future__ import annotations

from typing import Any

from serving.answers import staffing as answers
from serving.dashboard.visit import Visit
from workspace.errors import QueryError


def staffing(visit: Visit, channel: str) -> dict[str, Any] | None:
    """The answer's own settings, `days` (day, planned_for, agents at the busiest, at when, hours) and `busiest`.

    For "all" that of the telephone: contacts of all kinds have no one handling time. None where nothing can be staffed,
    as without any contact's time of day or length.
    """
    try:
        answer = answers.staffing(visit.snapshot, answers.Asked("phone" if channel == "all" else channel))
    except QueryError:
        return None
    days: dict[Any, list[dict[str, Any]]] = {}
    for row in answer["rows"]:
        days.setdefault(visit.formats.local(row["period_start"]).date(), []).append(row)
    found = [_day(rows) for rows in days.values()]
    return {**answer, "days": found, "busiest": max(found, key=lambda day: int(day["scheduled"]))}


def _day(rows: list[dict[str, Any]]) -> dict[str, Any]:
    most = max(rows, key=lambda row: (int(row["scheduled"]), float(row["planned_for"])))
    return {
        "day": rows[0]["period_start"],
        "expected": sum(row["expected"] for row in rows),
        "scheduled": most["scheduled"],
        "at": most["period_start"],
        "hours": sum(row["scheduled"] * row["minutes"] for row in rows) / 60,
    }
