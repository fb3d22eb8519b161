"""The Bento: built without a network, it serves a workspace that is mounted, and looks after its journal."""

import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from serving.access import add_key
from serving.bento import build
from workspace.folder import Workspace

HOME = Path(__file__).parents[2]


def wait(until: float, what: str) -> None:
    assert time.monotonic() < until, what
    time.sleep(0.2)


@pytest.mark.slow
def test_it_is_built_offline_and_serves_with_its_own_sources(own_workspace: Workspace, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = build(tmp_path / "dist")
    assert build(tmp_path / "dist") == file
    with tarfile.open(file) as archive:
        names = archive.getnames()
        (found,) = (name for name in names if name.endswith("env/python/requirements.txt"))
        handle = archive.extractfile(found)
        assert handle is not None
        pinned = handle.read().decode()
    assert not any(name.endswith((".db", ".key", ".parquet", ".arrow")) for name in names)
    lines = [line for line in pinned.splitlines() if line.startswith("bentoml==")]
    assert [line.endswith("\\") for line in lines] == [True]

    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"BENTOML_HOME": str(tmp_path / "home"), "BENTOML_DO_NOT_TRACK": "True", "PYTHONSAFEPATH": "1"}
    environment |= {"RAPPORT_WORKSPACE": str(own_workspace.folder)}
    (tmp_path / "home").mkdir()
    bentoml = [sys.executable, "-m", "bentoml"]
    subprocess.run([*bentoml, "import", str(file)], env=environment, check=True, capture_output=True, cwd=tmp_path)
    key = add_key(own_workspace, "Ann", "admin")
    command = [*bentoml, "serve", "rapport:latest", "--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=log, stderr=log)
    try:
        answers(port, key, own_workspace)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    until = time.monotonic() + 20
    while b"serving.writer" in running(own_workspace.folder):
        wait(until, "the writer did not end with the service")


def answers(port: int, key: str, workspace: Workspace) -> None:
    until = time.monotonic() + 60
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
        while True:
            try:
                if client.get("/readyz").status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            wait(until, "the Bento was not ready")
        headers = {"Authorization": f"Bearer {key}"}
        assert client.get("/api/v1/segments", headers=headers).status_code == 200
        event = {"interaction_id": "b", "occurred_at": datetime.now(UTC).isoformat(), "channel": "chat"}
        assert client.post("/api/v1/interactions", headers=headers, json=event).status_code == 202
        while workspace.lake.journal_position("interactions") < 1:
            wait(until, "nobody drained the journal")
        assert b"home/bentos/rapport" in running(workspace.folder, "environ")
        # Behind a proxy on this machine the cookie knows that the browser came by https.
        for scheme, secure in (("https", True), ("http", False)):
            signed_in = client.post("/sign-in", data={"key": key}, headers={"X-Forwarded-Proto": scheme})
            assert signed_in.status_code == 303
            assert ("secure" in signed_in.headers["set-cookie"].lower()) is secure


def running(folder: Path, what: str = "cmdline") -> bytes:
    """The command lines (or environments) of the processes that are started over a workspace."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "cmdline").read_bytes():
                found.append((process / what).read_bytes())
        except OSError:
            continue
    return b"\n".join(found)


def test_the_image_installs_what_the_lock_has_and_is_nobody_special() -> None:
    lines = (HOME / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert any("--require-hashes -r requirements.lock" in line for line in lines)
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert not any(user.startswith(("0", "root")) for user in users)
    assert any(line.startswith('VOLUME ["/workspace"]') for line in lines)
    copied = [room for line in lines if line.startswith("COPY ") for room in line.split()[1:-1]]
    assert {"workspace", "serving", "cli"} <= set(copied)
    assert all((HOME / name).exists() for name in copied)
    ignored = (HOME / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "demo-workspace"} <= set(ignored)
