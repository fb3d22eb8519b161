"""The volume model as served: a LightGBM text, its features, and the widths of its intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from training.bundle.store import Bundle
from training.bundle.volume_widths import Widths
from workspace.errors import BundleError

Floats = npt.NDArray[np.float64]

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
    widths: dict[str, dict[str, Any]]
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
            widths=dict(facts.get("widths", {})),
            metrics=dict(facts["metrics"]),
        )

    def of(self, channel: str, grain: str = "day") -> Widths | None:
        """How wide the intervals of a channel are; None where nothing is known of it."""
        return Widths.of({"widths": self.widths}, channel, grain)

    def interval(self, channel: str, mean: Floats, level: int) -> tuple[Floats, Floats]:
        """Lower and upper bound [horizon] for the means of days 1, 2, ...; NaN where the level is not supported."""
        known = self.of(channel)
        if known is None:
            return np.full(len(mean), np.nan), np.full(len(mean), np.nan)
        return known.interval(mean, np.arange(1, len(mean) + 1), level)
