"""Which model is served: the champion of each kind, kept in state.db with when and why; MLflow's aliases follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from training import tracking
from training.bundle import store
from workspace.errors import BundleError, NotEnoughHistoryError
from workspace.folder import Workspace
from workspace.state import PROMOTIONS, now

KINDS = ("segments", "churn", "value", "volume", "sentiment")


@dataclass(frozen=True)
class Comparison:
    """A challenger and the champion judged by one measure on the same rows; `better` says which end is good."""

    measure: str
    challenger: float
    champion: float
    better: Literal["higher", "lower"]

    @property
    def challenger_holds(self) -> bool:
        """Whether the challenger is at least as good."""
        if self.better == "higher":
            return self.challenger >= self.champion
        return self.challenger <= self.champion


def champion(workspace: Workspace, kind: str) -> str | None:
    """Bundle hash of the kind's champion; None before the first promotion."""
    history = _history(workspace, kind)
    return history[-1].bundle if history else None


def settle(
    workspace: Workspace,
    kind: str,
    bundle: str,
    registry_version: str,
    comparison: Comparison | None,
    may_promote: bool = True,
) -> tuple[bool, str]:
    """Promote a freshly trained model unless the champion did better on the same rows: (promoted, why).

    `comparison` is None for the first model of its kind, and where the champion can't be judged beside it. Without
    `may_promote` the model stays what the registry calls it, the challenger.
    """
    if not may_promote:
        return False, f"registered as challenger; `rapport promote {kind} --from-alias challenger` serves it"
    if champion(workspace, kind) == bundle:
        return True, "the same model as the champion"
    if comparison is None:
        first = champion(workspace, kind) is None
        why = "the first model of its kind" if first else "the champion could not be judged on this data"
    elif comparison.challenger_holds:
        why = f"{_figures(comparison)}: not worse than the champion on the same customers and days"
    else:
        return False, f"{_figures(comparison)}: worse than the champion, which stays"
    _record(workspace, kind, bundle, registry_version, why)
    return True, why


def promote(workspace: Workspace, kind: str, version: str | None = None, from_alias: str | None = None) -> str:
    """Make a version of the registry the champion of its kind, by number or by alias, and return its bundle hash.

    The next score and publish serve it; `follow_published` then moves the registry's alias.
    Raises BundleError when the registry has no such version, or its bundle is missing, damaged or of another kind.
    """
    number = version or tracking.alias(workspace, kind, from_alias or "challenger")
    bundle = tracking.bundle_of(workspace, kind, number) if number is not None else None
    if number is None or bundle is None:
        wanted = f"version {version}" if version else f"alias {from_alias or 'challenger'}"
        raise BundleError(f"The registry has no {kind} model with {wanted}. `rapport mlflow` lists what it has.")
    found = store.read(workspace.bundles, bundle)
    if found.kind != kind:
        raise BundleError(f"Bundle {bundle} holds a {found.kind} model, not {kind}. Choose another version.")
    _record(workspace, kind, bundle, number, "promoted by hand")
    return bundle


def rollback(workspace: Workspace, kind: str) -> str:
    """Make the champion before this one champion again and return its bundle hash.

    Raises NotEnoughHistoryError when there was no other champion before, BundleError when its bundle is gone.
    """
    history = _history(workspace, kind)
    earlier = [row for row in history if row.bundle != history[-1].bundle]
    if not earlier:
        raise NotEnoughHistoryError(
            f"`rollback {kind}` needs an earlier champion; found {len(history)} promotion(s) and no second model. "
            "Train and promote another first."
        )
    before = earlier[-1]
    store.read(workspace.bundles, str(before.bundle))
    version = None if before.registry_version is None else str(before.registry_version)
    _record(workspace, kind, str(before.bundle), version, f"rolled back from {history[-1].bundle}")
    return str(before.bundle)


def follow_published(workspace: Workspace) -> list[str]:
    """Point the registry's alias champion at the champions, once they are published; the kinds it could not follow.

    What is served doesn't depend on the registry, which may be a server that is down for now.
    """
    return [
        kind
        for kind, version in _champion_versions(workspace).items()
        if tracking.alias(workspace, kind, "champion") != version
        and not tracking.set_alias(workspace, kind, version, "champion")
    ]


def disagreements(workspace: Workspace) -> list[str]:
    """A sentence for each kind whose alias champion in the registry is not the champion served."""
    found = []
    for kind, version in _champion_versions(workspace).items():
        named = tracking.alias(workspace, kind, "champion")
        if named != version:
            found.append(
                f"{kind}: the registry's champion is version {named}, the champion served is version {version}"
            )
    return found


def _champion_versions(workspace: Workspace) -> dict[str, str]:
    latest = {kind: _history(workspace, kind) for kind in KINDS}
    return {
        kind: str(history[-1].registry_version)
        for kind, history in latest.items()
        if history and history[-1].registry_version is not None
    }


def _record(workspace: Workspace, kind: str, bundle: str, registry_version: str | None, why: str) -> None:
    row = {"model": kind, "bundle": bundle, "registry_version": registry_version, "promoted_at": now(), "why": why}
    state = workspace.state()
    try:
        with state.begin() as connection:
            connection.execute(PROMOTIONS.insert().values(**row))
    finally:
        state.close()


def _history(workspace: Workspace, kind: str) -> list[sa.Row[tuple[object, ...]]]:
    state = workspace.state()
    try:
        with state.begin() as connection:
            chosen = sa.select(PROMOTIONS).where(PROMOTIONS.c.model == kind).order_by(PROMOTIONS.c.number)
            return list(connection.execute(chosen))
    finally:
        state.close()


def _figures(comparison: Comparison) -> str:
    return f"{comparison.measure} {comparison.challenger:.4f} against {comparison.champion:.4f}"
