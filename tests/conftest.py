import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

RAPPORT = Path(sys.executable).with_name("rapport")


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def rapport(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run one `rapport` command in this process."""
    from cli.main import main

    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["rapport", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return run


RunOrKill = Callable[..., tuple[bool, float]]


@pytest.fixture(scope="session")
def run_or_kill() -> RunOrKill:
    """Run a script that says "ready" before its work begins; kill -9 so many seconds after that, or let it end.

    Answers whether it ended by itself, and after how many seconds.
    """

    def run(*arguments: object, kill_after: float | None = None) -> tuple[bool, float]:
        process = subprocess.Popen([sys.executable, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            start = time.monotonic()
            try:
                code = process.wait(kill_after)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
        assert code in (0, -signal.SIGKILL)
        return code == 0, time.monotonic() - start

    return run


@pytest.fixture(scope="session")
def share() -> float:
    """How much of the torture is done: all of it by `make torture`, a tenth in CI."""
    return float(os.environ.get("TORTURE_SHARE", "1"))


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A small demo, computed once for all test processes. Tests that change it work on a copy."""
    root = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        root = root.parent
    folder = root / "demo-workspace"
    with (root / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "published" / "CURRENT").exists():
            command = [RAPPORT, "demo", "--no-serve", "--customers", "500", "--days", "500", "--workspace", folder]
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, env={**os.environ, "HOME": str(root)}
            )
            assert done.returncode == 0, done.stderr
    return folder
