"""Cleaned rows on their way to the lake: Parquet files in the workspace's private room, so that no table is held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from workspace.tables import TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend


class Spool:
    """The rows of one table that one raw file comes to, in the order in which they were added."""

    def __init__(self, folder: Path, table: str) -> None:
        self.folder = folder
        self.table = table
        self.paths: list[Path] = []
        self.rows = 0

    def add(self, rows: pa.Table) -> None:
        """Add rows held in memory, given in any order of columns."""
        if rows.num_rows:
            schema = TABLES[self.table].schema
            # Written in one way, whatever the rows were computed with: equal rows give equal files.
            pq.write_table(rows.select(schema.names).cast(schema), self._next(), compression="zstd")
            self.rows += rows.num_rows

    def copy(self, backend: Backend, rows: ir.Table) -> None:
        """Add what the engine computes, written by the engine itself in the order of source_row."""
        path = self._next()
        target = str(path).replace("'", "''")
        backend.raw_sql(
            f"COPY ({backend.compile(rows.order_by('source_row'))}) TO '{target}' "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        )
        written = pq.read_metadata(path).num_rows
        self.rows += written
        if not written:
            path.unlink()
            self.paths.pop()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in the table's schema."""
        schema = TABLES[self.table].schema
        for path in self.paths:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(columns=schema.names):
                    yield from pa.Table.from_batches([batch]).select(schema.names).cast(schema).to_batches()

    def drop(self) -> None:
        """Remove what was not moved to the lake."""
        for path in self.paths:
            path.unlink(missing_ok=True)

    def _next(self) -> Path:
        path = self.folder / f"{self.table}-{id(self):x}-{len(self.paths):05}.parquet"
        self.paths.append(path)
        return path
