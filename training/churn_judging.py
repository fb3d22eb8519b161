"""A churn model learned from labels complete before a cutoff and judged there, beside the simple rules."""

from __future__ import annotations

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
from training.churn_rows import Rows, moments_of
from training.churn_setting import Setting
from training.churn_trees import Learned
from training.cutoffs import days_between
from training.grade import Grade, grade
from training.judged import Judged, quality
from training.labels import churned
from workspace.errors import NotEnoughHistoryError
from workspace.progress import Progress, silent

# Below this many judged customers, or of the rarer outcome in training, trees learn noise: a rule is served.
FEWEST_CUSTOMERS, FEWEST_OF_AN_OUTCOME = 200, 50
# Below this many, not even a rule can be judged.
FEWEST_TO_JUDGE, FEWEST_OF_AN_OUTCOME_TO_JUDGE = 20, 3


@dataclass(frozen=True)
class Verdict:
    """A model judged at the plan's judged cutoff; `learned` and `level` are None where data is too little for it.

    `served_level`: that of the judged customers, by their outcomes: what is refitted for serving is put level by it.
    """

    judged: Judged
    grade: Grade
    learned: Learned | None
    level: Level | None
    served_level: Level | None
    rows: int

    @property
    def served(self) -> str:
        """What may be served: "model" when it is clearly better than the best rule, else that rule's name."""
        return "model" if self.learned is not None and self.grade.beats_the_rule else self.grade.rule

    @property
    def letter(self) -> str | None:
        """The grade, None where no trees were tried."""
        return None if self.learned is None else self.grade.letter


def judge(setting: Setting, progress: Progress = silent) -> Verdict:
    """Learn from labels complete before the judged cutoff and judge there, beside the rules learned on those rows."""
    plan, maker = setting.plan, setting.maker
    past = maker.rows(plan.before, plan.judged)
    people = maker.active(plan.judged)
    truth = _truth(setting, people, plan.judged, setting.observed.as_of)
    _check_enough(truth, past, setting)
    progress("learning", 0.65)
    rules = {rule: fit_rule(rule, past, setting.steps) for rule in baselines.RULES}
    learned = level = None
    if _enough_for_trees(truth, past):
        level = _level(setting)
        learned = churn_trees.fit(past, maker.columns, level.rounds)
    progress("judging", 0.8)
    rule_risks = {rule: _risks(setting, rule_hazard(fitted, FEATURES), people) for rule, fitted in rules.items()}
    rankings = {rule: _ranking(rule, setting, people, risk) for rule, risk in rule_risks.items()}
    risk, served_level = rule_risks["recency"], None
    if learned is not None and level is not None:
        model = _model(setting, churn_trees.hazard(learned))
        log_odds = _log_odds(model, people, plan.judged)
        risk = model.curve_of(level.intercept + level.slope * log_odds)[:, -1]
        served_level = _put_level(setting, level.rounds, log_odds, truth)
    judged = Judged(truth, risk, rule_risks, rankings)
    return Verdict(judged, grade(judged.compared), learned, level, served_level, past.happened.size)


