"""A churn model at a later cutoff beside its baselines, in figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from training import metrics
from training.bundle.rowwise import Floats
from training.compared import Compared


@dataclass(frozen=True)
class Judged:
    """What happened to the judged customers and what was said before, all [customers].

    `risk`: the model's probability; `rule_risks`: each baseline's; `rankings`: each baseline's own number, as it is.
    """

    truth: Floats
    risk: Floats
    rule_risks: Mapping[str, Floats]
    rankings: Mapping[str, Floats]

    @cached_property
    def compared(self) -> Compared:
        """The model's ranking ("model") beside those of the rules."""
        return Compared(self.truth, {"model": self.risk, **self.rankings})

    def risk_of(self, served: str) -> Floats:
        """Probability by the model ("model") or by the baseline named."""
        return self.risk if served == "model" else self.rule_risks[served]


def quality(compared: Compared, name: str, probability: Floats) -> dict[str, Any]:
    """Every figure of `backtest churn` for one score and the probability it gives; None where it can't be computed."""
    truth = compared.truth
    auc, average_precision = compared.marks[name]
    auc_interval, average_precision_interval = compared.intervals(name)
    figures: dict[str, Any] = {
        "auc": auc,
        "auc_interval": auc_interval,
        "average_precision": average_precision,
        "average_precision_interval": average_precision_interval,
        "brier": metrics.brier(truth, probability),
        "log_loss": metrics.log_loss(truth, probability),
        "calibration_slope": metrics.calibration_slope(truth, probability),
        "calibration_error": metrics.calibration_error(truth, probability),
        "mean_score": float(np.mean(probability)),
        "lift_at_10": metrics.lift_at(truth, compared.scores[name]),
    }
    return {name: _for_json(value) for name, value in figures.items()}


def baseline_qualities(judged: Judged) -> dict[str, dict[str, Any]]:
    """`quality` of each baseline, ranked by its own number and its probability from a logistic a step."""
    return {rule: quality(judged.compared, rule, judged.rule_risks[rule]) for rule in sorted(judged.rankings)}


def _for_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_for_json(part) for part in value]
    return None if math.isnan(value) else value
