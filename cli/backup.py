"""`rapport backup FILE`: the workspace in one file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.audit import recorded
from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import console, stage
from workspace.folder import open_workspace


def backup(
    file: Annotated[Path, typer.Argument(help="Where to: a new file ending in .tar.gz or .tar.zst.")],
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write the workspace into one file, as of one moment; the service may go on meanwhile.

    It holds everything, secret.key too: whoever has it can read all that the workspace knows. Keep it as safe.
    """
    from workspace.backup import backup as write_backup

    opened = open_workspace(workspace)
    with opened.lock("backup"), stage("backup") as report:
        recorded(opened, "backup")
        made = write_backup(opened, file, report)
    for name in made["left_out"]:
        console.print(f"{name} is a link and was left out.", style="yellow", markup=False, highlight=False)
    if as_json:
        typer.echo(json.dumps(made, ensure_ascii=False))
        return
    rows = sum(table["rows"] for table in made["tables"].values())
    typer.echo(
        f"{file}: {made['size'] / 1e6:,.1f} MB, {made['files']:,} files, {rows:,} rows in the lake, "
        f"published {made['published'] or 'nothing'}. It holds secret.key and personal data: keep it safe."
    )
