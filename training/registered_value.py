"""Expected value trained, logged, registered, and settled beside the champion."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np

from features.windows import Window
from training import (
    promotion,
    tracking,
    value,
    value_trees,
)
from training.bundle import store
from training.bundle.expected_value import ValueModel
from training.bundle.matrix import FEATURES
from training.card import card
from training.kept_features import KeptFeatures
from training.observed import Observed, observed_workspace
from training.plots import numbers
from training.promotion import Comparison
from training.trained import Trained, trained_on
from training.value_orders import ordered_workspace
from training.value_quality import ranked
from workspace.errors import RapportError
from workspace.folder import Workspace
from workspace.progress import Progress


def train_and_settle(
    kept: KeptFeatures, workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress
) -> Trained:
    window = Window.from_settings(workspace.settings, cutoff)
    orders = ordered_workspace(workspace, window)
    with observed_workspace(workspace, window, kept) as observed:
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
        run.params(trained_on(workspace, cutoff, None))
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
