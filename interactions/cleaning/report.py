"""The account of every row: received = known + duplicate + excluded + quarantined + kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

OUTCOMES = ("known", "duplicate", "excluded", "quarantined", "kept")
COUNTS = ("received", *OUTCOMES)


@dataclass(frozen=True)
class Account:
    """Where the rows of one source and table went; `repairs` counts what was put right in kept rows, by name."""

    source: str
    table: str
    received: int
    known: int
    duplicate: int
    excluded: int
    quarantined: int
    kept: int
    repairs: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in COUNTS}
        return {"source": self.source, "table": self.table, **counts, "repairs": dict(self.repairs)}


@dataclass(frozen=True)
class Report:
    """`rows`: the account of each source and table since the beginning; `cleaned`: the raw files this run cleaned."""

    rows: tuple[Account, ...]
    cleaned: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"rows": [row.to_dict() for row in self.rows], "cleaned": list(self.cleaned)}


def accounts_to_report(accounts: pa.Table, cleaned: Sequence[str]) -> Report:
    """The report on rows of the table `accounts`, added up by source and table."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    repairs: dict[tuple[str, str], Counter[str]] = {}
    for row in accounts.to_pylist():
        place = (row["table"], row["source"])
        counts.setdefault(place, Counter()).update({name: row[name] for name in COUNTS})
        repairs.setdefault(place, Counter()).update(json.loads(row["repairs"]))
    rows = [
        Account(
            source,
            table,
            **{name: counts[table, source][name] for name in COUNTS},
            repairs=dict(sorted(repairs[table, source].items())),
        )
        for table, source in sorted(counts)
    ]
    return Report(tuple(rows), tuple(cleaned))
