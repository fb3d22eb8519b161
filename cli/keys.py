"""`rapport keys`: who may ask the service, and what they may see."""

import json
from typing import Annotated

import typer
from rich.table import Table

from cli.options import HERE, JsonOption, WorkspaceOption
from cli.terminal import show
from serving.roles import ROLES
from workspace.folder import open_workspace

app = typer.Typer(help="Access keys, one a person or system.", no_args_is_help=True, rich_markup_mode=None)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Who holds the key.")],
    role: Annotated[str, typer.Option("--role", help=f"What they may see: {', '.join(ROLES)}.")],
    owner: Annotated[str | None, typer.Option("--owner", help="For sales: the rep whose customers they see.")] = None,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Make a key and print it, once: only its hash is kept."""
    from serving.access import add_key

    typer.echo(add_key(open_workspace(workspace), name, role, owner))


@app.command("list")
def list_keys(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """The keys by name; the keys themselves can't be shown again."""
    from serving import access

    rows = access.list_keys(open_workspace(workspace))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    shown = Table("name", "role", "owner", "created", "revoked")
    for row in rows:
        shown.add_row(*(str(row[column] or "") for column in ("name", "role", "owner", "created_at", "revoked_at")))
    show(shown)


@app.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="Whose key.")], workspace: WorkspaceOption = HERE) -> None:
    """Take a key back; services stop accepting it within seconds."""
    from serving.access import revoke_key

    revoke_key(open_workspace(workspace), name)
    typer.echo(f"The key of {name} is revoked.")
