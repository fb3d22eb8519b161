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
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning import masking
from interactions.cleaning.duplicates import STATE, Origin, judged, repairs_of
from interactions.cleaning.layers import Layers
from interactions.cleaning.report import OUTCOMES, Report, accounts_to_report
from interactions.cleaning.rows import REASONS, REPAIR, typed_rows
from interactions.cleaning.signals_table import signals_table
from interactions.cleaning.versions import known_at
from interactions.sources import names, raw
from interactions.sources.batches import BROKEN, ROW
from interactions.sources.mapping import Resolved, TableMapping, resolve
from interactions.sources.raw import RawFile
from workspace.engine import arrow_tables, connect, lake_tables
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import ACCOUNTS, COLLECTED, QUARANTINE, TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

FREE_TEXT: dict[str, tuple[str, ...]] = {"interactions": ("content", "response_content"), "surveys": ("comment",)}


@dataclass(frozen=True)
class Cleaned:
    """What one raw file came to."""

    kept: pa.Table
    signals: pa.Table | None
    quarantined: pa.Table
    account: pa.Table


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
    stale = {row["source"] for row in rows if wanted.get(row["raw_file"]) != row["mapping"]}
    if stale and any(row["known"] for row in rows if row["source"] not in stale):
        # A row called known may have been so only beside the rows that are about to change.
        stale = {row["source"] for row in rows}
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
    return _mapping(workspace, source, table).digest(settings.company.timezone, money)


def _mapping(workspace: Workspace, source: str, table: str) -> TableMapping:
    return raw.mapping_of(workspace.raw, source, table) or TableMapping(table=table, by_name=True)


def _run(workspace: Workspace, backend: Backend, task: _Task) -> Iterator[RawFile]:
    if not task.replaces:
        (file,) = task.files
        earlier = lake_tables(backend, workspace.lake, (task.table,))[task.table]
        own = (earlier.source == file.source) & (earlier.collected_at == _moment(file))
        _append(workspace, file, _clean_file(workspace, backend, file, earlier.filter(~own)))
        yield file
        return
    results: list[Cleaned] = []
    others = lake_tables(backend, workspace.lake, (task.table,))[task.table]
    earlier = others.filter(others.source.notin(task.replaces))
    for file in task.files:
        results.append(_clean_file(workspace, backend, file, earlier))
        kept = arrow_tables(backend, {f"rebuilt_{len(results)}": results[-1].kept})
        earlier = earlier.union(next(iter(kept.values())))
        yield file
    _replace(workspace, task, results)


def _clean_file(workspace: Workspace, backend: Backend, file: RawFile, earlier: ir.Table) -> Cleaned:
    """Everything one raw file comes to, beside the rows that the lake held before it."""
    mapping = _mapping(workspace, file.source, file.table)
    laid = names.match(file.columns, file.table, file.file) if mapping.by_name else mapping
    resolved = resolve(laid, file.columns, file.file)
    received = backend.read_parquet(str(file.path), table_name="received")
    rows = _judged(workspace, Layers(backend), received, resolved, file, earlier)
    kept = _kept(rows, file)
    return Cleaned(
        kept,
        signals_table(kept) if file.table == "interactions" else None,
        _quarantined(rows, received, file),
        _account(rows, file, _version(workspace, file.source, file.table)),
    )


def _judged(
    workspace: Workspace, layers: Layers, received: ir.Table, resolved: Resolved, file: RawFile, earlier: ir.Table
) -> ir.Table:
    typed = typed_rows(received, resolved, workspace.settings, file.collected_at, layers)
    typed = _masked(layers.backend, layers.computed("typed", typed), file.table)
    return layers.computed("judged", judged(typed, earlier, file.table, Origin(file.source, file.collected_at)))


def _masked(backend: Backend, typed: ir.Table, table: str) -> ir.Table:
    """Free text with personal data masked, each different text looked at once."""
    for column in FREE_TEXT.get(table, ()):
        suspects = typed.filter(typed[column].re_search(masking.SUSPECT)).select(column).distinct().to_pyarrow()
        texts = suspects[column].to_pylist()
        pairs = [(text, hidden) for text in texts if (hidden := masking.masked(text)) != text]
        if not pairs:
            continue
        found = pa.table({"written": [pair[0] for pair in pairs], "hidden": [pair[1] for pair in pairs]})
        masks = arrow_tables(backend, {f"masks_{column}": found})[f"masks_{column}"]
        joined = typed.left_join(masks, typed[column] == masks.written)
        typed = joined.mutate(
            **{
                column: ibis.coalesce(joined.hidden, joined[column]),
                f"{REPAIR}{column}: personal data masked": joined.hidden.notnull(),
            }
        ).drop("written", "hidden")
    return typed


