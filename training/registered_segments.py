"""Segments trained, logged, registered, and settled beside the champion."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa

from features.windows import Window
from training import (
    clustering,
    promotion,
    segment_changes,
    segmentation,
    tracking,
)
from training.bundle import store
from training.bundle.scoring import score
from training.bundle.segments import SegmentModel
from training.card import card
from training.kept_features import KeptFeatures
from training.observed import Observed, observed_workspace
from training.plots import numbers, segment_pictures
from training.promotion import Comparison
from training.segment_flow import MONTH, flow
from training.segment_profiles import profile_table
from training.trained import Trained, trained_on
from workspace.errors import NotEnoughHistoryError, RapportError
from workspace.folder import Workspace
from workspace.progress import Progress

_NOTHING = 0.01


def train_and_settle(
    kept: KeptFeatures, workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress
) -> Trained:
    progress("segments: features", 0.0)
    with observed_workspace(workspace, Window.from_settings(workspace.settings, cutoff), kept) as observed:
        features, earlier = observed.features_at(cutoff), _month_before(observed, cutoff)
    before = _segment_champion(workspace)
    days = workspace.settings.windows.observation_days
    found = segmentation.train_segments(
        features,
        before,
        workspace.lake.data_version(),
        lambda text, done: progress(f"segments: {text}", done),
        days,
        workspace.settings.segments.count,
    )
    if earlier is not None:
        found.manifest["flow"] = flow(earlier, features, found.model)
    progress("segments: logging", 0.9)
    bundle = store.write(workspace.bundles, "segments", found.manifest, found.files)
    metrics = found.manifest["metrics"]
    with tracking.run(workspace, "segments", bundle) as run:
        run.params(
            {"k": metrics["k"], "scales": len(found.manifest["scales"]), **trained_on(workspace, cutoff, features)}
        )
        run.metrics({**numbers(metrics), "kept_after_retrain": found.kept})
        run.metrics({f"k{c.k}_silhouette": c.silhouette for c in found.tried})
        run.metrics({f"k{c.k}_stability": min(c.jaccard) for c in found.tried})
        run.dict("segments.json", found.manifest)
        run.card(card("segments", bundle, found.manifest))
        profiles = profile_table(features, score(features, None, found.model), found.model)
        for name, png in segment_pictures(profiles.to_pylist()).items():
            run.figure(name, png)
        run.files(found.files, found.model.features, "segment")
        version = run.register(bundle)
    promoted, why = promotion.settle(
        workspace, "segments", bundle, version, _beside(features, found.model, before), promote
    )
    why = "; ".join([why, *segment_changes.told(found.manifest)])
    return Trained("segments", bundle, version, metrics, {}, None, promoted, why)


def _month_before(observed: Observed, cutoff: datetime) -> pa.Table | None:
    """The features a month before the cutoff; None where nothing was known then."""
    try:
        features = observed.features_at(cutoff - MONTH)
    except NotEnoughHistoryError:
        return None
    return features if features.num_rows else None


def _segment_champion(workspace: Workspace) -> SegmentModel | None:
    """The segments served now; None without any, or where its features are no longer known."""
    bundle = promotion.champion(workspace, "segments")
    if bundle is None:
        return None
    try:
        return SegmentModel.from_bundle(store.read(workspace.bundles, bundle))
    except RapportError:
        # A lost champion must not keep a new one from being trained; its ids are lost with it.
        return None


def _beside(features: pa.Table, model: SegmentModel, before: SegmentModel | None) -> Comparison | None:
    """How tight both make the clustered customers, in the new model's space, where both have as many groups.

    None otherwise: how many groups there are was weighed in training.
    """
    if before is None or len(model.centroids) != len(before.centroids) or len(model.centroids) == 1:
        return None
    now, then = np.array(model.assign(features)), np.array(before.assign(features))
    clustered = ~np.isin(now, model.rules) & ~np.isin(then, before.rules)
    points = np.column_stack(model.coordinates(features))[clustered]
    weights = np.array([scale.weight for scale in model.scales])
    tight = [
        clustering.tightness(points, weights, np.unique(labels[clustered], return_inverse=True)[1].astype(np.int64))
        for labels in (now, then)
    ]
    # A segment follows its customers as they change: so little is nothing.
    as_good = tight[0] >= tight[1] - _NOTHING
    return Comparison("tightness", tight[0], min(tight) if as_good else tight[1], "higher")
