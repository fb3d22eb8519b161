"""How far a count may lie from its forecast: the widths a backtest learned, read from a volume bundle's manifest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Seasons (weeks) ahead at which a bucket of horizons begins: errors grow with the distance, not with each day.
_BUCKETS = (1, 2, 3, 5, 9, 14, 27)
# Shares of past counts that lay below forecast + width x spread.
QUANTILES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def bucket_of(steps: Ints, season: int) -> Ints:
    """Number of the horizon bucket of each step ahead (1 is the first period)."""
    ahead = -(-steps // season)
    return np.searchsorted(np.array(_BUCKETS), ahead, side="right").astype(np.int64) - 1


def spread(mean: Floats, extra: Floats) -> Floats:
    """Typical error around a mean count: Poisson's and a share of the mean, sqrt(mean + extra x mean^2)."""
    # A quarter of a contact: a silent channel's spread is small, not nothing.
    return np.asarray(np.sqrt(np.maximum(mean, 0.25) + extra * mean**2))


@dataclass(frozen=True)
class Widths:
    """Of one series at one grain, in units of `spread`: reach[level] and below[quantile] by bucket, None where the past
    windows could not support it; coverage[level]: share of past counts that out-of-sample intervals held."""

    season: int
    extra: float
    reach: Mapping[str, list[float | None]]
    below: Mapping[str, list[float | None]]
    coverage: Mapping[str, float | None]

    @classmethod
    def of(cls, manifest: Mapping[str, Any], channel: str, grain: str) -> Widths | None:
        """None where the bundle holds none for the series and grain."""
        found = manifest.get("widths", {}).get(grain, {}).get(channel)
        if found is None:
            return None
        return cls(found["season"], found["extra"], found["reach"], found["below"], found["coverage"])

    def interval(self, mean: Floats, steps: Ints, level: int) -> tuple[Floats, Floats]:
        """Lower and upper bound of the means at these steps ahead; NaN where the level is not supported."""
        half = self._width(self.reach.get(str(level), []), steps) * spread(mean, np.array(self.extra))
        return np.where(np.isnan(half), np.nan, np.maximum(mean - half, 0.0)), mean + half

    def quantile(self, mean: Floats, steps: Ints, share: float) -> Floats:
        """The count that a `share` of counts lies below, .5 to .95; NaN where the past windows can't say."""
        widths = np.stack([self._width(self.below.get(str(known), []), steps) for known in QUANTILES])
        above = min(max(int(np.searchsorted(QUANTILES, share)), 1), len(QUANTILES) - 1)
        low, high = QUANTILES[above - 1], QUANTILES[above]
        part = (share - low) / (high - low)
        width = widths[above] if part >= 1 else widths[above - 1] * (1 - part) + widths[above] * part
        return np.asarray(np.maximum(mean + width * spread(mean, np.array(self.extra)), 0.0))

    def _width(self, by_bucket: list[float | None], steps: Ints) -> Floats:
        buckets = bucket_of(steps, self.season)
        known = [by_bucket[bucket] if bucket < len(by_bucket) else None for bucket in buckets]
        return np.array([math.nan if width is None else width for width in known])
