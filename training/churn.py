"""Churn as the hazard of coming back: learned at several past cutoffs, judged at a later one beside the simple rules.

A customer who comes back does so in some step; one who doesn't is silent through every step. So a row is (customer,
cutoff, step), its target "first event in this step, given none before", and the risk at a horizon the product of
1 - hazard over the steps up to it: one curve, whose points can't contradict each other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from training import baselines, churn_trees
from training.bundle.churn import ChurnModel, Hazard, rule_hazard
from training.bundle.hazard import Steps
from training.bundle.matrix import FEATURES, column, matrix
from training.bundle.rowwise import Floats
from training.churn_level import Level, fit_level
from training.churn_rows import RowMaker, Rows, moments_of
from training.churn_trees import Learned
from training.curves import calibration_bins, gains
from training.cutoffs import Plan, days_between, moment, plan, steps_for
from training.grade import Grade, grade
from training.judged import Judged, baseline_qualities, quality
from training.labels import churned
from training.limits import churn_limits
from training.observed import Observed
from training.risk_bands import risk_bands
from workspace.errors import NotEnoughHistoryError
from workspace.progress import Progress, silent
from workspace.settings import Costs

# Below this many judged customers, or of the rarer outcome in training, trees learn noise: a rule is served.
FEWEST_CUSTOMERS, FEWEST_OF_AN_OUTCOME = 200, 50
# Below this many, not even a rule can be judged.
FEWEST_TO_JUDGE, FEWEST_OF_AN_OUTCOME_TO_JUDGE = 20, 3
_YEAR_DAYS = 365


@dataclass(frozen=True)
class Setting:
    """One training: what is known, the horizons in days with their steps, the moments, and the maker of rows."""

    observed: Observed
    horizon_days: tuple[int, ...]
    steps: Steps
    plan: Plan
    maker: RowMaker


@dataclass(frozen=True)
class Verdict:
    """A model judged at the plan's judged cutoff; `learned` and `level` are None where data is too little for it."""

    judged: Judged
    grade: Grade
    learned: Learned | None
    level: Level | None
    rows: int

    @property
    def served(self) -> str:
        """What may be served: "model" when it is clearly better than the best rule, else that rule's name."""
        return "model" if self.learned is not None and self.grade.beats_the_rule else self.grade.rule

    @property
    def letter(self) -> str | None:
        """The grade, None where no trees were tried."""
        return None if self.learned is None else self.grade.letter


@dataclass(frozen=True)
class Candidate:
    """A trained churn model, not yet written: what its bundle holds, and how it was judged."""

    manifest: dict[str, Any]
    files: dict[str, bytes]
    verdict: Verdict
    setting: Setting


def train_churn(
    observed: Observed,
    horizon_days: Sequence[int],
    data_version: str = "",
    progress: Progress = silent,
    costs: Costs | None = None,
) -> Candidate:
    """Learn, judge and refit the churn model on what was known and complete at `observed.as_of`.

    Three fits: on steps over before the calibration slice (how many trees, and their level), on all over before the
    judged cutoff (judged), and on all over at `as_of` (served, put level on the judged customers). A rule is served
    where the grade is C or D, or where the data is too little for trees. `costs` decide the risk bands.
    Raises NotEnoughHistoryError when the history is too short or too small to judge anything.
    """
    setting = prepare(observed, horizon_days, progress)
    verdict = judge(setting, progress)
    progress("refitting", 0.9)
    files = _serve(setting, verdict)
    manifest = {**_facts(setting), **_marks(setting, verdict, costs), "data_version": data_version}
    return Candidate(manifest, files, verdict, setting)


def prepare(
    observed: Observed, horizon_days: Sequence[int], progress: Progress = silent, until_judged: bool = False
) -> Setting:
    """Choose the moments and compute the features at each; `until_judged` leaves out those only serving needs."""
    first = moment(observed.events.first)
    cut = steps_for(first, observed.as_of, horizon_days)
    moments = plan(first, observed.as_of, cut, observed.observation_days)
    cutoffs = (*moments.before, *(moments.after[:1] if until_judged else moments.after))
    for number, cutoff in enumerate(cutoffs):
        progress(f"features at {cutoff.date()}", 0.6 * number / len(cutoffs))
        observed.features_at(cutoff)
    seasonal = days_between(moments.before[0], moments.judged) > _YEAR_DAYS
    return Setting(observed, tuple(horizon_days), cut, moments, RowMaker(observed, cut, seasonal))


