"""Rows taken out of a raw file for good: the rest stays as it was received, and the file says how many are gone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from interactions.sources.batches import BATCH_ROWS, BROKEN, ROW
from interactions.sources.raw import RawFile, sync_and_rename


def take_out(file: RawFile, rows: Collection[int]) -> None:
    """Write a raw file anew without the rows of these numbers, in its place at once.

    Rows keep their numbers: where a row's place told its number, the number is written down now.
    """
    if not rows:
        return
    target = file.path.with_suffix(".erased.new")
    gone = pa.array(sorted(rows), pa.int64())
    with pq.ParquetFile(file.path) as before:
        schema = _numbered(before.schema_arrow, file.erased + len(rows))
        with pq.ParquetWriter(
            target, schema, compression="zstd", compression_level=1, write_statistics=False
        ) as writer:
            for batch in _batches(before):
                kept = batch.filter(pc.invert(pc.is_in(batch[ROW], value_set=gone)))
                writer.write_table(kept.select(schema.names).cast(schema))
    sync_and_rename(target, file.path)


def _numbered(schema: pa.Schema, erased: int) -> pa.Schema:
    for name, kind in ((ROW, pa.int64()), (BROKEN, pa.string())):
        if name not in schema.names:
            schema = schema.append(pa.field(name, kind))
    about = {**json.loads(schema.metadata[b"rapport"]), "erased": erased}
    return schema.with_metadata({"rapport": json.dumps(about, ensure_ascii=False)})


def _batches(file: pq.ParquetFile) -> Iterator[pa.Table]:
    place = 0
    for batch in file.iter_batches(BATCH_ROWS):
        rows = pa.Table.from_batches([batch])
        if ROW not in rows.column_names:
            rows = rows.append_column(ROW, pa.array(range(place + 1, place + rows.num_rows + 1), pa.int64()))
            rows = rows.append_column(BROKEN, pa.nulls(rows.num_rows, pa.string()))
        place += batch.num_rows
        yield rows
