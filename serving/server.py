"""The service as a process of its own: started, waited for, watched and stopped; its log kept in the workspace."""

from __future__ import annotations

import errno
import fcntl
import http.client
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from serving.current import current_version
from serving.logs import REFUSED, log_file
from serving.orphaned import ALIVE
from serving.writer_process import WriterProcess
from workspace.errors import PortInUseError, PublishedError, WorkspaceError
from workspace.folder import Workspace

READY_SECONDS = 60.0
STOP_SECONDS = 40.0

_HOME = Path(__file__).parent.parent


def _nothing(_url: str) -> None:
    """For those who don't wait for it."""


def check_port(host: str, port: int) -> None:
    """Raise PortInUseError when another program listens on the port, or it can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
                raise
            why = "is taken by another program" if error.errno == errno.EADDRINUSE else "can't be had here"
            raise PortInUseError(f"Port {port} on {host} {why}. Stop that program, or choose another --port.") from None


def serve(
    workspace: Workspace,
    host: str = "127.0.0.1",
    port: int = 3000,
    workers: int = 1,
    ready: Callable[[str], None] = _nothing,
) -> None:
    """Serve the workspace until SIGINT or SIGTERM; `ready` is called with the address once it answers.

    What is in flight when it is stopped is answered first. Raises PortInUseError, PublishedError when nothing
    that can be read is published, WorkspaceError when the service doesn't start or ends by itself.
    """
    check_port(host, port)
    current_version(workspace.published)
    home = workspace.run / f"bentoml-{os.getpid()}-{port}"
    log = log_file(workspace.logs, workspace.settings.keep.logs_days)
    home.mkdir(mode=0o700)
    # Held as long as this process lives: the service ends by itself once it finds it free.
    alive = (home / ALIVE).open("w")
    fcntl.flock(alive, fcntl.LOCK_EX)
    process = _started(workspace, home, host, port, workers)
    writer: WriterProcess | None = None
    try:
        with _signals_passed_on(process) as stopping:
            lines = _Lines(process, log)
            _wait_until_ready(process, host, port, stopping, lines)
            if not stopping.is_set():
                # Not before: it reads the same version, and would take the service's start half of the machine.
                writer = WriterProcess(workspace.folder, log)
                lines.keep_text = False
                ready(f"http://{_shown(host)}:{port}")
            _wait_until_ended(process, stopping)
    finally:
        _end(process)
        # After the service, whose last events it takes in.
        if writer is not None:
            writer.stop()
        alive.close()
        shutil.rmtree(home, ignore_errors=True)
        for handler in log.handlers:
            handler.close()


def _started(workspace: Workspace, home: Path, host: str, port: int, workers: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "RAPPORT_WORKSPACE": str(workspace.folder),
        "RAPPORT_WORKERS": str(workers),
        # Two servers that share a home wipe each other's counters.
        "BENTOML_HOME": str(home),
        # Whatever it puts down for a while stays in the workspace.
        "TMPDIR": str(home),
        "BENTOML_DO_NOT_TRACK": "True",
        "PYTHONUNBUFFERED": "1",
        # One heap a thread would keep for each what a long answer needed once (glibc; ignored elsewhere).
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
        # What a long answer needed once goes back: Arrow's own pool keeps it, and glibc's bound for what it keeps
        # creeps up unless it is given.
        "ARROW_DEFAULT_MEMORY_POOL": os.environ.get("ARROW_DEFAULT_MEMORY_POOL", "system"),
        "MALLOC_MMAP_THRESHOLD_": os.environ.get("MALLOC_MMAP_THRESHOLD_", str(4 << 20)),
        "MALLOC_TRIM_THRESHOLD_": os.environ.get("MALLOC_TRIM_THRESHOLD_", str(16 << 20)),
        # DuckDB's own heap: what a query needed goes back after two seconds, not ten.
        "DUCKDB_JE_MALLOC_CONF": os.environ.get("DUCKDB_JE_MALLOC_CONF", "dirty_decay_ms:2000,muzzy_decay_ms:0"),
        # Modules come from where they are installed, not from the folder somebody stands in.
        "PYTHONSAFEPATH": "1",
    }
    command = [sys.executable, "-m", "bentoml", "serve", "serving.service:Rapport", "--working-dir", str(_HOME)]
    command += ["--host", host, "--port", str(port)]
    # A session of its own: Ctrl+C reaches it through us alone, once.
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )


class _Lines:
    """Copies the service's output into the log; text that isn't JSON only until it is ready, before any request."""

    def __init__(self, process: subprocess.Popen[bytes], log: logging.Logger) -> None:
        self.keep_text = True
        self.last: list[str] = []
        self.refused: str | None = None
        self._log = log
        stream = process.stdout
        assert stream is not None
        threading.Thread(target=self._copy, args=(stream,), name="log", daemon=True).start()

    def _copy(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._keep(line.decode(errors="replace").rstrip())

    def _keep(self, line: str) -> None:
        if line.startswith("{"):
            self._log.info(line)
            if f'"message": "{REFUSED}"' in line:
                self.refused = json.loads(line)["reason"]
        elif line and self.keep_text:
            self.last = [*self.last[-20:], line]
            self._log.info(json.dumps({"level": "info", "logger": "start", "message": line}, ensure_ascii=False))


@contextmanager
def _signals_passed_on(process: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
    """SIGINT and SIGTERM stop the service; the event says that one came. Outside the main thread nothing is caught."""
    stopping = threading.Event()

    def stop(_number: int, _frame: Any) -> None:
        stopping.set()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)

    if threading.current_thread() is not threading.main_thread():
        yield stopping
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_until_ready(
    process: subprocess.Popen[bytes], host: str, port: int, stopping: threading.Event, lines: _Lines
) -> None:
    until = time.monotonic() + READY_SECONDS
    while not stopping.is_set() and not _answers(host, port):
        if process.poll() is not None:
            said = lines.last[-1] if lines.last else "no word"
            raise WorkspaceError(f"The service ended before it was ready: {said}. The workspace's logs/ have more.")
        if lines.refused is not None:
            raise PublishedError(f"What is published can't be served: {lines.refused}")
        if time.monotonic() > until:
            raise WorkspaceError(
                f"The service was not ready after {READY_SECONDS:.0f} s. The workspace's logs/ have more."
            )
        time.sleep(0.05)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _wait_until_ended(process: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    while True:
        try:
            process.wait(timeout=STOP_SECONDS if stopping.is_set() else 1.0)
            break
        except subprocess.TimeoutExpired:
            if stopping.is_set():
                return
    if not stopping.is_set():
        raise WorkspaceError(
            f"The service ended by itself (code {process.returncode}). The workspace's logs/ have more."
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Whatever happened, nothing of the service is left running."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (an address to reach, not one to bind)


def _shown(host: str) -> str:
    reachable = _reachable(host)
    return f"[{reachable}]" if ":" in reachable else reachable