def judge(setting: Setting, progress: Progress = silent) -> Verdict:
    """Learn from labels complete before the judged cutoff and judge there, beside the rules learned on those rows."""
    plan, maker = setting.plan, setting.maker
    past = maker.rows(plan.before, plan.judged)
    people = maker.active(plan.judged)
    truth = churned(setting.observed.events, people["customer_id"], plan.judged, setting.horizon_days[-1])
    _check_enough(truth, past, plan)
    progress("learning", 0.65)
    rules = {rule: _fit_rule(rule, past, setting.steps) for rule in baselines.RULES}
    learned = level = None
    if _enough_for_trees(truth, past):
        level = _level(setting)
        learned = churn_trees.fit(past, maker.columns, level.rounds)
    progress("judging", 0.8)
    rule_risks = {rule: _risks(setting, rule_hazard(fitted, FEATURES), people) for rule, fitted in rules.items()}
    rankings = {rule: baselines.ranking(rule, column(people, name)) for rule, (name, _) in baselines.RULES.items()}
    risk = rule_risks["recency"]
    if learned is not None and level is not None:
        risk = _risks(setting, churn_trees.hazard(learned, level), people)
    judged = Judged(truth, risk, rule_risks, rankings)
    return Verdict(judged, grade(truth, risk, rankings), learned, level, past.came_back.size)


def report(setting: Setting, verdict: Verdict) -> dict[str, Any]:
    """The figures of `backtest churn`, without those of the baselines."""
    judged = verdict.judged
    return {
        "as_of": setting.plan.judged.isoformat(),
        "horizon_days": setting.horizon_days[-1],
        "active_days": setting.observed.active_days,
        "customers": int(judged.truth.size),
        "churners": int(judged.truth.sum()),
        **quality(judged.truth, judged.risk, judged.risk),
        "grade": verdict.letter,
    }


def _level(setting: Setting) -> Level:
    """Trees and level from the cutoffs whose labels the earlier ones don't reach into; unseen where there are none.

    Level only where a later cutoff was followed through the whole horizon: the level of a week is not that of a month.
    """
    before, judged = setting.plan.before, setting.plan.judged
    split = _later_from(before, setting.steps, judged)
    if split is None:
        return Level(churn_trees.ROUNDS_UNSEEN)
    begin = before[split]
    earlier = [cutoff for cutoff in before if days_between(cutoff, begin) >= setting.steps.edges[1]]
    rows = setting.maker.rows(earlier, begin)
    later = setting.maker.rows(before[split:], judged)
    if _rarer(rows.came_back) < FEWEST_OF_AN_OUTCOME or _rarer(later.came_back) < FEWEST_OF_AN_OUTCOME:
        return Level(churn_trees.ROUNDS_UNSEEN)
    learned = churn_trees.rounds_on(rows, later, setting.maker.columns)
    if days_between(begin, judged) < setting.steps.longest:
        return Level(learned.rounds)
    return _put_level(setting, learned, learned.rounds, begin)


def _put_level(setting: Setting, learned: Learned, rounds: int, cutoff: datetime) -> Level:
    """Level on those active at a cutoff whose horizon is over."""
    people = setting.maker.active(cutoff)
    silent = churned(setting.observed.events, people["customer_id"], cutoff, setting.horizon_days[-1])
    model = ChurnModel(churn_trees.hazard(learned, Level(rounds)), {**_facts(setting), "served": "", "grade": None})
    log_odds = model.log_odds(matrix(people, FEATURES), np.full(people.num_rows, moments_of(cutoff)))
    return Level(rounds, *fit_level(log_odds, silent))


def _later_from(before: Sequence[datetime], cut: Steps, judged: datetime) -> int | None:
    """Where the later slice begins: the last cutoff followed through the whole horizon, or, failing that, any at all.

    The earliest cutoff must have at least one step over by then.
    """
    possible = [n for n in range(len(before)) if days_between(before[0], before[n]) >= cut.edges[1]]
    whole = [n for n in possible if days_between(before[n], judged) >= cut.longest]
    if whole:
        return whole[-1]
    return possible[0] if possible else None


def _serve(setting: Setting, verdict: Verdict) -> dict[str, bytes]:
    """The files of what is served: refitted on everything complete at `as_of`."""
    plan, maker = setting.plan, setting.maker
    everything = maker.rows((*plan.before, *plan.after), setting.observed.as_of)
    if verdict.served != "model" or verdict.learned is None or verdict.level is None:
        rule = _fit_rule(verdict.served, everything, setting.steps)
        return {"rule.json": json.dumps(rule, sort_keys=True).encode()}
    level = _put_level(setting, verdict.learned, verdict.level.rounds, plan.judged)
    learned = churn_trees.fit(everything, maker.columns, level.rounds)
    calibration = {"intercept": level.intercept, "slope": level.slope}
    return {
        "linear.json": json.dumps(learned.linear.written(), sort_keys=True).encode(),
        "hazard.txt": learned.booster.model_to_string().encode(),
        "calibration.json": json.dumps(calibration, sort_keys=True).encode(),
    }


