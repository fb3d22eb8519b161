"""`rapport migrate`: a workspace of an older Rapport moved forward, after a backup."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import pipeline
from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import console, stage
from workspace.errors import BundleError, PublishedError
from workspace.folder import Workspace, open_workspace, opened_as_it_is
from workspace.schema import SCHEMA

BackupOption = Annotated[
    Path | None,
    typer.Option(
        "--backup",
        metavar="FILE",
        help="Where the backup goes; by default beside the workspace, dated.",
        dir_okay=False,
    ),
]


def migrate(workspace: WorkspaceOption = HERE, backup: BackupOption = None, as_json: JsonOption = False) -> None:
    """Back the workspace up, then move it to this version's schema. A newer workspace is refused."""
    from workspace.backup import backup as write_backup
    from workspace.migration import migrate as move_forward
    from workspace.migration import needed, refuse_while_served

    opened = opened_as_it_is(workspace) if workspace.is_dir() else open_workspace(workspace)
    answer: dict[str, Any] = {"schema": SCHEMA, "from": opened.schema(), "backup": None, "added": {}, "published": None}
    if needed(opened):
        refuse_while_served(opened)
        with opened.lock("migrate"):
            with stage("backup") as report:
                file = backup or _beside(opened)
                write_backup(opened, file, report)
            with stage("migrate"):
                answer.update(backup=str(file), added=move_forward(opened))
    opened = open_workspace(workspace)
    if _is_unreadable(opened):
        answer["published"] = _published(opened)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    _tell(opened, answer)


def _beside(workspace: Workspace) -> Path:
    day = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    return workspace.folder.with_name(f"{workspace.folder.name}.schema-{workspace.schema()}.{day}.tar.gz")


def _is_unreadable(workspace: Workspace) -> bool:
    """Whether what is published is of a form that this Rapport doesn't serve."""
    from serving.snapshot import load

    if not (workspace.published / "CURRENT").is_file():
        return False
    try:
        load(workspace.folder)
    except (PublishedError, BundleError):
        return True
    return False


def _published(workspace: Workspace) -> str | None:
    """The version written anew out of what was last scored; None where only a run can."""
    try:
        with workspace.lock("migrate"), stage("publish") as report:
            return pipeline.publish(workspace, report)
    except (PublishedError, BundleError) as error:
        console.print(str(error), style="yellow", markup=False, highlight=False, soft_wrap=True)
        return None


def _tell(workspace: Workspace, answer: dict[str, Any]) -> None:
    if answer["backup"] is None and answer["published"] is None:
        typer.echo(f"{workspace.folder} has schema {SCHEMA}, the newest; nothing to do.")
        return
    if answer["backup"] is not None:
        typer.echo(f"{workspace.folder} has schema {SCHEMA} now; as it was, it is in {answer['backup']}.")
        for name, columns in answer["added"].items():
            typer.echo(f"  {name}: {', '.join(columns)}")
    if answer["published"] is not None:
        typer.echo(f"Published {answer['published']} anew.")
    typer.echo("Next: `rapport run` trains and scores with what this Rapport adds; until then what is new is unknown.")
