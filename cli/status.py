"""`rapport status`: what the workspace holds, where every row went, what is served."""

import json
from dataclasses import asdict
from typing import Any

import typer
from rich.table import Table

from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import console
from cli.terminal import show
from interactions.cleaning.report import COUNTS
from serving.live_rows import SOURCE
from workspace.erasure_records import live_events_left_out
from workspace.errors import StoreError
from workspace.folder import Workspace, open_workspace
from workspace.journal import accepted
from workspace.tables import TABLES


def status(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Rows by table, the account of every source, and what is served."""
    opened = open_workspace(workspace)
    found = describe(opened)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    tables = Table("table", "rows", title=str(opened.folder))
    for name, rows in found["tables"].items():
        tables.add_row(name, f"{rows:,}")
    show(tables)
    _tell_store(found["lake"])
    accounts = Table("source", "table", *COUNTS, title="Where every row went")
    for row in found["sources"]:
        accounts.add_row(row["source"], row["table"], *(f"{row[count]:,}" for count in COUNTS))
    show(accounts)
    typer.echo(f"Served: {found['published'] or 'nothing yet'}")
    for model, champion in found["champions"].items():
        typer.echo(f"  {model}: {champion or 'none'}")
    for disagreement in found["disagreements"]:
        console.print(disagreement, style="yellow", markup=False, highlight=False)


def describe(workspace: Workspace) -> dict[str, Any]:
    """The workspace in figures: `tables`, `lake`, `sources`, `published`, `champions`, `disagreements`."""
    from training import promotion

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


def _tell_store(found: dict[str, Any] | None) -> None:
    if found is None:
        return
    if found["problem"] is not None:
        console.print(found["problem"], style="yellow", markup=False, highlight=False)
        return
    differs = "; ".join(f"{name} {one['here']} here, {one['there']} there" for name, one in found["differs"].items())
    typer.echo(
        f"Lake: {found['url']}, " + (f"versions differ: {differs}" if differs else "level with the folder lake/")
    )


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
