"""Parquet files, every value as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from interactions.sources.batches import BATCH_ROWS, Content, as_text, batch
from interactions.sources.layout import distinct
from workspace.errors import SourceError


def read_parquet(path: Path, file: str) -> Content:
    """The columns and rows of a Parquet file called `file`. Raises SourceError when it is damaged."""
    try:
        names = distinct(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{file} can't be read as Parquet ({type(error).__name__}). Give a sound copy.") from None
    return Content(names, lambda: _rows(path, names, file), {"format": "parquet"})


def _rows(path: Path, names: tuple[str, ...], file: str) -> Iterator[pa.RecordBatch]:
    start = 1
    try:
        with pq.ParquetFile(path) as stored:
            for received in stored.iter_batches(BATCH_ROWS * 5):
                numbers = pa.array(range(start, start + received.num_rows), pa.int64())
                yield batch(names, [_as_text(column) for column in received.columns], numbers)
                start += received.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"{file} is damaged: its rows can't be read after row {start - 1:,} ({type(error).__name__}). "
            "Give a sound copy."
        ) from None


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_integer(column.type) or pa.types.is_decimal(column.type) or pa.types.is_large_string(column.type):
        return column.cast(pa.string())
    return pa.array([as_text(value) for value in column.to_pylist()], pa.string())
