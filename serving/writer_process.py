"""The writer beside the service: a process of its own, started again whenever it ends."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

STOP_SECONDS = 20.0
_HOME = Path(__file__).parent.parent
# One that ends at once is not started in a loop.
_AGAIN_SECONDS = 1.0


class WriterProcess:
    """Keeps `python -m serving.writer` running over a workspace, its log lines in `log`, until stop()."""

    def __init__(self, workspace: Path, log: logging.Logger) -> None:
        self._command = [sys.executable, "-P", "-m", "serving.writer", str(workspace)]
        self._log = log
        self._stopping = threading.Event()
        self._process = self._started()
        self._thread = threading.Thread(target=self._keep, name="writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Have it drain what it took in, and end; what it doesn't manage is in the journal."""
        self._stopping.set()
        self._process.terminate()
        self._thread.join(STOP_SECONDS)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl+C reaches it through us alone.
        process = subprocess.Popen(
            self._command,
            # In a Bento the rooms are not installed; they lie where this one does.
            env={**os.environ, "PYTHONPATH": str(_HOME)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stderr is not None
        threading.Thread(target=self._copy, args=(process.stderr,), name="writer-log", daemon=True).start()
        return process

    def _copy(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                # What isn't JSON is a library's, and may hold anything.
                if line.startswith(b"{"):
                    self._log.info(line.decode(errors="replace").rstrip())

    def _keep(self) -> None:
        while True:
            self._process.wait()
            if self._stopping.wait(_AGAIN_SECONDS):
                return
            self._process = self._started()
            # Stopped between the two: the new one has to go as well.
            if self._stopping.is_set():
                self._process.terminate()
