"""`rapport init`: a workspace begun."""

from pathlib import Path

import typer

from cli.options import HERE, WorkspaceOption
from workspace.errors import WorkspaceError
from workspace.folder import open_workspace

TEMPLATE = Path(__file__).with_name("rapport.toml")


def init(workspace: WorkspaceOption = HERE) -> None:
    """Make a workspace: the folder, and a rapport.toml with every setting explained."""
    file = workspace / "rapport.toml"
    if file.exists():
        raise WorkspaceError(f"{file} already exists; nothing was changed. Edit it, or choose another --workspace.")
    workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    open_workspace(workspace)
    typer.echo(f"Wrote {file}. Next: rapport collect FILE --table interactions --workspace {workspace}")
