"""A churn model at a later cutoff beside its baselines, in figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from training import metrics
from training.bundle.rowwise import Floats


@dataclass(frozen=True)
class Judged:
    """What happened to the judged customers and what was said before, all [customers].

    `risk`: the model's probability; `rule_risks`: each baseline's; `rankings`: each baseline's own number, as it is.
    """

    truth: Floats
    risk: Floats
    rule_risks: Mapping[str, Floats]
    rankings: Mapping[str, Floats]

    def risk_of(self, served: str) -> Floats:
        """Probability by the model ("model") or by the baseline named."""
        return self.risk if served == "model" else self.rule_risks[served]


def quality(truth: Floats, probability: Floats, ranking: Floats) -> dict[str, Any]:
    """Every figure of `backtest churn` for one model; None where it can't be computed."""
    figures: dict[str, Any] = {
        "auc": metrics.auc(truth, ranking),
        "auc_interval": metrics.interval(metrics.by_rank(truth, ranking, "auc"), truth.size),
        "average_precision": metrics.average_precision(truth, ranking),
        "average_precision_interval": metrics.interval(
            metrics.by_rank(truth, ranking, "average_precision"), truth.size
        ),
        "brier": metrics.brier(truth, probability),
        "log_loss": metrics.log_loss(truth, probability),
        "calibration_slope": metrics.calibration_slope(truth, probability),
        "calibration_error": metrics.calibration_error(truth, probability),
        "mean_score": float(np.mean(probability)),
        "lift_at_10": metrics.lift_at(truth, ranking),
    }
    return {name: _for_json(value) for name, value in figures.items()}


def baseline_qualities(judged: Judged) -> dict[str, dict[str, Any]]:
    """`quality` of each baseline, ranked by its own number and its probability from a logistic a step."""
    return {
        rule: quality(judged.truth, judged.rule_risks[rule], judged.rankings[rule]) for rule in sorted(judged.rankings)
    }


def _for_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_for_json(part) for part in value]
    return None if math.isnan(value) else value
