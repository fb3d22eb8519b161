"""Expected value: what each customer will order over the horizon, learned at past cutoffs and judged at a later one.

Everybody ever seen is a row, silent ones too: an expected amount has the chance of ordering nothing in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from training import value_rules, value_trees
from training.bundle.expected_value import TREES, Spending, ValueModel
from training.bundle.matrix import FEATURES
from training.bundle.rowwise import Floats
from training.cutoffs import days_between, moment, plan, steps_for
from training.grade import Grade
from training.observed import Observed
from training.value_limits import value_limits
from training.value_orders import Ordered
from training.value_quality import tenths, value_grade, value_quality
from training.value_rows import ValuePlan, ValueRows, value_plan, value_rows
from workspace.errors import NotEnoughHistoryError
from workspace.progress import Progress, silent

# Below this many judged customers, or orders among the outcomes, trees learn noise: a rule is served.
FEWEST_CUSTOMERS, FEWEST_BUYERS = 200, 100
# Below this many, not even a rule can be judged.
FEWEST_TO_JUDGE, FEWEST_BUYERS_TO_JUDGE = 20, 5


@dataclass(frozen=True)
class ValueVerdict:
    """Judged at the plan's judged cutoff: what was ordered, what each said, company currency, [customers].

    `rounds`: trees of the model, 0 where data is too little for any.
    """

    truth: Floats
    said: Floats
    rules: dict[str, Floats]
    grade: Grade
    rounds: int
    rows: int

    @property
    def served(self) -> str:
        """What may be served: "model" when it is clearly better than the best rule, else that rule's name."""
        return "model" if self.rounds and self.grade.beats_the_rule else self.grade.rule

    @property
    def letter(self) -> str | None:
        """The grade, None where no trees were tried."""
        return self.grade.letter if self.rounds else None


@dataclass(frozen=True)
class ValueCandidate:
    """A trained value model, not yet written: what its bundle holds, and how it was judged."""

    manifest: dict[str, Any]
    files: dict[str, bytes]
    verdict: ValueVerdict
    plan: ValuePlan


def train_value(
    observed: Observed,
    orders: Ordered,
    horizon_days: Sequence[int],
    data_version: str = "",
    progress: Progress = silent,
) -> ValueCandidate:
    """Learn what customers order in the longest of `horizon_days`, judge it at a later cutoff, refit on everything.

    orders: as known at `observed.as_of`. A rule is served where the grade is C or D, or where data is too little.
    Raises NotEnoughHistoryError without orders, or when the history is too short or too small to judge anything.
    """
    moments = prepare(observed, orders, horizon_days, progress)
    verdict = judge(observed, orders, moments, progress)
    progress("refitting", 0.9)
    rows = value_rows(observed, orders, moments.everything, moments.label_days)
    spending = value_rules.fit_spending(rows, observed.observation_days)
    booster = value_trees.fit(rows, spending, verdict.rounds) if verdict.served == "model" else None
    manifest = {
        **_facts(observed, moments, verdict),
        "level": _level(rows, spending, booster, verdict.served),
        "spending": spending.written(),
        "data_version": data_version,
    }
    files = {} if booster is None else {TREES: booster.model_to_string().encode()}
    return ValueCandidate(manifest, files, verdict, moments)


def prepare(observed: Observed, orders: Ordered, horizon_days: Sequence[int], progress: Progress = silent) -> ValuePlan:
    """Choose the moments and compute the features at each."""
    if not orders.at.size:
        raise NotEnoughHistoryError(
            f"Expected value needs orders with an amount before {observed.as_of.date()}; found none. Customers are "
            "scored without it; collect orders to have it."
        )
    first = moment(observed.events.first)
    cut = steps_for(first, observed.as_of, horizon_days)
    moments = value_plan(plan(first, observed.as_of, cut, observed.observation_days), horizon_days[-1])
    for number, cutoff in enumerate(moments.everything):
        progress(f"features at {cutoff.date()}", 0.6 * number / len(moments.everything))
        observed.features_at(cutoff)
    return moments


def judge(observed: Observed, orders: Ordered, moments: ValuePlan, progress: Progress = silent) -> ValueVerdict:
    """Learn from outcomes complete before the judged cutoff and judge there, beside the rules learned on those rows."""
    past = value_rows(observed, orders, moments.before, moments.label_days)
    people = observed.features_at(moments.judged)
    truth = orders.amounts(people["customer_id"], moments.judged, moments.horizon_days)
    _check_enough(truth, past, moments)
    progress("learning", 0.65)
    spending = value_rules.fit_spending(past, observed.observation_days)
    rounds = _rounds(observed, orders, moments, spending) if _enough_for_trees(truth, past) else 0
    booster = value_trees.fit(past, spending, rounds) if rounds else None
    progress("judging", 0.8)
    said = {rule: _expected(people, moments, past, spending, None, rule) for rule in value_rules.RULES}
    ours = said["shrunk"] if booster is None else _expected(people, moments, past, spending, booster, "model")
    grade = value_grade(truth, ours, said)
    return ValueVerdict(truth, ours, said, grade, rounds, past.rate.size)


