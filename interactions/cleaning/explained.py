"""A refused row explained: from which file it came, and for each reason which received values led to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning.advice import advice
from interactions.cleaning.checks import ORDER
from interactions.cleaning.overview import files_by_moment
from interactions.cleaning.rows import SEPARATOR
from interactions.sources import names, raw
from interactions.sources.mapping import ALIASES, resolve
from workspace.errors import MappingError
from workspace.folder import Workspace
from workspace.tables import TABLES


@dataclass(frozen=True)
class Cause:
    """One reason: the received columns that were read for it with what they hold, and what mends it."""

    reason: str
    read: Mapping[str, str | None]
    advice: str


@dataclass(frozen=True)
class Refused:
    """A row of quarantine: where it stands, why it was refused, and `row`, as received. It holds personal data."""

    table: str
    source: str
    file: str
    source_row: int
    reasons: str
    row: str
    causes: tuple[Cause, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Shown:
    """`rows` of the `total` that were asked for."""

    total: int
    rows: tuple[Refused, ...]


def refused_rows(
    workspace: Workspace, table: str, source: str | None = None, reason: str | None = None, limit: int | None = None
) -> Shown:
    """The refused rows of a table by source, file and row; of one source or of one reason where asked.

    `reason` may be a part of the reasons: "not a date". No more than `limit`, all without it.
    """
    rows = workspace.lake.read("quarantine")
    rows = rows.filter(pc.equal(rows["table"], pa.scalar(table)))
    if source is not None:
        rows = rows.filter(pc.equal(rows["source"], pa.scalar(source)))
    if reason is not None:
        rows = rows.filter(pc.match_substring(rows["reasons"], reason))
    ordered = rows.sort_by([(name, "ascending") for name in ("source", "collected_at", "source_row")])
    chosen = ordered if limit is None else ordered.slice(0, limit)
    return Shown(rows.num_rows, tuple(_explained(workspace, chosen.to_pylist())))


def _explained(workspace: Workspace, rows: Sequence[Mapping[str, Any]]) -> Iterator[Refused]:
    files = files_by_moment(workspace)
    reads = cache(lambda table, source, columns: _reads(workspace, table, source, columns))
    for row in rows:
        table, source = row["table"], row["source"]
        received = json.loads(row["row"])
        found = reads(table, source, tuple(received))
        causes = tuple(_cause(reason, table, received, found) for reason in row["reasons"].split(SEPARATOR))
        file = files.get((table, row["collected_at"]), "")
        yield Refused(table, source, file, row["source_row"], row["reasons"], row["row"], causes)


def _reads(workspace: Workspace, table: str, source: str, columns: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Received columns by ours under the mapping in force; nothing where it no longer fits the row."""
    mapping = raw.mapping_or_names(workspace.raw, source, table)
    try:
        return resolve(names.fitted(mapping, columns, source), columns, source).reads
    except MappingError:
        return {}


def _cause(reason: str, table: str, received: Mapping[str, str | None], reads: Mapping[str, tuple[str, ...]]) -> Cause:
    theirs = [name for ours in _columns(reason, table) for name in reads.get(ours, ())]
    return Cause(reason, {name: received.get(name) for name in theirs}, advice(reason))


def _columns(reason: str, table: str) -> tuple[str, ...]:
    """Our columns that a reason speaks of: "duration negative" of duration_ms."""
    for earlier, later, known in ORDER[table]:
        if reason == known:
            return (earlier, later)
    first = reason.split(" ", 1)[0]
    name = ALIASES.get(first, first)
    return (name,) if name in TABLES[table].column_names else ()
