"""`rapport audit`: whether the log of accesses to personal data is whole; and entries for what the commands show."""

import getpass
import json
import secrets

import typer

from cli.options import HERE, JsonOption, WorkspaceOption
from workspace.folder import Workspace, open_workspace

app = typer.Typer(help="The log of accesses to personal data.", no_args_is_help=True, rich_markup_mode=None)

# The commands that show or change what is known of customers one by one.
PERSONAL = frozenset(
    (
        *("collect", "export segment", "identity show", "identity undo", "identity link"),
        *("quarantine show", "quarantine retry", "backup"),
    )
)


@app.callback()
def options() -> None:
    """Keeps `verify` a command of its own."""


@app.command("verify")
def verify(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Check every entry of the log and its signed end; name the first that is not as it was written."""
    from workspace import audit_log
    from workspace.secret import secret

    opened = open_workspace(workspace)
    state = opened.state()
    try:
        found = audit_log.verify(state, secret(opened.folder))
    finally:
        state.close()
    if as_json:
        facts = {"entries": found.entries, "valid": found.valid, "broken_at": found.broken_at}
        typer.echo(json.dumps({**facts, "problem": found.problem, "head": found.head}))
    elif found.valid:
        typer.echo(f"The log is whole: {found.entries:,} entries; the last has hash {found.head}.")
    else:
        typer.echo(f"The log is broken at entry {found.broken_at:,}. {found.problem}")
    if not found.valid:
        raise typer.Exit(1)


def recorded(workspace: Workspace, command: str, customer_id: str | None = None, people: int | None = None) -> None:
    """Enter in the audit log that a command showed or changed personal data, under the name of who is logged in.

    Raises KeyError for a command that PERSONAL doesn't name.
    """
    from workspace import audit_log
    from workspace.secret import secret
    from workspace.state import now

    if command not in PERSONAL:
        raise KeyError(command)
    who = f"command line: {user()}"
    entry = audit_log.Entry(now(), who, "CLI", f"rapport {command}", secrets.token_hex(8), 0, customer_id, people)
    state = workspace.state()
    try:
        audit_log.append(state, secret(workspace.folder), [entry])
    finally:
        state.close()


def user() -> str:
    """Who is logged in."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return "unknown"
