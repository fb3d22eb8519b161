"""An export: what was sent, and what it was good for."""

from __future__ import annotations

from typing import Any

from serving.dashboard.visit import Visit
from serving.exports import found, shown
from serving.lift import DAYS, lift


def export(visit: Visit) -> dict[str, Any]:
    """`export`, its record, and `lift` of the usual days. Raises NotFound for one that is not there or not theirs."""
    record = found(visit.state, visit.caller, visit.path["export_id"])
    answer, measured = shown(record), lift(visit.snapshot, visit.state, record)
    return {
        "export": answer,
        "said": visit.named(answer, "message"),
        "lift": measured,
        "lift_said": visit.named(measured, "message"),
        "days": DAYS,
    }
