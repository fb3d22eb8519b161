"""The gamma-gamma model of what a purchase is worth, beside BG/NBD's number of purchases (Fader and Hardie 2013)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GammaGamma:
    """Amounts of a customer are gamma(p, nu), nu differs between customers as gamma(q, gamma)."""

    p: float
    q: float
    gamma: float

    def expected(self, x: Floats, mean: Floats) -> Floats:
        """Expected mean amount of a purchase after `x` of them, `mean` on average (0 without any); [customers]."""
        result: Floats = self.p * (self.gamma + x * mean) / (self.p * x + self.q - 1)
        return result


def fit(x: Floats, mean: Floats) -> GammaGamma:
    """The likeliest parameters for x purchases of a mean amount, of those with one at least and an amount above 0."""
    bought = (x > 0) & (mean > 0)
    x, mean = x[bought], mean[bought]

    def missed(logs: Floats) -> float:
        p, q, gamma = np.exp(logs)
        told = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        told += (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(x * mean + gamma)
        return -float(told.sum())

    start = np.log([1.0, 3.0, max(float(mean.mean()), 1e-6)])
    found = minimize(missed, start, method="Nelder-Mead", options={"maxiter": 5_000, "xatol": 1e-7, "fatol": 1e-6})
    p, q, gamma = (float(one) for one in np.exp(found.x))
    return GammaGamma(p, q, gamma)
