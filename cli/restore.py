"""`rapport restore FILE`: a workspace out of its backup."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import stage
from workspace.errors import WorkspaceError
from workspace.folder import opened_as_it_is
from workspace.schema import SCHEMA


def restore(
    file: Annotated[Path, typer.Argument(help="What `rapport backup` wrote.")],
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Unpack a backup into an empty folder, whole or not at all.

    Whoever was erased after the backup was made is in it: erase them again before the service starts.
    """
    from workspace.backup_restore import restore as read_backup

    if not file.is_file():
        raise WorkspaceError(f"There is no file {file}. Give what `rapport backup` wrote.")
    with stage("restore") as report:
        found = read_backup(file, workspace, report)
    opened = opened_as_it_is(workspace)
    if as_json:
        typer.echo(json.dumps({**found, "workspace": str(opened.folder)}, ensure_ascii=False))
        return
    typer.echo(f"{opened.folder} is as it was at {found['made_at']}, published {found['published'] or 'nothing'}.")
    if found["schema"] < SCHEMA:
        typer.echo("It is of an older schema: run `rapport migrate`.")
    typer.echo("Whoever was erased since then is in it: erase them again before the service starts.")
