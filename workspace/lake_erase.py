"""Rows taken out of the lake for good: from the current version at once, from files and log when no reader has them.

Deleting by a predicate would write into the table's log who was deleted. So files that hold the rows are written
anew without them, and exchanged in one commit of our own, which names files alone. Statistics of text columns, which
may be somebody's, are kept neither in the new files nor in the commit.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workspace.durable import sync
from workspace.errors import WorkspaceError
from workspace.lake import Lake
from workspace.lake_log import LOG, numbered
from workspace.parquet import write_parquet
from workspace.tables import TABLES

if TYPE_CHECKING:
    from workspace.lake_store import LakeStore

_TRIES = 20
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Change:
    """What is taken out of a table: `concerns` says by a few `columns` which rows are gone or changed, and `changed`
    gives rows as they shall be, None where these simply go."""

    columns: tuple[str, ...]
    concerns: Callable[[pa.Table], pa.ChunkedArray | pa.Array]
    changed: Callable[[pa.Table], pa.Table] | None = None


def rewrite(lake: Lake, name: str, change: Change) -> list[pa.Table]:
    """Take rows out of a table's current version in one commit; the `columns` of those concerned.

    Others may append meanwhile: then it is done again over what they made. Raises WorkspaceError where that never ends.
    """
    return lake.commit(name, lambda: _rewritten(lake, name, change))


def _rewritten(lake: Lake, name: str, change: Change) -> list[pa.Table]:
    for _ in range(_TRIES):
        table = lake.opened(name)
        if table is None:
            return []
        folder = lake.folder / TABLES[name].name
        files = {Path(file).name: Path(file) for file in lake.files(name)}
        found = {file: rows for file, path in files.items() if (rows := _concerned(path, change)) is not None}
        if not found:
            return []
        written = {file: _without(folder, files[file], change) for file in found}
        if _committed(folder, table.version() + 1, written):
            return list(found.values())
        for path, _ in written.values():
            path.unlink(missing_ok=True)
    raise WorkspaceError(f"The table {name} was written to without a pause; its rows could not be erased. Try again.")


def look(lake: Lake, name: str, change: Change) -> list[pa.Table]:
    """The `columns` of a table's rows that the change concerns, by file; nothing is changed."""
    found = (_concerned(Path(file), change) for file in lake.files(name))
    return [rows for rows in found if rows is not None]


def holds(path: Path, change: Change) -> bool:
    """Whether a Parquet file of the table has rows that the change concerns; one that can't be read may well."""
    try:
        return _concerned(path, change) is not None
    except (pa.ArrowInvalid, OSError):
        return True


def checkpointed(lake: Lake, name: str) -> int | None:
    """Put all that the table's log says into one file, so that the entries before can go; up to which version."""
    table = lake.opened(name)
    if table is None:
        return None
    table.create_checkpoint()
    return int(table.version())


def unreferenced(lake: Lake, name: str) -> list[str]:
    """Parquet files in the table's folder, and at its place in the store, that its current version doesn't have."""
    folder = lake.folder / TABLES[name].name
    current = {Path(file).name for file in lake.files(name)}
    found = {path.name for path in folder.glob("*.parquet")}
    if lake.store is not None:
        found |= {file for files in lake.store.strays(lake, name) for file in files}
    return sorted(found - current)


def sweep(lake: Lake, name: str, files: Iterable[str], before: int) -> None:
    """Remove files that neither version nor reader needs any more, and the log's entries before a checkpoint.

    From the store first: what was broken off is begun again. Raises WorkspaceError while it has files that may belong
    to a commit which another machine has under way, and may hold the rows that are to go.
    """
    with lake.alone(name):
        folder = lake.folder / TABLES[name].name
        gone = set(files)
        if lake.store is not None:
            _sweep_store(lake, lake.store, name, gone, before)
        for file in gone & set(_here(lake, name)):
            (folder / file).unlink(missing_ok=True)
        for path in (folder / LOG).iterdir():
            if numbered([path.name], 0, before):
                path.unlink(missing_ok=True)


