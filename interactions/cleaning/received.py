"""The rows of a raw file for the engine: all of them, and parts of them in their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow.parquet as pq

from interactions.sources.batches import BROKEN, ROW
from interactions.sources.raw import RawFile

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

_PLACE = "file_row_number"


def received_rows(backend: Backend, file: RawFile) -> ir.Table:
    """The received columns as text with ROW and BROKEN, which a file without broken lines may leave to be told from
    the places of its rows."""
    if _has_numbers(file):
        return backend.read_parquet(str(file.path), table_name="raw file")
    rows: Any = backend.read_parquet(str(file.path), table_name="raw file", file_row_number=True)
    return rows.mutate(**{ROW: rows[_PLACE] + 1, BROKEN: ibis.null("string")})


def parts(received: ir.Table, file: RawFile, size: int) -> Iterator[ir.Table]:
    """The rows in parts of about `size`, broken lines with the part where they stood in the file."""
    if file.rows <= size:
        yield received
        return
    place: Any = received[ROW] if _has_numbers(file) else received[_PLACE] + 1
    last = _last_row(received) if _has_numbers(file) else file.rows
    for start in range(1, last + 1, size):
        yield received.filter((place >= start) & (place < start + size))


def _last_row(received: ir.Table) -> int:
    last: Any = received[ROW].max()
    return int(last.to_pyarrow().as_py())


def _has_numbers(file: RawFile) -> bool:
    return ROW in pq.read_schema(file.path).names
