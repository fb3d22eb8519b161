"""Who churned: labels from the cutoff on, by the same events that features count, or by the date of leaving.

By silence ("interactions", "orders") the moment that a hazard waits for is the next event, and who has none within the
horizon churned; by date ("left_at") it is the leaving, and who leaves within the horizon churned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.windows import DAY_US, Event, micros_of
from training.bundle.hazard import Steps
from training.bundle.rowwise import Floats
from training.leaving import NEVER, Leaving, Micros


@dataclass(frozen=True)
class Events:
    """Signs of life by customer and time. `customers`: sorted ids; `code`: place in it; `at`: microseconds since 1970.

    `leaving`: when each customer left, as known at any moment.
    """

    customers: pa.Array
    code: npt.NDArray[np.int64]
    at: Micros
    leaving: Leaving

    @classmethod
    def of(cls, events: pa.Table, left: pa.Table) -> Events:
        """From columns customer_id, at_us (microseconds, no nulls), and what training.leaving reads."""
        customers = pc.unique(events["customer_id"].combine_chunks())
        customers = customers.take(pc.sort_indices(customers))
        code = _codes(events["customer_id"], customers)
        at = events["at_us"].to_numpy()
        order = np.lexsort((at, code))
        return cls(customers, code[order], at[order], Leaving.of(left, customers))

    @property
    def left(self) -> Micros:
        """When each customer left as far as known, NEVER where no source says so; one entry more as in `first_from`."""
        return self.leaving.known_by(NEVER)

    @property
    def first(self) -> int:
        """Moment of the first event of all."""
        return int(self.at.min())

    def first_from(self, cutoff_us: int) -> Micros:
        """Each customer's first event at or after the cutoff, in the order of `customers`, and NEVER as the last entry.

        The last entry stands for those without any event, whose place is -1.
        """
        result = np.full(len(self.customers) + 1, NEVER)
        if self.at.size:
            earlier = np.add.reduceat(self.at < cutoff_us, self._begins, dtype=np.int64)
            first = self._begins + earlier
            some = first < np.append(self._begins[1:], self.at.size)
            result[self.code[self._begins[some]]] = self.at[first[some]]
        return result

    @cached_property
    def _begins(self) -> npt.NDArray[np.int64]:
        """Where the events of each customer who has any begin."""
        return np.flatnonzero(np.concatenate([[True], self.code[1:] != self.code[:-1]]))

    def place(self, ids: pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """Place of each id in `customers`, -1 for one without events."""
        return _codes(ids, self.customers)


def churned(
    events: Events,
    ids: pa.ChunkedArray,
    cutoff: datetime,
    horizon_days: int,
    event: Event = "interactions",
    limit: datetime | None = None,
) -> Floats:
    """1 for each customer without an event in [cutoff, cutoff + horizon_days), or with left_at in it; else 0.

    With `event` "left_at" by that date alone: silence doesn't count. `limit`: who left is taken as known before it, by
    default as known by now.
    """
    begin = micros_of(cutoff)
    end = begin + horizon_days * DAY_US
    who = events.place(ids)
    left = events.leaving.known_by(NEVER if limit is None else micros_of(limit))[who]
    leaves = (left >= begin) & (left < end)
    if event == "left_at":
        return leaves.astype(np.float64)
    silent = events.first_from(begin)[who] >= end
    result: Floats = (silent | leaves).astype(np.float64)
    return result


def still_there(events: Events, ids: pa.ChunkedArray, cutoff: datetime) -> npt.NDArray[np.bool_]:
    """Which customers had not left before the cutoff, as known before it."""
    moment = micros_of(cutoff)
    result: npt.NDArray[np.bool_] = events.leaving.known_by(moment)[events.place(ids)] >= moment
    return result


@dataclass(frozen=True)
class Followed:
    """Rows (customer, step) seen to their end: `row` of the features, `step`, and whether in it `happened` what the
    hazard is of: the next event, or by date the leaving.
    """

    row: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]
    happened: Floats


def followed(
    events: Events,
    who: npt.NDArray[np.int64],
    cutoff: datetime,
    steps: Steps,
    limit: datetime,
    event: Event = "interactions",
) -> Followed:
    """What happened in every step after the cutoff that ended by `limit`, to those it had not happened to before.

    `who`: the customers' places in `events.customers`, [rows of the features].
    By silence, who left by `limit` and within the horizon counts as silent throughout it: leaving is churn at once.
    By date, who is known to have left before the cutoff is in no row. Who left is taken as known at `limit`.
    """
    begin, end = micros_of(cutoff), micros_of(limit)
    moments = _moments(events, who, begin, min(end, begin + round(steps.longest * DAY_US)), end, event)
    edges = [begin + round(edge * DAY_US) for edge in steps.edges]
    parts = []
    for step in range(steps.count):
        if edges[step + 1] <= end:
            still = np.flatnonzero(moments >= edges[step])
            parts.append((still, np.full(still.size, step), (moments[still] < edges[step + 1]).astype(np.float64)))
    if not parts:
        return Followed(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    row, step_number, happened = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Followed(row, step_number, happened)


def _moments(events: Events, who: npt.NDArray[np.int64], begin: int, until: int, limit: int, event: Event) -> Micros:
    """When what the hazard is of happened to each customer, NEVER where it didn't or, by silence, where they left."""
    left = events.leaving.known_by(limit)[who]
    if event == "left_at":
        return left
    first = events.first_from(begin)[who]
    first[(left >= begin) & (left < until)] = NEVER
    return first


def _codes(ids: pa.ChunkedArray, customers: pa.Array) -> npt.NDArray[np.int64]:
    found = pc.fill_null(pc.index_in(ids, value_set=customers), -1)
    result: npt.NDArray[np.int64] = found.to_numpy().astype(np.int64)
    return result