def _kept(rows: ir.Table, file: RawFile) -> pa.Table:
    schema = TABLES[file.table].schema
    kept = rows.filter(rows[STATE] == "kept")
    kept = kept.mutate(
        source=ibis.literal(file.source),
        collected_at=_moment(file),
        known_at=known_at(kept, file.table, file.collected_at),
    )
    return kept.select(schema.names).order_by("source_row").to_pyarrow().cast(schema)


def _quarantined(rows: ir.Table, received: ir.Table, file: RawFile) -> pa.Table:
    """The refused rows as they were received, as JSON, with their reasons."""
    refused = rows.filter(rows[STATE] == "quarantined").select("source_row", REASONS)
    joined = refused.join(received, refused.source_row == received[ROW]).order_by("source_row")
    found = joined.select("source_row", REASONS, BROKEN, *file.columns).to_pyarrow()
    count = found.num_rows
    as_json = [
        json.dumps(
            {"line": line} if line is not None else dict(zip(file.columns, values, strict=True)), ensure_ascii=False
        )
        for line, *values in zip(*(found[name].to_pylist() for name in (BROKEN, *file.columns)), strict=True)
    ]
    return pa.table(
        {
            "table": [file.table] * count,
            "row": as_json,
            "reasons": found[REASONS],
            "source": [file.source] * count,
            "source_row": found["source_row"],
            "collected_at": [file.collected_at] * count,
        },
    ).cast(QUARANTINE.schema)


def _account(rows: ir.Table, file: RawFile, version: str) -> pa.Table:
    states = rows.group_by(STATE).agg(rows=rows.count()).to_pyarrow().to_pylist()
    counts = {row[STATE]: row["rows"] for row in states}
    account: dict[str, Any] = {
        "source": file.source,
        "table": file.table,
        "raw_file": file.name,
        "mapping": version,
        "received": file.rows,
        **{name: counts.get(name, 0) for name in OUTCOMES},
        "repairs": json.dumps(_repairs(rows), sort_keys=True, ensure_ascii=False),
        "collected_at": file.collected_at,
    }
    return pa.Table.from_pylist([account], schema=ACCOUNTS.schema)


def _repairs(rows: ir.Table) -> dict[str, int]:
    """How many kept rows each repair touched; those that touched none are left out."""
    flags = repairs_of(rows)
    if not flags:
        return {}
    kept = rows.filter(rows[STATE] == "kept")
    counted = kept.agg(**{flag: kept[flag].sum().fill_null(0) for flag in flags}).to_pyarrow().to_pylist()[0]
    return {flag.removeprefix(REPAIR): int(count) for flag, count in counted.items() if count}


def _append(workspace: Workspace, file: RawFile, found: Cleaned) -> None:
    """The account comes last: a file that has one is done."""
    lake = workspace.lake
    once = f"{file.name} {found.account['mapping'][0].as_py()}"
    for name, rows in (
        (file.table, found.kept),
        ("message_signals", found.signals),
        ("quarantine", found.quarantined),
        ("accounts", found.account),
    ):
        if rows is not None and rows.num_rows:
            lake.append(name, rows, once=once)


def _replace(workspace: Workspace, task: _Task, results: Sequence[Cleaned]) -> None:
    """The rows of some sources in the place of those they had, one commit a table, the accounts last."""
    lake = workspace.lake
    sources = {"source": task.replaces}
    ours = {**sources, "table": (task.table,)}
    lake.replace_where(task.table, _together(task.table, [found.kept for found in results]), sources)
    if task.table == "interactions":
        signals = [found.signals for found in results if found.signals is not None]
        lake.replace_where("message_signals", _together("message_signals", signals), sources)
    lake.replace_where("quarantine", _together("quarantine", [found.quarantined for found in results]), ours)
    lake.replace_where("accounts", _together("accounts", [found.account for found in results]), ours)


def _together(table: str, parts: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables([TABLES[table].schema.empty_table(), *parts])


def _moment(file: RawFile) -> Any:
    return ibis.literal(file.collected_at, "timestamp('UTC')").cast("timestamp('UTC', 6)")
