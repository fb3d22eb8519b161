"""`rapport serve` and `rapport mlflow`: the service, and MLflow's page."""

import subprocess
import sys
from typing import Annotated

import typer

from cli.options import HERE, WorkspaceOption
from workspace.folder import open_workspace

HostOption = Annotated[str, typer.Option("--host", help="Address to listen on; the default is this machine alone.")]
PortOption = Annotated[int, typer.Option("--port", min=1, max=65535)]


def serve(
    workspace: WorkspaceOption = HERE,
    host: HostOption = "127.0.0.1",
    port: PortOption = 3000,
    workers: Annotated[int, typer.Option("--workers", min=1)] = 1,
) -> None:
    """Serve predictions, statistics and the dashboard until stopped."""
    from serving.server import serve as serve_workspace

    opened = open_workspace(workspace)
    serve_workspace(opened, host, port, workers, ready=lambda url: typer.echo(f"Ready at {url}"))


def mlflow(workspace: WorkspaceOption = HERE, port: PortOption = 5000) -> None:
    """Open MLflow's page on this machine alone."""
    from training.tracking import tracking_uri

    opened = open_workspace(workspace)
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", tracking_uri(opened)]
    command += ["--default-artifact-root", str(opened.mlruns / "artifacts"), "--host", "127.0.0.1", "--port", str(port)]
    raise typer.Exit(subprocess.call(command))