def _here(lake: Lake, name: str) -> list[str]:
    current = {Path(file).name for file in lake.files(name)}
    return [path.name for path in (lake.folder / TABLES[name].name).glob("*.parquet") if path.name not in current]


def _sweep_store(lake: Lake, store: LakeStore, name: str, gone: set[str], before: int) -> None:
    store.level(lake, name)
    free, may_be_used = store.strays(lake, name)
    waited_for = gone & set(may_be_used)
    if waited_for:
        raise WorkspaceError(
            f"{len(waited_for)} files of the table {name} in the store may belong to a commit that another machine has "
            "under way. They are removed once they are in use, or an hour old."
        )
    store.remove(name, gone & set(free), before)


def _concerned(path: Path, change: Change) -> pa.Table | None:
    """The columns of the rows concerned; None where there is none."""
    parts = []
    with pq.ParquetFile(path) as file:
        present = [name for name in change.columns if name in file.schema_arrow.names]
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=present):
            rows = _with_all(pa.Table.from_batches([batch]), change.columns)
            met = rows.filter(change.concerns(rows))
            if met.num_rows:
                parts.append(met)
    return pa.concat_tables(parts) if parts else None


def _with_all(rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Columns that an older Rapport did not write are null."""
    for name in columns:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
    return rows.select(list(columns))


def _without(folder: Path, path: Path, change: Change) -> tuple[Path, int]:
    target = folder / f"part-00000-{secrets.token_hex(12)}.zstd.parquet"
    with pq.ParquetFile(path) as file:
        rows = write_parquet(target, _kept(file, change), file.schema_arrow)
    sync(target)
    return target, rows


def _kept(file: pq.ParquetFile, change: Change) -> Iterator[pa.Table]:
    for batch in file.iter_batches(_ROWS_AT_ONCE):
        rows = pa.Table.from_batches([batch])
        concerned = change.concerns(_with_all(rows, change.columns))
        if change.changed is None:
            yield rows.filter(pc.invert(concerned))
        else:
            yield change.changed(rows)


def _committed(folder: Path, version: int, written: Mapping[str, tuple[Path, int]]) -> bool:
    """Exchange files for what was written in their place, as this version; False where somebody else made it."""
    moment = int(time.time() * 1000)
    actions: list[dict[str, Any]] = [{"commitInfo": {"timestamp": moment, "operation": "ERASE"}}]
    for old, (new, rows) in written.items():
        actions.append({"remove": {"path": old, "deletionTimestamp": moment, "dataChange": True}})
        if rows:
            added = {"path": new.name, "partitionValues": {}, "size": new.stat().st_size, "modificationTime": moment}
            actions.append({"add": {**added, "dataChange": True, "stats": json.dumps({"numRecords": rows})}})
        else:
            new.unlink()
    log = folder / LOG
    staged = log / f"_commit_{secrets.token_hex(8)}.json.tmp"
    try:
        staged.write_text("".join(f"{json.dumps(action)}\n" for action in actions), encoding="utf-8")
        sync(staged)
        # A link is made or refused, whole: whoever comes second looks again.
        os.link(staged, log / f"{version:020}.json")
    except FileExistsError:
        return False
    finally:
        with contextlib.suppress(FileNotFoundError):
            staged.unlink()
    sync(log)
    return True


def among(columns: Sequence[str], values: Collection[str]) -> Change:
    """The rows that have one of the values in any of the columns go."""
    wanted = pa.array(sorted(values), pa.string())

    def concerns(rows: pa.Table) -> pa.ChunkedArray:
        found = pc.is_in(rows[columns[0]], value_set=wanted)
        for name in columns[1:]:
            found = pc.or_(found, pc.is_in(rows[name], value_set=wanted))
        return found

    return Change(tuple(columns), concerns)
