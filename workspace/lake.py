"""The Delta tables: append, replace what came from one source, read; the only place that imports deltalake."""

import fcntl
import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, create_table_with_add_actions
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from workspace.tables import CLEANED, TABLES, Table

_LOG = "_delta_log"
_LOCKS = ".locks"
# A commit or a checkpoint of the log, by its version; what else lies there points at the last ones.
_NUMBERED = re.compile(r"(\d{20})\.(json|checkpoint\..*parquet)$")

# Commits that leave every row as it is.
_SAME_DATA = ("OPTIMIZE", "VACUUM START", "VACUUM END", "ADD COLUMN")

# The name under which a commit records how far the live journal was drained.
_JOURNAL = "live-journal"


@dataclass(frozen=True)
class Parts:
    """A table as of one version: its number, its rows, its files."""

    version: int
    rows: int
    files: tuple[Path, ...]


class Lake:
    """The folder `lake/` of a workspace, one Delta table a sub-folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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

    def opened(self, name: str) -> DeltaTable | None:
        """The table as Delta Lake knows it, for who keeps its files in order; None when there is none."""
        return self._open(name)

    def version(self, name: str) -> int:
        """Number of the table's last commit; -1 when there is none."""
        table = self._open(name)
        return -1 if table is None else table.version()

    def files(self, name: str) -> list[str]:
        """The Parquet files of the table's last version, for an engine to read; sorted, so that reads repeat."""
        table = self._open(name)
        # A folder's blanks and Chinese signs come written as %XX.
        return [] if table is None else sorted(unquote(uri) for uri in table.file_uris())

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
        if once is not None and self.has_committed(name, once):
            return
        self._write(name, rows, "append", None, _committed(once))

    def append_drained(self, name: str, rows: pa.Table, position: int) -> bool:
        """Add rows of the live journal up to a position, which the same commit records.

        False, and nothing is added, while somebody else commits to the table: the journal can wait.
        """
        properties = CommitProperties(app_transactions=[Transaction(_JOURNAL, position)])
        try:
            self._write(name, rows, "append", None, properties, wait=False)
        except BlockingIOError:
            return False
        return True

    def journal_position(self, name: str) -> int:
        """The position up to which the table holds the rows of the live journal; 0 where none was drained."""
        table = self._open(name)
        return (table.transaction_version(_JOURNAL) or 0) if table is not None else 0

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
        try:
            with self.alone(name, wait):
                table = self._open(name)
                if table is not None:
                    table.optimize.compact()
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

    def remove_cutoffs(self, name: str, cutoffs: Sequence[datetime]) -> None:
        """Take the rows of some cutoffs out, in one commit."""
        listed = ", ".join(f"'{cutoff.astimezone(UTC).isoformat()}'" for cutoff in cutoffs)
        with self.alone(name):
            table = self._open(name)
            if table is not None and cutoffs:
                table.delete(f"cutoff IN ({listed})")

    def append_files(self, name: str, files: Sequence[Path], once: str) -> None:
        """Add the rows of Parquet files, which are moved into the table, in one commit; `once` as for `append`.

        The files hold the table's columns in its types, in any order of rows. What a killed run moved without
        committing lies there unread until the same commit is made again, which puts the same files in its place.
        """
        if not files or self.has_committed(name, once):
            return
        folder = Path(self._path(name))
        folder.mkdir(parents=True, exist_ok=True)
        stem = hashlib.sha256(once.encode()).hexdigest()[:24]
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
        with self.alone(name):
            self._widen(name)
            existing = self._open(name)
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

    def replace(self, name: str, rows: pa.Table, column: str, value: str, once: str | None = None) -> None:
        """Put `rows` in the place of those whose `column` is `value`, in one commit; new rows must carry that value."""
        if self._open(name) is None:
            self._write(name, rows, "append", None, _committed(once))
            return
        quoted = value.replace("'", "''")
        self._write(name, rows, "overwrite", f"\"{column}\" = '{quoted}'", _committed(once))

    def replace_where(
        self, name: str, rows: pa.Table | pa.RecordBatchReader, where: Mapping[str, Sequence[str]]
    ) -> None:
        """Put `rows` in the place of those whose columns have any of the given values, in one commit.

        The new rows must carry such values themselves; a reader's are written as they come, and have to be in the
        table's schema.
        """
        if self._open(name) is None:
            self._write(name, rows, "append", None, None)
            return
        conditions = [
            f'"{column}" IN ({", ".join(_quoted(value) for value in values)})' for column, values in where.items()
        ]
        self._write(name, rows, "overwrite", " AND ".join(conditions), None)

    def replace_cutoff(self, name: str, rows: pa.Table, cutoff: datetime) -> None:
        """Put `rows` in the place of those of the same cutoff, in one commit: scoring again adds nothing twice."""
        if self._open(name) is None:
            self._write(name, rows, "append", None, None)
            return
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
        with self.alone(name):
            return self._widen(name)

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
        wait: bool = True,
    ) -> None:
        table = TABLES[name]
        if isinstance(rows, pa.Table):
            rows = rows.select(table.schema.names).cast(table.schema)
        with self.alone(name, wait):
            self._widen(name)
            write_deltalake(
                self._path(name),
                rows,
                mode=mode,
                predicate=predicate,
                configuration=_configuration(table),
                commit_properties=properties,
            )


def _removed_since(log: Path, since: float) -> set[str]:
    """Names of the files that commits took out of a table since a moment."""
    found = set()
    for path in sorted(log.glob("*.json"), reverse=True):
        if path.stat().st_mtime < since:
            break
        for line in path.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            if "remove" in action:
                found.add(unquote(action["remove"]["path"]))
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
