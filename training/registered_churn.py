"""Churn trained, logged, registered, and settled beside the champion."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from features.windows import Window
from training import (
    churn,
    churn_trees,
    promotion,
    tracking,
)
from training.bundle import store
from training.bundle.churn import ChurnModel
from training.bundle.matrix import matrix
from training.card import card
from training.churn_rows import moments_of
from training.kept_features import KeptFeatures
from training.metrics import average_precision
from training.observed import observed_workspace
from training.plots import churn_pictures, numbers
from training.promotion import Comparison
from training.trained import Trained, trained_on
from workspace.errors import RapportError
from workspace.folder import Workspace
from workspace.progress import Progress


def train_and_settle(
    kept: KeptFeatures, workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress
) -> Trained:
    settings = workspace.settings
    with observed_workspace(workspace, Window.from_settings(settings, cutoff), kept) as observed:
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
        run.params({"rows": manifest["rows"], **trained_on(workspace, cutoff, None)})
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
