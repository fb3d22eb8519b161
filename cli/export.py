"""`rapport export`: a list for a campaign, with its control group."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from cli.audit import recorded
from cli.options import HERE, JsonOption, WorkspaceOption
from serving.control_group import HOLDOUT, MOST_HELD_OUT
from workspace.errors import QueryError
from workspace.folder import Workspace, open_workspace

if TYPE_CHECKING:
    from serving.exports import Asked

app = typer.Typer(help="Lists for campaigns, with their control groups.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """Keeps `segment` a command of its own."""


@app.command("segment")
def segment(
    segment_id: Annotated[str, typer.Argument(metavar="ID", help="The segment, by rule or RFM cell too.")],
    output: Annotated[Path, typer.Option("--output", help="The file: .csv, .xlsx or .json.")],
    holdout: Annotated[
        float, typer.Option("--holdout", min=0, max=MOST_HELD_OUT, help="The control group's share of the list.")
    ] = HOLDOUT,
    purpose: Annotated[str, typer.Option("--purpose", help="marketing (only who consented) or service")] = "marketing",
    campaign: Annotated[
        str | None, typer.Option("--campaign", help="The same campaign holds out the same people again.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write a segment's customers to a file, less a control group drawn by chance; a record is kept."""
    asked = _asked(segment_id, output, holdout, purpose, campaign)
    if not output.parent.is_dir():
        raise QueryError(f"--output {output}: there is no folder {output.parent}. Make it first.")
    export = _made(open_workspace(workspace), asked, output)
    if as_json:
        typer.echo(json.dumps(export, ensure_ascii=False))
        return
    typer.echo(f"{export['message_en']}\n{output} is export {export['export_id']}.")


def _asked(segment_id: str, output: Path, holdout: float, purpose: str, campaign: str | None) -> Asked:
    from serving.export_files import FORMATS
    from serving.exports import Asked

    written = output.suffix.removeprefix(".").lower()
    if written not in FORMATS:
        raise QueryError(f"--output {output}: expected a name ending in .csv, .xlsx or .json.")
    if purpose not in ("marketing", "service"):
        raise QueryError(f"--purpose {purpose}: expected marketing or service.")
    given = {"segment": segment_id, "campaign": campaign, "holdout": holdout, "purpose": purpose, "format": written}
    try:
        return Asked.model_validate(given)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        raise QueryError(f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}.") from None


def _made(workspace: Workspace, asked: Asked, output: Path) -> dict[str, Any]:
    from serving.callers import Caller
    from serving.export_files import place
    from serving.exports import folder_of, make
    from serving.private_files import write_private
    from serving.snapshot import load
    from workspace.erasure_records import hidden
    from workspace.secret import secret
    from workspace.state import now

    folder = folder_of(workspace.folder)
    state = workspace.state()
    try:
        snapshot = load(workspace.folder, limits=workspace.settings.limits).without(hidden(state))
        caller = Caller("command line", "admin")
        export = make(snapshot, caller, asked, state, secret(workspace.folder), folder, now())
    finally:
        state.close()
    recorded(workspace, "export segment", people=export["sent"])
    write_private(output, place(folder, export["export_id"], asked.format).read_bytes())
    return export
