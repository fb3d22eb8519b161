"""What the workspace's cleaning has come to: accounts, refusals with row numbers, and how complete the tables are.

The one place these figures are made: the terminal, the JSON, the HTML page and `rapport quarantine` show the same ones.
No value of any row is part of it, only counts, shares, times and row numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning.report import COUNTS, OUTCOMES, Account, accounts_to_report
from interactions.sources import raw
from workspace.collected import COLLECTED
from workspace.engine import connect, lake_tables
from workspace.folder import Workspace
from workspace.tables import PROVENANCE, TABLES

if TYPE_CHECKING:
    import ibis

EXAMPLES = 5
_PLACE = ("source_row", "collected_at")
_PROVENANCE = tuple(column.name for column in PROVENANCE)


@dataclass(frozen=True)
class Place:
    """Where a row stands: the received file and the number of the row in it, the first data row being 1."""

    file: str
    row: int


@dataclass(frozen=True)
class Refusal:
    """Rows of one source and table refused for the same `reasons` (joined by "; "); `examples`: the first of them."""

    table: str
    source: str
    reasons: str
    rows: int
    examples: tuple[Place, ...]

    @property
    def where(self) -> str:
        """The examples as a reader looks them up: "rows 3, 9 of calls.csv", and how many more there are."""
        by_file: dict[str, list[str]] = {}
        for place in self.examples:
            by_file.setdefault(place.file, []).append(f"{place.row:,}")
        shown = "; ".join(f"{', '.join(rows)} of {file}" for file, rows in by_file.items())
        rest = self.rows - len(self.examples)
        return f"{shown} and {rest:,} more" if rest else shown


@dataclass(frozen=True)
class Contents:
    """A clean table: its rows, the time they cover, and per column the share of rows that hold nothing.

    `first`, `last`: earliest and latest event time (UTC), None where the table or its times are empty.
    """

    table: str
    rows: int
    first: datetime | None
    last: datetime | None
    missing: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        times = {name: at and at.isoformat() for name, at in (("first", self.first), ("last", self.last))}
        return {"rows": self.rows, **times, "missing": dict(self.missing)}


@dataclass(frozen=True)
class Overview:
    """Accounts by source and table, refusals by reason, the clean tables that hold rows; `files`: raw files cleaned."""

    accounts: tuple[Account, ...]
    refusals: tuple[Refusal, ...]
    tables: tuple[Contents, ...]
    files: int

    @property
    def total(self) -> dict[str, int]:
        """The accounts added up: received, known, duplicate, excluded, quarantined, kept."""
        return {name: sum(getattr(row, name) for row in self.accounts) for name in COUNTS}

    @property
    def adds_up(self) -> bool:
        """Whether every account does, and the refusals listed are those the accounts count."""
        every = all(row.received == sum(getattr(row, name) for name in OUTCOMES) for row in self.accounts)
        return every and sum(row.rows for row in self.refusals) == self.total["quarantined"]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: `total`, `adds_up`, `quarantine` (a list), `tables` (by name)."""
        return {
            "total": self.total,
            "adds_up": self.adds_up,
            "quarantine": [asdict(row) for row in self.refusals],
            "tables": {one.table: one.to_dict() for one in self.tables},
        }


def overview(workspace: Workspace) -> Overview:
    """The overview of everything cleaned so far; empty for a workspace without data."""
    accounts = workspace.lake.read("accounts")
    rows = accounts_to_report(accounts, ()).rows
    return Overview(rows, refusals(workspace), tuple(_contents(workspace)), accounts.num_rows)


def refusals(workspace: Workspace, table: str | None = None, source: str | None = None) -> tuple[Refusal, ...]:
    """Refused rows by table, source and reasons, the most frequent first within a source; filtered where asked."""
    rows = workspace.lake.read("quarantine", ["table", "source", "reasons", "source_row", "collected_at"])
    for name, wanted in (("table", table), ("source", source)):
        if wanted is not None:
            rows = rows.filter(pc.equal(rows[name], pa.scalar(wanted)))
    ordered = rows.sort_by([("collected_at", "ascending"), ("source_row", "ascending")])
    grouped = ordered.group_by(["table", "source", "reasons"], use_threads=False)
    found = grouped.aggregate([("source_row", "count"), ("source_row", "list"), ("collected_at", "list")])
    first = {name: pc.list_slice(found[f"{name}_list"], 0, EXAMPLES).to_pylist() for name in _PLACE}
    files = files_by_moment(workspace)
    counted = found.select(["table", "source", "reasons", "source_row_count"]).to_pylist()
    listed = [
        Refusal(row["table"], row["source"], row["reasons"], row["source_row_count"], _places(row["table"], files, *at))
        for row, *at in zip(counted, *first.values(), strict=True)
    ]
    return tuple(sorted(listed, key=lambda one: (one.table, one.source, -one.rows, one.reasons)))


def files_by_moment(workspace: Workspace) -> dict[tuple[str, datetime], str]:
    """The received file's name by table and collected_at: no two files of a table have the same moment."""
    return {(one.table, one.collected_at): one.file for one in raw.raw_files(workspace.raw)}


def _places(
    table: str, files: Mapping[tuple[str, datetime], str], rows: Sequence[int], moments: Sequence[datetime]
) -> tuple[Place, ...]:
    return tuple(Place(files.get((table, at), ""), row) for row, at in zip(rows, moments, strict=True))


def _contents(workspace: Workspace) -> Iterable[Contents]:
    """The clean tables that hold rows, each looked at in one pass."""
    filled = tuple(name for name in COLLECTED if workspace.lake.count(name))
    if not filled:
        return
    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        for name, rows in lake_tables(backend, workspace.lake, filled).items():
            yield _contents_of(name, rows)
    finally:
        backend.disconnect()


def _contents_of(name: str, rows: ibis.Table) -> Contents:
    table = TABLES[name]
    looked_at = [column for column in table.column_names if column not in _PROVENANCE]
    times = (
        {"first at": rows[table.event_time].min(), "last at": rows[table.event_time].max()} if table.event_time else {}
    )
    filled = {column: rows[column].count() for column in looked_at}
    found = rows.aggregate(**{"all rows": rows.count()}, **times, **filled).to_pyarrow().to_pylist()[0]
    total = found["all rows"]
    missing = {column: 1 - found[column] / total for column in looked_at}
    return Contents(name, total, found.get("first at"), found.get("last at"), missing)
