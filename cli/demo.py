"""`rapport demo`: a simulated company through the whole pipeline, then the service and its dashboard."""

import json
import shutil
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from cli import pipeline
from cli.init import TEMPLATE
from cli.progress import console, stage
from workspace.errors import WorkspaceError
from workspace.folder import Workspace, open_workspace

DEMO_FOLDER = Path("demo-workspace")
MARKER = "demo.json"
ROLES = ("marketing", "sales", "analyst", "admin")


def demo(
    customers: Annotated[int, typer.Option(min=200, help="How many customers the company has had.")] = 2000,
    days: Annotated[int, typer.Option(min=240, help="How many days of history.")] = 730,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 7,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 3000,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Start the service when all is computed.")] = True,
    workspace: Annotated[Path, typer.Option("--workspace", envvar="RAPPORT_DEMO_WORKSPACE")] = DEMO_FOLDER,
) -> None:
    """Simulate a company, compute everything, and look at it in a browser."""
    from serving.server import check_port
    from serving.server import serve as serve_workspace

    if serve:
        check_port("127.0.0.1", port)
    started = time.monotonic()
    opened = _begin(workspace, {"customers": customers, "days": days, "seed": seed})
    with opened.lock("demo"):
        _collect_company(opened, customers, days, seed)
        result = pipeline.run(opened, stage)
    for kind, reason in result.not_trained.items():
        console.print(f"{kind} was not trained: {reason}", style="yellow", markup=False, highlight=False)
    typer.echo(f"\nPublished {result.version} after {time.monotonic() - started:.0f} s in {opened.folder}")
    keys = _keys(opened)
    for role, key in keys.items():
        typer.echo(f"  key for {role:<10} {key}")
    if serve:
        serve_workspace(opened, "127.0.0.1", port, workers=1, ready=lambda url: _welcome(opened, url))


def _begin(folder: Path, parameters: dict[str, int]) -> Workspace:
    """Open the demo's workspace; one of other parameters is made anew, one that isn't a demo's is left alone."""
    marker = folder / MARKER
    if marker.is_file() and json.loads(marker.read_text(encoding="utf-8")) != parameters:
        with open_workspace(folder).lock("demo"):
            shutil.rmtree(folder)
    elif folder.is_dir() and any(folder.iterdir()) and not marker.is_file():
        raise WorkspaceError(
            f"{folder} holds something that is not a demo; nothing was changed. Choose another --workspace."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker.write_text(json.dumps(parameters), encoding="utf-8")
    settings = TEMPLATE.read_text(encoding="utf-8").replace("# USD = 7.1", "USD = 7.1")
    (folder / "rapport.toml").write_text(settings, encoding="utf-8")
    return open_workspace(folder)


def _collect_company(workspace: Workspace, customers: int, days: int, seed: int) -> None:
    """Write the company's files and collect them as anybody's; a run that finds them collected skips both."""
    from interactions.demo.company import simulate
    from interactions.demo.mess import write
    from interactions.sources.collect import collect

    with closing(workspace.state()) as state:
        if state.recall("demo collected") is not None:
            return
        with stage("simulate") as report:
            report("a company, its customers and their history", 0.0)
            company = simulate(customers, days, seed, timezone=workspace.settings.company.timezone)
            report("its files, with the dirt that files have", 0.6)
            files = write(company, workspace.folder / "company", seed)
            report(f"{company.tables['interactions'].num_rows:,} contacts of {customers:,} customers", 1.0)
        with stage("collect") as report:
            for number, (paths, table, mapping) in enumerate(files.collections):
                report(table, number / len(files.collections))
                collect(workspace, paths, table, mapping)
            report(f"{len(files.collections)} collections", 1.0)
        state.remember("demo collected", "yes")


def _keys(workspace: Workspace) -> dict[str, str]:
    """One new key a role; those of an earlier demo run are revoked, for nobody can show them again."""
    from serving import access

    active = {row["name"] for row in access.list_keys(workspace) if not row["revoked_at"]}
    keys = {}
    for role in ROLES:
        name = f"demo {role}"
        if name in active:
            access.revoke_key(workspace, name)
        owner = _first_owner(workspace) if role == "sales" else None
        keys[role] = access.add_key(workspace, name, role, owner)
    return keys


def _first_owner(workspace: Workspace) -> str:
    owners = workspace.lake.read("customers", ["owner"])["owner"].drop_null().unique().to_pylist()
    return str(sorted(owners)[0])


def _welcome(workspace: Workspace, url: str) -> None:
    from serving import access

    typer.echo(
        f"\nReady at {url}\nSign in, once, with this link:\n  {url}/sign-in?token={access.sign_in_token(workspace)}\n"
    )
    typer.echo("Stop with Ctrl+C.")
