"""Logistic regression on one number, by Newton's method: calibration and the baselines need nothing larger."""

from __future__ import annotations

import numpy as np

from training.bundle.rowwise import Floats

_CLOSE = 1e-10
_SMALLEST = 1e-9


def fit_logistic(x: Floats, truth: Floats, prior_slope: float = 0.0, prior_weight: float = 1e-6) -> tuple[float, float]:
    """Intercept and slope of P(truth = 1) = 1 / (1 + exp(-(intercept + slope x))) that fit best.

    x, truth: [rows]. The slope is drawn to `prior_slope` as strongly as `prior_weight` times a squared distance would
    (a ridge), which keeps it finite where one class lies wholly above the other.
    """
    beta = np.array([0.0, prior_slope])
    design = np.column_stack([np.ones(x.size), x])
    ridge = np.array([1e-6, prior_weight])
    centre = np.array([0.0, prior_slope])
    for _ in range(100):
        eta = np.clip(design @ beta, -30, 30)
        p = 1 / (1 + np.exp(-eta))
        gradient = design.T @ (truth - p) - ridge * (beta - centre)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        # A long Newton step can overshoot where nearly all probabilities are 0 or 1.
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), _SMALLEST))
        if float(np.abs(step).max()) < _CLOSE:
            break
    return float(beta[0]), float(beta[1])


def logit(probability: Floats) -> Floats:
    """Log-odds, probabilities of 0 and 1 taken as a billionth away."""
    clipped = np.clip(probability, _SMALLEST, 1 - _SMALLEST)
    result: Floats = np.log(clipped / (1 - clipped))
    return result
