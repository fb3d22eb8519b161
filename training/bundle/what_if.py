"""What-if: the risk that customers like one had, whose one feature was another; within what training saw.

Which features may be asked about is said in workspace/feature_columns.py: those that the company can influence, or that
the next contact changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.bundle.churn import ChurnModel
from training.bundle.rowwise import Floats
from workspace.tables import CUSTOMER_FEATURES, INTEGER

ACTIONABLE = tuple(column.name for column in CUSTOMER_FEATURES.columns if column.actionable)
# Which shares of the training rows lie at or below the values that are shown; the first and the last are the range.
QUANTILES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


@dataclass(frozen=True)
class Range:
    """A feature as training saw it: from its 1st to its 99th percentile, and some values in it that customers had."""

    low: float
    high: float
    values: tuple[float, ...]

    def holds(self, value: float) -> bool:
        """Whether a value lies in the range."""
        return self.low <= value <= self.high


def ranges(columns: Mapping[str, Floats]) -> dict[str, list[float]]:
    """Observed values of each feature at the QUANTILES, none twice, for the manifest; `columns`: [training rows], NaN
    where unknown. A feature that nobody has is left out.
    """
    found = {}
    for name, values in columns.items():
        known = values[~np.isnan(values)]
        if known.size:
            # An observed value, not one between two: half a complaint never was.
            quantiles = np.quantile(known, QUANTILES, method="inverted_cdf")
            found[name] = [float(one) for one in np.unique(quantiles)]
    return found


def range_of(model: ChurnModel, feature: str) -> Range | None:
    """The observed range of a feature; None where training saw none, or the bundle is older than what-ifs."""
    values = model.manifest.get("observed", {}).get(feature)
    return Range(values[0], values[-1], tuple(values)) if values else None


def whole(feature: str) -> bool:
    """Whether the feature only has whole values."""
    return bool(CUSTOMER_FEATURES.column(feature).type == INTEGER)


def risks_at(
    model: ChurnModel, row: Floats, cutoff: np.datetime64, feature: str, values: Sequence[float]
) -> list[tuple[float, float, float]]:
    """churn_30, churn_60 and churn_90 of a customer, `row` [1, features], as if `feature` had each of the `values`.

    All other features stay as they are; at the customer's own value these are the bits of their score.
    """
    matrix = np.repeat(row, len(values), axis=0)
    matrix[:, model.features.index(feature)] = values
    curve = model.curve(matrix, np.full(len(values), cutoff))
    first, second, last = (curve[:, place].tolist() for place in model.risk_places)
    return list(zip(first, second, last, strict=True))
