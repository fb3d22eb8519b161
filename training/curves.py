"""How far a judged churn model can be trusted, as the points of two curves: calibration, and cumulative gains."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.bundle.rowwise import Floats
from training.judged import Judged

_BINS, _POINTS = 10, 20


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
