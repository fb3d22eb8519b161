"""Pictures for MLflow: groups of customers only, never one customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from charts.calibration import calibration
from charts.lift import lift
from charts.render import png
from charts.segment_map import segment_map
from training.curves import calibration_bins, gains
from training.judged import Judged


def churn_pictures(judged: Judged) -> dict[str, bytes]:
    """calibration.png and lift.png of a judged churn model beside its baselines."""
    return {
        "calibration.png": png(calibration(calibration_bins(judged.truth, judged.risk))),
        "lift.png": png(lift(gains(judged))),
    }


def segment_pictures(profiles: list[dict[str, Any]]) -> dict[str, bytes]:
    """segments.png: each segment's size, value and risk."""
    return {"segments.png": png(segment_map(profiles))}


def numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    """The plain numbers among figures, for MLflow's metrics."""
    return {
        name: float(value)
        for name, value in figures.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
