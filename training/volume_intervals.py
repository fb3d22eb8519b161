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

# A year of weekly windows: older errors tell of another model and another business.
WINDOWS_KEPT = 52


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
    ahead over the windows (errors inside one window are no independent witnesses), its results averaged by bucket.
    """
    actual, mean = actual[-WINDOWS_KEPT:], mean[-WINDOWS_KEPT:]
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


def extra_spread(actual: Floats, mean: Floats) -> Floats:
    """Per series the part of the squared errors beyond Poisson's, as a share of the squared mean (moments)."""
    known = ~np.isnan(actual)
    beyond = np.where(known, (actual - mean) ** 2 - mean, 0.0).sum(axis=(0, 2))
    squares = np.where(known, mean**2, 0.0).sum(axis=(0, 2))
    return np.asarray(np.clip(beyond / np.maximum(squares, 1e-9), 0.0, 4.0))


def _reach(scores: Floats, windows: int, level: float) -> float:
    """Mean over the steps of a bucket of the ranked error; NaN when refused. scores [windows, steps]."""
    if rank(windows, level) is None:
        return math.nan
    found = []
    for step in scores.T:
        known = np.sort(step[~np.isnan(step)])
        place = rank(len(known), level)
        if place is not None:
            found.append(float(known[place - 1]))
    return math.fsum(found) / len(found)
