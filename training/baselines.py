"""The simple rules a churn model must beat: long silent means gone, and seldom here means gone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from training.bundle.rowwise import Floats, log1p
from training.logistic import fit_logistic
from training.metrics import auc

# The AUC of what says nothing.
_EVEN = 0.5
# The feature each rule looks at, and whether more of it means more risk (+1) or less (-1).
RULES: Mapping[str, tuple[str, int]] = {"recency": ("recency_days", 1), "frequency": ("frequency", -1)}


def ranking(rule: str, column: Floats) -> Floats:
    """The rule's own score, [customers], higher is riskier; `column` is its feature."""
    result: Floats = RULES[rule][1] * column
    return result


def direction(rule: str, column: Floats, happened: Floats) -> int:
    """Whether in the past more (+1) or less (-1) of the rule's feature went with leaving; the usual way if neither.

    By a date of leaving nobody knows beforehand: who complains often may be about to leave, or who is never heard of.
    A rule turned the wrong way would be too easily beaten. column, happened: [rows of (customer, cutoff, step)].
    """
    found = auc(happened, column)
    if math.isnan(found) or found == _EVEN:
        return RULES[rule][1]
    return 1 if found > _EVEN else -1


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
