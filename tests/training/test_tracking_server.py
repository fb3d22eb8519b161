"""A company's own MLflow server: runs and versions go there, one that lacks them is told, one that is down too."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from training import promotion, tracking
from training.promotion import disagreements, follow_published, settle
from workspace.errors import TrackingError
from workspace.folder import Workspace, open_workspace


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path / 'theirs.db'}"]
    command += ["--artifacts-destination", str(tmp_path / "theirs")]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True, cwd=tmp_path
        )
    try:
        until = time.monotonic() + 200
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until, (tmp_path / "log").read_text()[-2000:]
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def logged(workspace: Workspace) -> str:
    with tracking.run(workspace, "segments", "a run") as run:
        run.params({"k": 4})
        run.metrics({"silhouette": 0.5})
        run.dict("sizes.json", {"s1": 10})
        run.card("# A card")
        run.files({"centroids.json": b"{}"}, ["recency_days"], "segment")
        return run.register("0123456789abcdef")


@pytest.mark.slow
def test_everything_goes_to_the_server_and_a_champion_it_lacks_hinders_nobody(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    workspace = open_workspace(tmp_path / "ours", create=True)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    version = logged(workspace)
    # Standard output is for the figures of `--json`.
    assert capfd.readouterr().out == ""
    assert tracking.bundle_of(workspace, "segments", version) == "0123456789abcdef"
    assert tracking.alias(workspace, "segments", "challenger") == version
    settle(workspace, "segments", "0123456789abcdef", version, None)
    settle(workspace, "churn", "fedcba9876543210", "7", None)
    assert follow_published(workspace) == ["churn"]
    assert tracking.alias(workspace, "segments", "champion") == version
    (told,) = disagreements(workspace)
    assert told == "churn: the registry's champion is version None, the champion served is version 7"
    stored = {path.name for path in (tmp_path / "theirs").rglob("*") if path.is_file()}
    assert {"sizes.json", "model_card.md", "centroids.json", "MLmodel"} <= stored
    assert not [path for path in workspace.mlruns.rglob("*") if path.is_file()]


def test_a_server_that_is_down_is_said_at_once_and_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = open_workspace(tmp_path, create=True)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:s3cret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    settle(workspace, "churn", "fedcba9876543210", "7", None)
    with pytest.raises(TrackingError, match=r"MLflow at http://127\.0\.0\.1:9 does not answer") as told:
        tracking.set_alias(workspace, "churn", "7", "champion")
    assert follow_published(workspace) == ["churn"]
    assert "s3cret" not in str(told.value)
    (said,) = disagreements(workspace)
    assert said == str(told.value)
    assert promotion.champion(workspace, "churn") == "fedcba9876543210"
    with pytest.raises(TrackingError), tracking.run(workspace, "churn", "a run"):
        pytest.fail("there is no server to run against")
