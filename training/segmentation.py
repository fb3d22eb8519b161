"""Segments: KMeans on scaled behaviour, k by a stated rule, named by what sets them apart, with ids that last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from training import clustering
from training.bundle.behaviour import behaviour
from training.bundle.matrix import FEATURES, column
from training.bundle.rowwise import Floats
from training.bundle.segments import DORMANT, ONE_TIME, SegmentModel, rule_applies
from training.clustering import Clustering
from training.segment_identity import match
from training.segment_names import names
from training.segment_scales import fit_scales
from workspace.errors import NotEnoughHistoryError
from workspace.progress import Progress, silent

FEWEST_CUSTOMERS = 50
# A rule makes a segment of its own from this share of the customers on; fewer go to the nearest centroid.
RULE_SHARE = 0.01
_RANKS = np.linspace(0.005, 0.995, 100)


@dataclass(frozen=True)
class Candidate:
    """Trained segments, not yet written; `tried`: every k weighed; `model`: what the bundle opens as.

    `kept`: the share of customers whom the model before would put in the same segment; None without one. It is no part
    of the bundle: the same segments are the same bundle, whatever came before.
    """

    manifest: dict[str, Any]
    files: dict[str, bytes]
    tried: list[Clustering]
    model: SegmentModel
    kept: float | None


def train_segments(
    features: pa.Table,
    before: SegmentModel | None = None,
    data_version: str = "",
    progress: Progress = silent,
    observation_days: int = 365,
) -> Candidate:
    """Segments of the customers in a customer_features table (one cutoff), ids matched to the model `before`.

    Customers without an event in the window (dormant) and with a single event ever (one_time) are segments by
    rule if they are at least 1 % of all; the others are clustered.
    Raises NotEnoughHistoryError below 50 customers, or where no feature tells them apart.
    """
    _check(features)
    rules = [rule for rule in (DORMANT, ONE_TIME) if np.mean(rule_applies(rule, features)) >= RULE_SHARE]
    rest = features.filter(pa.array(~_ruled(rules, features)))
    _check(rest)
    inputs = behaviour(rest, observation_days)
    scales = fit_scales(inputs)
    if not scales:
        raise NotEnoughHistoryError(
            f"Segments need a feature that differs between customers; all are alike in {rest.num_rows} customers. "
            "Collect contacts of more channels, or orders."
        )
    points = np.column_stack([scale.coordinate(inputs) for scale in scales])
    progress("choosing how many segments", 0.2)
    chosen, tried = clustering.choose(points)
    labels = clustering.nearest(points, chosen.centroids)
    progress("naming", 0.8)
    known = sorted(before.centroids) if before else []
    next_number = before.manifest["next_number"] if before else 1
    identity = match(labels.tolist(), chosen.k, before.assign(rest) if before else [], next_number, known)
    centroids = {segment: chosen.centroids[row].tolist() for row, segment in enumerate(identity.ids)}
    layout = {
        "scales": [asdict(scale) for scale in scales],
        "rules": rules,
        "observation_days": observation_days,
    }
    segments = SegmentModel(centroids, {**layout, "names": {}}).assign(features)
    manifest = {
        **layout,
        "next_number": identity.next_number,
        "names": names(profiles(features, segments), before.names if before else {}),
        "value_ranks": _value_ranks(features),
        "served": "model",
        "grade": None,
        "cutoff": features["cutoff"][0].as_py().isoformat(),
        "metrics": _metrics(chosen, identity.ids, segments),
        "baselines": {},
        "data_version": data_version,
    }
    files = {"centroids.json": json.dumps(centroids, sort_keys=True).encode()}
    kept = None
    if before is not None:
        kept = float(np.mean([now == then for now, then in zip(segments, before.assign(features), strict=True)]))
    return Candidate(manifest, files, tried, SegmentModel(centroids, manifest), kept)


def profiles(features: pa.Table, segments: list[str | None]) -> dict[str, list[dict[str, Any]]]:
    """For each segment {feature, median, overall_median, difference}, the most telling first.

    difference: of the mean ranks of the segment and of everybody, -1 to 1 times sqrt(3): in spreads of a rank, the same
    scale for every feature. Unknown values are left out; a feature known of nobody in the segment is not listed.
    """
    labels = np.asarray(segments, dtype=object)
    found: dict[str, list[dict[str, Any]]] = {}
    columns = {name: column(features, name) for name in FEATURES}
    ranks = {name: _centred_ranks(values) for name, values in columns.items()}
    for segment in sorted({segment for segment in segments if segment is not None}):
        inside = labels == segment
        entries = [_entry(name, columns[name], ranks[name], inside) for name in FEATURES]
        kept = [entry for entry in entries if entry is not None]
        found[segment] = sorted(kept, key=lambda entry: (-abs(entry["difference"]), entry["feature"]))
    return found


def _entry(name: str, values: Floats, ranks: Floats, inside: Any) -> dict[str, Any] | None:
    known = ~np.isnan(values)
    if not (known & inside).any():
        return None
    return {
        "feature": name,
        "median": float(np.median(values[known & inside])),
        "overall_median": float(np.median(values[known])),
        "difference": float(np.mean(ranks[known & inside])),
    }


def _centred_ranks(values: Floats) -> Floats:
    """Mid-ranks of the known values on [-sqrt(3), sqrt(3)], where they have a spread of 1; NaN elsewhere."""
    known = ~np.isnan(values)
    result = np.full(values.size, np.nan)
    ordered = np.sort(values[known])
    below = np.searchsorted(ordered, values[known], side="left")
    up_to = np.searchsorted(ordered, values[known], side="right")
    result[known] = ((below + up_to) / max(ordered.size, 1) - 1.0) * 3**0.5
    return result


def _metrics(chosen: Clustering, ids: list[str], segments: list[str | None]) -> dict[str, Any]:
    sizes = {segment: segments.count(segment) for segment in sorted({s for s in segments if s is not None})}
    return {
        "k": chosen.k,
        "silhouette": chosen.silhouette,
        "gain": chosen.gain,
        "sizes": sizes,
        "stability": dict(sorted(zip(ids, chosen.jaccard, strict=True))),
        "clear": chosen.holds,
    }


def _value_ranks(features: pa.Table) -> dict[str, list[float]]:
    """A hundred quantiles of what the value score ranks by; without orders there is none to rank."""
    if not column(features, "order_count").any():
        return {}
    found: Mapping[str, Floats] = {name: column(features, name) for name in ("income", "order_count", "tenure_days")}
    known = {name: values[~np.isnan(values)] for name, values in found.items()}
    return {name: np.quantile(values, _RANKS).tolist() for name, values in known.items() if values.size}


def _ruled(rules: list[str], features: pa.Table) -> Any:
    taken = np.zeros(features.num_rows, dtype=bool)
    for rule in rules:
        taken |= rule_applies(rule, features)
    return taken


def _check(features: pa.Table) -> None:
    if features.num_rows < FEWEST_CUSTOMERS:
        raise NotEnoughHistoryError(
            f"Segments need {FEWEST_CUSTOMERS} customers with more than one contact or order in the window; "
            f"found {features.num_rows}. Collect more customers, or lengthen windows.observation_days in rapport.toml."
        )
