"""The one process that takes events out of the journal: into the lake, and over the published version at once.

    python -m serving.writer WORKSPACE [SECONDS]

It holds `run/writer.lock`; a second one waits for it, ready to go on. Wherever it is killed, nothing is lost and
nothing counted twice: the lake's own commit says how far the journal was drained, and what lies over a version is made
anew.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from serving import overlay
from serving.current import current_version
from serving.erasure_process import ErasureProcess
from serving.live import Live
from serving.live_base import LiveBase
from serving.live_rows import DRAINED, live_rows
from serving.logs import log_as_json
from serving.snapshot import load
from workspace.erasure_records import people_erased
from workspace.errors import PublishedError, RapportError
from workspace.folder import Workspace, open_workspace
from workspace.journal import entries, last_position, let_go
from workspace.state import State

# How long the journal is left alone when nothing comes, and how long events wait for others before they are drained.
IDLE_SECONDS = 0.05
DRAIN_SECONDS = 5.0
# At most so many events at once, so that the first of many is not kept waiting for the last.
AT_ONCE = 200
# From so many files on a table of the lake is compacted.
MOST_FILES = 50

_log = logging.getLogger("rapport.writer")


class Writer:
    """Looks after one workspace, a step at a time."""

    def __init__(self, workspace: Workspace, drain_seconds: float = DRAIN_SECONDS) -> None:
        self.workspace = workspace
        self.drain_seconds = drain_seconds
        self.state: State = workspace.state()
        self._live: Live | None = None
        self._seen = 0
        self._erased = people_erased(self.state)
        self._drained_at = time.monotonic()

    def step(self) -> bool:
        """Lay new events over the published version and drain what waited long enough; whether anything was new."""
        changed = self._follow_version()
        changed = self._follow_erasures() or changed
        changed = self._lay_over() or changed
        if time.monotonic() - self._drained_at >= self.drain_seconds:
            try:
                self.drain()
            finally:
                # A lake whose store is away is not asked again before what is new was laid over.
                self._drained_at = time.monotonic()
        return changed

    def _follow_version(self) -> bool:
        """Begin again over a version that was published."""
        try:
            version = current_version(self.workspace.published)
        except PublishedError:
            return False
        if self._live is not None and version == self._live.snapshot.version:
            return False
        snapshot = load(self.workspace.folder, version, self.workspace.settings.limits)
        self._live = Live(snapshot, LiveBase(self.workspace.settings, snapshot))
        self._seen = 0
        self._forget()
        # Until the events are laid over it there is nothing to show: a reader waits for them a moment.
        return False

    def _follow_erasures(self) -> bool:
        """Begin again without who is being erased: their events are gone from the journal."""
        erased = people_erased(self.state)
        if self._live is None or erased == self._erased:
            return False
        snapshot = self._live.snapshot
        self._live = Live(snapshot, LiveBase(self.workspace.settings, snapshot))
        self._seen = 0
        self._erased = erased
        if not self._lay_over():
            overlay.remove(self.workspace.folder / "live")
        return True

    def _lay_over(self) -> bool:
        if self._live is None:
            return False
        added = False
        while found := entries(self.state, self._seen, AT_ONCE):
            self._live.add(found)
            self._seen = found[-1].position
            added = True
            if len(found) < AT_ONCE or last_position(self.state) == self._seen:
                break
        if added:
            overlay.write(self.workspace.folder / "live", self._live.overlay())
        return added

    def _forget(self) -> None:
        """Let go of what events said that the version holds and its scores know."""
        if self._live is None:
            return
        snapshot = self._live.snapshot
        position = 0
        for entry in entries(self.state, 0, AT_ONCE):
            if (
                entry.position > snapshot.position
                or datetime.fromisoformat(entry.event["occurred_at"]) >= snapshot.cutoff
            ):
                break
            position = entry.position
        if position:
            let_go(self.state, position)

    def drain(self) -> None:
        """Put into the lake what the journal has past the lake's own position."""
        lake = self.workspace.lake
        for name in DRAINED:
            while found := entries(self.state, since := lake.journal_position(name), 10 * AT_ONCE):
                if not lake.append_drained(name, live_rows(found)[name], found[-1].position, since):
                    break
            if lake.file_count(name) > MOST_FILES:
                lake.compact(name, wait=False)


def run(folder: Path, stopping: threading.Event, drain_seconds: float = DRAIN_SECONDS) -> None:
    """Work until `stopping` is set, alone in the workspace; events wait at most `drain_seconds` to be drained."""
    workspace = open_workspace(folder)
    with (workspace.run / "writer.lock").open("w") as lock:
        while not stopping.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stopping.wait(0.5)
        writer = Writer(workspace, drain_seconds)
        erasing = ErasureProcess(workspace, writer.state)
        while not stopping.is_set():
            if not _stepped(writer, erasing):
                stopping.wait(IDLE_SECONDS)
        erasing.stop()
        try:
            writer.drain()
        except RapportError as error:
            # The journal keeps them for the next writer.
            _log.error("writer failed", extra={"reason": str(error)})


def _stepped(writer: Writer, erasing: ErasureProcess) -> bool:
    try:
        erasing.look()
        return writer.step()
    except RapportError as error:
        _log.error("writer failed", extra={"reason": str(error)})
    except Exception:
        # Events are safe in the journal: the next round tries again.
        _log.exception("writer failed")
    time.sleep(1)
    return False


def main(arguments: Sequence[str]) -> int:
    """Run until SIGTERM, or until whoever started it has gone."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    log_as_json()
    threading.Thread(target=_watch_starter, args=(os.getppid(), stopping), daemon=True).start()
    run(Path(arguments[0]), stopping, *map(float, arguments[1:]))
    return 0


def _watch_starter(starter: int, stopping: threading.Event) -> None:
    while os.getppid() == starter:
        time.sleep(0.5)
    stopping.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
