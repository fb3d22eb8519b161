"""The churn champion: risks at each horizon, their bands and their reasons. Nothing here trains.

One hazard for both kinds of churn. By silence it is that of the next event, and the risk what is left of the curve,
1 - hazard of every step multiplied; by date it is that of leaving, and the risk what the curve has lost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from training.bundle.explained import Explained, Parts, explained
from training.bundle.hazard import day_of_year, median, silence, step_columns
from training.bundle.linear import Linear
from training.bundle.rowwise import Floats, log1p, row_sums, sigmoid
from training.bundle.store import Bundle
from workspace.errors import BundleError

BANDS = ("low", "medium", "high")
# A row's bits don't depend on threads, but waking one costs more than a few rows.
_ROWS_FOR_TWO_THREADS = 10_000


class Hazard(Protocol):
    """What a bundle serves: the fitted model, or a baseline of one feature."""

    def log_odds(self, matrix: Floats, steps: Floats, step: int) -> Floats:
        """Log-odds of the first event in the step given none before, [rows]."""

    def parts(self, matrix: Floats, steps: Floats, step: int) -> Parts:
        """What those log-odds are made of."""

    def looks_at(self, column: int) -> bool:
        """Whether a column of the matrix can change them at all."""


@dataclass(frozen=True)
class LearnedHazard:
    """A linear score and LightGBM's trees on top, put level by `intercept + slope x` as learned on a later slice."""

    linear: Linear
    booster: lgb.Booster
    intercept: float
    slope: float

    def log_odds(self, matrix: Floats, steps: Floats, step: int) -> Floats:
        inputs = np.column_stack([matrix, steps])
        threads = 1 if inputs.shape[0] < _ROWS_FOR_TWO_THREADS else 2
        trees = np.asarray(self.booster.predict(inputs, raw_score=True, num_threads=threads), dtype=np.float64)
        result: Floats = self.intercept + self.slope * (self.linear.log_odds(inputs) + trees)
        return result

    def parts(self, matrix: Floats, steps: Floats, step: int) -> Parts:
        inputs = np.column_stack([matrix, steps])
        trees = np.asarray(self.booster.predict(inputs, pred_contrib=True, num_threads=2), dtype=np.float64)
        columns = self.slope * (self.linear.parts(inputs) + trees[:, :-1])
        # The trees' last column is what they say of anybody: the same in every row.
        start = self.intercept + self.slope * (self.linear.intercept + float(trees[0, -1]))
        return Parts(start, columns[:, : matrix.shape[1]], row_sums(columns[:, matrix.shape[1] :]))

    def looks_at(self, column: int) -> bool:
        split_on = self.booster.feature_importance("split")
        return bool(self.linear.coefficient[column] != 0.0 or split_on[column] > 0)


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

    def parts(self, matrix: Floats, steps: Floats, step: int) -> Parts:
        intercept, slope = self.coefficients[step]
        features = np.zeros(matrix.shape)
        features[:, self.column] = slope * (log1p(matrix[:, self.column]) - self.centre)
        return Parts(intercept, features, np.zeros(matrix.shape[0]))

    def looks_at(self, column: int) -> bool:
        return column == self.column


@dataclass(frozen=True)
class Reasons:
    """A risk = `start` (anybody's) + the effects of the `strongest` + `others`, in points of probability.

    strongest: {feature, value, effect}, the strongest first. `effect` above 0 goes with a higher risk, below 0 with a
    lower one; `value` is None where unknown.
    """

    start: float
    strongest: list[dict[str, Any]]
    others: float


