"""Received rows as Arrow batches: columns as text, the row's number and, where it broke, the line itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

# Our own columns beside the received ones carry this mark, which no source's column is likely to have.
SOURCE = "rapport:source"
FILE = "rapport:file"
ROW = "rapport:row"
BROKEN = "rapport:broken"
COLLECTED_AT = "rapport:collected_at"
OURS = (SOURCE, FILE, ROW, BROKEN, COLLECTED_AT)

BATCH_ROWS = 20_000


@dataclass(frozen=True)
class Content:
    """What a file holds: its columns, its rows (read anew at each call), and how it was found to be written.

    `skip_lines`: of delimited text, the physical lines before its rows. `write`: where the rows can be put into a
    Parquet file without being read here, what does that (see delimited.writer).
    """

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[pa.RecordBatch]]
    found: Mapping[str, str] = field(default_factory=dict)
    skip_lines: int | None = None
    write: Callable[[Path, str], int | None] | None = None


def batch(
    names: Sequence[str], columns: Sequence[pa.Array], rows: pa.Array, broken: pa.Array | None = None
) -> pa.RecordBatch:
    """A batch of received columns with their row numbers and broken lines."""
    broken = pa.nulls(len(rows), pa.string()) if broken is None else broken
    return pa.RecordBatch.from_arrays([*columns, rows, broken], names=[*names, ROW, BROKEN])


def text_batches(names: Sequence[str], rows: Iterable[Sequence[str | None] | str]) -> Iterator[pa.RecordBatch]:
    """Batches of rows of texts; a row given as one string is a broken line."""
    held: list[Sequence[str | None] | str] = []
    start = 1
    for row in rows:
        held.append(row)
        if len(held) == BATCH_ROWS:
            yield _texts(names, held, start)
            start += len(held)
            held = []
    if held:
        yield _texts(names, held, start)


def _texts(names: Sequence[str], rows: Sequence[Sequence[str | None] | str], start: int) -> pa.RecordBatch:
    blank: tuple[None, ...] = (None,) * len(names)
    values = [blank if isinstance(row, str) else row for row in rows]
    columns = [pa.array([row[number] for row in values], pa.string()) for number in range(len(names))]
    broken = pa.array([row if isinstance(row, str) else None for row in rows], pa.string())
    return batch(names, columns, pa.array(range(start, start + len(rows)), pa.int64()), broken)


def as_text(value: Any) -> str | None:
    """A value as a file would hold it: whole numbers without a point, times in ISO 8601, nested values as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return _decoded(value)
    return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()
