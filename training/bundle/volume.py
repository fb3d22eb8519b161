"""The volume model as served: a LightGBM text, its features, and the widths of its intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from training.bundle.store import Bundle
from training.bundle.volume_widths import bucket_of as bucket_of
from training.bundle.volume_widths import spread as spread
from workspace.errors import BundleError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MODEL_FILE = "model.txt"
KIND = "volume"
SEASONAL_NAIVE = "seasonal_naive"


@dataclass(frozen=True)
class VolumeModel:
    """Read from a bundle. `served[channel]` is "model" (the mix) or "seasonal_naive", by the backtest the better one;
    `weights[channel][bucket of horizons]`: those of the forecasts that are mixed."""

    hash: str
    booster: lgb.Booster | None
    features: tuple[str, ...]
    season: int
    levels: tuple[int, ...]
    served: dict[str, str]
    weights: dict[str, list[list[float]]]
    extra: dict[str, float]
    reach: dict[str, dict[str, list[float | None]]]
    coverage: dict[str, dict[str, float | None]]
    metrics: dict[str, Any]

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> VolumeModel:
        """Raises BundleError when the bundle is of another kind."""
        if bundle.kind != KIND:
            raise BundleError(f"Bundle {bundle.hash} holds a {bundle.kind} model, not {KIND}. Choose another version.")
        facts = bundle.manifest
        text = bundle.files[MODEL_FILE].decode()
        return cls(
            hash=bundle.hash,
            booster=lgb.Booster(model_str=text) if text else None,
            features=tuple(facts["features"]),
            season=int(facts["season"]),
            levels=tuple(int(level) for level in facts["levels"]),
            served=dict(facts["served"]),
            weights=dict(facts.get("weights", {})),
            extra=dict(facts["extra"]),
            reach=dict(facts["reach"]),
            coverage=dict(facts["coverage"]),
            metrics=dict(facts["metrics"]),
        )

    def interval(self, channel: str, mean: Floats, level: int) -> tuple[Floats, Floats]:
        """Lower and upper bound [horizon] for the means of steps 1, 2, ...; NaN where the level is not supported."""
        reach = self.reach.get(channel, {}).get(str(level), [])
        buckets = bucket_of(np.arange(1, len(mean) + 1), self.season)
        known = [reach[bucket] if bucket < len(reach) else None for bucket in buckets]
        width = np.array([math.nan if width is None else width for width in known])
        half = width * spread(mean, np.array(self.extra.get(channel, 0.0)))
        return np.where(np.isnan(half), np.nan, np.maximum(mean - half, 0.0)), mean + half
