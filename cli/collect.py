"""`rapport collect`: files of a table, or a source named in rapport.toml."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import pipeline
from cli.audit import recorded
from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import stage
from workspace.collected import COLLECTED
from workspace.errors import SourceError
from workspace.folder import open_workspace

if TYPE_CHECKING:
    from interactions.cleaning.preview import Preview
    from interactions.sources.collect import Received

TABLE_NAMES = ", ".join(COLLECTED)


def collect(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...|SOURCE", help="Files, or a source in rapport.toml.")],
    table: Annotated[str | None, typer.Option("--table", help=f"What the rows are: {TABLE_NAMES}.")] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="A mapping file; without one, names decide.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="The source's name; by default from the path.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be read; write nothing.")] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Receive rows as they are; the same content a second time adds nothing."""
    from interactions.sources import collect as sources

    opened = open_workspace(workspace, create=not preview)
    if table is None and len(paths) == 1 and paths[0] in opened.settings.sources:
        if preview:
            with opened.within_limits():
                found = pipeline.preview_source(opened, paths[0])
            _show(found, as_json)
            return
        with opened.lock("collect"), stage("collect") as report:
            received = pipeline.collect_source(opened, paths[0], report)
        recorded(opened, "collect")
        _say(received, as_json)
        return
    if table not in COLLECTED:
        given = "is missing" if table is None else f"is {table}"
        raise SourceError(f"--table {given}: say what the rows of {paths[0]} are, one of {TABLE_NAMES}.")
    files = [Path(path) for path in paths]
    if preview:
        with opened.within_limits():
            found = sources.preview(opened, files, table, mapping)
        _show(found, as_json)
        return
    with opened.lock("collect"), stage("collect") as report:
        received = sources.collect(opened, files, table, mapping, source=source, progress=report)
    recorded(opened, "collect")
    _say(received, as_json)


def _show(preview: "Preview", as_json: bool) -> None:
    typer.echo(json.dumps(preview.to_dict(), ensure_ascii=False) if as_json else preview.as_text())


def _say(received: "list[Received]", as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([one.to_dict() for one in received], ensure_ascii=False))
        return
    for one in received:
        typer.echo(one.as_text())
