"""Who fell silent: labels from the same events that features count, from the cutoff on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.windows import DAY_US, micros_of
from training.bundle.hazard import Steps
from training.bundle.rowwise import Floats

Micros = npt.NDArray[np.int64]

# Later than any event: no event followed.
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Events:
    """Signs of life by customer and time. `customers`: sorted ids; `code`: place in it; `at`: microseconds since 1970.

    `left`: when each customer left, NEVER where no source says so, with one entry more as in `first_from`.
    """

    customers: pa.Array
    code: npt.NDArray[np.int64]
    at: Micros
    left: Micros

    @classmethod
    def of(cls, events: pa.Table, left: pa.Table) -> Events:
        """From columns customer_id, at_us, and customer_id, left_us (microseconds, no nulls)."""
        customers = pc.unique(events["customer_id"].combine_chunks())
        customers = customers.take(pc.sort_indices(customers))
        code = _codes(events["customer_id"], customers)
        at = events["at_us"].to_numpy()
        order = np.lexsort((at, code))
        gone = np.full(len(customers) + 1, NEVER)
        who = _codes(left["customer_id"], customers)
        gone[who[who >= 0]] = left["left_us"].to_numpy()[who >= 0]
        return cls(customers, code[order], at[order], gone)

    @property
    def first(self) -> int:
        """Moment of the first event of all."""
        return int(self.at.min())

    def first_from(self, cutoff_us: int) -> Micros:
        """Each customer's first event at or after the cutoff, in the order of `customers`, and NEVER as the last entry.

        The last entry stands for those without any event, whose place is -1.
        """
        later = self.at >= cutoff_us
        who, where = np.unique(self.code[later], return_index=True)
        result = np.full(len(self.customers) + 1, NEVER)
        result[who] = self.at[later][where]
        return result

    def place(self, ids: pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """Place of each id in `customers`, -1 for one without events."""
        return _codes(ids, self.customers)


def churned(events: Events, ids: pa.ChunkedArray, cutoff: datetime, horizon_days: int) -> Floats:
    """1 for each customer without an event in [cutoff, cutoff + horizon_days), or with left_at in it; else 0."""
    begin = micros_of(cutoff)
    end = begin + horizon_days * DAY_US
    who = events.place(ids)
    silent = events.first_from(begin)[who] >= end
    left = (events.left[who] >= begin) & (events.left[who] < end)
    result: Floats = (silent | left).astype(np.float64)
    return result


@dataclass(frozen=True)
class Followed:
    """Rows (customer, step) seen to their end: `row` of the features, `step`, and whether an event came in it."""

    row: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]
    came_back: Floats


def followed(events: Events, ids: pa.ChunkedArray, cutoff: datetime, steps: Steps, limit: datetime) -> Followed:
    """What happened in every step after the cutoff that ended by `limit`, to those still silent when it began.

    Who left by `limit` and within the horizon counts as silent throughout it: leaving is churn at once.
    """
    begin, end = micros_of(cutoff), micros_of(limit)
    who = events.place(ids)
    first = events.first_from(begin)[who]
    left = events.left[who]
    first[(left >= begin) & (left < min(end, begin + round(steps.longest * DAY_US)))] = NEVER
    edges = [begin + round(edge * DAY_US) for edge in steps.edges]
    parts = []
    for step in range(steps.count):
        if edges[step + 1] <= end:
            still = np.flatnonzero(first >= edges[step])
            parts.append((still, np.full(still.size, step), (first[still] < edges[step + 1]).astype(np.float64)))
    if not parts:
        return Followed(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    row, step_number, came_back = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Followed(row, step_number, came_back)


def _codes(ids: pa.ChunkedArray, customers: pa.Array) -> npt.NDArray[np.int64]:
    found = pc.fill_null(pc.index_in(ids, value_set=customers), -1)
    result: npt.NDArray[np.int64] = found.to_numpy().astype(np.int64)
    return result
