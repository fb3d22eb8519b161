"""Cleaned rows on their way to the lake: Parquet files in the workspace's private room, so that no table is held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from workspace.parquet import write_parquet
from workspace.tables import TABLES


class Spool:
    """The rows of one table that one raw file comes to, in numbered parts."""

    def __init__(self, folder: Path, table: str) -> None:
        self.folder = folder
        self.table = table
        self._rows: dict[int, int] = {}

    @property
    def rows(self) -> int:
        return sum(self._rows.values())

    @property
    def paths(self) -> list[Path]:
        """A file a part that has rows, in their order."""
        return [self._path(number) for number in sorted(self._rows)]

    def add(self, number: int, rows: pa.Table) -> None:
        """Add a part of rows in the table's schema; several threads may, each another part."""
        if rows.num_rows:
            write_parquet(self._path(number), [rows], TABLES[self.table].schema)
            self._rows[number] = rows.num_rows

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in the table's schema."""
        schema = TABLES[self.table].schema
        for path in self.paths:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(columns=schema.names):
                    yield from pa.Table.from_batches([batch]).select(schema.names).cast(schema).to_batches()

    def drop(self) -> None:
        """Remove what was not moved to the lake."""
        for path in self.folder.glob(f"{self._stem}-*.parquet"):
            path.unlink(missing_ok=True)

    @property
    def _stem(self) -> str:
        return f"{self.table}-{id(self):x}"

    def _path(self, number: int) -> Path:
        return self.folder / f"{self._stem}-{number:05}.parquet"