def _rounds(observed: Observed, orders: Ordered, moments: ValuePlan, spending: Spending) -> int:
    """How many trees do best at the last cutoff, learned from outcomes complete before it; a few where none are."""
    last = moments.before[-1]
    earlier = [cutoff for cutoff in moments.before if days_between(cutoff, last) >= moments.label_days]
    if not earlier:
        return value_trees.ROUNDS_UNSEEN
    rows = value_rows(observed, orders, earlier, moments.label_days)
    later = value_rows(observed, orders, [last], moments.label_days)
    if min(np.count_nonzero(rows.rate), np.count_nonzero(later.rate)) < FEWEST_BUYERS:
        return value_trees.ROUNDS_UNSEEN
    return value_trees.rounds_on(rows, later, spending)


def _expected(
    people: pa.Table, moments: ValuePlan, past: ValueRows, spending: Spending, booster: lgb.Booster | None, served: str
) -> Floats:
    """What a bundle of this would say of people."""
    manifest = {
        "features": FEATURES,
        "horizon_days": moments.horizon_days,
        "served": served,
        "grade": None,
        "level": _level(past, spending, booster, served),
    }
    return ValueModel(spending, booster, manifest).expected(people)


def _level(rows: ValueRows, spending: Spending, booster: lgb.Booster | None, served: str) -> float:
    """What makes the expected amounts of the rows learned from add up to what was ordered."""
    rule = "shrunk" if booster is not None else served
    rates = value_rules.rule_rates(spending, rule, rows.spent, rows.tenure_days)
    if booster is not None:
        rates = rates * np.exp(np.asarray(booster.predict(rows.inputs, raw_score=True, num_threads=1)))
    return value_rules.level(rows.rate, rates)


def _facts(observed: Observed, moments: ValuePlan, verdict: ValueVerdict) -> dict[str, Any]:
    """What the bundle carries beside what is served: how it was learned and how good it is."""
    return {
        "features": list(FEATURES),
        "horizon_days": moments.horizon_days,
        "label_days": moments.label_days,
        "observation_days": observed.observation_days,
        "event": observed.event,
        "cutoff": observed.as_of.isoformat(),
        "judged_at": moments.judged.isoformat(),
        "learned_at": [cutoff.isoformat() for cutoff in moments.everything],
        "served": verdict.served,
        "why_served": _why_served(verdict),
        "grade": verdict.letter,
        "gain": verdict.grade.gain,
        "gain_interval": list(verdict.grade.interval),
        "rows": verdict.rows,
        "rounds": verdict.rounds,
        "limits": value_limits(moments, int(verdict.truth.size)),
        "metrics": report(moments, verdict),
        "baselines": {
            rule: value_quality(verdict.truth, verdict.rules[rule], intervals=False) for rule in value_rules.RULES
        },
    }


def report(moments: ValuePlan, verdict: ValueVerdict) -> dict[str, Any]:
    """The figures of a judged model; amounts in the company's currency."""
    return {
        "as_of": moments.judged.isoformat(),
        "horizon_days": moments.horizon_days,
        "customers": int(verdict.truth.size),
        "buyers": int(np.count_nonzero(verdict.truth)),
        "mean_ordered": float(np.mean(verdict.truth)),
        "mean_expected": float(np.mean(verdict.said)),
        **value_quality(verdict.truth, verdict.said),
        "tenths": tenths(verdict.truth, verdict.said),
    }


def _why_served(verdict: ValueVerdict) -> str:
    marks = verdict.grade
    low, high = marks.interval
    gain = f"gain over {marks.rule} {marks.gain:+.3f} in Gini, 95 % interval {low:+.3f} to {high:+.3f}"
    if not verdict.rounds:
        return (
            f"too little data for a model: {verdict.truth.size} customers judged, {FEWEST_CUSTOMERS} needed, and "
            f"{FEWEST_BUYERS} outcomes with an order to learn from; the rule {marks.rule} is served"
        )
    if verdict.served == "model":
        return f"grade {marks.letter}: {gain}"
    return f"grade {marks.letter}: {gain}; the rule {marks.rule} is served"


def _enough_for_trees(truth: Floats, past: ValueRows) -> bool:
    return truth.size >= FEWEST_CUSTOMERS and int(np.count_nonzero(past.rate)) >= FEWEST_BUYERS


def _check_enough(truth: Floats, past: ValueRows, moments: ValuePlan) -> None:
    buyers, earlier = int(np.count_nonzero(truth > 0)), int(np.count_nonzero(past.rate))
    if truth.size >= FEWEST_TO_JUDGE and min(buyers, earlier) >= FEWEST_BUYERS_TO_JUDGE:
        return
    raise NotEnoughHistoryError(
        f"Expected value needs {FEWEST_TO_JUDGE} customers known before {moments.judged.date()}, "
        f"{FEWEST_BUYERS_TO_JUDGE} who ordered in the {moments.horizon_days} days after it, and as many to learn from "
        f"before; found {truth.size} customers, {buyers} who ordered, {earlier} before. Collect more orders."
    )
