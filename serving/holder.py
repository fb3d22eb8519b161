"""The snapshot in use, swapped for the next by one assignment: of a new version, or of what happened since."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from pathlib import Path

from serving.current import current_version
from serving.logs import REFUSED
from serving.overlay import current, read
from serving.snapshot import Snapshot, load
from serving.verified import damage, is_damaged, recheck
from workspace.erasure_records import hidden
from workspace.errors import PublishedError, RapportError
from workspace.journal import JournalEnd, last_position
from workspace.readers import hold
from workspace.settings import Limits
from workspace.state import State

# A new version waits so long for the events that it doesn't hold, so that what was counted stays counted.
OVERLAY_SECONDS = 1.0
# So long an answer waits for the writer to take in an event of its customer.
FRESH_SECONDS = 2.0
_LOOK_SECONDS = 0.02
# So long after its start, and after a swap, a version's files are read through again, behind what is asked.
RECHECK_SECONDS = 60.0
_log = logging.getLogger("rapport.serving")


class Holder:
    """The snapshot in use. A new version is loaded beside it and put in its place by one assignment.

    A version that can't be read is reported in the log once, and the one before stays in use.
    """

    def __init__(self, workspace: Path, seconds: float = 0.25, limits: Limits | None = None) -> None:
        self.workspace = workspace
        self.limits = limits
        self.seconds = seconds
        self.swaps = 0
        self._snapshot: Snapshot | None = None
        self._base: Snapshot | None = None
        self._state: State | None = None
        self._journal: tuple[State, JournalEnd] | None = None
        self._next: tuple[Snapshot, float] | None = None
        self._overlay: str | None = None
        self._refused: str | None = None
        self._was_damaged = False
        self._refreshing = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def current(self) -> Snapshot:
        """The snapshot to answer from: take it once for a whole answer.

        Raises PublishedError when nothing could be loaded yet.
        """
        snapshot = self._snapshot
        if snapshot is None:
            self.refresh()
            snapshot = self._snapshot
        if snapshot is None:
            raise PublishedError(
                f"Nothing readable is published in {self.workspace / 'published'}. Run `rapport publish`."
            )
        return snapshot

    @property
    def ready(self) -> bool:
        """Whether there is a snapshot to answer from."""
        return self._snapshot is not None

    async def caught_up(self, state: State, customer_id: str) -> None:
        """Return once the snapshot holds the customer's last event, or after a while: answers say how far they go."""
        if self._journal is None or self._journal[0] is not state:
            self._journal = state, JournalEnd(state)
        if self._journal[1].position() <= self.current().position:
            return
        until = time.monotonic() + FRESH_SECONDS
        wanted = last_position(state, customer_id)
        while wanted > self.current().position and time.monotonic() < until:
            await asyncio.sleep(_LOOK_SECONDS)
            self.refresh()

    def refresh(self) -> bool:
        """Load what CURRENT names when that changed, and what happened since; True when the snapshot was swapped."""
        with self._refreshing:
            try:
                loaded = self._loaded()
            except RapportError as error:
                self._refuse(error)
                # Whoever is being erased is hidden all the same.
                return self._swapped(None)
            if loaded is not None and not self._has_overlay(loaded):
                loaded = None
            return self._swapped(loaded)

    def _loaded(self) -> Snapshot | None:
        """The version CURRENT names, where it is another one than that in use."""
        version = current_version(self.workspace / "published")
        damaged = is_damaged(self.workspace, version)
        if version == self._refused and (damaged or not self._was_damaged):
            return None
        if self._snapshot is not None and version == self._snapshot.version:
            if damaged:
                raise PublishedError(self._withdrawn(version))
            return None
        if self._next is None or self._next[0].version != version:
            self._next = (load(self.workspace, version, self.limits), time.monotonic())
        return self._next[0]

    def _withdrawn(self, version: str) -> str:
        """No longer answer from a version that turned out damaged; what was found. Published again, it is taken up."""
        self._snapshot = self._base = self._next = None
        self._overlay = None
        self._was_damaged = True
        return damage(self.workspace, version)

    def _has_overlay(self, loaded: Snapshot) -> bool:
        """Whether the events that `loaded` lacks are there to be laid over it; after a while it goes without."""
        if self._snapshot is None or self._snapshot.overlay is None or self._next is None:
            return True
        name = current(self.workspace / "live") or ""
        return name.startswith(f"{loaded.version}-") or time.monotonic() - self._next[1] > OVERLAY_SECONDS

    def _swapped(self, loaded: Snapshot | None) -> bool:
        base = loaded or self._base
        if base is None:
            return False
        snapshot = self._without_the_erased(base)
        name = current(self.workspace / "live")
        name = name if name is not None and name.startswith(f"{snapshot.version}-") else None
        known = self._snapshot is not None and snapshot.hidden == self._snapshot.hidden
        if loaded is None and name == self._overlay and known:
            return False
        overlay = read(self.workspace / "live", name) if name is not None else None
        if name is not None and overlay is None and loaded is None:
            # Replaced while it was being read: the next round finds its successor.
            if known:
                return False
            name, overlay = self._overlay, self._snapshot.overlay if self._snapshot is not None else None
        self._snapshot = snapshot.with_overlay(overlay)
        self._base = snapshot
        self._overlay = name if overlay is not None else None
        if loaded is not None:
            self._next = None
            self._refused = None
            self._was_damaged = False
            self.swaps += 1
        return True

    def _without_the_erased(self, base: Snapshot) -> Snapshot:
        """The version without customers whose erasure is at work, and those that it hid before: it still has them."""
        if self._state is None:
            hold(self.workspace)
            self._state = State(self.workspace)
        return base.without(base.hidden | hidden(self._state))

    def _refuse(self, error: RapportError) -> None:
        try:
            version = current_version(self.workspace / "published")
        except PublishedError:
            return
        if version != self._refused:
            self._refused = version
            _log.error(REFUSED, extra={"version": version, "reason": str(error)})

    def start(self) -> None:
        """Load the current version and watch for the next, until stop()."""
        self.refresh()
        self._stop.clear()
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for work, name in ((self._watch, "snapshot"), (self._recheck, "recheck"))
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End watching; the snapshot stays usable."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=10)
        self._threads = []
        with self._refreshing:
            if self._state is not None:
                self._state.close()
                self._state = None

    def _watch(self) -> None:
        while not self._stop.wait(self.seconds):
            try:
                self.refresh()
            except Exception as error:
                # The watcher must outlive anything; the next round tries again.
                _log.error("snapshot not refreshed", extra={"reason": type(error).__name__})

    def _recheck(self) -> None:
        """Read each version in service through once: what was checked long before may have been damaged since."""
        done = None
        while not self._stop.wait(RECHECK_SECONDS):
            snapshot = self._snapshot
            if snapshot is not None and snapshot.version != done:
                done = snapshot.version
                folder = self.workspace / "published" / done
                try:
                    recheck(self.workspace, folder, snapshot.manifest["files"], self._stop.wait)
                except Exception as error:
                    _log.error("version not rechecked", extra={"reason": type(error).__name__})
