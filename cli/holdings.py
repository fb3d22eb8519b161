"""What the workspace holds, where every row went and what is served, in figures."""

from dataclasses import asdict
from typing import Any

from interactions.cleaning.report import COUNTS
from serving.live_rows import SOURCE
from training import promotion
from workspace.erasure_records import live_events_left_out
from workspace.errors import StoreError
from workspace.folder import Workspace
from workspace.journal import accepted
from workspace.tables import TABLES


def describe(workspace: Workspace) -> dict[str, Any]:
    """The workspace in figures: `tables`, `lake`, `sources`, `published`, `champions`, `disagreements`."""
    current = workspace.published / "CURRENT"
    return {
        "tables": {name: workspace.lake.count(name) for name in TABLES},
        "lake": _store(workspace),
        "sources": _accounts(workspace),
        "published": current.read_text(encoding="utf-8").strip() if current.is_file() else None,
        "champions": {kind: promotion.champion(workspace, kind) for kind in promotion.KINDS},
        "disagreements": promotion.disagreements(workspace),
    }


def _store(workspace: Workspace) -> dict[str, Any] | None:
    """Where the lake is beside the folder lake/: `url`, and the tables that differ, `here` and `there` their last
    versions. `problem` where the store does not answer; None where there is no store."""
    url = workspace.settings.lake.url
    if url is None:
        return None
    try:
        compared = workspace.lake.compared()
    except StoreError as error:
        return {"url": url, "differs": None, "problem": str(error)}
    differs = {name: asdict(level) for name, level in compared.items() if level.here != level.there}
    return {"url": url, "differs": differs, "problem": None}


def _accounts(workspace: Workspace) -> list[dict[str, Any]]:
    accounts = workspace.lake.read("accounts", ["source", "table", *COUNTS])
    grouped = accounts.group_by(["source", "table"]).aggregate([(count, "sum") for count in COUNTS])
    ordered = grouped.sort_by([("source", "ascending"), ("table", "ascending")])
    return [
        {"source": row["source"], "table": row["table"], **{count: row[f"{count}_sum"] for count in COUNTS}}
        for row in ordered.to_pylist()
    ] + _live(workspace)


def _live(workspace: Workspace) -> list[dict[str, Any]]:
    """Events that came by request and are in the lake; those in the journal alone were not received here yet.

    Excluded are those of erased customers: taken out again, or turned away.
    """
    state = workspace.state()
    try:
        position = workspace.lake.journal_position("interactions")
        drained = accepted(state, position)
        erased, blocked = live_events_left_out(state, position)
    finally:
        state.close()
    if not drained + blocked:
        return []
    none = dict.fromkeys(COUNTS, 0)
    counts = {"received": drained + blocked, "excluded": erased + blocked, "kept": drained - erased}
    return [{"source": SOURCE, "table": "interactions", **none, **counts}]
