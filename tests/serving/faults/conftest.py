"""A real `rapport serve` with two workers and its writer, over a company of its own, to be killed and stopped."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from serving.access import add_key
from workspace.folder import Workspace

READY_SECONDS = 90
_RAPPORT = Path(sys.executable).with_name("rapport")


@dataclass
class Serving:
    """`rapport serve` of a workspace: its address and an admin's key; started and stopped as often as one likes."""

    workspace: Workspace
    port: int
    key: str
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, headers={"authorization": f"Bearer {self.key}"}, timeout=60, trust_env=False
        )

    def start(self) -> None:
        command = [str(_RAPPORT), "serve", "--workspace", str(self.workspace.folder), "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--workers", "2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            with suppress(httpx.TransportError), self.client() as client:
                if client.get("/readyz").status_code == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"The service was not ready within {READY_SECONDS} s.")

    def stop(self) -> int:
        """Stop it as an operator would; its exit code."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        return self._children("_bentoml_impl.worker")

    def writers(self) -> list[psutil.Process]:
        """The process that takes live events in."""
        return self._children("serving.writer")

    def _children(self, module: str) -> list[psutil.Process]:
        found = []
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if any(module in part for part in child.cmdline()):
                    found.append(child)
        return found


@pytest.fixture
def serving(own_workspace: Workspace) -> Iterator[Serving]:
    """The service over a company of its own; stopped at the end, with all that it started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    found = Serving(own_workspace, port, add_key(own_workspace, "tester", "admin", None))
    try:
        yield found
    finally:
        if found.process is not None:
            found.stop()


@pytest.fixture
def rapport(own_workspace: Workspace) -> Callable[..., None]:
    """Run a command over the company in a process of its own; AssertionError with what it said where it fails."""

    def run(*arguments: str) -> None:
        command = [str(_RAPPORT), *arguments, "--workspace", str(own_workspace.folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, f"rapport {arguments[0]}: {done.stderr[-2000:]}"

    return run


Together = Callable[..., Any]


@pytest.fixture
def together() -> Together:
    """Run functions of one argument, a `threading.Event` that says when to end, side by side for the block.

    What any of them raises fails the test.
    """

    @contextmanager
    def run(*functions: Callable[[threading.Event], None]) -> Iterator[threading.Event]:
        ended, failed = threading.Event(), []

        def guarded(function: Callable[[threading.Event], None]) -> None:
            try:
                function(ended)
            except BaseException as error:
                failed.append(error)
                ended.set()

        threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
        for thread in threads:
            thread.start()
        try:
            yield ended
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        if failed:
            raise failed[0]

    return run
