"""How good probabilities are: ranking and calibration.

`truth` is 0 or 1, `score` the probability or any number that rises with it, both [customers].
"""

from __future__ import annotations

import numpy as np

from training.bundle.rowwise import Floats
from training.logistic import fit_logistic, logit

_SMALLEST = 1e-12


def auc(truth: Floats, score: Floats) -> float:
    """Probability that a random churner scores above a random stayer, ties counted half. NaN for one class."""
    return Ranked(truth, score).auc(np.ones(truth.size))


def average_precision(truth: Floats, score: Floats) -> float:
    """Sum over falling scores of precision x gain in recall, equal scores taken together. NaN without a churner."""
    return Ranked(truth, score).average_precision(np.ones(truth.size))


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


class Ranked:
    """Customers in falling order of a score, sorted once: for the many draws of a bootstrap.

    `weight` is how often each counts, [customers], in the order they were given in.
    """

    def __init__(self, truth: Floats, score: Floats) -> None:
        self._order = np.argsort(-score, kind="stable")
        self._truth = truth[self._order]
        falling = score[self._order]
        # How many customers lie above each run of equal scores, and how many there are.
        self._edges = np.concatenate([[0], np.flatnonzero(falling[1:] != falling[:-1]) + 1, [truth.size]])

    def auc(self, weight: Floats) -> float:
        """As `auc`, of weighted customers."""
        return _auc(*self._counted(weight))

    def average_precision(self, weight: Floats) -> float:
        """As `average_precision`, of weighted customers."""
        return _average_precision(*self._counted(weight))

    def both(self, weight: Floats) -> tuple[float, float]:
        """AUC and average precision, counted once."""
        found, seen = self._counted(weight)
        return _auc(found, seen), _average_precision(found, seen)

    def _counted(self, weight: Floats) -> tuple[Floats, Floats]:
        """Churners found and customers seen down to each edge between scores, [scores + 1], from 0 on."""
        falling = weight[self._order]
        return self._running(falling * self._truth), self._running(falling)

    def _running(self, falling: Floats) -> Floats:
        total = np.zeros(falling.size + 1)
        np.cumsum(falling, out=total[1:])
        result: Floats = total[self._edges]
        return result


def _auc(found: Floats, seen: Floats) -> float:
    stayers = seen - found
    pairs = found[-1] * stayers[-1]
    # Of each churner the stayers below count, and half of those at the same score.
    below = stayers[-1] - (stayers[1:] + stayers[:-1]) / 2
    return float(((found[1:] - found[:-1]) * below).sum() / pairs) if pairs else float("nan")


def _average_precision(found: Floats, seen: Floats) -> float:
    # Before the first customer drawn nothing is found either.
    precision = found[1:] / np.maximum(seen[1:], 1e-300)
    return float((precision * (found[1:] - found[:-1])).sum() / found[-1]) if found[-1] else float("nan")
