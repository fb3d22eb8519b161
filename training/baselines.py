"""The simple rules a churn model must beat: long silent means gone, and seldom here means gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from training.bundle.rowwise import Floats, log1p
from training.logistic import fit_logistic

# The feature each rule looks at, and whether more of it means more risk (+1) or less (-1).
RULES: Mapping[str, tuple[str, int]] = {"recency": ("recency_days", 1), "frequency": ("frequency", -1)}


def ranking(rule: str, column: Floats) -> Floats:
    """The rule's own score, [customers], higher is riskier; `column` is its feature."""
    result: Floats = RULES[rule][1] * column
    return result


def fit_rule(rule: str, column: Floats, step: npt.NDArray[np.int64], happened: Floats, steps: int) -> dict[str, Any]:
    """The rule as a hazard, for training.bundle.churn.rule_hazard: a logistic a step on log(1 + feature).

    column, step, happened: [rows of (customer, cutoff, step)]. A step nobody was seen in takes that before it.
    """
    scaled = log1p(column)
    centre = float(np.mean(scaled))
    coefficients: list[list[float]] = []
    for number in range(steps):
        rows = step == number
        if rows.any():
            coefficients.append(list(fit_logistic(scaled[rows] - centre, happened[rows], prior_weight=1.0)))
        else:
            coefficients.append(coefficients[-1])
    return {"feature": RULES[rule][0], "centre": centre, "coefficients": coefficients}
