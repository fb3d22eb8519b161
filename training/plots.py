"""Pictures for MLflow: groups of customers only, never one customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from charts.calibration import calibration
from charts.lift import lift
from charts.render import png
from charts.segment_map import segment_map
from training.bundle.rowwise import Floats
from training.judged import Judged

_BINS, _POINTS = 10, 20


def churn_pictures(judged: Judged) -> dict[str, bytes]:
    """calibration.png and lift.png of a judged churn model beside its baselines."""
    return {
        "calibration.png": png(calibration(calibration_bins(judged.truth, judged.risk))),
        "lift.png": png(lift(gains(judged))),
    }


def segment_pictures(profiles: list[dict[str, Any]]) -> dict[str, bytes]:
    """segments.png: each segment's size, value and risk."""
    return {"segments.png": png(segment_map(profiles))}


def calibration_bins(truth: Floats, risk: Floats) -> list[dict[str, Any]]:
    """Ten equally large bins of rising risk: mean predicted, share observed, customers."""
    parts = np.array_split(np.argsort(risk, kind="stable"), _BINS)
    return [
        {
            "predicted": float(np.mean(risk[part])),
            "observed": float(np.mean(truth[part])),
            "customers": int(part.size),
        }
        for part in parts
        if part.size
    ]


def gains(judged: Judged) -> list[dict[str, Any]]:
    """Cumulative gains of the model and of every rule: model, contacted, found."""
    rankings = {"model": judged.risk, **judged.rankings}
    return [row for name, score in rankings.items() for row in gain_points(name, judged.truth, score)]


def gain_points(name: str, truth: Floats, score: Floats) -> list[dict[str, Any]]:
    """Cumulative gains at each twentieth: share contacted, share of the churners found."""
    found = np.cumsum(truth[np.argsort(-score, kind="stable")])
    shares = np.linspace(0, 1, _POINTS + 1)
    counts = np.round(shares * truth.size).astype(int)
    return [
        {"model": name, "contacted": float(share), "found": float(found[count - 1] / found[-1]) if count else 0.0}
        for share, count in zip(shares, counts, strict=True)
    ]


def numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    """The plain numbers among figures, for MLflow's metrics."""
    return {
        name: float(value)
        for name, value in figures.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
