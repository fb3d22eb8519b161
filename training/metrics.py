"""How good probabilities are: ranking, calibration, and how sure one can be of either.

`truth` is 0 or 1, `score` the probability or any number that rises with it, both [customers].
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from training.bundle.rowwise import Floats
from training.logistic import fit_logistic, logit

# Resamples of a bootstrap interval and the share of them it covers.
RESAMPLES = 400
COVERED = 0.95
_SMALLEST = 1e-12


def auc(truth: Floats, score: Floats) -> float:
    """Probability that a random churner scores above a random stayer, ties counted half. NaN for one class."""
    return by_rank(truth, score, "auc")(np.ones(truth.size))


def average_precision(truth: Floats, score: Floats) -> float:
    """Sum over falling scores of precision x gain in recall, equal scores taken together. NaN without a churner."""
    return by_rank(truth, score, "average_precision")(np.ones(truth.size))


def brier(truth: Floats, probability: Floats) -> float:
    """Mean squared distance of probability and truth."""
    return float(np.mean((probability - truth) ** 2))


def log_loss(truth: Floats, probability: Floats) -> float:
    """Mean of -log of the probability given to what happened, in nats."""
    given = np.where(truth == 1, probability, 1 - probability)
    return float(-np.mean(np.log(np.clip(given, _SMALLEST, 1.0))))


def calibration_slope(truth: Floats, probability: Floats) -> float:
    """Slope of a logistic regression of the truth on the log-odds given: 1 is right, below 1 too sure (Cox 1958)."""
    if truth.min() == truth.max() or np.ptp(probability) == 0:
        return float("nan")
    return fit_logistic(logit(probability), truth)[1]


def calibration_error(truth: Floats, probability: Floats, bins: int = 10) -> float:
    """Expected calibration error: |mean probability - churned share| over `bins` equally large bins, their mean."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if part.size]
    gaps = [abs(float(np.mean(probability[part]) - np.mean(truth[part]))) * part.size for part in parts]
    return sum(gaps) / truth.size


def lift_at(truth: Floats, score: Floats, share: float = 0.1) -> float:
    """Churned share among the `share` with the highest scores / churned share of all."""
    chosen = np.argsort(-score, kind="stable")[: max(1, round(truth.size * share))]
    everyone = float(np.mean(truth))
    return float(np.mean(truth[chosen])) / everyone if everyone else float("nan")


def interval(measure: Callable[[Floats], float], customers: int, seed: int = 0) -> tuple[float, float]:
    """Bootstrap percentile interval of `measure(weight)`, weights being how often each customer was drawn."""
    random = np.random.default_rng(seed)
    even = np.full(customers, 1 / customers)
    drawn = [measure(random.multinomial(customers, even).astype(np.float64)) for _ in range(RESAMPLES)]
    known = np.array([value for value in drawn if not np.isnan(value)])
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - COVERED) / 2, (1 + COVERED) / 2])
    return float(low), float(high)


def by_rank(truth: Floats, score: Floats, measure: str) -> Callable[[Floats], float]:
    """`auc` or `average_precision` as a function of weights, sorted once: for the many draws of a bootstrap."""
    order = np.argsort(-score, kind="stable")
    truth, starts = truth[order], _group_starts(score[order])

    def weighted(weight: Floats) -> float:
        weight = weight[order]
        churners = np.add.reduceat(weight * truth, starts)
        stayers = np.add.reduceat(weight * (1 - truth), starts)
        return _MEASURES[measure](churners, stayers)

    return weighted


def _auc_of(churners: Floats, stayers: Floats) -> float:
    below = stayers.sum() - np.cumsum(stayers)
    pairs = churners.sum() * stayers.sum()
    return float((churners * (below + stayers / 2)).sum() / pairs) if pairs else float("nan")


def _average_precision_of(churners: Floats, stayers: Floats) -> float:
    found, seen = np.cumsum(churners), np.cumsum(churners + stayers)
    precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
    return float((precision * churners).sum() / found[-1]) if found[-1] else float("nan")


_MEASURES = {"auc": _auc_of, "average_precision": _average_precision_of}


def _group_starts(falling: Floats) -> npt.NDArray[np.intp]:
    """Where each run of equal scores begins."""
    return np.flatnonzero(np.concatenate([[True], falling[1:] != falling[:-1]]))
