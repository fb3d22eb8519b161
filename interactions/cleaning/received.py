"""The rows of a raw file for the engine: all of them, and parts of them in their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow.parquet as pq

from interactions.cleaning.layers import Layers
from interactions.sources.batches import BROKEN, ROW
from interactions.sources.raw import RawFile

if TYPE_CHECKING:
    import ibis.expr.types as ir

_PLACE = "file_row_number"


class Received:
    """The rows of one raw file: the received columns as text with ROW and BROKEN, which a file without broken lines may
    leave to be told from the places of its rows."""

    def __init__(self, layers: Layers, file: RawFile) -> None:
        self._file = file
        self._numbered = ROW in pq.read_schema(file.path).names
        path = str(file.path).replace("'", "''")
        self._raw: Any = layers.written(
            "raw file", f"SELECT * FROM read_parquet('{path}', {_PLACE} = {not self._numbered})"
        )

    @property
    def rows(self) -> ir.Table:
        """All of them."""
        return self._received(self._raw)

    def parts(self, size: int) -> Iterator[ir.Table]:
        """All of them in parts of about `size`, broken lines with the part where they stood in the file."""
        if self._file.rows <= size:
            yield self.rows
            return
        # Compared as they are stored, so that the engine skips what lies outside.
        place, first = (self._raw[ROW], 1) if self._numbered else (self._raw[_PLACE], 0)
        last = int(place.max().to_pyarrow().as_py()) if self._numbered else self._file.rows - 1
        for start in range(first, last + 1, size):
            yield self._received(self._raw.filter((place >= start) & (place < start + size)))

    def _received(self, rows: Any) -> ir.Table:
        found: ir.Table
        if self._numbered:
            found = rows.select(*self._file.columns, ROW, BROKEN)
        else:
            found = rows.select(*self._file.columns, **{ROW: rows[_PLACE] + 1, BROKEN: ibis.null("string")})
        return found
