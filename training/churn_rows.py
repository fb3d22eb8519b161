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
from training.labels import Followed, followed, still_there
from training.observed import Observed

# Behaviour only: income says who somebody is, and "because of your income" is a reason nobody can act on.


@dataclass(frozen=True)
class Rows:
    """What the model sees [n, f + s]: features, then the columns of the step; the step itself and whether in it
    `happened` what the hazard is of (see training.labels), [n].
    """

    inputs: Floats
    step: npt.NDArray[np.int64]
    happened: Floats

    def feature(self, name: str) -> Floats:
        """One feature, [n]."""
        result: Floats = self.inputs[:, FEATURES.index(name)]
        return result


@dataclass(frozen=True)
class _Active:
    """Which rows of a cutoff's feature table are of active customers, and their places among those with events."""

    rows: pa.ChunkedArray
    who: npt.NDArray[np.int64]


class RowMaker:
    """Makes rows of the active customers at any cutoff; `seasonal` adds the season a step starts in."""

    def __init__(self, observed: Observed, steps: Steps, seasonal: bool) -> None:
        self.observed = observed
        self.steps = steps
        self.seasonal = seasonal
        # A training asks up to four times for every cutoff.
        self._found: dict[datetime, _Active] = {}

    @property
    def columns(self) -> list[str]:
        """Names of the columns of `Rows.inputs`."""
        return [*FEATURES, *STEP_FEATURES, *(SEASON_FEATURES if self.seasonal else ())]

    def active(self, cutoff: datetime) -> pa.Table:
        """Features of those with an event in the active days before the cutoff; by date without who is known gone."""
        return self.observed.features_at(cutoff).filter(self._active(cutoff).rows)

    def rows(self, cutoffs: Sequence[datetime], limit: datetime) -> Rows:
        """The rows of these cutoffs (one at least) whose step was over by `limit`.

        They are put where they stay at once: half a million customers at six cutoffs take gigabytes.
        """
        seen = [self._followed(cutoff, limit) for cutoff in cutoffs]
        inputs = np.empty((sum(one.step.size for one in seen), len(self.columns)))
        end = 0
        for cutoff, one in zip(cutoffs, seen, strict=True):
            begin, end = end, end + one.step.size
            inputs[begin:end, : len(FEATURES)] = matrix(self.active(cutoff), FEATURES)[one.row]
            inputs[begin:end, len(FEATURES) :] = self._step_columns(cutoff, one)
        return Rows(inputs, np.concatenate([one.step for one in seen]), np.concatenate([one.happened for one in seen]))

    def _followed(self, cutoff: datetime, limit: datetime) -> Followed:
        who = self._active(cutoff).who
        return followed(self.observed.events, who, cutoff, self.steps, limit, self.observed.event)

    def _active(self, cutoff: datetime) -> _Active:
        if cutoff not in self._found:
            self._found[cutoff] = self._find(cutoff)
        return self._found[cutoff]

    def _find(self, cutoff: datetime) -> _Active:
        events, features = self.observed.events, self.observed.features_at(cutoff)
        rows = pc.less_equal(features["recency_days"], float(self.observed.active_days))
        if self.observed.event == "left_at":
            rows = pc.and_(rows, pa.array(still_there(events, features["customer_id"], cutoff)))
        return _Active(rows, events.place(features["customer_id"].filter(rows)))

    def _step_columns(self, cutoff: datetime, seen: Followed) -> Floats:
        (day,) = day_of_year(np.array([moments_of(cutoff)]))
        described = [
            step_columns(self.steps.edges, step, np.array([day]), self.seasonal) for step in range(self.steps.count)
        ]
        result: Floats = np.concatenate(described)[seen.step]
        return result


def moments_of(cutoff: datetime) -> np.datetime64:
    """An aware cutoff in NumPy's terms, in UTC."""
    offset = cutoff.utcoffset()
    if offset is None:
        raise ValueError("a cutoff needs a time zone")
    return np.datetime64((cutoff - offset).replace(tzinfo=None), "us")
