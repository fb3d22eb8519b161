"""Segments: KMeans on scaled behaviour, k by a stated rule, named by what sets them apart, with ids that last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from training import clustering
from training.bundle.behaviour import FEATURES as INPUTS
from training.bundle.behaviour import behaviour
from training.bundle.matrix import FEATURES, column
from training.bundle.rowwise import Floats
from training.bundle.rule_segments import rfm_edges
from training.bundle.segments import DORMANT, EVERYONE, ONE_TIME, SegmentModel, rule_applies
from training.clustering import Clustering
from training.segment_changes import changes
from training.segment_identity import Identity, match
from training.segment_layout import Layout, lay_out
from training.segment_names import names
from training.segment_scales import fit_scales
from workspace.errors import NotEnoughHistoryError
from workspace.progress import Progress, silent

FEWEST_CUSTOMERS = 50
# A rule makes a segment of its own from this share of the customers on; fewer go to the nearest centroid.
# One that was a segment before stays one down to half of that, lest it come and go.
RULE_SHARE, RULE_SHARE_KEPT = 0.01, 0.005
# Scales and names are taken from so many customers.
SAMPLE = 20_000
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
    count: int | None = None,
    seed: int = clustering.SEED,
) -> Candidate:
    """Segments of the customers in a customer_features table (one cutoff), ids matched to the model `before`.

    Customers without an event in the window (dormant) and with a single event ever (one_time) are segments by
    rule if they are at least 1 % of all; the others are clustered, into `count` groups where it is given. Where there
    are no clear groups they are one segment, `everyone`, and manifest["metrics"]["clear"] is false. The order of rows
    makes no difference.
    Raises NotEnoughHistoryError below 50 customers (or 10 a group asked for), or where no feature tells them apart.
    """
    _check(features, FEWEST_CUSTOMERS)
    features = _in_order(features)
    rules = _rules(features, before)
    ruled = _ruled(rules, features)
    free = np.array([rule is None for rule in ruled])
    rest = features.select(INPUTS).filter(pa.array(free))
    _check(rest, max(FEWEST_CUSTOMERS, 10 * (count or 0)))
    inputs = behaviour(rest, observation_days)
    scales = fit_scales(_some(inputs, clustering.drawn(rest.num_rows, SAMPLE)))
    if not scales:
        raise NotEnoughHistoryError(
            f"Segments need a feature that differs between customers; all are alike in {rest.num_rows} customers. "
            "Collect contacts of more channels, or orders."
        )
    laid = lay_out(inputs, scales, before, count, progress, seed)
    progress("naming", 0.8)
    earlier = np.array(before.assign(features) if before is not None else [], dtype=object)
    identity = _identity(laid, earlier[free] if before is not None else earlier, before)
    centroids = {segment: laid.centroids[row].tolist() for row, segment in enumerate(identity.ids)}
    layout = {
        "scales": [asdict(scale) for scale in laid.scales],
        "rules": rules,
        "observation_days": observation_days,
    }
    ruled[free] = np.array(identity.ids, dtype=object)[laid.labels]
    segments: list[str | None] = ruled.tolist()
    called = before.names if before is not None else {}
    manifest = {
        **layout,
        "next_number": identity.next_number,
        "names": names(_sampled_profiles(features, segments), called),
        "value_ranks": _value_ranks(features),
        "rfm": rfm_edges(features),
        "served": "model",
        "grade": None,
        "cutoff": features["cutoff"][0].as_py().isoformat(),
        "metrics": _metrics(laid, identity.ids, segments),
        "changes": changes(segments, earlier.tolist(), called),
        "baselines": {},
        "data_version": data_version,
    }
    if before is not None and not manifest["changes"] and _same_data(manifest, before.manifest):
        # Trained again on the same data: what changed is still what had changed.
        manifest["changes"] = before.manifest.get("changes", [])
    files = {"centroids.json": json.dumps(centroids, sort_keys=True).encode()}
    kept = None
    if before is not None:
        kept = float(np.mean([now == then for now, then in zip(segments, earlier.tolist(), strict=True)]))
    return Candidate(manifest, files, laid.tried, SegmentModel(centroids, manifest), kept)


def _rules(features: pa.Table, before: SegmentModel | None) -> list[str]:
    """The rules that take enough customers to be segments."""
    kept = before.rules if before is not None else ()
    shares = {rule: float(np.mean(rule_applies(rule, features))) for rule in (DORMANT, ONE_TIME)}
    return [rule for rule, share in shares.items() if share >= (RULE_SHARE_KEPT if rule in kept else RULE_SHARE)]


def _in_order(features: pa.Table) -> pa.Table:
    """The rows by customer_id, so that their order decides nothing."""
    ids = features["customer_id"]
    if pc.all(pc.less_equal(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py():
        return features
    return features.sort_by("customer_id")


def _identity(laid: Layout, earlier: Any, before: SegmentModel | None) -> Identity:
    """Ids of the laid out segments: those before where they are the same."""
    next_number = before.manifest["next_number"] if before is not None else 1
    if not (laid.clear or laid.asked):
        return Identity([EVERYONE], next_number)
    known = [segment for segment in sorted(before.centroids) if segment != EVERYONE] if before is not None else []
    return match(laid.labels.tolist(), len(laid.centroids), earlier.tolist(), next_number, known)


def _sampled_profiles(features: pa.Table, segments: list[str | None]) -> dict[str, list[dict[str, Any]]]:
    """`profiles` of a sample, which tells as well by what a segment goes; of all, where the sample lacks a segment."""
    chosen = clustering.drawn(features.num_rows, SAMPLE)
    sampled = [segments[row] for row in chosen]
    if set(sampled) != set(segments):
        return profiles(features, segments)
    return profiles(features.take(pa.array(chosen)), sampled)


def _some(inputs: Mapping[str, Floats], rows: Any) -> dict[str, Floats]:
    return {name: values[rows] for name, values in inputs.items()}


def _same_data(manifest: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    return all(manifest[name] == before.get(name) for name in ("cutoff", "data_version"))


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


def _metrics(laid: Layout, ids: list[str], segments: list[str | None]) -> dict[str, Any]:
    """k, silhouette and stability are of the segments there are: 1, null and none where these are not clear."""
    sizes = {segment: segments.count(segment) for segment in sorted({s for s in segments if s is not None})}
    found, grouped = laid.found, laid.clear or laid.asked
    return {
        "k": len(ids),
        "silhouette": _finite(found.silhouette) if grouped else None,
        "gain": found.gain,
        "sizes": sizes,
        "stability": dict(sorted(zip(ids, found.jaccard, strict=True))) if grouped else {},
        "clear": laid.clear,
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _value_ranks(features: pa.Table) -> dict[str, list[float]]:
    """A hundred quantiles of what the value score ranks by; without orders there is none to rank."""
    if not column(features, "order_count").any():
        return {}
    found: Mapping[str, Floats] = {name: column(features, name) for name in ("income", "order_count", "tenure_days")}
    known = {name: values[~np.isnan(values)] for name, values in found.items()}
    return {name: np.quantile(values, _RANKS).tolist() for name, values in known.items() if values.size}


def _ruled(rules: list[str], features: pa.Table) -> Any:
    """The rule that takes each row, None where none does, [rows]."""
    taken = np.full(features.num_rows, None, dtype=object)
    for rule in rules:
        taken[rule_applies(rule, features)] = rule
    return taken


def _check(features: pa.Table, fewest: int) -> None:
    if features.num_rows < fewest:
        raise NotEnoughHistoryError(
            f"Segments need {fewest} customers with more than one contact or order in the window; "
            f"found {features.num_rows}. Collect more customers, or lengthen windows.observation_days in rapport.toml."
        )
