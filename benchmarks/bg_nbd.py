"""The BG/NBD model of repeat buying, as marketing science would use it instead (Fader, Hardie and Lee 2005)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BgNbd:
    """Purchase rates are gamma(r, alpha), the chance to drop out after each purchase beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def expected(self, x: Floats, t_x: Floats, age: Floats, ahead: float) -> Floats:
        """Expected purchases in the time `ahead`, [customers]: equation 10 of the paper."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        front = (a + b + x - 1) / (a - 1)
        fraction = ahead / (alpha + age + ahead)
        series = hyp2f1(r + x, b + x, a + b + x - 1, fraction)
        inner = 1 - ((alpha + age) / (alpha + age + ahead)) ** (r + x) * series
        gone = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x), 0.0)
        result: Floats = front * inner / (1 + gone)
        return result


def fit(x: Floats, t_x: Floats, age: Floats) -> BgNbd:
    """The likeliest parameters for repeat purchases x, time of the last one t_x and time since the first one, age."""

    def missed(logs: Floats) -> float:
        return -float(_log_likelihood(np.exp(logs), x, t_x, age).sum())

    found = minimize(
        missed, np.zeros(4), method="Nelder-Mead", options={"maxiter": 5_000, "xatol": 1e-7, "fatol": 1e-6}
    )
    r, alpha, a, b = (float(one) for one in np.exp(found.x))
    return BgNbd(r, alpha, a, b, -float(found.fun))


def _log_likelihood(parameters: Floats, x: Floats, t_x: Floats, age: Floats) -> Floats:
    r, alpha, a, b = parameters
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    left = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x)
    result: Floats = common + np.where(x > 0, np.logaddexp(alive, left), alive)
    return result
