"""The training of every model, one after another: learned, judged, logged, written, promoted if no worse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from features.windows import Window
from training import (
    churn,
    churn_trees,
    clustering,
    promotion,
    segment_changes,
    segmentation,
    sentiment,
    tracking,
    value,
    value_trees,
)
from training.bundle import store
from training.bundle.churn import ChurnModel
from training.bundle.expected_value import ValueModel
from training.bundle.matrix import FEATURES, matrix
from training.bundle.scoring import score
from training.bundle.segments import SegmentModel
from training.bundle.sentiment import SentimentModel
from training.card import card
from training.churn_rows import moments_of
from training.contacts_known import contacts_known
from training.cutoffs import default_cutoff
from training.metrics import average_precision
from training.observed import Observed, observed_workspace
from training.plots import churn_pictures, numbers, segment_pictures
from training.promotion import Comparison
from training.segment_flow import MONTH, flow
from training.segment_profiles import profile_table
from training.trained import Trained
from training.value_orders import ordered_workspace
from training.value_quality import ranked
from workspace.errors import NotEnoughHistoryError, RapportError
from workspace.folder import Workspace
from workspace.progress import Progress, silent

KINDS = ("segments", "churn", "value", "volume", "sentiment")
_NOTHING = 0.01
_SHARE = {"segments": 0.3, "churn": 0.4, "value": 0.2, "volume": 0.3, "sentiment": 0.1}


def train(
    workspace: Workspace,
    models: Sequence[str] = KINDS,
    as_of: datetime | None = None,
    progress: Progress = silent,
    promote: bool = True,
) -> list[Trained]:
    """Train the named models on what was known before `as_of` (default: the cutoff after the last event).

    Without `promote` they are registered as challengers and the champions stay.
    Raises NotEnoughHistoryError when the data can't support a model; models before it in the list are kept.
    """
    cutoff = as_of or default_cutoff(workspace)
    steps = {"segments": _segments, "churn": _churn, "value": _value, "volume": _volume, "sentiment": _sentiment}
    total = sum(_SHARE[kind] for kind in models)
    done = 0.0
    trained = []
    for kind in models:
        trained.append(steps[kind](workspace, cutoff, promote, _part(progress, done, _SHARE[kind] / total)))
        done += _SHARE[kind] / total
    progress("trained", 1.0)
    return trained


def _part(progress: Progress, done: float, share: float) -> Progress:
    return lambda text, fraction: progress(text, done + share * fraction)


def _segments(workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress) -> Trained:
    progress("segments: features", 0.0)
    with observed_workspace(workspace, Window.from_settings(workspace.settings, cutoff)) as observed:
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
        run.params({"k": metrics["k"], "scales": len(found.manifest["scales"]), **_data(workspace, cutoff, features)})
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


def _churn(workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress) -> Trained:
    settings = workspace.settings
    with observed_workspace(workspace, Window.from_settings(settings, cutoff)) as observed:
        found = churn.train_churn(
            observed,
            settings.windows.horizon_days,
            workspace.lake.data_version(),
            lambda text, fraction: progress(f"churn: {text}", 0.9 * fraction),
            settings.churn.costs,
        )
    progress("churn: logging", 0.9)
    bundle = store.write(workspace.bundles, "churn", found.manifest, found.files)
    manifest, judged = found.manifest, found.verdict.judged
    with tracking.run(workspace, "churn", bundle) as run:
        run.params({**churn_trees.PARAMETERS, "rounds": manifest["rounds"], "served": manifest["served"]})
        run.params({name: manifest[name] for name in ("horizon_days", "active_days", "observation_days", "event")})
        run.params({"rows": manifest["rows"], **_data(workspace, cutoff, None)})
        run.metrics({**numbers(manifest["metrics"]), "gain": manifest["gain"]})
        for rule, figures in manifest["baselines"].items():
            run.metrics(numbers(figures), f"{rule}_")
        run.dict("churn.json", manifest)
        run.card(card("churn", bundle, manifest))
        for name, png in churn_pictures(judged).items():
            run.figure(name, png)
        _log_model(run, found)
        version = run.register(bundle)
    promoted, why = promotion.settle(workspace, "churn", bundle, version, _against_champion(workspace, found), promote)
    why = f"{why}; {manifest['why_served']}"
    return Trained(
        "churn", bundle, version, manifest["metrics"], manifest["baselines"], manifest["grade"], promoted, why
    )


def _log_model(run: tracking.Run, found: churn.Candidate) -> None:
    run.files(found.files, found.setting.maker.columns, "hazard")


def _against_champion(workspace: Workspace, found: churn.Candidate) -> Comparison | None:
    """The champion on the same customers, where it has not learned from their outcomes; else by gain over the rule.

    None where there is no champion, or one of other windows: then the two answer different questions.
    """
    bundle = promotion.champion(workspace, "churn")
    if bundle is None:
        return None
    try:
        model = ChurnModel.from_bundle(store.read(workspace.bundles, bundle))
    except RapportError:
        return None
    if any(
        model.manifest[name] != found.manifest[name] for name in ("horizon_days", "active_days", "event", "features")
    ):
        return None
    judged, moments = found.verdict.judged, found.setting.plan
    if datetime.fromisoformat(model.manifest["cutoff"]) <= moments.judged:
        people = found.setting.maker.active(moments.judged)
        when = np.full(people.num_rows, moments_of(moments.judged))
        theirs = model.curve(matrix(people, model.features), when)[:, -1]
        ours = judged.risk_of(found.verdict.served)
        return Comparison(
            "average precision",
            average_precision(judged.truth, ours),
            average_precision(judged.truth, theirs),
            "higher",
        )
    # It has seen these outcomes: each is taken at the gain it had at its own judged cutoff, unless clearly worse.
    return Comparison(
        "gain over the best rule (its upper bound)",
        found.manifest["gain_interval"][1],
        model.manifest["gain"],
        "higher",
    )


def _value(workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress) -> Trained:
    window = Window.from_settings(workspace.settings, cutoff)
    orders = ordered_workspace(workspace, window)
    with observed_workspace(workspace, window) as observed:
        found = value.train_value(
            observed,
            orders,
            workspace.settings.windows.horizon_days,
            workspace.lake.data_version(),
            lambda text, fraction: progress(f"value: {text}", 0.9 * fraction),
        )
        beside = _value_beside(workspace, observed, found)
    progress("value: logging", 0.9)
    bundle = store.write(workspace.bundles, "value", found.manifest, found.files)
    manifest = found.manifest
    with tracking.run(workspace, "value", bundle) as run:
        names = ("served", "horizon_days", "label_days", "observation_days", "rows", "rounds")
        run.params({**value_trees.PARAMETERS, **{name: manifest[name] for name in names}})
        run.params(_data(workspace, cutoff, None))
        run.metrics({**numbers(manifest["metrics"]), "gain": manifest["gain"]})
        for rule, figures in manifest["baselines"].items():
            run.metrics(numbers(figures), f"{rule}_")
        run.dict("value.json", manifest)
        run.card(card("value", bundle, manifest))
        run.files({**found.files, "spending.json": json.dumps(manifest["spending"]).encode()}, FEATURES, "amount")
        version = run.register(bundle)
    promoted, why = promotion.settle(workspace, "value", bundle, version, beside, promote)
    why = f"{why}; {manifest['why_served']}"
    return Trained(
        "value", bundle, version, manifest["metrics"], manifest["baselines"], manifest["grade"], promoted, why
    )


def _value_beside(workspace: Workspace, observed: Observed, found: value.ValueCandidate) -> Comparison | None:
    """The champion's Gini on the same customers where it has not learned from their orders; else by gain over the rule.

    None where there is no champion, or one of another horizon.
    """
    bundle = promotion.champion(workspace, "value")
    if bundle is None:
        return None
    try:
        model = ValueModel.from_bundle(store.read(workspace.bundles, bundle))
    except RapportError:
        return None
    if any(model.manifest[name] != found.manifest[name] for name in ("horizon_days", "features")):
        return None
    verdict, judged = found.verdict, found.plan.judged
    if datetime.fromisoformat(model.manifest["cutoff"]) <= judged:
        every = np.ones(verdict.truth.size)
        ours = verdict.said if verdict.served == "model" else verdict.rules[verdict.served]
        theirs = model.expected(observed.features_at(judged))
        return Comparison(
            "Gini", ranked(verdict.truth, ours)(every)[0], ranked(verdict.truth, theirs)(every)[0], "higher"
        )
    return Comparison(
        "gain over the best rule (its upper bound)",
        found.manifest["gain_interval"][1],
        model.manifest["gain"],
        "higher",
    )


def _volume(workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress) -> Trained:
    # mlforecast takes seconds to import: only when a forecast is trained.
    from training.volume_forecast import train_volume

    return train_volume(workspace, cutoff, progress, promote)


def _sentiment(workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress) -> Trained:
    first = datetime(1970, 1, 1, tzinfo=UTC)
    contacts = contacts_known(workspace, cutoff, since=cutoff, rated_since=first)
    found = sentiment.train_sentiment(
        contacts, cutoff, workspace.lake.data_version(), lambda text, done: progress(f"sentiment: {text}", 0.9 * done)
    )
    progress("sentiment: logging", 0.9)
    bundle = store.write(workspace.bundles, "sentiment", found.manifest, found.files)
    manifest = found.manifest
    with tracking.run(workspace, "sentiment", bundle) as run:
        names = ("served", "rows", "judged", "ngrams", "customers_a_ngram")
        run.params({**{name: manifest[name] for name in names}, **_data(workspace, cutoff, None)})
        run.metrics({**numbers(manifest["metrics"]), "gain": manifest["gain"]})
        run.metrics(numbers(manifest["baselines"]["lexicon"]), "lexicon_")
        run.dict("sentiment.json", manifest)
        run.card(card("sentiment", bundle, manifest))
        # No text of anybody: n-grams that several customers used, and their weights.
        run.files(found.files, ["lexicon"], "content")
        version = run.register(bundle)
    beside = _sentiment_beside(workspace, found)
    promoted, why = promotion.settle(workspace, "sentiment", bundle, version, beside, promote)
    return Trained(
        "sentiment", bundle, version, manifest["metrics"], manifest["baselines"], manifest["grade"], promoted, why
    )


def _sentiment_beside(workspace: Workspace, found: sentiment.Learned) -> Comparison | None:
    """The champion's gain at its own judged moment beside the challenger's; on the same texts where it saw none."""
    bundle = promotion.champion(workspace, "sentiment")
    if bundle is None:
        return None
    try:
        held = store.read(workspace.bundles, bundle)
        model = SentimentModel.from_bundle(held)
    except RapportError:
        return None
    if datetime.fromisoformat(held.manifest["cutoff"]) <= found.judged_from:
        ours, theirs = (
            found.manifest["metrics"]["average_precision"],
            average_precision(found.unhappy, sentiment.unhappiness(model, found.texts)),
        )
        return Comparison("average precision", ours, theirs, "higher")
    return Comparison(
        "gain over the lexicon (its upper bound)", found.manifest["gain_interval"][1], held.manifest["gain"], "higher"
    )


def _data(workspace: Workspace, cutoff: datetime, features: pa.Table | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"data_version": workspace.lake.data_version(), "cutoff": cutoff.isoformat()}
    return facts if features is None else {**facts, "customers": features.num_rows}
