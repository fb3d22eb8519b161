"""One customer: who, how likely to be lost, why, and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serving.answers import customers as answers
from serving.dashboard.views.segments import unit_of
from serving.dashboard.views.what_if import what_if
from serving.dashboard.visit import Visit

FIELDS = (
    *("email", "phone", "gender", "birth_year", "country", "region", "city", "owner"),
    *("income", "joined_at", "left_at", "marketing_consent"),
)
# Everything an entry of the timeline may tell; what it doesn't, or what the caller may not see, is None.
_ENTRY: dict[str, Any] = dict.fromkeys(
    (
        *("channel", "direction", "kind", "content", "response", "outcome", "satisfaction", "reopened", "is_automated"),
        *("duration_seconds", "wait_seconds", "amount", "product", "quantity", "status"),
        *("topic", "importance", "comment", "sentiment"),
    )
)


def customer(visit: Visit) -> dict[str, Any]:
    """`customer` (the answer), `timeline`, the `fields` of the profile that are known, `curve`, `features`, `what_if`
    (see its view), and `horizon`, the days of the risk that is explained.

    Raises NotFound.
    """
    answer = answers.customer(visit.snapshot, visit.caller, visit.path["customer_id"])
    profile = answer["profile"]
    return {
        "customer": answer,
        "timeline": [{**_ENTRY, **entry} for entry in answer["timeline"]],
        "heading": profile.get("name") or answer["customer_id"],
        "fields": [(name, profile[name]) for name in FIELDS if profile.get(name) is not None],
        "curve": curve(answer["scores"], visit.risk_columns),
        "horizon": visit.risk_days[-1],
        "what_if": what_if(visit),
        "features": [
            {"feature": name, "value": value, "unit": unit_of(name)}
            for name, value in answer["features"].items()
            if value is not None
        ],
        "value_days": visit.snapshot.worth.horizon_days if visit.snapshot.worth is not None else visit.risk_days[-1],
        "active_days": visit.snapshot.churn.active_days if visit.snapshot.churn is not None else 90,
    }


def curve(scores: dict[str, Any] | None, risk_columns: Mapping[int, str]) -> list[dict[str, Any]]:
    """Days ahead and the risk until then, longest bar for certainty, no days twice; empty without a risk."""
    if scores is None or scores.get("churn_90") is None:
        return []
    return [{"days": days, "risk": scores[name]} for days, name in risk_columns.items()]