def _facts(setting: Setting) -> dict[str, Any]:
    """What ChurnModel needs to know, and what the model was learned on."""
    plan = setting.plan
    return {
        "features": list(FEATURES),
        "horizon_days": list(setting.horizon_days),
        "horizon_steps": list(setting.steps.horizons),
        "edges": list(setting.steps.edges),
        "seasonal": setting.maker.seasonal,
        "active_days": setting.observed.active_days,
        "observation_days": setting.observed.observation_days,
        "event": setting.observed.event,
        "cutoff": setting.observed.as_of.isoformat(),
        "judged_at": plan.judged.isoformat(),
        "learned_at": [cutoff.isoformat() for cutoff in (*plan.before, *plan.after)],
        "spacing_days": plan.spacing_days,
    }


def _marks(setting: Setting, verdict: Verdict, costs: Costs | None) -> dict[str, Any]:
    bands = risk_bands(verdict.judged.risk_of(verdict.served), costs)
    return {
        "served": verdict.served,
        "why_served": _why_served(verdict),
        "grade": verdict.letter,
        "gain": verdict.grade.gain,
        "gain_interval": list(verdict.grade.interval),
        "rows": verdict.rows,
        "rounds": verdict.level.rounds if verdict.level else 0,
        "bands": bands,
        "limits": churn_limits(setting.plan, setting.steps, verdict.judged.truth.size, bands["by"]),
        "metrics": {
            **report(setting, verdict),
            "calibration_bins": calibration_bins(verdict.judged.truth, verdict.judged.risk),
            "lift_points": gains(verdict.judged),
        },
        "baselines": baseline_qualities(verdict.judged),
    }


def _why_served(verdict: Verdict) -> str:
    marks = verdict.grade
    low, high = marks.interval
    gain = f"gain over {marks.rule} {marks.gain:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}"
    if verdict.learned is None:
        return (
            f"too little data for a model: {verdict.judged.truth.size} customers judged, {FEWEST_CUSTOMERS} needed, "
            f"and {FEWEST_OF_AN_OUTCOME} of each outcome; the rule {marks.rule} is served"
        )
    if verdict.served == "model":
        return f"grade {marks.letter}: {gain}"
    return f"grade {marks.letter}: {gain}; the rule {marks.rule} is served"


def _fit_rule(rule: str, rows: Rows, cut: Steps) -> dict[str, Any]:
    name, _ = baselines.RULES[rule]
    return baselines.fit_rule(rule, rows.feature(name), rows.step, rows.came_back, cut.count)


def _risks(setting: Setting, hazard: Hazard, people: pa.Table) -> Floats:
    """Risk at the last horizon for people at the judged cutoff."""
    model = ChurnModel(hazard, {**_facts(setting), "served": "", "grade": None})
    when = np.full(people.num_rows, moments_of(setting.plan.judged))
    result: Floats = model.curve(matrix(people, FEATURES), when)[:, -1]
    return result


def _rarer(outcome: Floats) -> int:
    """How often the rarer of 0 and 1 occurs."""
    ones = int(outcome.sum())
    return min(ones, outcome.size - ones)


def _enough_for_trees(truth: Floats, past: Rows) -> bool:
    return truth.size >= FEWEST_CUSTOMERS and _rarer(past.came_back) >= FEWEST_OF_AN_OUTCOME


def _check_enough(truth: Floats, past: Rows, plan: Plan) -> None:
    day = plan.judged.date()
    if truth.size < FEWEST_TO_JUDGE:
        raise NotEnoughHistoryError(
            f"Churn needs {FEWEST_TO_JUDGE} customers active before {day} to be judged on; found {truth.size}. "
            "Collect more customers, or raise windows.active_days in rapport.toml."
        )
    if _rarer(truth) < FEWEST_OF_AN_OUTCOME_TO_JUDGE or _rarer(past.came_back) < FEWEST_OF_AN_OUTCOME_TO_JUDGE:
        raise NotEnoughHistoryError(
            f"Churn needs {FEWEST_OF_AN_OUTCOME_TO_JUDGE} customers of each outcome; of {truth.size} active before "
            f"{day} {int(truth.sum())} fell silent, and in {past.came_back.size} earlier steps "
            f"{int(past.came_back.sum())} came back. "
            "Choose other windows.horizon_days or windows.active_days in rapport.toml, or collect more data."
        )
