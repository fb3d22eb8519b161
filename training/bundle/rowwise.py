"""Functions of one number applied to every row, giving the same bits whatever the other rows are.

NumPy's vectorised exp and log may take another path, with another last bit, for a strided column than for a single row.
Arrow's call the C library's for one number after the other: one path.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]

# exp() of less underflows to 0 and of more overflows; a probability is 0 or 1 long before.
_STEEPEST = 700.0


def log1p(values: Floats) -> Floats:
    """log(1 + x) of each value; NaN stays NaN, and what lies at or below -1 is NaN."""
    found = pc.log1p(pa.array(np.where(values > -1.0, values, np.nan).ravel()))
    return _shaped(found, values)


def exp(values: Floats) -> Floats:
    """e to the power of each value."""
    return _shaped(pc.exp(pa.array(np.minimum(values, _STEEPEST).ravel())), values)


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-x)) of each value."""
    result: Floats = 1.0 / (1.0 + exp(-values))
    return result


def softplus(values: Floats) -> Floats:
    """log(1 + exp(x)) of each value."""
    result: Floats = np.maximum(values, 0.0) + log1p(exp(-np.abs(values)))
    return result


def row_sums(matrix: Floats) -> Floats:
    """Sum of each row of [rows, columns], one column after the other: NumPy's own adds in an order of its choice."""
    total = np.zeros(matrix.shape[0])
    for column in matrix.T:
        total = total + column
    return total


def _shaped(found: pa.Array, values: Floats) -> Floats:
    result: Floats = found.to_numpy(zero_copy_only=False).reshape(values.shape)
    return result
