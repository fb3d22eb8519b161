"""The grade that training a churn model would give, estimated before it by the same fit, on a sample where many are.

Up to CUSTOMERS judged customers the estimate is the very fit that training judges. Above, it is made on a sample of
them, and the interval of its gain narrowed to the size of all: by the root of how many times more there are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from features.fills import Fills
from features.identity import persons
from features.windows import Window
from training import churn
from training.grade import GAIN_OF_AN_A, letter_of
from training.observed import Observed, observe
from workspace.engine import arrow_tables
from workspace.progress import Progress, silent

if TYPE_CHECKING:
    import ibis
    from ibis.backends.duckdb import Backend

# Fitted in a quarter of a minute; the interval of the gain is then narrow enough to tell most grades apart.
CUSTOMERS = 8000
# Standard deviations in half of a 95 % interval.
_HALF = 1.96
_BY_CUSTOMER = ("customers", "interactions", "orders", "surveys")


@dataclass(frozen=True)
class Expected:
    """`grade`: A to D, None where only a rule can be served; `chances`: how likely each is with another draw of people.

    `gain` over `rule` with its 95 % `interval`, as for all `customers` judged, `fitted_on` so many of them.
    """

    grade: str | None
    chances: Mapping[str, float]
    rule: str
    gain: float
    interval: tuple[float, float]
    customers: int
    fitted_on: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "grade": self.grade,
            "chances": {letter: round(chance, 3) for letter, chance in self.chances.items()},
            "rule": self.rule,
            "gain": self.gain,
            "interval": list(self.interval),
            "customers": self.customers,
            "fitted_on": self.fitted_on,
        }


def expected_grade(
    observed: Observed,
    judged: int,
    tables: Mapping[str, ibis.Table],
    window: Window,
    backend: Backend,
    horizon_days: Sequence[int],
    progress: Progress = silent,
    most: int = CUSTOMERS,
    fills: Fills = (),
) -> Expected:
    """Fit and judge as training does, on at most about `most` of the `judged` customers.

    Raises NotEnoughHistoryError where training would.
    """
    if judged > most:
        observed = observe(sample(backend, tables, window, observed.events.customers, most / judged), window, fills)
    setting = churn.prepare(observed, horizon_days, progress, until_judged=True)
    verdict = churn.judge(setting, progress)
    fitted_on = int(verdict.judged.truth.size)
    narrower = math.sqrt(fitted_on / judged) if judged > most else 1.0
    gain = verdict.grade.gain
    low, high = (gain + (bound - gain) * narrower for bound in verdict.grade.interval)
    return Expected(
        None if verdict.letter is None else letter_of(gain, low),
        {} if verdict.letter is None else chances(gain, (high - low) / 2 / _HALF),
        verdict.grade.rule,
        gain,
        (low, high),
        judged,
        fitted_on,
    )


def chances(gain: float, deviation: float) -> dict[str, float]:
    """How likely each grade is where the gain found is normal around `gain`, its interval as wide as here."""
    if not deviation > 0:
        return {letter_of(gain, gain): 1.0}
    clear = _HALF * deviation
    from_a = max(clear, GAIN_OF_AN_A)
    below = {name: _normal((bound - gain) / deviation) for name, bound in (("D", 0.0), ("C", clear), ("B", from_a))}
    return {"A": 1 - below["B"], "B": below["B"] - below["C"], "C": below["C"] - below["D"], "D": below["D"]}


def sample(
    backend: Backend, tables: Mapping[str, ibis.Table], window: Window, people: pa.Array, share: float
) -> dict[str, ibis.Table]:
    """The tables of a share of the people, all rows of each, held by the engine; the same people each time."""
    count = max(1, round(len(people) * share))
    chosen = np.sort(np.random.default_rng(0).choice(len(people), size=min(count, len(people)), replace=False))
    ids = pa.table({"customer_id": people.take(pa.array(chosen))})
    sampled = arrow_tables(backend, {"sampled_people": ids})["sampled_people"]
    linked = persons(tables, window)
    if linked is not None:
        members = linked.semi_join(sampled, linked.person_id == sampled.customer_id).select("customer_id")
        sampled = sampled.union(members, distinct=True)
    kept = {name: _held(backend, name, rows.semi_join(sampled, "customer_id")) for name, rows in _of(tables).items()}
    signals = tables["message_signals"]
    kept["message_signals"] = _held(
        backend, "message_signals", signals.semi_join(kept["interactions"], "interaction_id")
    )
    return {**tables, **kept}


def _of(tables: Mapping[str, ibis.Table]) -> dict[str, ibis.Table]:
    return {name: tables[name] for name in _BY_CUSTOMER}


def _held(backend: Backend, name: str, rows: ibis.Table) -> ibis.Table:
    backend.raw_sql(f'CREATE OR REPLACE TEMPORARY TABLE "sampled_{name}" AS {backend.compile(rows)}')
    return backend.table(f"sampled_{name}")


def _normal(deviations: float) -> float:
    """Share of a normal distribution below so many standard deviations."""
    return (1 + math.erf(deviations / math.sqrt(2))) / 2
