"""What collecting a file would give, on its first rows; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from interactions.cleaning.layers import Layers
from interactions.cleaning.rows import EXCLUDED, REASONS, REPAIR, typed_rows
from interactions.sources.batches import Content
from interactions.sources.mapping import TableMapping, resolve
from workspace.engine import arrow_tables, connect
from workspace.settings import Settings
from workspace.tables import PROVENANCE

ROWS = 1000
SHOWN = 5


@dataclass(frozen=True)
class Preview:
    """How a file was found to be written, which columns match, and what its first rows become.

    `matched` names received columns by ours, `unused` those that no rule reads; `refused` counts reasons, `repairs`
    repairs among the `looked_at` rows.
    """

    file: str
    table: str
    found: Mapping[str, str]
    matched: Mapping[str, tuple[str, ...]]
    unused: tuple[str, ...]
    looked_at: int
    excluded: int
    refused: Mapping[str, int]
    repairs: Mapping[str, int]
    before: tuple[dict[str, Any], ...]
    after: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: times in ISO 8601, money as text."""
        return {
            "file": self.file,
            "table": self.table,
            "found": dict(self.found),
            "matched": {ours: list(theirs) for ours, theirs in self.matched.items()},
            "unused": list(self.unused),
            "looked_at": self.looked_at,
            "excluded": self.excluded,
            "refused": dict(self.refused),
            "repairs": dict(self.repairs),
            "before": list(self.before),
            "after": list(self.after),
        }

    def as_text(self) -> str:
        """Plain lines for a terminal."""
        lines = [f"{self.file} as {self.table}: {', '.join(f'{name} {value!r}' for name, value in self.found.items())}"]
        lines += [f"  {ours} <- {', '.join(theirs) or 'a constant'}" for ours, theirs in self.matched.items()]
        lines.append(f"  not used: {', '.join(self.unused) or 'nothing'}")
        lines.append(f"Of the first {self.looked_at:,} rows {self.excluded:,} would be left out.")
        lines += [f"  refused, {reason}: {count:,}" for reason, count in self.refused.items()]
        lines += [f"  repaired, {name}: {count:,}" for name, count in self.repairs.items()]
        for number, (before, after) in enumerate(zip(self.before, self.after, strict=True), 1):
            lines.append(f"Row {number} as received: {_pairs(before)}")
            lines.append(f"Row {number} cleaned:     {_pairs(after)}")
        return "\n".join(lines)


def preview_rows(settings: Settings, file: str, content: Content, mapping: TableMapping) -> Preview:
    """The preview of a file's first rows under a mapping that fits its columns."""
    resolved = resolve(mapping, content.columns, file)
    received = _first_rows(content)
    backend = connect(settings.limits)
    try:
        table = arrow_tables(backend, {"received": received})["received"]
        typed = typed_rows(table, resolved, settings, datetime.now(UTC), Layers(backend))
        cleaned = typed.order_by("source_row").to_pyarrow()
    finally:
        backend.disconnect()
    flags = [name for name in cleaned.column_names if name.startswith(REPAIR)]
    reasons = Counter(reason for text in cleaned[REASONS].to_pylist() if text for reason in text.split("; "))
    read = {name for names in resolved.reads.values() for name in names}
    return Preview(
        file=file,
        table=mapping.table,
        found=content.found,
        matched=dict(resolved.reads),
        unused=tuple(name for name in content.columns if name not in read),
        looked_at=received.num_rows,
        excluded=sum(cleaned[EXCLUDED].to_pylist()),
        refused=dict(sorted(reasons.items())),
        repairs={name.removeprefix(REPAIR): count for name in flags if (count := sum(cleaned[name].to_pylist()))},
        before=tuple(received.select(list(content.columns)).slice(0, SHOWN).to_pylist()),
        after=tuple(_shown(row) for row in cleaned.slice(0, SHOWN).to_pylist()),
    )


def _first_rows(content: Content) -> pa.Table:
    batches = []
    rows = 0
    for batch in content.rows():
        batches.append(batch)
        rows += batch.num_rows
        if rows >= ROWS:
            break
    return pa.Table.from_batches(batches).slice(0, ROWS) if batches else pa.table({})


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a cleaned row says: our columns that hold something, and why it would be refused."""
    hidden = {EXCLUDED, *(column.name for column in PROVENANCE[:3])}
    return {
        name: value if isinstance(value, bool | int | float | str) else str(value)
        for name, value in row.items()
        if value is not None and value != "" and name not in hidden and not name.startswith(REPAIR)
    }


def _pairs(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in row.items() if value not in (None, ""))
