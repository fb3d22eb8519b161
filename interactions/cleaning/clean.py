"""Raw and its mapping in, clean tables, message signals, quarantine and accounts out.

Each raw file is cleaned once: its rows are appended to its table, then signals, quarantine and, last of all, its
account. A run that dies in between is finished by the next one: rows are cleaned anew to the same result, and each
commit carries an id that keeps it from being made twice. Where a mapping changed, or a raw file gave way to another
reading of it, the rows of that source are replaced in one commit a table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning.erased_rows import without_erased
from interactions.cleaning.one_file import Cleaned, clean_file, moment
from interactions.cleaning.report import Report, accounts_to_report
from interactions.cleaning.spool import Spool
from interactions.sources import names, raw
from interactions.sources.mapping import resolve
from interactions.sources.raw import RawFile
from workspace.collected import COLLECTED
from workspace.engine import connect, lake_tables
from workspace.errors import WorkspaceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import ACCOUNTS, TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend


def clean(workspace: Workspace, progress: Progress = silent) -> Report:
    """Clean what was collected and not cleaned yet; returns the account of every row received so far.

    Not locked here: the caller holds the workspace. Raises MappingError when a raw file lacks a column that its
    mapping names.
    """
    files = raw.raw_files(workspace.raw)
    tasks = [task for table in COLLECTED for task in _tasks(workspace, table, files)]
    total = sum(file.rows for task in tasks for file in task.files) or 1
    done = 0
    cleaned: list[str] = []
    if tasks:
        backend = connect(workspace.settings.limits, str(workspace.temp))
        try:
            for task in tasks:
                for file in _run(workspace, backend, task):
                    done += file.rows
                    cleaned.append(file.name)
                    progress(f"{file.table} from {file.source}", done / total)
        finally:
            backend.disconnect()
    return accounts_to_report(workspace.lake.read("accounts"), cleaned)


@dataclass(frozen=True)
class _Task:
    """Raw files to clean in one go: new ones appended one by one, or all of some sources in the place of their rows."""

    table: str
    files: tuple[RawFile, ...]
    replaces: tuple[str, ...] = ()


def _tasks(workspace: Workspace, table: str, files: Sequence[RawFile]) -> list[_Task]:
    """What has to be done for one table: sources to rebuild, then raw files to append."""
    ours = [file for file in files if file.table == table]
    wanted = {file.name: _version(workspace, file.source, table) for file in ours}
    accounts = workspace.lake.read("accounts")
    rows = accounts.filter(pc.equal(accounts["table"], table)).to_pylist()
    # Where machines share a lake, files that are not here are another's, and so are their rows.
    shared = workspace.settings.lake.url is not None
    others = {row["source"] for row in rows if shared and row["raw_file"] not in wanted}
    stale = {
        row["source"]
        for row in rows
        if wanted.get(row["raw_file"]) != row["mapping"] and not (shared and row["raw_file"] not in wanted)
    }
    if stale and any(row["known"] for row in rows if row["source"] not in stale):
        # A row called known may have been so only beside the rows that are about to change.
        stale = {row["source"] for row in rows}
    if stale & others:
        raise WorkspaceError(
            f"Rows of {table} have to be cleaned anew, since a mapping or setting changed, but raw files of "
            f"`{min(stale & others)}` lie on another machine that shares this lake. Nothing was changed for {table}: "
            "undo the change, or bring that machine's folder raw/ here and run `rapport clean` again."
        )
    tasks = []
    if stale:
        tasks.append(_Task(table, tuple(file for file in ours if file.source in stale), tuple(sorted(stale))))
    done = {row["raw_file"] for row in rows}
    tasks += [_Task(table, (file,)) for file in ours if file.name not in done and file.source not in stale]
    return tasks


def _version(workspace: Workspace, source: str, table: str) -> str:
    """What decides how a source's rows are cleaned: its mapping, the company's zone and money."""
    settings = workspace.settings
    money = json.dumps([settings.company.currency, sorted(settings.currency.rates.items())])
    return raw.mapping_or_names(workspace.raw, source, table).digest(settings.company.timezone, money)


def _run(workspace: Workspace, backend: Backend, task: _Task) -> Iterator[RawFile]:
    earlier = _in_lake(workspace, backend, task.table)
    if not task.replaces:
        (file,) = task.files
        if earlier is not None:
            earlier = earlier.filter(~((earlier.source == file.source) & (earlier.collected_at == moment(file))))
        cleaned = _clean_file(workspace, backend, file, earlier)
        try:
            _append(workspace, file, cleaned)
        finally:
            _drop([cleaned])
        yield file
        return
    results: list[Cleaned] = []
    earlier = earlier.filter(earlier.source.notin(task.replaces)) if earlier is not None else None
    try:
        for file in task.files:
            results.append(_clean_file(workspace, backend, file, earlier))
            earlier = _with_rebuilt(backend, earlier, results)
            yield file
        _replace(workspace, task, results)
    finally:
        _drop(results)


def _in_lake(workspace: Workspace, backend: Backend, table: str) -> ir.Table | None:
    """The lake's rows of a table; None where nothing was written yet."""
    if not workspace.lake.files(table):
        return None
    return lake_tables(backend, workspace.lake, (table,))[table]


