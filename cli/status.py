"""`rapport status`: what the workspace holds, where every row went, what is served."""

import json
from typing import Any

import typer
from rich.table import Table

from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import console
from cli.terminal import show
from workspace.folder import open_workspace


def status(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Rows by table, the account of every source, and what is served."""
    from cli.holdings import describe
    from interactions.cleaning.report import COUNTS

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
