"""The churn model that is served: learned, judged and refitted, with what its bundle says of it.

Churn is a hazard over the steps of the horizon. By silence it is that of coming back: who comes back does so in some
step, who doesn't is silent through every step. By date it is that of leaving. So a row is (customer, cutoff, step), its
target "it happened in this step, given not before", and the curve at a horizon the product of 1 - hazard over the steps
up to it: one curve, whose points can't contradict each other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training import churn_trees
from training.bundle import what_if
from training.churn_judging import FEWEST_CUSTOMERS, FEWEST_OF_AN_OUTCOME, Verdict, fit_rule, judge, report
from training.churn_rows import Rows
from training.churn_setting import Setting, prepare
from training.curves import calibration_bins, gains
from training.judged import baseline_qualities
from training.limits import churn_limits
from training.observed import Observed
from training.risk_bands import risk_bands
from workspace.progress import Progress, silent
from workspace.settings import Costs

__all__ = ["FEWEST_CUSTOMERS", "FEWEST_OF_AN_OUTCOME", "Candidate", "judge", "prepare", "report", "train_churn"]


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
    everything = setting.maker.rows((*setting.plan.before, *setting.plan.after), observed.as_of)
    files = _serve(setting, verdict, everything)
    manifest = {
        **setting.facts,
        **_marks(setting, verdict, costs),
        "observed": _observed(everything),
        "data_version": data_version,
    }
    return Candidate(manifest, files, verdict, setting)


def _serve(setting: Setting, verdict: Verdict, everything: Rows) -> dict[str, bytes]:
    """The files of what is served: refitted on everything complete at `as_of`."""
    level = verdict.served_level
    if verdict.served != "model" or level is None:
        rule = fit_rule(verdict.served, everything, setting.steps)
        return {"rule.json": json.dumps(rule, sort_keys=True).encode()}
    learned = churn_trees.fit(everything, setting.maker.columns, level.rounds)
    calibration = {"intercept": level.intercept, "slope": level.slope}
    return {
        "linear.json": json.dumps(learned.linear.written(), sort_keys=True).encode(),
        "hazard.txt": learned.booster.model_to_string().encode(),
        "calibration.json": json.dumps(calibration, sort_keys=True).encode(),
    }


def _observed(rows: Rows) -> dict[str, list[float]]:
    """Values that each feature a what-if may change had, every customer counted once a cutoff."""
    begins = rows.step == 0
    return what_if.ranges({name: rows.feature(name)[begins] for name in what_if.ACTIONABLE})


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