class ChurnModel:
    """Risks from a bundle. `features`: columns of the matrix, in order; `served`: "model" or the baseline's name."""

    def __init__(self, hazard: Hazard, manifest: dict[str, Any], version: str = "") -> None:
        self.version = version
        self.manifest = manifest
        self.features: tuple[str, ...] = tuple(manifest["features"])
        self.horizon_days: tuple[int, ...] = tuple(manifest["horizon_days"])
        self.active_days: int = manifest["active_days"]
        # Bundles of before churn by date was told have no event.
        self.event: str = manifest.get("event", "interactions")
        self.grade: str | None = manifest["grade"]
        self.served: str = manifest["served"]
        self._hazard = hazard
        self._edges: list[float] = manifest["edges"]
        self._horizons: list[int] = manifest["horizon_steps"]
        self._seasonal: bool = manifest["seasonal"]

    @property
    def by_date(self) -> bool:
        """Whether churn is leaving by a date that the source gives, rather than silence."""
        return self.event == "left_at"

    @property
    def risk_places(self) -> tuple[int, int, int]:
        """Which horizons churn_30, churn_60 and churn_90 stand for: the first, the second, the last."""
        last = len(self.horizon_days) - 1
        return 0, min(1, last), last

    @property
    def risk_days(self) -> list[int]:
        """Days ahead of churn_30, churn_60 and churn_90; the last repeated where there are fewer horizons."""
        return [self.horizon_days[place] for place in self.risk_places]

    def looks_at(self, feature: str) -> bool:
        """Whether the risks depend on a feature at all: a rule looks at one alone."""
        return feature in self.features and self._hazard.looks_at(self.features.index(feature))

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
        """Probability of churn up to each horizon, [rows, horizons].

        By silence, that of no event, never rising along a row; by date, that of having left, never falling.
        `matrix` is [rows, features]; `cutoffs` (datetime64, [rows]) decides the season, where the model knows seasons.
        Every row is computed by itself: a batch gives the bits of its rows one by one.
        """
        if not matrix.shape[0]:
            return np.empty((0, len(self.horizon_days)))
        return self.curve_of(self.log_odds(matrix, cutoffs))

    def curve_of(self, log_odds: Floats) -> Floats:
        """The curve of rows whose log-odds, as `log_odds` gives them, are known already: [rows, horizons]."""
        lasting = silence([sigmoid(step) for step in log_odds.T], self._horizons)
        result: Floats = 1.0 - lasting if self.by_date else lasting
        return result

    def log_odds(self, matrix: Floats, cutoffs: npt.NDArray[np.datetime64] | None = None) -> Floats:
        """Log-odds of the first event, by date of leaving, in each step given none before, [rows, steps]."""
        days = self._days(matrix, cutoffs)
        return np.column_stack(
            [self._hazard.log_odds(matrix, self._step(step, days), step) for step in self._all_steps()]
        )

    def explained(self, matrix: Floats, cutoffs: npt.NDArray[np.datetime64] | None = None) -> Explained:
        """The risk at the last horizon split into what each feature goes with; see training.bundle.explained."""
        days = self._days(matrix, cutoffs)
        steps = [self._hazard.parts(matrix, self._step(step, days), step) for step in self._all_steps()]
        found = explained(steps)
        return Explained(1.0 - found.start, -found.features, -found.season) if self.by_date else found

    def reasons(self, matrix: Floats, top: int = 3, cutoffs: npt.NDArray[np.datetime64] | None = None) -> list[Reasons]:
        """What each row's risk at the last horizon goes with, its `top` features by name.

        An association in the data, not a cause.
        """
        if not matrix.shape[0]:
            return []
        found = self.explained(matrix, cutoffs)
        order = np.argsort(-np.abs(found.features), axis=1, kind="stable")
        others = found.season + row_sums(np.take_along_axis(found.features, order[:, top:], axis=1))
        return [
            Reasons(
                found.start,
                [self._reason(int(one), values[one], row[one]) for one in strongest if row[one] != 0.0],
                float(rest),
            )
            for strongest, values, row, rest in zip(order[:, :top], matrix, found.features, others, strict=True)
        ]

    def median_days(self, matrix: Floats, cutoffs: npt.NDArray[np.datetime64] | None = None) -> Floats:
        """Days until half of customers like each row are heard of again, by date until half have left, [rows].

        NaN where beyond the last horizon. Where the curve crosses one half; the hazard is even within a step.
        """
        return median(self.log_odds(matrix, cutoffs), self._edges)

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
        level = json.loads(bundle.files["calibration.json"])
        linear = Linear.read(json.loads(bundle.files["linear.json"]))
        booster = lgb.Booster(model_str=bundle.files["hazard.txt"].decode())
        return LearnedHazard(linear, booster, level["intercept"], level["slope"])
    return rule_hazard(json.loads(bundle.files["rule.json"]), bundle.manifest["features"])


def rule_hazard(rule: dict[str, Any], features: Sequence[str]) -> RuleHazard:
    """A baseline from its JSON: {feature, centre, coefficients: [[intercept, slope] for each step]}."""
    coefficients = tuple((float(intercept), float(slope)) for intercept, slope in rule["coefficients"])
    return RuleHazard(list(features).index(rule["feature"]), float(rule["centre"]), coefficients)
