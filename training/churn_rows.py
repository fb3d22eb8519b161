"""Rows (customer, cutoff, step) that the churn hazard is learned on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from training.bundle.hazard import SEASON_FEATURES, STEP_FEATURES, Steps, day_of_year, step_columns
from training.bundle.matrix import FEATURES, matrix
from training.bundle.rowwise import Floats
from training.labels import followed
from training.observed import Observed

# Behaviour only: income says who somebody is, and "because of your income" is a reason nobody can act on.


@dataclass(frozen=True)
class Rows:
    """Features [n, f], columns of the step [n, s], the step itself and whether an event came in it, [n]."""

    features: Floats
    step_columns: Floats
    step: npt.NDArray[np.int64]
    came_back: Floats

    @property
    def inputs(self) -> Floats:
        """Everything the trees see, [n, f + s]."""
        return np.column_stack([self.features, self.step_columns])

    def feature(self, name: str) -> Floats:
        """One feature, [n]."""
        result: Floats = self.features[:, FEATURES.index(name)]
        return result


class RowMaker:
    """Makes rows of the active customers at any cutoff; `seasonal` adds the season a step starts in."""

    def __init__(self, observed: Observed, steps: Steps, seasonal: bool) -> None:
        self.observed = observed
        self.steps = steps
        self.seasonal = seasonal

    @property
    def columns(self) -> list[str]:
        """Names of the columns of `Rows.inputs`."""
        return [*FEATURES, *STEP_FEATURES, *(SEASON_FEATURES if self.seasonal else ())]

    def active(self, cutoff: datetime) -> pa.Table:
        """Features of those with an event in the active days before the cutoff."""
        features = self.observed.features_at(cutoff)
        return features.filter(pc.less_equal(features["recency_days"], float(self.observed.active_days)))

    def rows(self, cutoffs: Sequence[datetime], limit: datetime) -> Rows:
        """The rows of these cutoffs (one at least) whose step was over by `limit`."""
        parts = [self._rows_at(cutoff, limit) for cutoff in cutoffs]
        return Rows(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.step_columns for part in parts]),
            np.concatenate([part.step for part in parts]),
            np.concatenate([part.came_back for part in parts]),
        )

    def _rows_at(self, cutoff: datetime, limit: datetime) -> Rows:
        features = self.active(cutoff)
        seen = followed(self.observed.events, features["customer_id"], cutoff, self.steps, limit)
        day = day_of_year(np.full(features.num_rows, moments_of(cutoff)))
        described = [step_columns(self.steps.edges, step, day, self.seasonal) for step in range(self.steps.count)]
        columns = np.stack(described)[seen.step, seen.row]
        return Rows(matrix(features, FEATURES)[seen.row], columns, seen.step, seen.came_back)


def moments_of(cutoff: datetime) -> np.datetime64:
    """An aware cutoff in NumPy's terms, in UTC."""
    offset = cutoff.utcoffset()
    if offset is None:
        raise ValueError("a cutoff needs a time zone")
    return np.datetime64((cutoff - offset).replace(tzinfo=None), "us")
