"""The what-if card of a customer's page: the risk over one feature's observed values, and the customer's own place."""

from __future__ import annotations

from typing import Any

from serving.answers.what_if import what_if as answered
from serving.dashboard import drawings
from serving.dashboard.features_named import feature_name
from serving.dashboard.texts import translator
from serving.dashboard.views.segments import unit_of
from serving.dashboard.visit import Visit


def what_if(visit: Visit) -> dict[str, Any] | None:
    """`features` to choose from, the `shown` one (the most telling by default) with its `chart` and `rows`, the note.

    `rows`: each value with its three risks, the customer's own among them. None for who has no risk. Raises QueryError
    for a feature that can't be asked about.
    """
    answer = answered(visit.snapshot, visit.caller, visit.path["customer_id"])
    features = {one["feature"]: one for one in answer["features"]}
    if not features:
        return None
    usual = max(features, key=lambda name: _spread(features[name]))
    shown = features[visit.choice("what_if", list(features), usual) or usual]
    return {
        "features": list(features),
        "shown": shown,
        "unit": unit_of(shown["feature"]),
        "rows": _rows(answer, shown),
        "beyond": shown["own"] is not None and not shown["low"] <= shown["own"] <= shown["high"],
        "chart": _chart(visit, answer, shown),
        "note": answer[f"note_{visit.language}"],
        "unused": shown[f"note_{visit.language}"],
    }


def _spread(feature: dict[str, Any]) -> float:
    risks = [one["churn_90"] for one in feature["values"]]
    return float(max(risks) - min(risks))


def _rows(answer: dict[str, Any], shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The observed values with the customer's own, where it is known, in order."""
    names = ("churn_30", "churn_60", "churn_90")
    rows = [{**{name: one[name] for name in ("value", *names)}, "own": False} for one in shown["values"]]
    if shown["own"] is not None:
        rows = [row for row in rows if row["value"] != shown["own"]]
        rows.append({"value": float(shown["own"]), **{name: answer[name] for name in names}, "own": True})
    return sorted(rows, key=lambda row: float(row["value"]))


def _chart(visit: Visit, answer: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    text = translator(visit.language)
    rows = [{"value": one["value"], "risk": one["churn_90"]} for one in shown["values"]]
    return drawings.what_if(
        visit,
        rows,
        own=shown["own"],
        own_risk=answer["churn_90"],
        own_title=text("what_if_own"),
        x_title=feature_name(shown["feature"], visit.language),
        y_title=text("risk_90", days=visit.risk_days[-1]),
        unit=unit_of(shown["feature"]),
    )
