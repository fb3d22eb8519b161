"""What the risks of an answer are of: the days of churn_30, churn_60 and churn_90, and what churn is told by."""

from typing import Any

from serving.snapshot import Snapshot


def risk_meaning(snapshot: Snapshot) -> dict[str, Any]:
    """{horizon_days, event}: days ahead of churn_30, churn_60 and churn_90, and `[churn] event`; None without a model.

    The names stay whatever `[windows] horizon_days` is; the last of the three is the last horizon, which bands, reasons
    and lists go by.
    """
    model = snapshot.churn
    return {
        "horizon_days": model.risk_days if model is not None else None,
        "event": model.event if model is not None else None,
    }