def _with_rebuilt(backend: Backend, earlier: ir.Table | None, results: Sequence[Cleaned]) -> ir.Table | None:
    """What the next file of a rebuild is compared with: the rows just kept too."""
    kept = results[-1].kept
    if not kept.rows:
        return earlier
    rows = backend.read_parquet([str(path) for path in kept.paths], table_name=f"rebuilt {len(results)}")
    rows = rows.select(TABLES[kept.table].schema.names)
    return rows if earlier is None else earlier.union(rows)


def _clean_file(workspace: Workspace, backend: Backend, file: RawFile, earlier: ir.Table | None) -> Cleaned:
    mapping = raw.mapping_or_names(workspace.raw, file.source, file.table)
    file = without_erased(workspace, backend, file, mapping)
    laid = names.fitted(mapping, file.columns, file.file)
    resolved = resolve(laid, file.columns, file.file)
    return clean_file(workspace, backend, file, resolved, earlier, _version(workspace, file.source, file.table))


def _append(workspace: Workspace, file: RawFile, found: Cleaned) -> None:
    """The account comes last: a file that has one is done."""
    lake = workspace.lake
    once = f"{file.name} {found.account['mapping'][0].as_py()}"
    for spool in found.spools:
        lake.append_files(spool.table, spool.paths, once)
    lake.append("accounts", found.account, once=once)


def _replace(workspace: Workspace, task: _Task, results: Sequence[Cleaned]) -> None:
    """The rows of some sources in the place of those they had, one commit a table, the accounts last."""
    lake = workspace.lake
    sources = {"source": task.replaces}
    ours = {**sources, "table": (task.table,)}
    lake.replace_where(task.table, _together(task.table, [found.kept for found in results]), sources)
    if task.table == "interactions":
        signals = _together("message_signals", [found.signals for found in results])
        lake.replace_where("message_signals", signals, sources)
    lake.replace_where("quarantine", _together("quarantine", [found.quarantined for found in results]), ours)
    accounts = [ACCOUNTS.schema.empty_table(), *(found.account for found in results)]
    lake.replace_where("accounts", pa.concat_tables(accounts), ours)


def _together(table: str, spools: Sequence[Spool]) -> pa.RecordBatchReader:
    batches = (batch for spool in spools for batch in spool.batches())
    return pa.RecordBatchReader.from_batches(TABLES[table].schema, batches)


def _drop(results: Sequence[Cleaned]) -> None:
    """Remove what was not moved to the lake."""
    for found in results:
        found.drop()
