"""One customer: who, how likely to stay silent, why, and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serving.answers import customers as answers
from serving.dashboard.views.segments import unit_of
from serving.dashboard.visit import Visit

FIELDS = (
    *("email", "phone", "gender", "birth_year", "country", "region", "city", "owner"),
    *("income", "joined_at", "left_at", "marketing_consent"),
)
# The risks of a score, at the first, second and third of the model's horizons.
_RISKS = ("churn_30", "churn_60", "churn_90")
# Everything an entry of the timeline may tell; what it doesn't, or what the caller may not see, is None.
_ENTRY: dict[str, Any] = dict.fromkeys(
    (
        *("channel", "direction", "kind", "content", "response", "outcome", "satisfaction", "reopened", "is_automated"),
        *("duration_seconds", "wait_seconds", "amount", "product", "quantity", "status"),
        *("topic", "importance", "comment", "sentiment"),
    )
)


def customer(visit: Visit) -> dict[str, Any]:
    """`customer` (the answer), `timeline`, the `fields` of the profile that are known, `curve`, `features`, and
    `horizon`, the days of the risk that is explained.

    Raises NotFound.
    """
    answer = answers.customer(visit.snapshot, visit.caller, visit.path["customer_id"])
    profile = answer["profile"]
    horizons = visit.snapshot.churn.horizon_days if visit.snapshot.churn is not None else (90,)
    return {
        "customer": answer,
        "timeline": [{**_ENTRY, **entry} for entry in answer["timeline"]],
        "heading": profile.get("name") or answer["customer_id"],
        "fields": [(name, profile[name]) for name in FIELDS if profile.get(name) is not None],
        "curve": curve(answer["scores"], horizons),
        "horizon": horizons[-1],
        "features": [
            {"feature": name, "value": value, "unit": unit_of(name)}
            for name, value in answer["features"].items()
            if value is not None
        ],
        "active_days": visit.snapshot.churn.active_days if visit.snapshot.churn is not None else 90,
    }


def curve(scores: dict[str, Any] | None, horizon_days: Sequence[int]) -> list[dict[str, Any]]:
    """Days ahead and the chance of silence until then, longest bar for certainty; empty without a risk."""
    if scores is None or scores.get("churn_90") is None:
        return []
    return [{"days": days, "risk": scores[risk]} for days, risk in zip(horizon_days, _RISKS, strict=False)]
