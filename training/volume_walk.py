"""Past forecasts made again: what the model and the simple rules would have said at earlier origins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from training.bundle.volume import SEASONAL_NAIVE
from training.volume_adding import added_up
from training.volume_calendar import Days
from training.volume_mix import mixed, prior, weights
from training.volume_model import fit, forecasts, grid
from training.volume_panel import Floats, Grain, Ints, Panel
from training.volume_smoothing import SMOOTHINGS, smoothed
from workspace.errors import NotEnoughHistoryError

MODEL = "model"
SEASONAL_MEAN = "seasonal_mean"
OPEN = "open"
_CLOSED_WEEKS = 8
RULES = (SEASONAL_NAIVE, SEASONAL_MEAN)


@dataclass(frozen=True)
class Walk:
    """Forecasts at past origins. actual and means[name] are [origins, series, horizon]; NaN where not known.

    A step is `stride` periods of the panel long.
    """

    panel: Panel
    origins: Ints
    actual: Floats
    means: Mapping[str, Floats]
    stride: int = 1

    def end(self, place: int, step: int) -> int:
        """The period at whose start the outcome of a step (0 is the first) of the window at `place` is known."""
        return int(self.origins[place]) + self.stride * (step + 1)

    def at(self, origins: Ints) -> Walk:
        """The same for some of the origins."""
        chosen = np.isin(self.origins, origins)
        means = {name: mean[chosen] for name, mean in self.means.items()}
        return Walk(self.panel, self.origins[chosen], self.actual[chosen], means, self.stride)

    def known_before(self, origin: int) -> Walk:
        """What could be known of these forecasts at `origin`: later outcomes are NaN."""
        earlier = self.at(self.origins[self.origins < origin])
        ends = self.stride * np.arange(1, earlier.actual.shape[2] + 1)
        future = earlier.origins[:, None, None] + ends[None, None, :] > origin
        known = np.where(future, np.nan, earlier.actual)
        return Walk(earlier.panel, earlier.origins, known, earlier.means, self.stride)


def walk(
    panel: Panel,
    days: Days | None,
    origins: Ints,
    fits: Ints,
    horizon: int,
    learned_horizon: int,
    progress: Callable[[float], None] = lambda _share: None,
) -> Walk:
    """Forecast from every origin: by LightGBM as of the latest of `fits` not after it, by simple rules, by their mix.

    "model" is the mix that the windows known at each origin called for, channels and total adding up. A fit sees only
    counts before its own period; so does every feature of its origin. `fits` must start no later than `origins`; both
    rise.
    """
    parts: list[dict[str, Floats]] = []
    bounds = [*fits.tolist(), int(panel.periods) + 1]
    for number, (begin, end) in enumerate(pairwise(bounds)):
        chosen = origins[(origins >= begin) & (origins < end)]
        if len(chosen):
            booster = fit(panel.until(begin), days, learned_horizon)
            parts.append(forecasts(booster, panel, days, chosen, horizon))
        progress((number + 1) / len(fits))
    means = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    means |= simple(panel, origins, horizon)
    done = Walk(panel, origins, outcomes(panel, origins, horizon), means)
    return Walk(panel, origins, done.actual, {MODEL: _mixed_as_known(done), **means})


def simple(panel: Panel, origins: Ints, horizon: int) -> dict[str, Floats]:
    """The forecasts that need no fit: rules and exponential smoothings."""
    smooth = {name: smoothed(panel, origins, horizon, how) for name, how in SMOOTHINGS.items()}
    return {**rules(panel, origins, horizon), **smooth, OPEN: opened(panel, origins, horizon)}


def opened(panel: Panel, origins: Ints, horizon: int) -> Floats:
    """1 [origins, series, horizon], 0 for a weekday that brought nothing for eight weeks while others did."""
    season = panel.grain.season
    shape = (len(origins), len(panel.channels), horizon)
    if season == 1:
        return np.ones(shape)
    series, origin, target = grid(len(panel.channels), origins, horizon)
    back = -(-(target - origin + 1) // season)
    found = np.zeros((2, len(target)))
    for k in range(_CLOSED_WEEKS):
        at = target - season * (back + k)
        here = np.where(at >= 0, panel.counts[series, np.maximum(at, 0)], np.nan)
        found += np.stack([np.isnan(here) | (here > 0), ~np.isnan(here)])
    busy = np.stack([np.nansum(panel.counts[:, max(0, at - season * _CLOSED_WEEKS) : at], axis=1) for at in origins])
    # As many as these come together on seven days if each of the silent ones had one.
    expected = (busy >= season * _CLOSED_WEEKS)[:, :, None]
    silent = ((found[0] == 0) & (found[1] == _CLOSED_WEEKS)).reshape(shape)
    return np.where(silent & expected, 0.0, 1.0)


def weights_at(done: Walk, origin: int) -> Floats:
    """Weights [series, buckets, MIXED] of the mix by what was known at `origin`."""
    past, grain = done.known_before(origin), done.panel.grain
    return weights(past.actual, past.means, grain.season, prior(origin / grain.year))


def _mixed_as_known(done: Walk) -> Floats:
    found = []
    for place, origin in enumerate(done.origins):
        now = {name: mean[place] for name, mean in done.means.items()}
        found.append(mixed(now, weights_at(done, int(origin)), done.panel.grain.season) * now[OPEN])
    return added_up(done.panel, np.stack(found))


def outcomes(panel: Panel, origins: Ints, horizon: int) -> Floats:
    """Counts [origins, series, horizon] that came; NaN beyond the panel's end."""
    series, _, target = grid(len(panel.channels), origins, horizon)
    inside = target < panel.periods
    counts = np.where(inside, panel.counts[series, np.where(inside, target, 0)], np.nan)
    return counts.reshape(len(origins), len(panel.channels), horizon)


def rules(panel: Panel, origins: Ints, horizon: int) -> dict[str, Floats]:
    """The simple forecasts: the same period of last week, and its mean over the last four weeks.

    By the week, "last week" is the last period. A period unknown in one week is looked up in the week before.
    """
    season = panel.grain.season
    series, origin, target = grid(len(panel.channels), origins, horizon)
    back = -(-(target - origin + 1) // season)
    lags = []
    for k in range(4):
        at = target - season * (back + k)
        lags.append(np.where(at >= 0, panel.counts[series, np.maximum(at, 0)], np.nan))
    stacked = np.stack(lags)
    known = ~np.isnan(stacked)
    newest = np.take_along_axis(stacked, known.argmax(axis=0)[None], axis=0)[0]
    mean = np.where(known, stacked, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    shape = (len(origins), len(panel.channels), horizon)
    return {SEASONAL_NAIVE: np.nan_to_num(newest).reshape(shape), SEASONAL_MEAN: mean.reshape(shape)}


def origins_of(periods: int, horizon: int, windows: int, earliest: int, grain: Grain) -> Ints:
    """The last `windows` origins, `horizon` periods apart, that have their whole horizon in the data.

    Raises NotEnoughHistoryError when not even one fits after `earliest`.
    """
    found = np.arange(periods - horizon, earliest - 1, -horizon)[:windows][::-1]
    if len(found) == 0:
        raise NotEnoughHistoryError(
            f"A backtest needs {earliest + horizon} periods of grain {grain.name} for one window of {horizon}; found "
            f"{periods}. Choose a shorter horizon, or collect more history."
        )
    return found.astype(np.int64)


def spaced(first: int, last: int, step: int) -> npt.NDArray[np.int64]:
    """Origins `step` apart, counted back from `last`, none before `first`."""
    return np.arange(last, first - 1, -step, dtype=np.int64)[::-1]
