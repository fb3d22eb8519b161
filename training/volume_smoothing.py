"""Exponential smoothing with a weekly profile: simple forecasts that hold their own beside a learned one.

level, slope and profile follow each new count by the gradient of its error (Holt 1957, Winters 1960; damped as Gardner
and McKenzie 1985), so that a day that is closed each week can't blow the level up as dividing by its profile would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.volume_panel import Floats, Ints, Panel


@dataclass(frozen=True)
class Smoothing:
    """How fast level, slope and weekly profile follow, and how much of the slope is left from period to period."""

    level: float
    slope: float
    profile: float
    damping: float = 0.0


SMOOTHINGS = {
    "smooth": Smoothing(level=0.06, slope=0.0, profile=0.03),
    "smooth_quick": Smoothing(level=0.25, slope=0.0, profile=0.06),
    "smooth_trend": Smoothing(level=0.1, slope=0.02, profile=0.03, damping=0.99),
}


@dataclass
class _State:
    """Of every series [series], the profile [series, season] and how many counts each has seen."""

    level: Floats
    slope: Floats
    profile: Floats
    seen: Floats


def smoothed(panel: Panel, origins: Ints, horizon: int, how: Smoothing) -> Floats:
    """Expected counts [origins, series, horizon] of rising origins; a period sees only counts before its origin."""
    count, season = len(panel.channels), panel.grain.season
    state = _State(np.zeros(count), np.zeros(count), np.ones((count, season)), np.zeros(count))
    found = np.zeros((len(origins), count, horizon))
    place = 0
    for period in range(int(origins[-1]) + 1):
        while place < len(origins) and origins[place] == period:
            found[place] = _ahead(state, period, horizon, season, how)
            place += 1
        if period < panel.periods:
            _follow(state, panel.counts[:, period], period % season, how)
    return np.maximum(found, 0.0)


def _ahead(state: _State, period: int, horizon: int, season: int, how: Smoothing) -> Floats:
    steps = np.arange(1, horizon + 1)
    carried = np.cumsum(how.damping**steps) if how.damping else np.zeros(horizon)
    level = np.maximum(state.level[:, None] + state.slope[:, None] * carried, 0.0)
    return np.asarray(level * state.profile[:, (period + steps - 1) % season])


def _follow(state: _State, counts: Floats, day: int, how: Smoothing) -> None:
    known = ~np.isnan(counts)
    count = np.where(known, counts, 0.0)
    season = state.profile.shape[1]
    first = known & (state.seen == 0)
    state.level = np.where(first, count, state.level + how.damping * state.slope)
    profile = state.profile[:, day]
    error = np.where(known & ~first, count - state.level * profile, 0.0)
    # Until enough was seen, everything is a running mean.
    at_level = np.maximum(how.level, 1.0 / (state.seen + 1.0))
    at_profile = np.maximum(how.profile, 1.0 / (state.seen / season + 2.0)) if season > 1 else 0.0
    size = np.maximum((state.profile**2).mean(axis=1), 1e-9)
    moved = at_level * error * profile / size
    state.slope = how.damping * state.slope + how.slope * moved * (state.seen >= 4 * season)
    before = np.maximum(state.level, 1e-9)
    state.level = np.maximum(state.level + moved, 0.0)
    changed = profile + at_profile * error * before / (before**2 + before)
    state.profile[:, day] = np.where(known & ~first, np.maximum(changed, 0.0), profile)
    mean = state.profile.mean(axis=1, keepdims=True)
    # The profile keeps a mean of 1, what it had beyond that is the level's.
    state.level = state.level * np.where(mean[:, 0] > 0, mean[:, 0], 1.0)
    state.profile = np.where(mean > 0, state.profile / np.where(mean > 0, mean, 1.0), 1.0)
    state.seen = state.seen + known
