"""A freshly trained model beside the champion and the simple rules, as one table for people."""

from __future__ import annotations

import pyarrow as pa

from training import promotion
from training.bundle import store
from training.trained import Trained
from workspace.folder import Workspace

MEASURES = {
    "segments": ("k", "silhouette"),
    "churn": ("average_precision", "auc", "brier", "log_loss", "calibration_slope", "lift_at_10"),
    "value": ("gini", "top_tenth_share", "spearman", "bias", "mae"),
    "volume": ("wape", "mase", "bias"),
    "sentiment": ("average_precision", "auc", "accuracy", "brier", "calibration_slope"),
}


def beside_champion(workspace: Workspace, trained: Trained) -> pa.Table:
    """One row a measure: measure, challenger, champion (as judged when it was trained), and a column for each rule.

    A figure that a model or rule doesn't have is null. Raises BundleError when the champion's bundle can't be read.
    """
    hash_ = promotion.champion(workspace, trained.kind)
    champion = store.read(workspace.bundles, hash_).manifest["metrics"] if hash_ is not None else {}
    columns = {"challenger": trained.metrics, "champion": champion, **trained.baselines}
    rows = [
        {"measure": measure, **{name: figures.get(measure) for name, figures in columns.items()}}
        for measure in MEASURES[trained.kind]
    ]
    schema = pa.schema([("measure", pa.string()), *((name, pa.float64()) for name in columns)])
    return pa.Table.from_pylist(rows, schema)
