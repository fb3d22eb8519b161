"""A worker whose server was killed ends, and BentoML's processes with it: nothing is left holding the port."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from pathlib import Path

# The file that the server keeps locked as long as it lives.
ALIVE = "server.lock"
_SECONDS = 1.0


def has_server() -> bool:
    """Whether `rapport serve` started this process, not BentoML by itself."""
    return _lock().is_file()


def watch_server() -> None:
    """Watch from a thread whether `rapport serve`, which started this process, still lives."""
    threading.Thread(target=_watch, args=(_lock(), os.getppid()), name="server", daemon=True).start()


def _lock() -> Path:
    return Path(os.environ.get("BENTOML_HOME", "")) / ALIVE


def _watch(lock: Path, parent: int) -> None:
    with lock.open() as file:
        while not _is_free(file.fileno()):
            time.sleep(_SECONDS)
    # BentoML's own process tells its workers to end.
    if os.getppid() == parent:
        os.kill(parent, signal.SIGTERM)
    time.sleep(_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
