"""Forecast intervals with a finite-sample rule: how far past forecasts were off decides how wide the next ones are.

Split conformal prediction (Vovk et al. 2005; Lei et al. 2018) with past forecast windows in the place of exchangeable
points. With n windows the k-th smallest error, k = ceil((n + 1) level), covers a new one with at least `level`; that
needs n of at least 4 for 80 %, 9 for 90 % and 19 for 95 %. Below that the level is refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.bundle.volume import bucket_of, spread
from training.volume_panel import Floats, Ints

# Weekly windows: older errors tell of a model that had learned less, and of another business.
WINDOWS_KEPT = 29


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
    """Learned widths. extra[series]: spread beyond Poisson; reach[series, bucket, level] in units of `spread`.

    reach is NaN where the windows known could not support the level.
    """

    levels: tuple[float, ...]
    extra: Floats
    reach: Floats
    windows: Ints


def calibrate(actual: Floats, mean: Floats, season: int, levels: Sequence[float]) -> Calibration:
    """Widths from past windows: actual and mean [windows, series, horizon], NaN where the outcome is not known yet.

    Errors are taken relative to `spread`, per series and bucket of horizons. The rank rule is applied at each step
    ahead over the latest windows (errors inside one window are no independent witnesses); a bucket takes the median.
    """
    actual = latest_windows(actual, max(WINDOWS_KEPT, *(windows_needed(level) for level in levels)))
    horizon, count = mean.shape[2], mean.shape[1]
    extra = extra_spread(actual, mean)
    scores = np.abs(actual - mean) / spread(mean, extra[None, :, None])
    buckets = bucket_of(np.arange(1, horizon + 1), season)
    reach = np.full((count, int(buckets.max()) + 1, len(levels)), np.nan)
    windows = np.zeros((count, int(buckets.max()) + 1), np.int64)
    for series in range(count):
        for bucket in np.unique(buckets):
            inside = scores[:, series, buckets == bucket]
            windows[series, bucket] = int((~np.isnan(inside)).sum(axis=0).min())
            for number, level in enumerate(levels):
                reach[series, bucket, number] = _reach(inside, windows[series, bucket], level)
    return Calibration(tuple(levels), extra, reach, windows)


def windows_used(windows: int, level: float) -> int:
    """The most windows, up to `windows`, at which the rank needs no rounding up.

    With 26 windows 95 % would mean the largest error, which covers 96.3 %; the latest 19 of them cover 95 %.
    """
    for count in range(windows, 0, -1):
        place = (count + 1) * level
        if place <= count and abs(place - round(place)) < 1e-9:
            return count
    return windows


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


def _reach(scores: Floats, windows: int, level: float) -> float:
    """Median over a bucket's steps of the ranked error; NaN when refused. scores [windows, steps], oldest first."""
    if rank(windows, level) is None:
        return math.nan
    used = windows_used(windows, level)
    place = rank(used, level) or used
    ordered = np.sort(latest_windows(scores, used), axis=0)
    return float(np.median(ordered[place - 1]))
