"""The lake's tables in an object store, kept level with the folder lake/: sent after each commit, pulled before it.

The store holds the truth. A commit is made in the folder first, under the table's lock; then its data files are sent,
then its entry of the log, which the store takes only where there is none. Whoever finds one there undoes the commit in
the folder, pulls what the other machine made, and commits again. A note beside the tables says up to which version the
store has what the folder has; it may be lost, for then the entries themselves are compared.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from workspace import lake_log
from workspace.durable import sync
from workspace.errors import StoreError
from workspace.lake_log import LAST_CHECKPOINT, LOG, entry
from workspace.lake_note import Note, read_note, write_note
from workspace.object_store import Found, ObjectStore

if TYPE_CHECKING:
    from workspace.lake import Lake

T = TypeVar("T")

_NOTES = ".store"
_TRIES = 20
_PAUSE_SECONDS = 0.05
# No machine is longer on the way from a commit's first data file to its entry in the log.
_UNDER_WAY = timedelta(hours=1)


@dataclass(frozen=True)
class Level:
    """A table's last version in the folder and in the store; -1 where there is none."""

    here: int
    there: int


class _GoneError(Exception):
    """Something that the listing had is there no more: another machine went on meanwhile."""


class LakeStore:
    """One lake's folder and its place in a store."""

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self._notes = folder / _NOTES / hashlib.sha256(store.url.encode()).hexdigest()[:16]

    @property
    def begun(self) -> bool:
        """Whether the folder was level with this store before."""
        return (self._notes / "begun").is_file()

    def begin(self) -> None:
        """See that two machines could not overwrite each other's commits there. Raises StoreError where they could."""
        if not self.store.single_writer and not (self._notes / "checked").is_file():
            self.store.check()
            self._notes.mkdir(parents=True, exist_ok=True)
            (self._notes / "checked").touch()

    def has_begun(self) -> None:
        """Remember that the folder was level with this store."""
        self._notes.mkdir(parents=True, exist_ok=True)
        (self._notes / "begun").touch()

    def names(self) -> list[str]:
        """The tables that the store has."""
        return [name for name in self.store.folders() if not name.startswith(("_", "."))]

    def machine(self) -> str:
        """A name of this folder, which no copy of it has: two machines never call different files the same."""
        self._notes.mkdir(parents=True, exist_ok=True)
        file = self.folder / _NOTES / "machine"
        if not file.is_file():
            file.write_text(secrets.token_hex(8), encoding="ascii")
        return file.read_text(encoding="ascii")

    def together(self, lake: Lake, name: str, change: Callable[[], T]) -> T:
        """Make a commit to a table in the folder and in the store. The caller holds the table's lock.

        `change` is called again where another machine was first. Raises StoreError where that never ends, and where
        the store fails: what the folder has then is sent when it is next level.
        """
        self.begin()
        for number in range(_TRIES):
            self.level(lake, name)
            note = self._note(name)
            self._write_note(name, Note(note.version, True, note.checkpoint))
            made = change()
            if self._sent(lake, name, note.version + 1):
                return made
            # Each waits a time of its own, so that not all come back at once.
            time.sleep(secrets.randbelow(min(2**number, 40)) * _PAUSE_SECONDS)
        raise StoreError(
            f"Other machines write to {self.store.url}/{name} without a pause. Run the command again later."
        )

    def level(self, lake: Lake, name: str) -> None:
        """Send what only the folder has, pull what only the store has. The caller holds the table's lock."""
        for _ in range(_TRIES):
            try:
                if self._levelled(lake, name):
                    return
            except _GoneError:
                continue
            finally:
                shutil.rmtree(self._room(name), ignore_errors=True)
        raise StoreError(
            f"The table {name} at {self.store.url} changes or lacks files that its log names. Run the command again; "
            "should it say this again, put the store back to a state of before."
        )

    def compared(self, lake: Lake, name: str) -> Level:
        """A table's last versions here and there; nothing is changed."""
        return Level(lake.version(name), max(lake_log.commits(self._log(name, self._note(name))), default=-1))

    def _levelled(self, lake: Lake, name: str) -> bool:
        mine = self._mine(name)
        note = self._note(name)
        log = self._log(name, note)
        theirs = lake_log.commits(log)
        if not theirs:
            return not mine or self._sent_whole(lake, name)
        if not mine:
            self._pull_whole(lake, name)
            return True
        agreed = self._agreed(name, mine[-1], log, note)
        if agreed is None:
            self._pull_whole(lake, name)
            return True
        if mine[-1] > agreed and theirs[-1] > agreed:
            self._take_back(name, agreed, note)
        if theirs[-1] > agreed:
            self._pull(name, agreed + 1, theirs)
            return True
        if mine[-1] > agreed:
            return self._sent(lake, name, agreed + 1, is_resumed=True)
        self._write_note(name, Note(agreed, False, note.checkpoint))
        self._send_checkpoint(name)
        return True

    def _agreed(self, name: str, last: int, log: dict[str, Found], note: Note) -> int | None:
        """The last version that is the same here and there; -1: none is. None where the store's log begins later."""
        theirs = set(lake_log.commits(log))
        at = min(last, max(theirs))
        while at >= 0:
            file = self.folder / name / LOG / entry(at)
            if at not in theirs or not file.is_file():
                return None
            if file.stat().st_size == log[entry(at)].size and (
                note.version == at or file.read_bytes() == self.store.read(self._of_log(name, entry(at)))
            ):
                return at
            at -= 1
        return -1

    def _take_back(self, name: str, agreed: int, note: Note) -> None:
        """Undo commits that were begun here and never acknowledged, since another machine's came first."""
        if not note.pending or note.version > agreed:
            raise StoreError(
                f"The table {name} in {self.folder} and at {self.store.url} differ after version {agreed}: "
                "it is another company's lake, or commits were made here without the store. Nothing was changed. Give "
                "[lake] another url, or move the folder lake/ away to have what the store has."
            )
        self._drop(name, agreed + 1)

    def _drop(self, name: str, first: int) -> None:
        added = lake_log.take_back(self.folder / name / LOG, first)
        self.store.remove([f"{name}/{file}" for file in added])

    def _pull(self, name: str, first: int, theirs: Collection[int]) -> None:
        """Take over the commits from a version on, data files first."""
        if not set(range(first, max(theirs) + 1)) <= set(theirs):
            raise _GoneError
        texts: dict[int, bytes] = {}
        needed: set[str] = set()
        for version in range(first, max(theirs) + 1):
            text = self.store.read(self._of_log(name, entry(version)))
            if text is None:
                raise _GoneError
            texts[version] = text
            needed = (needed | lake_log.touched(text).added) - lake_log.touched(text).removed
        self._fetch(name, needed)
        for version, text in texts.items():
            self._place(name, entry(version), text)
        note = self._note(name)
        self._write_note(name, Note(max(theirs), False, note.checkpoint))

    def _pull_whole(self, lake: Lake, name: str) -> None:
        """Take over the table as of its last version, from the newest checkpoint on."""
        names = list(self.store.listed(f"{name}/{LOG}"))
        newest = max(lake_log.checkpoints(names), default=0)
        wanted = lake_log.numbered(names, newest)
        room = self._room(name) / LOG
        room.mkdir(parents=True)
        for one in wanted:
            if not self.store.fetch(self._of_log(name, one), room / one):
                raise _GoneError
        found, existing = lake.opened_in(room.parent), lake.opened(name)
        if found is None:
            raise _GoneError
        if existing is not None and existing.metadata().id != found.metadata().id:
            raise StoreError(
                f"The table {name} at {self.store.url} is another lake's than that in {self.folder}. Nothing was "
                "changed. Give [lake] another url, or move the folder lake/ away to have what the store has."
            )
        self._fetch(name, {Path(uri).name for uri in found.file_uris()})
        for one in wanted:
            self._place(name, one, (room / one).read_bytes())
        log = self.folder / name / LOG
        (log / LAST_CHECKPOINT).unlink(missing_ok=True)
        # What another machine's erasure cleared away goes here too.
        for one in lake_log.numbered([path.name for path in log.iterdir()], 0, newest):
            (log / one).unlink()
        checkpoint = newest if lake_log.checkpoints(names) else -1
        self._write_note(name, Note(max(lake_log.commits(wanted)), False, checkpoint))

    def _fetch(self, name: str, files: Collection[str]) -> None:
        room = self._room(name)
        room.mkdir(parents=True, exist_ok=True)
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        for file in sorted(files):
            if (self.folder / name / file).is_file():
                continue
            if not self.store.fetch(f"{name}/{file}", room / file):
                raise _GoneError
            sync(room / file)
            (room / file).replace(self.folder / name / file)

    def _place(self, name: str, one: str, content: bytes) -> None:
        """A file of the log, whole or not there."""
        log = self.folder / name / LOG
        log.mkdir(parents=True, exist_ok=True)
        self._room(name).mkdir(parents=True, exist_ok=True)
        staged = self._room(name) / f"{one}.staged"
        staged.write_bytes(content)
        sync(staged)
        staged.replace(log / one)

    def _sent(self, lake: Lake, name: str, first: int, is_resumed: bool = False) -> bool:
        """Send commits from a version on; False where another machine was first, and they are undone here."""
        log = self.folder / name / LOG
        versions = [version for version in self._mine(name) if version >= first]
        if first == 0 and len(versions) > 1:
            return self._sent_whole(lake, name)
        texts = {version: (log / entry(version)).read_bytes() for version in versions}
        added = {file for text in texts.values() for file in lake_log.touched(text).added}
        self._send_files(name, added, set(lake.files_of(name)), is_resumed)
        for version, text in texts.items():
            if not self._created(name, version, text):
                self._drop(name, version)
                return False
        note = self._note(name)
        self._write_note(name, Note(max(versions, default=note.version), False, note.checkpoint))
        self._send_checkpoint(name)
        return True

    def _created(self, name: str, version: int, text: bytes) -> bool:
        """Whether the store has this very commit now: an answer that got lost is asked for again, and refused."""
        place = self._of_log(name, entry(version))
        return self.store.create(place, text) or self.store.read(place) == text

    def _send_files(self, name: str, files: Collection[str], needed: Collection[str], is_resumed: bool) -> None:
        there = self.store.listed(name) if is_resumed else {}
        for file in sorted(files):
            path = self.folder / name / file
            if not path.is_file() and file not in needed:
                continue
            if file not in there or there[file].size != path.stat().st_size:
                self.store.put(f"{name}/{file}", path)

    def _sent_whole(self, lake: Lake, name: str) -> bool:
        """Send a table that the store doesn't have, as of its last version: what was before is of no use to anybody."""
        if self._mine(name) == [0]:
            return self._sent(lake, name, 0, is_resumed=True)
        lake.adopt_journal(name)
        table = lake.opened(name)
        if table is None:
            return True
        version = int(table.version())
        if version not in lake_log.checkpoints(path.name for path in (self.folder / name / LOG).iterdir()):
            table.create_checkpoint()
        log = self.folder / name / LOG
        current = set(lake.files_of(name))
        self._send_files(name, current, current, True)
        for one in lake_log.checkpoints(path.name for path in log.iterdir())[version]:
            self.store.put(self._of_log(name, one), log / one)
        if not self._created(name, version, (log / entry(version)).read_bytes()):
            raise StoreError(
                f"Another machine began the table {name} at {self.store.url} as well. Run the command again."
            )
        self._write_note(name, Note(version, False, -1))
        self._send_checkpoint(name)
        return True

    def _send_checkpoint(self, name: str) -> None:
        """The newest checkpoint, where the store doesn't have it, and then what points at it."""
        log = self.folder / name / LOG
        note = self._note(name)
        found = lake_log.checkpoints(path.name for path in log.iterdir()) if log.is_dir() else {}
        newest = max((version for version in found if version <= note.version), default=-1)
        if newest <= note.checkpoint:
            return
        for one in found[newest]:
            self.store.put(self._of_log(name, one), log / one)
        if (log / LAST_CHECKPOINT).is_file():
            self.store.put(self._of_log(name, LAST_CHECKPOINT), (log / LAST_CHECKPOINT).read_bytes())
        self._write_note(name, Note(note.version, note.pending, newest))

    def strays(self, lake: Lake, name: str) -> tuple[list[str], list[str]]:
        """Data files that the store has and the table's last version doesn't: those that some version had or that are
        old, and those that may belong to a commit which another machine has under way."""
        current = set(lake.files_of(name))
        log = self.folder / name / LOG
        known: set[str] = set()
        for version in self._mine(name):
            both = lake_log.touched((log / entry(version)).read_bytes())
            known |= both.added | both.removed
        since = datetime.now(UTC) - _UNDER_WAY
        free: list[str] = []
        may_be_used: list[str] = []
        for file, found in sorted(self.store.listed(name).items()):
            if "/" in file or file in current:
                continue
            (free if file in known or found.modified < since else may_be_used).append(file)
        return free, may_be_used

    def remove(self, name: str, files: Collection[str], before: int = 0) -> None:
        """Remove data files from the store, and what its log has of versions before that of a checkpoint."""
        self.store.remove([f"{name}/{file}" for file in files])
        if before > 0:
            self._send_checkpoint(name)
            old = lake_log.numbered(self.store.listed(f"{name}/{LOG}"), 0, before)
            self.store.remove([self._of_log(name, one) for one in old])

    def _log(self, name: str, note: Note) -> dict[str, Found]:
        """The store's log, from the last version on that is known to be there."""
        if note.version >= 0:
            found = self.store.listed(f"{name}/{LOG}", after=f"{note.version:020}")
            if lake_log.commits(found):
                return found
        return self.store.listed(f"{name}/{LOG}")

    def _mine(self, name: str) -> list[int]:
        log = self.folder / name / LOG
        return lake_log.commits(path.name for path in log.iterdir()) if log.is_dir() else []

    def _of_log(self, name: str, one: str) -> str:
        return f"{name}/{LOG}/{one}"

    def _room(self, name: str) -> Path:
        return self._notes / "room" / name

    def _note(self, name: str) -> Note:
        return read_note(self._notes / f"{name}.json", max(self._mine(name), default=-1))

    def _write_note(self, name: str, note: Note) -> None:
        write_note(self._notes / f"{name}.json", note)
