"""Putting a churn model level: intercept and slope that make its risk at the horizon true of a later slice.

They are learned on whether customers were silent through the whole horizon, not step by step: steps that are each right
on average can still multiply to risks too sure of themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from training.bundle.rowwise import Floats, exp, softplus

# A level learned on few customers is drawn to none (intercept 0, slope 1) as if by this many squared log-odds.
PRIOR = 10.0
_SMALLEST = 1e-9
_NONE = np.array([0.0, 1.0])
_FLAT = 1e-9


@dataclass(frozen=True)
class Level:
    """How many trees, and the intercept and slope on the log-odds of every step."""

    rounds: int
    intercept: float = 0.0
    slope: float = 1.0


def fit_level(log_odds: Floats, silent: Floats) -> tuple[float, float]:
    """Intercept and slope for `log_odds` [customers, steps] under which `silent` (0 or 1, [customers]) is likeliest.

    The risk of silence is the product over steps of 1 - hazard, the hazard's log-odds intercept + slope x log-odds.
    """

    def missed(level: Floats) -> tuple[float, Floats]:
        """Mean -log likelihood of a customer with the prior's share, and its slopes."""
        odds = level[0] + level[1] * log_odds
        lasting = softplus(odds)
        risk = np.clip(exp(-lasting.sum(axis=1)), _SMALLEST, 1 - _SMALLEST)
        likely = silent * np.log(risk) + (1 - silent) * np.log(1 - risk)
        away = level - _NONE
        # The log of silence falls by the hazard where the odds rise by one.
        falls = (silent - (1 - silent) * risk / (1 - risk))[:, None] * exp(odds - lasting)
        slopes = np.array([falls.sum(), (falls * log_odds).sum()])
        return float((PRIOR / 2 * away @ away - likely.sum()) / silent.size), (PRIOR * away + slopes) / silent.size

    found = minimize(missed, _NONE, jac=True, method="BFGS", options={"gtol": _FLAT})
    return float(found.x[0]), float(found.x[1])
