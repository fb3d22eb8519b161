"""A real `rapport serve` with its writer, over a copy of the small company; what it says and leaves is kept."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from serving.access import add_key
from serving.snapshot import Snapshot
from workspace.folder import Workspace, open_workspace

ROLES = ("marketing", "sales", "analyst", "admin")
READY_SECONDS = 60
RAPPORT = Path(sys.executable).with_name("rapport")


@dataclass(frozen=True)
class Serving:
    """`rapport serve` as a process: its address, workspace, a key a role, its output, and its temporary folder."""

    url: str
    workspace: Workspace
    keys: dict[str, str]
    output: Path
    temporary: Path
    process: "subprocess.Popen[bytes]"

    def as_role(self, role: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.keys[role]}"}

    def memory(self) -> dict[int, int]:
        """Private bytes of the process and of each that came from it."""
        return {number: _private(number) for number in _family(self.process.pid)}


@pytest.fixture(scope="module")
def serving(workspace: Workspace, owner: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The service over a company of its own, stopped at the end with all that it started."""
    folder = tmp_path_factory.mktemp("serving")
    shutil.copytree(workspace.folder, folder / "company", ignore=shutil.ignore_patterns("state.db-*"))
    own = open_workspace(folder / "company")
    keys = {role: add_key(own, role, role, owner if role == "sales" else None) for role in ROLES}
    temporary = folder / "tmp"
    temporary.mkdir()
    port = _free_port()
    command = [RAPPORT, "serve", "--workspace", str(own.folder), "--port", str(port)]
    surroundings = {**os.environ, "TMPDIR": str(temporary), "HOME": str(temporary)}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=surroundings)
    found = Serving(f"http://127.0.0.1:{port}", own, keys, folder / "output", temporary, process)
    try:
        _wait(found)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def someone(snapshot: Snapshot, owner: str) -> str:
    """A customer of the rep whose key the sales have."""
    rows = snapshot.listing.select("risk", owner=owner)[:1]
    return str(snapshot.listing.people(rows)[0]["customer_id"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(serving: Serving) -> None:
    until = time.monotonic() + READY_SECONDS
    while b"Ready at" not in serving.output.read_bytes():
        assert serving.process.poll() is None, serving.output.read_text()
        assert time.monotonic() < until, serving.output.read_text()
        time.sleep(0.1)
    assert httpx.get(f"{serving.url}/readyz", trust_env=False).status_code == 200


def _family(number: int) -> list[int]:
    """A process and all that come from it."""
    found = [number]
    for task in Path(f"/proc/{number}/task").glob("*/children"):
        for child in task.read_text().split():
            found += _family(int(child))
    return found


def _private(number: int) -> int:
    try:
        text = Path(f"/proc/{number}/smaps_rollup").read_text()
    except OSError:
        return 0
    kept = [line.split() for line in text.splitlines() if line.startswith("Private_")]
    return sum(int(words[1]) for words in kept) * 1024
