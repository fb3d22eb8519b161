"""The segments champion: which segment a customer is in, by rule or by the nearest centroid. Nothing here trains."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from training.bundle.behaviour import FEATURES, behaviour
from training.bundle.matrix import column
from training.bundle.rowwise import Floats, log1p
from training.bundle.store import Bundle
from workspace.errors import BundleError

ONE_TIME, DORMANT = "one_time", "dormant"
# Where customers fall into no clear groups, all whom no rule takes are in this one.
EVERYONE = "everyone"
# Said wherever segments are: by train, in MLflow, by the API and on the page.
NOT_CLEAR: Mapping[str, str] = {
    "en": "No clear segments: these customers fall into no groups that would come again in another sample.",
    "zh": "没有明显的分群：这些客户没有形成稳定、可重复的群体。",
}


# Beyond this many spreads from the centre everybody counts as equally far out.
CUT = 3.0


@dataclass(frozen=True)
class Scale:
    """How one input of behaviour.py becomes a coordinate: null filled, bent, centred, divided, cut, weighted.

    `bend`: "log" is log(1 + x / unit), for skewed rates and amounts; "root" is the square root, for shares, after each
    was drawn to `fill` as if by `prior_contacts` contacts more: a share of two contacts says little. Without a `fill`
    what is unknown stays so, and counts in no distance.
    """

    name: str
    bend: str
    unit: float
    fill: float | None
    prior_contacts: float
    centre: float
    spread: float
    weight: float

    def bent(self, inputs: Mapping[str, Floats]) -> Floats:
        """The bent values, [rows], NaN where unknown and not filled; every row by itself."""
        values = inputs[self.name]
        known = ~np.isnan(values)
        fill = np.nan if self.fill is None else self.fill
        filled = np.where(known, values, fill)
        if self.bend == "log":
            return log1p(filled / self.unit)
        contacts = np.where(known, inputs["contacts"], 0.0)
        result: Floats = np.sqrt((filled * contacts + fill * self.prior_contacts) / (contacts + self.prior_contacts))
        return result

    def coordinate(self, inputs: Mapping[str, Floats]) -> Floats:
        """The coordinates, [rows], NaN where unknown and not filled."""
        result: Floats = np.clip((self.bent(inputs) - self.centre) / self.spread, -CUT, CUT) * self.weight
        return result


class SegmentModel:
    """Segments from a bundle. `names`: for each permanent id its name in English and Chinese."""

    def __init__(self, centroids: dict[str, list[float]], manifest: dict[str, Any], version: str = "") -> None:
        self.version = version
        self.manifest = manifest
        self.scales = tuple(Scale(**scale) for scale in manifest["scales"])
        self.features: tuple[str, ...] = FEATURES
        self.names: dict[str, dict[str, str]] = manifest["names"]
        self.rules: tuple[str, ...] = tuple(manifest["rules"])
        self.centroids = {segment: np.array(centroid) for segment, centroid in sorted(centroids.items())}

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> SegmentModel:
        """Open a bundle of kind segments. Raises BundleError for another kind or unreadable content."""
        if bundle.kind != "segments":
            raise BundleError(f"Bundle {bundle.hash} holds a {bundle.kind} model, not segments. Choose another bundle.")
        try:
            return cls(json.loads(bundle.files["centroids.json"]), bundle.manifest, bundle.hash)
        except (KeyError, ValueError, TypeError) as error:
            raise BundleError(f"Segments bundle {bundle.hash} can't be opened: {error!r}. Train again.") from error

    def coordinates(self, features: pa.Table) -> list[Floats]:
        """One array [rows] for each scale."""
        inputs = behaviour(features, self.manifest["observation_days"])
        return [scale.coordinate(inputs) for scale in self.scales]

    def assign(self, features: pa.Table) -> list[str | None]:
        """Segment id of each row of a customer_features table; None where the model has no segment at all.

        The rules come first: dormant (no event in the window), one_time (a single event ever). Then the nearest
        centroid over what is known. Squared distances are summed one coordinate after the other: a batch gives the
        bits of its rows.
        """
        if not features.num_rows:
            return []
        found = np.full(features.num_rows, None, dtype=object)
        if self.centroids:
            ids = np.array(list(self.centroids), dtype=object)
            found = ids[np.argmin(self._distances(features), axis=0)]
        for rule in self.rules:
            found[rule_applies(rule, features)] = rule
        result: list[str | None] = found.tolist()
        return result

    def _distances(self, features: pa.Table) -> Floats:
        """Squared distances [centroids, rows]."""
        coordinates = self.coordinates(features)
        distances = []
        for centroid in self.centroids.values():
            total = np.zeros(features.num_rows)
            for coordinate, place in zip(coordinates, centroid.tolist(), strict=True):
                total = total + np.where(np.isnan(coordinate), 0.0, (coordinate - place) ** 2)
            distances.append(total)
        return np.array(distances)


def rule_applies(rule: str, features: pa.Table) -> Any:
    """Which rows a rule segment takes, bool [rows]."""
    if rule == DORMANT:
        return column(features, "frequency") == 0
    in_window = column(features, "frequency") > 0
    return in_window & (column(features, "tenure_days") == column(features, "recency_days"))
