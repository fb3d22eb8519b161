"""A risk split into what each feature goes with, so that the parts add up to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from training.bundle.rowwise import Floats, exp, row_sums, softplus

# Closer than this, the slope between two points is the curve's own.
_CLOSE = 1e-9


@dataclass(frozen=True)
class Parts:
    """Log-odds of a step = start (anybody's) + the sum of `features` [rows, features] + `season` [rows].

    `season`: what the time of year and the place of the step in the horizon add.
    """

    start: float
    features: Floats
    season: Floats


@dataclass(frozen=True)
class Explained:
    """Risk at the last horizon = `start` (anybody's) + the sum of `features` [rows, features] + `season` [rows].

    In points of probability.
    """

    start: float
    features: Floats
    season: Floats


def explained(steps: Sequence[Parts]) -> Explained:
    """The risk of silence through all steps, split by feature; exact but for rounding.

    The risk is exp(-sum over steps of log(1 + exp(log-odds))). Each of the two bends is taken at the slope of the
    straight line between anybody's value and the row's own, so that parts which add up before it add up after it
    (DeepLIFT's rescale rule, Shrikumar and others 2017).
    """
    weights = [_slope(softplus, np.full(part.season.shape, part.start), _log_odds(part)) for part in steps]
    features = sum((w[:, None] * part.features for w, part in zip(weights, steps, strict=True)), np.zeros(1))
    season = sum((w * part.season for w, part in zip(weights, steps, strict=True)), np.zeros(1))
    start = sum(float(softplus(np.array([part.start]))[0]) for part in steps)
    total = sum((softplus(_log_odds(part)) for part in steps), np.zeros(1))
    slope = _slope(lambda silent: exp(-silent), np.full(total.shape, start), total)
    return Explained(float(exp(np.array([-start]))[0]), slope[:, None] * features, slope * season)


def _log_odds(part: Parts) -> Floats:
    result: Floats = part.start + row_sums(part.features) + part.season
    return result


def _slope(curve: Callable[[Floats], Floats], begin: Floats, end: Floats) -> Floats:
    """Slope of the line between two points of a curve; where they meet, of a line just as short around them."""
    apart = np.abs(end - begin) > _CLOSE
    other = np.where(apart, end, begin + _CLOSE)
    result: Floats = (curve(other) - curve(begin)) / (other - begin)
    return result
