"""The front page: the month's figures, what is coming, who the customers are, and who may leave."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from serving.answers import churn, forecast, places, segments, statistics
from serving.dashboard import drawings
from serving.dashboard.memory import remembered
from serving.dashboard.months import last_full_month, month_before
from serving.dashboard.sparkline import sparkline
from serving.dashboard.visit import Visit
from workspace.errors import QueryError

FIGURES = (
    "inbound_contacts",
    "unique_customers",
    "csat",
    "first_response_minutes_median",
    "abandonment_share",
    "complaint_share",
    "orders",
    "revenue",
)
# A rate that only means something beside how many answered.
BESIDE = {"csat": "csat_response_share"}
TREND_MONTHS = 13
HEAT_WEEKS = 8
AT_RISK = 8


def overview(visit: Visit) -> dict[str, Any]:
    """`month` and `previous_month` (first days), `figures`, `volume`, `heat`, `cities`, `segments`, `at_risk`."""
    month = last_full_month(visit.snapshot.cutoff, visit.zone)
    return {
        "month": month,
        "previous_month": month_before(month),
        "figures": remembered(("figures", *visit.scope), lambda: month_figures(visit, month)),
        "volume": remembered(("volume", *visit.scope), lambda: _volume(visit)),
        "heat": remembered(("heat", *visit.scope), lambda: _heat(visit)),
        "heat_weeks": HEAT_WEEKS,
        "cities": remembered(("cities", *visit.scope), lambda: _cities(visit)),
        "segments": segments.all_segments(visit.snapshot, visit.caller)["segments"],
        "at_risk": churn.at_risk(visit.snapshot, visit.caller, sort="risk_value", limit=AT_RISK),
    }


def month_figures(visit: Visit, month: date) -> list[dict[str, Any]]:
    """Each figure of the month with the month before, the same month last year, and its trend of 13 months."""
    known = {found["metric"] for found in statistics.catalogue(visit.snapshot, visit.caller)["statistics"]}
    return [_figure(visit, metric, month) for metric in FIGURES if metric in known]


def _figure(visit: Visit, metric: str, month: date) -> dict[str, Any]:
    answer, values = _by_month(visit, metric, month)
    figure = {name: answer[name] for name in ("metric", "unit", "title_en", "title_zh", "definition")}
    months = [month_before(month, step) for step in range(TREND_MONTHS - 1, -1, -1)]
    value, previous, last_year = values.get(month), values.get(months[-2]), values.get(months[0])
    beside = BESIDE.get(metric)
    return {
        **figure,
        "better": _better(visit, metric),
        "value": value,
        "changes": [
            {"to": "previous", **_change(value, previous, answer["unit"])},
            {"to": "last_year", **_change(value, last_year, answer["unit"])},
        ],
        "trend": sparkline([values.get(at) for at in months]),
        "beside": None if beside is None else _by_month(visit, beside, month)[1].get(month),
    }


def _by_month(visit: Visit, metric: str, month: date) -> tuple[dict[str, Any], dict[date, float | None]]:
    answer = statistics.statistic(
        visit.snapshot,
        visit.caller,
        metric,
        start=month_before(month, TREND_MONTHS - 1),
        end=month_before(month, -1),
        grain="month",
    )
    values = {visit.formats.local(row["period_start"]).date(): row["value"] for row in answer["rows"]}
    return answer, values


def _change(value: float | None, before: float | None, unit: str) -> dict[str, Any]:
    """How a figure moved: shares in percentage points, everything else relative to what it was."""
    if value is None or before is None:
        return {"change": None, "points": unit == "share"}
    if unit == "share":
        return {"change": value - before, "points": True}
    return {"change": (value - before) / before if before else None, "points": False}


def _better(visit: Visit, metric: str) -> str | None:
    found = statistics.catalogue(visit.snapshot, visit.caller)["statistics"]
    return {described["metric"]: described["better"] for described in found}.get(metric)


def _volume(visit: Visit) -> dict[str, Any] | None:
    try:
        answer = forecast.forecast(visit.snapshot, visit.caller)
    except QueryError:
        return None
    return {"chart": drawings.forecast(visit, answer), "days": min(28, len(answer["rows"]))}


def _heat(visit: Visit) -> dict[str, Any] | None:
    """Mean contacts by weekday and hour of the weeks before the cutoff."""
    end = visit.snapshot.cutoff.astimezone(visit.zone).date()
    start = end - timedelta(weeks=HEAT_WEEKS)
    answer = statistics.statistic(visit.snapshot, visit.caller, "inbound_contacts", start=start, end=end, grain="hour")
    totals: dict[tuple[int, int], float] = {}
    for row in answer["rows"]:
        at = visit.formats.local(row["period_start"])
        totals[at.weekday(), at.hour] = totals.get((at.weekday(), at.hour), 0.0) + float(row["value"] or 0.0)
    if not totals:
        return None
    rows = [
        {"weekday": weekday, "hour": hour, "count": totals.get((weekday, hour), 0.0) / HEAT_WEEKS}
        for weekday in range(7)
        for hour in range(24)
    ]
    return {"chart": drawings.heatmap(visit, rows)}


def _cities(visit: Visit) -> dict[str, Any] | None:
    answer = places.cities(visit.snapshot, visit.caller)
    if not answer["cities"]:
        return None
    return {**drawings.cities(visit, answer["cities"]), "least": answer["least"], "left_out": answer["left_out"]}
