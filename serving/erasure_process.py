"""Erasures beside the service: a process of its own, begun by the writer whenever there is something to erase."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime

from workspace.erasure_records import CLEANED, Erasure, unfinished
from workspace.folder import Workspace
from workspace.state import State, now

_LOOK_SECONDS = 1.0
_STOP_SECONDS = 10.0
# What failed is not tried again at once: it has a reason, which the log has.
_AFTER_FAILURE_SECONDS = 30.0


class ErasureProcess:
    """Starts `python -m serving.erasure` over a workspace when an erasure waits, one at a time; see look()."""

    def __init__(self, workspace: Workspace, state: State) -> None:
        self._workspace = workspace
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None
        self._looked_at = float("-inf")

    def look(self) -> None:
        """Once a second: start the process where there is work for it, unless it runs."""
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None and self._process.returncode:
            self._looked_at += _AFTER_FAILURE_SECONDS
            self._process = None
            return
        self._process = None
        if any(self._is_due(one) for one in unfinished(self._state)):
            command = [sys.executable, "-P", "-m", "serving.erasure", str(self._workspace.folder)]
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        """End it wherever it is: what it was at is done again."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _is_due(self, erasure: Erasure) -> bool:
        if erasure.stage != CLEANED or erasure.cleaned_at is None:
            return True
        since = datetime.fromisoformat(now()) - datetime.fromisoformat(erasure.cleaned_at)
        return since.total_seconds() >= self._workspace.settings.keep.lease_seconds
