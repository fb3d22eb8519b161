"""Forecast intervals with a finite-sample rule: how far past forecasts were off decides how wide the next ones are.

Split conformal prediction (Vovk et al. 2005; Lei et al. 2018) with past forecast windows in the place of exchangeable
points. With n errors the k-th smallest, k = ceil((n + 1) level), covers a new one with at least `level`; that needs n
of at least 4 for 80 %, 9 for 90 % and 19 for 95 %. With fewer windows the level is refused. Above that the errors of a
window's steps count as as many independent ones as they are worth (Kish's design effect, from how alike they are).

What has covered too much or too little of late asks for less or more (adaptive conformal inference, Gibbs and Candes
2021): a model that has since seen a year, or another business, is not held to the errors of its youth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.bundle.volume_widths import QUANTILES, bucket_of, spread
from training.volume_panel import Floats, Ints

# Weekly windows: older errors tell of a model that had learned less, and of another business.
WINDOWS_KEPT = 39
# How much of what a window's coverage was off is made up for in the level of the next ones, and how far that may go.
_ADAPTED = 0.1
# ... and how much of that is forgotten with each window: errors of long ago leave the calibration, too.
_FORGOTTEN = 0.03
_LEAST_ASKED, _MOST_ASKED = 0.5, 0.995


def rank(windows: int, level: float) -> int | None:
    """Which smallest of `windows` errors bounds the next one with probability `level`; None when none of them does."""
    # Rounded before the ceiling: 20 x 0.95 must be 19, not 19.000000000000004 and thus 20.
    place = math.ceil(round((windows + 1) * level, 9))
    return place if place <= windows else None


def windows_needed(level: float) -> int:
    """Fewest windows that can support `level`."""
    return next(count for count in range(1, 100_000) if rank(count, level) is not None)


@dataclass(frozen=True)
class Calibration:
    """Learned widths. extra[series]: spread beyond Poisson; in units of `spread`: reach[series, bucket, level], which
    covers on both sides, and below[series, bucket, QUANTILES], which counts lie below; windows[series, bucket] known.

    A width is NaN where the windows known could not support it.
    """

    levels: tuple[float, ...]
    extra: Floats
    reach: Floats
    below: Floats
    windows: Ints


def calibrate(
    actual: Floats, mean: Floats, season: int, levels: Sequence[float], asked: Floats | None = None
) -> Calibration:
    """Widths from past windows: actual and mean [windows, series, horizon], NaN where the outcome is not known yet.

    Errors are taken relative to `spread`, per series and bucket of horizons, over the latest windows. asked [series,
    buckets, levels]: the levels to reach for in place of `levels`, which decide alone what is refused.
    """
    actual = latest_windows(actual, max(WINDOWS_KEPT, *(windows_needed(level) for level in levels)))
    horizon, count = mean.shape[2], mean.shape[1]
    extra = extra_spread(actual, mean)
    scores = (actual - mean) / spread(mean, extra[None, :, None])
    buckets = bucket_of(np.arange(1, horizon + 1), season)
    shape = (count, int(buckets.max()) + 1)
    wanted = np.broadcast_to(np.array(levels), (*shape, len(levels))) if asked is None else asked
    reach, below = np.full((*shape, len(levels)), np.nan), np.full((*shape, len(QUANTILES)), np.nan)
    windows = np.zeros(shape, np.int64)
    for series in range(count):
        for bucket in np.unique(buckets):
            at = (series, bucket)
            inside = scores[:, series, buckets == bucket]
            windows[at] = int((~np.isnan(inside)).sum(axis=0).min())
            reach[at] = _ranked(np.abs(inside), windows[at], levels, wanted[at])
            below[at] = _ranked(inside, windows[at], QUANTILES, np.array(QUANTILES))
    return Calibration(tuple(levels), extra, reach, below, windows)


def adapted(asked: Floats, levels: Sequence[float], covered: Floats) -> Floats:
    """The levels to ask for after windows that covered such shares [series, buckets, levels], NaN where not known."""
    off = np.where(np.isnan(covered), 0.0, np.array(levels) - covered)
    held = asked + _ADAPTED * off - _FORGOTTEN * (asked - np.array(levels))
    return np.asarray(np.clip(held, _LEAST_ASKED, _MOST_ASKED))


def latest_windows(actual: Floats, kept: int) -> Floats:
    """The same with all but the last `kept` known outcomes of each step ahead made unknown."""
    known = ~np.isnan(actual)
    newer = np.cumsum(known[::-1], axis=0)[::-1]
    return np.where(known & (newer <= kept), actual, np.nan)


def extra_spread(actual: Floats, mean: Floats) -> Floats:
    """Per series the part of the squared errors beyond Poisson's, as a share of the squared mean (moments)."""
    known = ~np.isnan(actual)
    beyond = np.where(known, (actual - mean) ** 2 - mean, 0.0).sum(axis=(0, 2))
    squares = np.where(known, mean**2, 0.0).sum(axis=(0, 2))
    return np.asarray(np.clip(beyond / np.maximum(squares, 1e-9), 0.0, 4.0))


def _ranked(scores: Floats, windows: int, levels: Sequence[float], asked: Floats) -> Floats:
    """Scores [windows, steps] below which the asked shares lie, finite-sample; NaN for a level that is refused."""
    supported = np.array([rank(windows, level) is not None for level in levels])
    found = np.full(len(levels), np.nan)
    if not supported.any():
        return found
    ordered = np.sort(scores[~np.isnan(scores)])
    worth = _independent(scores)
    # With one step a window this is the rank rule itself: ceil(n x level (n + 1) / n).
    share = np.minimum(asked * (worth + 1) / worth, 1.0)
    place = np.ceil(np.round(len(ordered) * share, 9)).astype(np.int64)
    return np.where(supported, ordered[np.maximum(place, 1) - 1], np.nan)


def _independent(scores: Floats) -> float:
    """As how many independent scores those of windows [windows, steps] count: n / (1 + (m - 1) x their correlation).

    The correlation is that of a one-way analysis of variance, none below 0.
    """
    known = ~np.isnan(scores)
    within = known.sum(axis=1)
    chosen = within > 0
    count, groups = int(known.sum()), int(chosen.sum())
    size = count / groups
    if size <= 1 or groups < 2:
        return float(groups)
    filled = np.where(known, scores, 0.0)
    means = filled.sum(axis=1) / np.maximum(within, 1)
    inner = float(np.where(known, (scores - means[:, None]) ** 2, 0.0).sum()) / max(count - groups, 1)
    overall = filled.sum() / count
    outer = float((within * (means - overall) ** 2)[chosen].sum()) / (groups - 1)
    alike = max(0.0, (outer - inner) / max(outer + (size - 1) * inner, 1e-12))
    return count / (1 + (size - 1) * alike)
