"""Models judged on what came later: `rapport backtest churn` and `rapport backtest segments`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import numpy as np
import pyarrow as pa

from features.windows import Event, Window
from training import churn, segmentation
from training.cutoffs import default_cutoff
from training.judged import Judged, baseline_qualities
from training.observed import observed_workspace
from workspace.errors import NotEnoughHistoryError, SettingsError
from workspace.folder import Workspace
from workspace.progress import Progress, silent

_RETRAINED_AFTER_DAYS = 30


@dataclass(frozen=True)
class ChurnBacktest:
    """`figures`: those of `backtest churn`; `judged`: each judged customer's outcome and risk, for pictures."""

    figures: dict[str, Any]
    judged: Judged


def backtest_churn(
    workspace: Workspace,
    as_of: datetime | None = None,
    horizon_days: int | None = None,
    active_days: int | None = None,
    event: str | None = None,
    progress: Progress = silent,
) -> ChurnBacktest:
    """Judge churn risks over `horizon_days` at the cutoff `as_of`; every label used in training is complete before it.

    Defaults: the last horizon, the active days and the event of rapport.toml; the latest cutoff whose horizon is over.
    The figures: as_of, horizon_days, active_days, customers, churners, those of judged.quality, grade, and baselines:
    the same figures for recency and frequency. grade is None where the data is too little for a model.
    Raises NotEnoughHistoryError when the horizon after as_of is not over, or too little precedes it.
    """
    settings = workspace.settings
    horizons = settings.windows.horizon_days if horizon_days is None else (horizon_days,)
    over = default_cutoff(workspace)
    judged = as_of or over - timedelta(days=horizons[-1])
    end = judged + timedelta(days=horizons[-1])
    if end > over:
        raise NotEnoughHistoryError(
            f"Judging {judged.date()} needs {horizons[-1]} days after it; the data ends on {over.date()}. "
            f"Choose --as-of {(over - timedelta(days=horizons[-1])).date()} or earlier, or a shorter --horizon-days."
        )
    window = Window.from_settings(settings, end)
    window = replace(window, active_days=active_days or window.active_days, event=_event(event) or window.event)
    with observed_workspace(workspace, window) as observed:
        setting = churn.prepare(observed, horizons, progress, until_judged=True)
        verdict = churn.judge(setting, progress)
    report = churn.report(setting, verdict)
    figures = {**report, "as_of": judged.astimezone(UTC).isoformat()}
    return ChurnBacktest({**figures, "baselines": baseline_qualities(verdict.judged)}, verdict.judged)


def _event(name: str | None) -> Event | None:
    known: dict[str, Event] = {one: one for one in get_args(Event)}
    if name is None or name in known:
        return None if name is None else known[name]
    raise SettingsError(f"--event is interactions, orders or left_at; found {name!r}. Choose one of them.")


def backtest_segments(workspace: Workspace, progress: Progress = silent) -> dict[str, Any]:
    """How stable the segments are: {k, silhouette, sizes, stability: {segment_id: jaccard}, kept_after_retrain}.

    Trained a month before the last cutoff and again at it: kept_after_retrain is the share of customers of both in the
    same segment id, among those whom the first model itself would not have moved. Besides: clear (whether there are
    segments at all; k is 1 where not), gain (how much tighter than customers in no groups), unmoved (how many customers
    kept_after_retrain is of) and changes (segments that the retrain made, merged or lost).
    """
    now = default_cutoff(workspace)
    before = now - timedelta(days=_RETRAINED_AFTER_DAYS)
    with observed_workspace(workspace, Window.from_settings(workspace.settings, now)) as observed:
        progress("features", 0.1)
        earlier, later = observed.features_at(before), observed.features_at(now)
    days, count = workspace.settings.windows.observation_days, workspace.settings.segments.count
    first = segmentation.train_segments(
        earlier, progress=lambda text, done: progress(text, 0.2 + 0.4 * done), observation_days=days, count=count
    )
    second = segmentation.train_segments(
        later, first.model, "", lambda text, done: progress(text, 0.6 + 0.4 * done), days, count
    )
    kept = kept_after_retrain(first, second, earlier, later)
    metrics = second.manifest["metrics"]
    return {
        **{name: metrics[name] for name in ("k", "silhouette", "sizes", "stability")},
        "kept_after_retrain": float(np.mean(kept)) if kept else None,
        **{name: metrics[name] for name in ("clear", "gain")},
        "unmoved": len(kept),
        "changes": second.manifest["changes"],
    }


def kept_after_retrain(
    first: segmentation.Candidate, second: segmentation.Candidate, earlier: pa.Table, later: pa.Table
) -> list[bool]:
    """Whether each customer of both tables whom the first model would not have moved is where the second puts them."""
    was = dict(zip(earlier["customer_id"].to_pylist(), first.model.assign(earlier), strict=True))
    ids = later["customer_id"].to_pylist()
    unmoved, found = first.model.assign(later), second.model.assign(later)
    return [now == same for who, same, now in zip(ids, unmoved, found, strict=True) if was.get(who) == same]
