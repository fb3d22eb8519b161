"""The Delta tables: append, replace what came from one source, read; the only place that imports deltalake."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, create_table_with_add_actions
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from workspace.errors import StoreError
from workspace.lake_log import LOG as _LOG
from workspace.lake_log import NUMBERED as _NUMBERED
from workspace.lake_log import touched
from workspace.secret import secret
from workspace.tables import CLEANED, TABLES, Table

if TYPE_CHECKING:
    from workspace.lake_store import LakeStore, Level

T = TypeVar("T")

_LOCKS = ".locks"

# Commits that leave every row as it is.
_SAME_DATA = ("OPTIMIZE", "VACUUM START", "VACUUM END", "ADD COLUMN")

# The name under which a commit records how far the live journal was drained. In a store that several machines share
# the name has a mark of the journal's workspace besides, for each may have a journal of its own.
_JOURNAL = "live-journal"


@dataclass(frozen=True)
class Parts:
    """A table as of one version: its number, its rows, its files."""

    version: int
    rows: int
    files: tuple[Path, ...]


class Lake:
    """The folder `lake/` of a workspace, one Delta table a sub-folder; level with an object store, if any."""

    def __init__(self, folder: Path, store: LakeStore | None = None) -> None:
        self.folder = folder
        self.store = store

    def _path(self, name: str) -> str:
        return str(self.folder / TABLES[name].name)

    def _open(self, name: str) -> DeltaTable | None:
        try:
            return DeltaTable(self._path(name))
        except TableNotFoundError:
            return None

    @contextmanager
    def alone(self, name: str, wait: bool = True) -> Iterator[None]:
        """One commit to a table at a time, on this machine.

        Two compactions at once would both be committed, and every row would be there twice; a replacement would fail
        for an append that came between. Raises BlockingIOError where it shall not wait and somebody is at work.
        """
        locks = self.folder / _LOCKS
        locks.mkdir(parents=True, exist_ok=True)
        with (locks / name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield

    def commit(self, name: str, change: Callable[[], T], wait: bool = True) -> T:
        """Make one commit to a table by calling `change`, alone; in the store too, where there is one.

        There another machine may have been first: then `change` is called again over what that one made. Raises
        BlockingIOError as `alone` does, StoreError where the store fails.
        """
        with self.alone(name, wait):
            return change() if self.store is None else self.store.together(self, name, change)

    def level(self, first: bool = False) -> None:
        """Bring every table level with the store, where there is one; only before the `first` use, if so asked."""
        if self.store is None or (first and self.store.begun):
            return
        self.store.begin()
        for name in sorted({*self.names(), *self.store.names()}):
            with self.alone(name):
                self.store.level(self, name)
        self.store.has_begun()

    def compared(self) -> dict[str, Level]:
        """The last version of each table in the folder and in the store; empty where there is no store."""
        if self.store is None:
            return {}
        return {name: self.store.compared(self, name) for name in sorted({*self.names(), *self.store.names()})}

    def opened(self, name: str) -> DeltaTable | None:
        """The table as Delta Lake knows it, for who keeps its files in order; None when there is none."""
        return self.opened_in(self.folder / name)

    @staticmethod
    def opened_in(folder: Path) -> DeltaTable | None:
        """The table in a folder, of which there may be the log alone; None when there is none."""
        try:
            return DeltaTable(str(folder))
        except TableNotFoundError:
            return None

    def version(self, name: str) -> int:
        """Number of the table's last commit; -1 when there is none."""
        table = self._open(name)
        return -1 if table is None else table.version()

    def files(self, name: str) -> list[str]:
        """The Parquet files of the table's last version, for an engine to read; sorted, so that reads repeat."""
        table = self._open(name)
        # A folder's blanks and Chinese signs come written as %XX.
        return [] if table is None else sorted(unquote(uri) for uri in table.file_uris())

    def files_of(self, name: str) -> list[str]:
        """The names of the Parquet files of the last version of a table, which may be one that tables.py lacks."""
        table = self.opened(name)
        return [] if table is None else sorted(Path(unquote(uri)).name for uri in table.file_uris())

    def read(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The whole table as Arrow, in the schema of tables.py; empty when nothing was written yet."""
        table = self._open(name)
        schema = TABLES[name].schema
        wanted = list(columns) if columns is not None else schema.names
        if table is None:
            return pa.schema([schema.field(column) for column in wanted]).empty_table()
        # Files read through Python's own file system make Arrow's threads ask for the interpreter while it shuts down,
        # which ended one process in ten by SIGABRT after all its work was done.
        files = SubTreeFileSystem(self._path(name), LocalFileSystem())
        present = {field.name for field in table.schema().fields}
        arrow = table.to_pyarrow_table(columns=[column for column in wanted if column in present], filesystem=files)
        for column in wanted:
            if column not in present:
                arrow = arrow.append_column(column, pa.nulls(arrow.num_rows, schema.field(column).type))
        return arrow.select(wanted).cast(pa.schema([schema.field(column) for column in wanted]))

    def append(self, name: str, rows: pa.Table, once: str | None = None) -> None:
        """Add rows in one commit. With `once`, a commit of that id that already exists makes this one a no-op."""
        if once is None or not self._is_done(name, once):
            self._write(name, rows, "append", None, _committed(once), once=once)

    def append_drained(self, name: str, rows: pa.Table, position: int, since: int | None = None) -> bool:
        """Add rows of the live journal up to a position, which the same commit records.

        False, and nothing is added, while somebody else commits to the table: the journal can wait. Where the table
        is no longer at the position `since` which the rows follow, another machine has drained: nothing is added.
        """

        def change() -> None:
            if since is not None and self.journal_position(name) != since:
                return
            properties = CommitProperties(app_transactions=[Transaction(self._journal(name), position)])
            self._written(name, rows, "append", None, properties)

        try:
            self.commit(name, change, wait=False)
        except BlockingIOError:
            return False
        return True

    def journal_position(self, name: str) -> int:
        """The position up to which the table holds the rows of the live journal; 0 where none was drained."""
        table = self._open(name)
        return (table.transaction_version(self._journal(name)) or 0) if table is not None else 0

    def adopt_journal(self, name: str) -> None:
        """Record under this workspace's own name how far its journal was drained before the lake had a store."""
        table = self.opened(name)
        marked = self._marked()
        if table is None or marked is None or table.transaction_version(marked) is not None:
            return
        position = table.transaction_version(_JOURNAL)
        if position is not None:
            properties = CommitProperties(app_transactions=[Transaction(marked, position)])
            table.create_write_transaction([], "append", table.schema(), commit_properties=properties)

    def _journal(self, name: str) -> str:
        marked = self._marked()
        if marked is None:
            return _JOURNAL
        table = self._open(name)
        is_marked = self.store is not None or (table is not None and table.transaction_version(marked) is not None)
        return marked if is_marked else _JOURNAL

    def _marked(self) -> str | None:
        """None where the folder is no workspace's."""
        home = self.folder.parent
        if not (home / "secret.key").is_file():
            return None
        return f"{_JOURNAL}-{hmac.digest(secret(home), b'live-journal', 'sha256').hex()[:16]}"

    def file_count(self, name: str) -> int:
        """How many files the table's last version has."""
        table = self._open(name)
        return 0 if table is None else len(table.file_uris())

    def names(self) -> list[str]:
        """The tables that exist, also those that this Rapport does not know."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if (path / _LOG).is_dir())

    def parts(self, name: str) -> Parts:
        """The files that make up the table as of its last version: data, and the log up to it; none is ever changed."""
        folder = self.folder / name
        table = DeltaTable(str(folder))
        numbered = ((path, _NUMBERED.match(path.name)) for path in sorted((folder / _LOG).iterdir()))
        log = [path for path, found in numbered if found is not None and int(found[1]) <= table.version()]
        data = sorted(Path(unquote(uri)) for uri in table.file_uris())
        return Parts(table.version(), int(table.count()), (*log, *(folder / path.name for path in data)))

    def compact(self, name: str, wait: bool = True) -> None:
        """Put the rows of small files together, in one commit; the files stay for who reads an earlier version.

        Without `wait`, nothing is done while somebody else commits to the table.
        """

        def change() -> None:
            table = self._open(name)
            if table is not None:
                table.optimize.compact()

        try:
            self.commit(name, change, wait)
        except BlockingIOError:
            return

    def unneeded(self, name: str, seconds: float) -> list[Path]:
        """Files that no version of the table needs which was the last one at some time in the past `seconds`."""
        folder = self.folder / name
        since = time.time() - seconds
        # Listed before the table is opened: what is committed meanwhile is not among them.
        there = [path for path in folder.glob("*.parquet") if path.stat().st_mtime < since]
        needed = {path.name for path in self.parts(name).files} | _removed_since(folder / _LOG, since)
        return sorted(path for path in there if path.name not in needed)

    def free(self, name: str, seconds: float) -> int:
        """Remove the files of a table that nobody can need who reads for `seconds` at most; bytes freed on the disk.

        From the store first, so that what was broken off is begun again.
        """
        files = self.unneeded(name, seconds)
        if self.store is not None and self.version(name) >= 0:
            with self.alone(name):
                self.store.level(self, name)
                recent = _removed_since(self.folder / name / _LOG, time.time() - seconds)
                strays, _ = self.store.strays(self, name)
                self.store.remove(name, set(strays) - recent)
        freed = 0
        for path in files:
            freed += path.stat().st_size
            path.unlink()
        return freed

    def remove_cutoffs(self, name: str, cutoffs: Sequence[datetime]) -> None:
        """Take the rows of some cutoffs out, in one commit."""
        listed = ", ".join(f"'{cutoff.astimezone(UTC).isoformat()}'" for cutoff in cutoffs)

        def change() -> None:
            table = self._open(name)
            if table is not None:
                table.delete(f"cutoff IN ({listed})")

        if cutoffs:
            self.commit(name, change)

    def append_files(self, name: str, files: Sequence[Path], once: str) -> None:
        """Add the rows of Parquet files, which are moved into the table, in one commit; `once` as for `append`.

        The files hold the table's columns in its types, in any order of rows. What a killed run moved without
        committing lies there unread until the same commit is made again, which puts the same files in its place.
        """
        if not files or self._is_done(name, once):
            return
        folder = Path(self._path(name))
        folder.mkdir(parents=True, exist_ok=True)
        # In a store two machines may make the same commit at once: their files are called differently there.
        machine = "" if self.store is None else self.store.machine()
        stem = hashlib.sha256(f"{machine}{once}".encode()).hexdigest()[:24]
        actions = []
        for number, file in enumerate(files):
            moved = folder / f"part-{number:05}-{stem}.zstd.parquet"
            rows = pq.read_metadata(file).num_rows
            file.replace(moved)
            size, changed = moved.stat().st_size, int(moved.stat().st_mtime * 1000)
            actions.append(AddAction(moved.name, size, {}, changed, True, json.dumps({"numRecords": rows})))
        self._add(name, actions, once)

    def _add(self, name: str, actions: list[AddAction], once: str) -> None:
        table = TABLES[name]
        schema = Schema.from_arrow(table.schema)
        properties = _committed(once)

        def change() -> None:
            self._widen(name)
            existing = self._open(name)
            if existing is not None and existing.transaction_version(once) is not None:
                return
            if existing is not None:
                existing.create_write_transaction(actions, "append", schema, commit_properties=properties)
                return
            create_table_with_add_actions(
                self._path(name),
                schema,
                actions,
                configuration=_configuration(table),
                commit_properties=properties,
            )

        self.commit(name, change)

    def replace(self, name: str, rows: pa.Table, column: str, value: str, once: str | None = None) -> None:
        """Put `rows` in the place of those whose `column` is `value`, in one commit; new rows must carry that value."""
        quoted = value.replace("'", "''")
        self._write(name, rows, "overwrite", f"\"{column}\" = '{quoted}'", _committed(once))

    def replace_where(
        self, name: str, rows: pa.Table | pa.RecordBatchReader, where: Mapping[str, Sequence[str]]
    ) -> None:
        """Put `rows` in the place of those whose columns have any of the given values, in one commit.

        The new rows must carry such values themselves; a reader's are written as they come, and have to be in the
        table's schema.
        """
        conditions = [
            f'"{column}" IN ({", ".join(_quoted(value) for value in values)})' for column, values in where.items()
        ]
        self._write(name, rows, "overwrite", " AND ".join(conditions), None)

    def replace_cutoff(self, name: str, rows: pa.Table, cutoff: datetime) -> None:
        """Put `rows` in the place of those of the same cutoff, in one commit: scoring again adds nothing twice."""
        self._write(name, rows, "overwrite", f"cutoff = '{cutoff.astimezone(UTC).isoformat()}'", None)

    def count(self, name: str) -> int:
        """Rows in the table, read from its log alone."""
        table = self._open(name)
        return 0 if table is None else int(table.count())

    def overwrite(self, name: str, rows: pa.Table) -> None:
        """Put `rows` in the place of the whole table, in one commit."""
        self._write(name, rows, "overwrite", None, None)

    def has_committed(self, name: str, once: str) -> bool:
        """Whether a commit with this id is part of the table."""
        table = self._open(name)
        return table is not None and table.transaction_version(once) is not None

    def _is_done(self, name: str, once: str) -> bool:
        """Whether there is a commit of this id, in the store too: one that was broken off is sent before."""
        if self.store is not None:
            with self.alone(name):
                self.store.level(self, name)
        return self.has_committed(name, once)

    def data_version(self) -> str:
        """Short hash of the versions of all cleaned tables: what data a model was trained on."""
        versions = {name: self._last_change(name) for name in CLEANED}
        return hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()[:16]

    def _last_change(self, name: str) -> int:
        """The version of the last commit that changed what the table says; -1 where there is no table."""
        table = self._open(name)
        if table is None:
            return -1
        found = table.version()
        for most in (1, 20, None):
            commits = table.history(most)
            for commit in commits:
                found = commit["version"]
                if commit.get("operation") not in _SAME_DATA:
                    return int(found)
            if most is None or len(commits) < most:
                break
        # The log begins later: what came before was cleared away, long after it was written.
        return int(found)

    def widen(self, name: str) -> list[str]:
        """Add the columns that the table of an older Rapport lacks, null in the rows that it has; their names."""
        return self.commit(name, lambda: self._widen(name))

    def _widen(self, name: str) -> list[str]:
        existing = self._open(name)
        if existing is None:
            return []
        present = {field.name for field in existing.schema().fields}
        wanted = [field for field in Schema.from_arrow(TABLES[name].schema).fields if field.name not in present]
        if wanted:
            existing.alter.add_columns(wanted)
        return [field.name for field in wanted]

    def _write(
        self,
        name: str,
        rows: pa.Table | pa.RecordBatchReader,
        mode: str,
        predicate: str | None,
        properties: CommitProperties | None,
        once: str | None = None,
    ) -> None:
        used = False

        def change() -> None:
            nonlocal used
            if once is not None and self.has_committed(name, once):
                return
            if used and not isinstance(rows, pa.Table):
                raise StoreError(f"Another machine wrote to the table {name} meanwhile. Run the command again.")
            used = True
            self._written(name, rows, mode, predicate, properties)

        self.commit(name, change)

    def _written(
        self,
        name: str,
        rows: pa.Table | pa.RecordBatchReader,
        mode: str,
        predicate: str | None,
        properties: CommitProperties | None,
    ) -> None:
        table = TABLES[name]
        if isinstance(rows, pa.Table):
            rows = rows.select(table.schema.names).cast(table.schema)
        self._widen(name)
        # Of a table that is not there yet nothing can be replaced.
        is_new = self._open(name) is None
        write_deltalake(
            self._path(name),
            rows,
            mode="append" if is_new else mode,
            predicate=None if is_new else predicate,
            configuration=_configuration(table),
            commit_properties=properties,
        )


def _removed_since(log: Path, since: float) -> set[str]:
    """Names of the files that commits took out of a table since a moment."""
    found: set[str] = set()
    for path in sorted(log.glob("*.json"), reverse=True):
        if path.stat().st_mtime < since:
            break
        found |= touched(path.read_bytes()).removed
    return found


def _committed(once: str | None) -> CommitProperties:
    return CommitProperties(app_transactions=[Transaction(app_id=once, version=1)] if once is not None else None)


def _configuration(table: Table) -> dict[str, str | None]:
    return {"delta.dataSkippingStatsColumns": ",".join(_columns_with_statistics(table))}


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _columns_with_statistics(table: Table) -> list[str]:
    """Min and max of personal columns would stay in the log after an erasure: they get none."""
    return [column.name for column in table.columns if not column.personal]
