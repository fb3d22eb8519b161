"""The feature table as a matrix of numbers, nulls as NaN."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from training.bundle.rowwise import Floats
from workspace.tables import CUSTOMER_FEATURES, FLOAT, INTEGER, MONEY

# What models learn from: every feature that is a number, but not what somebody earns.
FEATURES = tuple(
    one.name for one in CUSTOMER_FEATURES.columns if one.type in (INTEGER, FLOAT, MONEY) and one.name != "income"
)


def matrix(features: pa.Table, names: Sequence[str]) -> Floats:
    """Columns `names` of a customer_features table as float64 [rows, len(names)]; money becomes floats too."""
    columns = [column(features, name) for name in names]
    if not columns:
        return np.empty((features.num_rows, 0))
    return np.ascontiguousarray(np.column_stack(columns))


def column(features: pa.Table, name: str) -> Floats:
    """One column as float64 [rows], nulls as NaN."""
    floats = features.column(name).cast(pa.float64())
    values: Floats = floats.to_numpy(zero_copy_only=False).astype(np.float64)
    return values
