"""A ridge logistic regression of the hazard on all features: what the trees start from."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from training.bundle.linear import Linear, bent, standard
from training.bundle.rowwise import Floats

# Penalty on each squared standard coefficient: as chosen on the bank's calls and CDNOW, flat between 30 and 1,000.
RIDGE = 200.0
# So few numbers are learned that more rows than this only take time.
MOST_ROWS = 100_000
_CONSTANT = 1e-9
_CLOSE = 1e-7
_ITERATIONS = 50
_STEEPEST = 30.0


def fit_linear(inputs: Floats, happened: Floats) -> Linear:
    """The coefficients [columns] that fit `happened` (0 or 1, [rows]) best under a ridge penalty.

    Newton's method (Hastie, Tibshirani and Friedman 2009, 4.4.1, with a quadratic penalty). Columns that are constant
    or never known get the coefficient 0. Of many rows every so-manieth is taken.
    """
    every = max(1, -(-inputs.shape[0] // MOST_ROWS))
    taken, truth = inputs[::every], happened[::every]
    centre, spread = _scales(bent(taken))
    differs = spread > _CONSTANT
    spread = np.where(differs, spread, 1.0)
    design = np.column_stack([np.ones(truth.size), standard(taken, centre, spread)])
    # More threads would add up in another order: the same data is to give the same model.
    with threadpool_limits(1):
        beta = _newton(design, truth)
    coefficient = np.where(differs, beta[1:], 0.0)
    return Linear(float(beta[0]), tuple(centre.tolist()), tuple(spread.tolist()), tuple(coefficient.tolist()))


def _scales(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the known values of each column; 0 where there are none."""
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, values, 0.0)
    centre = filled.sum(axis=0) / count
    away = np.where(known, values - centre, 0.0)
    return centre, np.sqrt((away**2).sum(axis=0) / count)


def _newton(design: Floats, truth: Floats) -> Floats:
    share = min(max(float(truth.mean()), 1e-6), 1 - 1e-6)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(share / (1 - share))
    ridge = np.full(beta.size, RIDGE)
    ridge[0] = 1e-6
    for _ in range(_ITERATIONS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -_STEEPEST, _STEEPEST)))
        gradient = design.T @ (truth - p) - ridge * beta
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        # A long step can overshoot where nearly all probabilities are 0 or 1.
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), _CLOSE))
        if float(np.abs(step).max()) < _CLOSE:
            break
    return np.asarray(beta, dtype=np.float64)
