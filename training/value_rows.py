"""Rows (customer, cutoff) that expected values are learned on: at churn's cutoffs, with what was ordered after them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from training.bundle.expected_value import SPENT, TENURE
from training.bundle.matrix import FEATURES, matrix
from training.bundle.rowwise import Floats
from training.cutoffs import Plan, days_between
from training.observed import Observed
from training.value_orders import Ordered

# Cutoffs whose outcomes are complete before the judged one: fewer, and outcomes are followed for a shorter time.
FEWEST_CUTOFFS = 3
# Amounts are so scattered that more rows than this only take time and memory.
MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class ValuePlan:
    """Moments of a training, rising: `before` teach the judged model, `everything` the served one.

    Outcomes are followed for `label_days`, complete by `judged` and `as_of`: the horizon, or less in a short history.
    """

    as_of: datetime
    judged: datetime
    before: tuple[datetime, ...]
    everything: tuple[datetime, ...]
    horizon_days: int
    label_days: float


def value_plan(plan: Plan, horizon_days: int) -> ValuePlan:
    """Some of churn's moments, at which amounts can be followed to the end: outcomes of neighbours overlap, and every
    moment costs a table of features.
    """
    label = float(horizon_days)
    if sum(days_between(cutoff, plan.judged) >= label for cutoff in plan.before) < FEWEST_CUTOFFS:
        oldest = plan.before[:FEWEST_CUTOFFS][-1]
        label = min(label, float(math.floor(days_between(oldest, plan.judged))))
    before = _some([cutoff for cutoff in plan.before if days_between(cutoff, plan.judged) >= label])
    after = _some([cutoff for cutoff in plan.after if days_between(cutoff, plan.as_of) >= label])
    return ValuePlan(plan.as_of, plan.judged, before, (*before, *after), horizon_days, label)


def _some(cutoffs: Sequence[datetime]) -> tuple[datetime, ...]:
    """Evenly spaced ones, the newest among them: as few as will do."""
    every = max(1, len(cutoffs) // FEWEST_CUTOFFS)
    return tuple(reversed(cutoffs[::-1][::every]))


@dataclass(frozen=True)
class ValueRows:
    """What the model sees [n, features], and the amount ordered a day afterwards, [n], not below 0."""

    inputs: Floats
    rate: Floats

    @property
    def spent(self) -> Floats:
        """Amount ordered in the observation window, [n]."""
        return self._feature(SPENT)

    @property
    def tenure_days(self) -> Floats:
        """Days since the first event, [n]."""
        return self._feature(TENURE)

    def _feature(self, name: str) -> Floats:
        result: Floats = self.inputs[:, FEATURES.index(name)]
        return result


def value_rows(observed: Observed, orders: Ordered, cutoffs: Sequence[datetime], label_days: float) -> ValueRows:
    """Everybody at each cutoff, ever seen before it, with what they ordered in the `label_days` after it.

    Of more than a million rows every so-manieth is taken.
    """
    tables = [observed.features_at(cutoff) for cutoff in cutoffs]
    every = max(1, -(-sum(table.num_rows for table in tables) // MOST_ROWS))
    taken = [np.arange(0, table.num_rows, every) for table in tables]
    inputs = np.empty((sum(rows.size for rows in taken), len(FEATURES)))
    rates = np.empty(len(inputs))
    end = 0
    for cutoff, table, rows in zip(cutoffs, tables, taken, strict=True):
        begin, end = end, end + rows.size
        chosen = table if every == 1 else table.take(rows)
        inputs[begin:end] = matrix(chosen, FEATURES)
        rates[begin:end] = orders.amounts(chosen["customer_id"], cutoff, label_days) / label_days
    # More returned than ordered is no negative liking: learned as nothing, judged as it was.
    return ValueRows(inputs, np.maximum(rates, 0.0))
