"""The churn champion: risks of silence at each horizon, their bands and their reasons. Nothing here trains."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from training.bundle.hazard import day_of_year, silence, step_columns
from training.bundle.rowwise import Floats, log1p, sigmoid
from training.bundle.store import Bundle
from workspace.errors import BundleError

BANDS = ("low", "medium", "high")


class Hazard(Protocol):
    """What a bundle serves: the fitted model, or a baseline of one feature."""

    def log_odds(self, matrix: Floats, steps: Floats, step: int) -> Floats:
        """Log-odds of the first event in the step given none before, [rows]."""

    def contributions(self, matrix: Floats, steps: Floats, step: int) -> Floats:
        """What each feature adds to those log-odds, [rows, features]."""


@dataclass(frozen=True)
class TreeHazard:
    """LightGBM's trees, put level by `intercept + slope x` as learned on a later slice."""

    booster: lgb.Booster
    intercept: float
    slope: float

    def log_odds(self, matrix: Floats, steps: Floats, step: int) -> Floats:
        raw = self.booster.predict(np.column_stack([matrix, steps]), raw_score=True, num_threads=1)
        result: Floats = self.intercept + self.slope * np.asarray(raw, dtype=np.float64)
        return result

    def contributions(self, matrix: Floats, steps: Floats, step: int) -> Floats:
        raw = self.booster.predict(np.column_stack([matrix, steps]), pred_contrib=True, num_threads=2)
        result: Floats = self.slope * np.asarray(raw, dtype=np.float64)[:, : matrix.shape[1]]
        return result


@dataclass(frozen=True)
class RuleHazard:
    """A baseline: one intercept and one slope a step on log(1 + feature), seen from its `centre`."""

    column: int
    centre: float
    coefficients: tuple[tuple[float, float], ...]

    def log_odds(self, matrix: Floats, steps: Floats, step: int) -> Floats:
        intercept, slope = self.coefficients[step]
        result: Floats = intercept + slope * (log1p(matrix[:, self.column]) - self.centre)
        return result

    def contributions(self, matrix: Floats, steps: Floats, step: int) -> Floats:
        result = np.zeros(matrix.shape)
        result[:, self.column] = self.coefficients[step][1] * (log1p(matrix[:, self.column]) - self.centre)
        return result


class ChurnModel:
    """Risks from a bundle. `features`: columns of the matrix, in order; `served`: "model" or the baseline's name."""

    def __init__(self, hazard: Hazard, manifest: dict[str, Any], version: str = "") -> None:
        self.version = version
        self.manifest = manifest
        self.features: tuple[str, ...] = tuple(manifest["features"])
        self.horizon_days: tuple[int, ...] = tuple(manifest["horizon_days"])
        self.active_days: int = manifest["active_days"]
        self.grade: str | None = manifest["grade"]
        self.served: str = manifest["served"]
        self._hazard = hazard
        self._edges: list[float] = manifest["edges"]
        self._horizons: list[int] = manifest["horizon_steps"]
        self._seasonal: bool = manifest["seasonal"]

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> ChurnModel:
        """Open a bundle of kind churn. Raises BundleError for another kind or unreadable content."""
        if bundle.kind != "churn":
            raise BundleError(f"Bundle {bundle.hash} holds a {bundle.kind} model, not churn. Choose another bundle.")
        try:
            return cls(_hazard(bundle), bundle.manifest, bundle.hash)
        except (KeyError, ValueError, lgb.basic.LightGBMError) as error:
            raise BundleError(f"Churn bundle {bundle.hash} can't be opened: {error}. Train again.") from error

    def curve(self, matrix: Floats, cutoffs: npt.NDArray[np.datetime64] | None = None) -> Floats:
        """Probability of no event up to each horizon, [rows, horizons], never rising along a row.

        `matrix` is [rows, features]; `cutoffs` (datetime64, [rows]) decides the season, where the model knows seasons.
        Every row is computed by itself: a batch gives the bits of its rows one by one.
        """
        if not matrix.shape[0]:
            return np.empty((0, len(self.horizon_days)))
        days = self._days(matrix, cutoffs)
        hazards = [sigmoid(self._hazard.log_odds(matrix, self._step(step, days), step)) for step in self._all_steps()]
        return silence(hazards, self._horizons)

    def contributions(self, matrix: Floats, cutoffs: npt.NDArray[np.datetime64] | None = None) -> Floats:
        """What each feature adds to the log-odds of silence in a step, averaged over the steps, [rows, features]."""
        days = self._days(matrix, cutoffs)
        total = np.zeros(matrix.shape)
        for step in self._all_steps():
            total = total - self._hazard.contributions(matrix, self._step(step, days), step)
        result: Floats = total / len(self._all_steps())
        return result

    def reasons(
        self, matrix: Floats, top: int = 3, cutoffs: npt.NDArray[np.datetime64] | None = None
    ) -> list[list[dict[str, Any]]]:
        """The `top` features that moved each row's risk most: {feature, value, effect}, strongest first.

        `effect` above 0 goes with a higher risk, below 0 with a lower one, in log-odds; `value` is None where unknown.
        An association in the data, not a cause.
        """
        if not matrix.shape[0]:
            return []
        effects = self.contributions(matrix, cutoffs)
        strongest = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :top]
        return [
            [self._reason(int(column), values[column], row[column]) for column in order if row[column] != 0.0]
            for order, values, row in zip(strongest, matrix, effects, strict=True)
        ]

    def risk_bands(self, risks: Floats) -> list[str]:
        """low, medium or high for each risk at the last horizon, by the limits the bundle carries."""
        limits = np.array([self.manifest["bands"]["medium"], self.manifest["bands"]["high"]])
        return [BANDS[place] for place in np.searchsorted(limits, risks, side="right")]

    def _reason(self, column: int, value: float, effect: float) -> dict[str, Any]:
        known = None if np.isnan(value) else float(value)
        return {"feature": self.features[column], "value": known, "effect": float(effect)}

    def _all_steps(self) -> range:
        return range(len(self._edges) - 1)

    def _step(self, step: int, days: Floats) -> Floats:
        return step_columns(self._edges, step, days, self._seasonal)

    def _days(self, matrix: Floats, cutoffs: npt.NDArray[np.datetime64] | None) -> Floats:
        if cutoffs is None and self._seasonal:
            raise ValueError("this model knows seasons: it needs each row's cutoff")
        return np.zeros(matrix.shape[0]) if cutoffs is None else day_of_year(cutoffs)


def _hazard(bundle: Bundle) -> Hazard:
    if bundle.manifest["served"] == "model":
        text = bundle.files["hazard.txt"].decode()
        level = json.loads(bundle.files["calibration.json"])
        return TreeHazard(lgb.Booster(model_str=text), level["intercept"], level["slope"])
    return rule_hazard(json.loads(bundle.files["rule.json"]), bundle.manifest["features"])


def rule_hazard(rule: dict[str, Any], features: Sequence[str]) -> RuleHazard:
    """A baseline from its JSON: {feature, centre, coefficients: [[intercept, slope] for each step]}."""
    coefficients = tuple((float(intercept), float(slope)) for intercept, slope in rule["coefficients"])
    return RuleHazard(list(features).index(rule["feature"]), float(rule["centre"]), coefficients)
