"""The models served: which version, on what data, how good beside its baselines, promoted when and why."""

from typing import Any

import sqlalchemy as sa

from serving.answers.forms import moment
from serving.callers import Caller
from serving.snapshot import Snapshot
from workspace.state import PROMOTIONS, State


def models(snapshot: Snapshot, _caller: Caller, state: State) -> dict[str, Any]:
    """One entry for each kind of model the published version was made with."""
    with state.begin() as connection:
        promotions = connection.execute(sa.select(PROMOTIONS).order_by(PROMOTIONS.c.number)).all()
    latest = {(row.model, row.bundle): row for row in promotions}
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "models": [
            _model(kind, hash_, snapshot, latest.get((kind, hash_)))
            for kind, hash_ in sorted(snapshot.manifest["bundles"].items())
        ],
    }


def _model(kind: str, hash_: str, snapshot: Snapshot, promotion: Any) -> dict[str, Any]:
    manifest = snapshot.bundles[kind]
    return {
        "model": kind,
        "version": hash_,
        "grade": manifest.get("grade"),
        "served": manifest.get("served"),
        "why_served": manifest.get("why_served"),
        "limits": manifest.get("limits", []),
        "metrics": {name: value for name, value in manifest.get("metrics", {}).items() if name != "baselines"},
        "baselines": manifest.get("baselines", manifest.get("metrics", {}).get("baselines", {})),
        "data_version": manifest.get("data_version"),
        "cutoff": manifest.get("cutoff"),
        "promoted_at": None if promotion is None else promotion.promoted_at,
        "why": None if promotion is None else promotion.why,
        "registry_version": None if promotion is None else promotion.registry_version,
    }
