"""The workspace folder: its parts by name, opened with a check, locked for one batch stage at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workspace.errors import WorkspaceError
from workspace.limits import within
from workspace.readers import hold
from workspace.settings import SCHEMA, Settings, load
from workspace.state import State, stored_schema

if TYPE_CHECKING:
    from workspace.lake import Lake

_LEFT_SECONDS = 24 * 3600
# Below this name a backup is being restored into the folder.
UNFINISHED = ".restoring-"


@dataclass(frozen=True)
class Workspace:
    """A workspace folder with its settings; the parts are named as on the design's page."""

    folder: Path
    settings: Settings
    # A copy to try something in has none of its own.
    has_store: bool = True

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    @property
    def lake(self) -> Lake:
        """The tables; where they have a store, filled from there, or sent to it, before their first use."""
        lake = self._lake()
        lake.level(first=True)
        return lake

    def _lake(self) -> Lake:
        from workspace.lake import (
            Lake,  # not needed by every command, and Delta Lake and Arrow take a third of a second
        )

        folder, written = self.folder / "lake", self.settings.lake
        if written.url is None or not self.has_store:
            return Lake(folder)
        from workspace.lake_store import LakeStore
        from workspace.object_store import object_store

        return Lake(folder, LakeStore(object_store(written.url, written.single_writer), folder))

    @property
    def published(self) -> Path:
        return self.folder / "published"

    @property
    def bundles(self) -> Path:
        return self.folder / "bundles"

    @property
    def mlruns(self) -> Path:
        return self.folder / "mlruns"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def temp(self) -> Path:
        """Private room for files that live no longer than a stage; nothing personal goes to the machine's own /tmp."""
        return _private(self.folder / "tmp")

    @property
    def run(self) -> Path:
        """Room for the files of running servers, for as long as they run."""
        return _private(self.folder / "run")

    def state(self) -> State:
        return State(self.folder)

    def schema(self) -> int | None:
        """The schema the workspace is of, whether this Rapport can read it or not."""
        return stored_schema(self.folder)

    def within_limits(self) -> AbstractContextManager[None]:
        """For work that holds no lock: what exceeds `[limits]`, or fills the disk, is a LimitError that says so."""
        return within(self.settings.limits, self.folder)

    @contextmanager
    def lock(self, stage: str) -> Iterator[None]:
        """Hold the workspace for one batch stage, which works within its limits.

        Raises WorkspaceError at once when another run holds it: waiting would hide a run that hangs. LimitError when
        the stage needs more memory or disk than `[limits]` allow, or than there is.
        """
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another run"
                raise WorkspaceError(
                    f"{holder} is at work in {self.folder}; `{stage}` needs it alone. Try again when that has ended."
                ) from None
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"`{stage}` (process {os.getpid()})\n".encode(), 0)
            _sweep(self.temp)
            # Raw is only written under this lock: what has no final name yet was left by a killed run.
            for left in self.raw.rglob("*.new"):
                left.unlink()
            with self.within_limits():
                # What a killed run did not send is sent, and what another machine made is here, before a stage begins.
                self._lake().level()
                yield
        finally:
            os.close(descriptor)


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _sweep(temp: Path) -> None:
    """Remove what a killed run left; readers that hold no lock may be at work, so only what is a day old."""
    for left in temp.iterdir():
        if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def open_workspace(folder: Path, create: bool = False) -> Workspace:
    """Open the workspace in `folder`; with `create`, make the folder when it is missing.

    Raises WorkspaceError when the folder is missing or of another schema, SettingsError for a bad rapport.toml.
    """
    if not folder.is_dir():
        if not create:
            raise WorkspaceError(f"There is no workspace at {folder}. Run `rapport init --workspace {folder}` first.")
        folder.mkdir(parents=True, mode=0o700)
    workspace = opened_as_it_is(folder)
    workspace.state().close()
    hold(workspace.folder)
    return workspace


def opened_as_it_is(folder: Path) -> Workspace:
    """The workspace whatever its schema: for those who move it forward. Raises as open_workspace does for the rest."""
    if any(folder.glob(f"{UNFINISHED}*")):
        raise WorkspaceError(
            f"A backup was being restored into {folder} when that was interrupted. Empty the folder, and restore again."
        )
    settings = load(folder)
    if settings.schema_ != SCHEMA:
        raise WorkspaceError(
            f"{folder / 'rapport.toml'} has schema {settings.schema_}; this Rapport knows {SCHEMA}. "
            + ("Use the newer Rapport that wrote it." if settings.schema_ > SCHEMA else "Write `schema = 1`.")
        )
    return Workspace(folder.resolve(), settings)
