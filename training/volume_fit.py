"""The pure part of training a volume forecast: counts in; a booster, what serves each channel, and widths out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np

from training.bundle.volume import SEASONAL_NAIVE
from training.volume_calendar import Days
from training.volume_features import FEATURES
from training.volume_groups import alone, in_groups, largest
from training.volume_mix import MIXED, prior
from training.volume_model import PARAMETERS, ROUNDS, fit
from training.volume_panel import WEEKS_NEEDED, Ints, Panel
from training.volume_quality import accuracy, report, series_of
from training.volume_ranges import of_grain, ranges
from training.volume_served import SERVED, with_served
from training.volume_walk import MODEL, RULES, Walk, origins_of, spaced, walk, weights_at
from workspace.errors import NotEnoughHistoryError
from workspace.progress import Progress, silent

LEVELS = (80, 95)
JUDGED_HORIZON = 28
# Of more regions the largest have ranges: a bundle is read by every worker.
MOST_REGIONS = 200
_REFIT_DAYS = 56


@dataclass(frozen=True)
class Fitted:
    """A booster (None: too little to learn from), the facts of its bundle, and the walk it was judged by."""

    booster: lgb.Booster | None
    manifest: dict[str, Any]
    walk: Walk | None


def fitted_volume(
    counts: Panel,
    known: Days | None,
    horizon: int,
    progress: Progress = silent,
    quarters: Panel | None = None,
    regions: Panel | None = None,
) -> Fitted:
    """The pure part of training: counts of days in, booster and facts out.

    Counts of quarters are for the ranges of parts of days, counts of days by region for those of regions.
    """
    done, judged, steps = _past(counts, known, horizon, progress)
    progress("volume: fitting", 0.75)
    booster = fit(counts, known, horizon)
    served = _served(done, judged, counts)
    facts: dict[str, Any] = {
        "features": list(FEATURES),
        "grain": counts.grain.name,
        "season": counts.grain.season,
        "horizon": horizon,
        "channels": list(counts.channels),
        "periods": counts.periods,
        "until": str(counts.local(np.array([counts.periods]))[0]),
        "levels": list(LEVELS),
        "served": served,
        "mixed": list(MIXED),
        "weights": _weights(done, counts),
        "parameters": {**PARAMETERS, "rounds": ROUNDS},
    }
    return Fitted(booster, {**facts, **_widths(done, served, quarters, regions), **_judged(done, judged, steps)}, done)


def _past(counts: Panel, known: Days | None, horizon: int, progress: Progress) -> tuple[Walk | None, Ints, int]:
    """Weekly origins over the later half of the history, and those of them that are judged window beside window."""
    first = max(WEEKS_NEEDED * 7, counts.periods // 2)
    steps = next((days for days in (JUDGED_HORIZON, 14, 7) if counts.periods - first >= 4 * days), 7)
    steps = min(steps, horizon)
    try:
        judged = origins_of(counts.periods, steps, 26, first, counts.grain)
    except NotEnoughHistoryError:
        return None, np.zeros(0, np.int64), steps
    origins = np.unique(np.concatenate([spaced(first, counts.periods - 7, 7), judged]))
    fits = origins[0] + np.arange(0, counts.periods - origins[0], _REFIT_DAYS, dtype=np.int64)
    done = walk(counts, known, origins, fits, horizon, horizon, lambda share: progress("volume: backtest", 0.7 * share))
    return done, judged, steps


def first_steps(done: Walk, steps: int) -> Walk:
    """The walk's first so many steps ahead."""
    means = {name: mean[:, :, :steps] for name, mean in done.means.items()}
    return Walk(done.panel, done.origins, done.actual[:, :, :steps], means)


def _served(done: Walk | None, judged: Ints, counts: Panel) -> dict[str, str]:
    """Per channel the model where its WAPE was below the seasonal naive's, else the naive; untried, the naive."""
    if done is None:
        return dict.fromkeys(counts.channels, SEASONAL_NAIVE)
    window = done.at(judged)
    served = {}
    for place, channel in enumerate(counts.channels):
        wapes = [accuracy(window, name, [place])["wape"] for name in (MODEL, SEASONAL_NAIVE)]
        better = wapes[0] is not None and wapes[1] is not None and wapes[0] < wapes[1]
        served[channel] = MODEL if better else SEASONAL_NAIVE
    return served


def _weights(done: Walk | None, counts: Panel) -> dict[str, list[list[float]]]:
    """Per channel the weights of MIXED in each bucket of horizons, by all windows known now."""
    if done is None:
        return {channel: [prior(counts.periods / counts.grain.year).tolist()] for channel in counts.channels}
    found = weights_at(done, counts.periods)
    return {channel: found[place].tolist() for place, channel in enumerate(counts.channels)}


def _widths(done: Walk | None, served: dict[str, str], quarters: Panel | None, regions: Panel | None) -> dict[str, Any]:
    """Widths of the intervals, and their coverage out of sample, of what each channel is served from."""
    if done is None:
        return {"widths": {}}
    shown = with_served(done, served)
    said = Walk(shown.panel, shown.origins, shown.actual, {MODEL: shown.means[SERVED]})
    found = ranges(said, quarters, LEVELS)
    if regions is not None and (regions.start, regions.periods) == (done.panel.start, done.panel.periods):
        found["region"] = of_grain(in_groups(alone(said), largest(regions, MOST_REGIONS)), LEVELS)
    return {"widths": found}


def _judged(done: Walk | None, judged: Ints, steps: int) -> dict[str, Any]:
    """The backtest's figures, as `backtest_volume` words them."""
    if done is None:
        nothing = {"wape": None, "mase": None, "bias": None}
        empty = {"windows": 0, "horizon": steps, **nothing, "coverage": {str(level): None for level in LEVELS}}
        return {"metrics": {**empty, "baselines": dict.fromkeys(RULES, nothing), "channels": {}}}
    near = first_steps(done, steps)
    figures = report(near, judged, series_of(near.panel, False), LEVELS)
    return {"metrics": {"windows": len(judged), "horizon": steps, **figures}}
