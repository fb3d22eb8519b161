"""Functions of one number applied to every row, giving the same bits whatever the other rows are.

NumPy's vectorised exp and log may take another path, with another last bit, for a strided column than for a single row.
The standard library's have one path.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# exp() of less underflows to 0 and of more overflows; a probability is 0 or 1 long before.
_STEEPEST = 700.0


def log1p(values: Floats) -> Floats:
    """log(1 + x) of each value; NaN stays NaN, and what lies at or below -1 is NaN."""
    return _each(math.log1p, np.where(values > -1, values, math.nan))


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-x)) of each value."""
    return _each(_sigmoid, values)


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(min(-value, _STEEPEST)))


def _each(function: Callable[[float], float], values: Floats) -> Floats:
    flat = np.fromiter(map(function, values.ravel().tolist()), dtype=np.float64, count=values.size)
    return flat.reshape(values.shape)