def report(setting: Setting, verdict: Verdict) -> dict[str, Any]:
    """The figures of `backtest churn`, without those of the baselines."""
    judged = verdict.judged
    return {
        "as_of": setting.plan.judged.isoformat(),
        "horizon_days": setting.horizon_days[-1],
        "active_days": setting.observed.active_days,
        "customers": int(judged.truth.size),
        "churners": int(judged.truth.sum()),
        **quality(judged.compared, "model", judged.risk),
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
    if _rarer(rows.happened) < FEWEST_OF_AN_OUTCOME or _rarer(later.happened) < FEWEST_OF_AN_OUTCOME:
        return Level(churn_trees.ROUNDS_UNSEEN)
    learned = churn_trees.rounds_on(rows, later, setting.maker.columns)
    if days_between(begin, judged) < setting.steps.longest:
        return Level(learned.rounds)
    people = setting.maker.active(begin)
    log_odds = _log_odds(_model(setting, churn_trees.hazard(learned)), people, begin)
    return _put_level(setting, learned.rounds, log_odds, _truth(setting, people, begin, judged))


def _put_level(setting: Setting, rounds: int, log_odds: Floats, truth: Floats) -> Level:
    """Level by what came true of customers with these `log_odds` [customers, steps], as of yet without level."""
    # By silence who churned is who the hazard never reached; by date who it did.
    return Level(rounds, *fit_level(log_odds, 1.0 - truth if setting.observed.event == "left_at" else truth))


def _truth(setting: Setting, people: pa.Table, cutoff: datetime, limit: datetime) -> Floats:
    """Who of `people` churned within the last horizon, as known before `limit`."""
    observed = setting.observed
    return churned(observed.events, people["customer_id"], cutoff, setting.horizon_days[-1], observed.event, limit)


def _later_from(before: Sequence[datetime], cut: Steps, judged: datetime) -> int | None:
    """Where the later slice begins: the last cutoff followed through the whole horizon, or, failing that, any at all.

    The earliest cutoff must have at least one step over by then.
    """
    possible = [n for n in range(len(before)) if days_between(before[0], before[n]) >= cut.edges[1]]
    whole = [n for n in possible if days_between(before[n], judged) >= cut.longest]
    if whole:
        return whole[-1]
    return possible[0] if possible else None


def fit_rule(rule: str, rows: Rows, cut: Steps) -> dict[str, Any]:
    """The rule as a hazard (training.baselines) learned on these rows."""
    name, _ = baselines.RULES[rule]
    return baselines.fit_rule(rule, rows.feature(name), rows.step, rows.happened, cut.count)


def _ranking(rule: str, setting: Setting, people: pa.Table, risk: Floats) -> Floats:
    """The rule's own order of `people`; by date that of the `risk` it would serve.

    By silence the order is plain: long silent, gone. By date the past says which way a rule goes: who complains often
    may be about to leave, or who is never heard of, and a rule turned the wrong way would be too easily beaten.
    """
    if setting.observed.event == "left_at":
        return risk
    return baselines.ranking(rule, column(people, baselines.RULES[rule][0]))


def _risks(setting: Setting, hazard: Hazard, people: pa.Table) -> Floats:
    """Risk at the last horizon for people at the judged cutoff."""
    model = _model(setting, hazard)
    result: Floats = model.curve_of(_log_odds(model, people, setting.plan.judged))[:, -1]
    return result


def _log_odds(model: ChurnModel, people: pa.Table, cutoff: datetime) -> Floats:
    """Log-odds of every step for people at a cutoff, [people, steps]."""
    return model.log_odds(matrix(people, FEATURES), np.full(people.num_rows, moments_of(cutoff)))


def _model(setting: Setting, hazard: Hazard) -> ChurnModel:
    return ChurnModel(hazard, {**setting.facts, "served": "", "grade": None})


def _rarer(outcome: Floats) -> int:
    """How often the rarer of 0 and 1 occurs."""
    ones = int(outcome.sum())
    return min(ones, outcome.size - ones)


def _enough_for_trees(truth: Floats, past: Rows) -> bool:
    return truth.size >= FEWEST_CUSTOMERS and _rarer(past.happened) >= FEWEST_OF_AN_OUTCOME


def _check_enough(truth: Floats, past: Rows, setting: Setting) -> None:
    day = setting.plan.judged.date()
    if truth.size < FEWEST_TO_JUDGE:
        raise NotEnoughHistoryError(
            f"Churn needs {FEWEST_TO_JUDGE} customers active before {day} to be judged on; found {truth.size}. "
            "Collect more customers, or raise windows.active_days in rapport.toml."
        )
    if _rarer(truth) < FEWEST_OF_AN_OUTCOME_TO_JUDGE or _rarer(past.happened) < FEWEST_OF_AN_OUTCOME_TO_JUDGE:
        churns, happens = ("left", "left") if setting.observed.event == "left_at" else ("fell silent", "came back")
        raise NotEnoughHistoryError(
            f"Churn needs {FEWEST_OF_AN_OUTCOME_TO_JUDGE} customers of each outcome; of {truth.size} active before "
            f"{day} {int(truth.sum())} {churns}, and in {past.happened.size} earlier steps "
            f"{int(past.happened.sum())} {happens}. "
            "Choose other windows.horizon_days or windows.active_days in rapport.toml, or collect more data."
        )
