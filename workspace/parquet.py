"""How tables are written to Parquet: equal rows give equal files, quickly."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# A column with no more than so many different values in so many first rows is written as numbers of its values.
_FEW = 5_000
_FIRST_ROWS = 100_000
GROUP_ROWS = 250_000


def write_parquet(path: Path, tables: Iterable[pa.Table], schema: pa.Schema, group_rows: int = GROUP_ROWS) -> int:
    """Write tables of one schema one after the other and return the number of rows; each table begins a row group.

    Least and greatest values are noted of numbers and times, never of texts, which may be personal.
    """
    rows = 0
    writer = None
    try:
        for table in tables:
            writer = writer or _writer(path, schema, table)
            writer.write_table(table, row_group_size=group_rows)
            rows += table.num_rows
        if writer is None:
            writer = _writer(path, schema, schema.empty_table())
    finally:
        if writer is not None:
            writer.close()
    return rows


def _writer(path: Path, schema: pa.Schema, first: pa.Table) -> pq.ParquetWriter:
    sample = first.slice(0, _FIRST_ROWS)
    few = [name for name in first.column_names if pc.count_distinct(sample[name]).as_py() <= _FEW]
    spoken = [field.name for field in schema if not pa.types.is_string(field.type)]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=few or False,
        write_statistics=spoken or False,
    )
