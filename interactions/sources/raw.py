"""The folder raw/: what was received, one Parquet file a received file, with the mapping in force beside it.

raw/SOURCE/TABLE/HASH.parquet holds every received column as text beside our own (batches.OURS), and in its metadata how
the file was found to be written (a large plain CSV leaves the row's number to its place, and what is the same for all
rows to the metadata: delimited); raw/SOURCE/TABLE/mapping.json the mapping that all files of that source and table are
cleaned by.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from interactions.sources.batches import BROKEN, COLLECTED_AT, FILE, OURS, ROW, SOURCE, Content
from interactions.sources.mapping import TableMapping
from workspace.collected import COLLECTED
from workspace.durable import sync
from workspace.tables import TIMESTAMP

_MAPPING = "mapping.json"
_UNSAFE = re.compile(r"[%/\\\x00-\x1f:*?\"<>|]|^\.|\.$")


@dataclass(frozen=True)
class RawFile:
    """One received file: where it lies, the received columns, how many rows, and how it was found to be written.

    `erased`: how many rows more it had, of customers who are erased.
    """

    path: Path
    name: str
    source: str
    table: str
    file: str
    columns: tuple[str, ...]
    rows: int
    collected_at: datetime
    found: dict[str, str]
    erased: int = 0


def folder_of(raw: Path, source: str, table: str) -> Path:
    """Where a source's rows for a table lie; signs that folders can't have are written as %XX."""
    return raw / _UNSAFE.sub(lambda sign: f"%{ord(sign.group()):02X}", source) / table


def raw_files(raw: Path, source: str | None = None, table: str | None = None) -> list[RawFile]:
    """What was received, oldest first; of one source or table alone when named."""
    found = []
    for path in raw.glob("*/*/*.parquet"):
        if path.parent.name not in COLLECTED or (table is not None and path.parent.name != table):
            continue
        if source is not None and unquote(path.parent.parent.name) != source:
            continue
        found.append(described(raw, path))
    return sorted(found, key=lambda one: (one.collected_at, one.name))


def mapping_of(raw: Path, source: str, table: str) -> TableMapping | None:
    """The mapping in force for a source and table; None before anything was received."""
    path = folder_of(raw, source, table) / _MAPPING
    return TableMapping.model_validate_json(path.read_text(encoding="utf-8")) if path.is_file() else None


def mapping_or_names(raw: Path, source: str, table: str) -> TableMapping:
    """The mapping in force for a source and table, else one that matches columns by their names."""
    return mapping_of(raw, source, table) or TableMapping(table=table, by_name=True)


def keep_mapping(raw: Path, source: str, mapping: TableMapping) -> None:
    """Put a mapping in force for its source and table."""
    folder = folder_of(raw, source, mapping.table)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = folder / f"{_MAPPING}.new"
    temporary.write_text(mapping.model_dump_json(indent=1), encoding="utf-8")
    sync_and_rename(temporary, folder / _MAPPING)


def write_temporary(
    folder: Path, content: Content, source: str, file: str, collected_at: datetime, name: str
) -> tuple[Path, int]:
    """Write a file's rows under a temporary name; returns it and the number of rows. `finish` gives it its place."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.new"
    about = json.dumps(_metadata(content, source, file, collected_at), ensure_ascii=False)
    written = content.write(path, about) if content.write is not None else None
    if written is not None:
        return path, written
    constants = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        [
            *((column, pa.string()) for column in content.columns),
            (ROW, pa.int64()),
            (BROKEN, pa.string()),
            (SOURCE, constants),
            (FILE, constants),
            (COLLECTED_AT, TIMESTAMP),
        ],
        metadata={"rapport": about},
    )
    rows = 0
    try:
        with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
            for batch in content.rows():
                rows += batch.num_rows
                writer.write_batch(_with_provenance(batch, schema, source, file, collected_at))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, rows


def finish(temporary: Path) -> Path:
    """Give a file written by `write_temporary` its place, for good."""
    path = temporary.with_suffix(".parquet")
    sync_and_rename(temporary, path)
    return path


def _metadata(content: Content, source: str, file: str, collected_at: datetime) -> dict[str, object]:
    return {"source": source, "file": file, "collected_at": collected_at.isoformat(), "found": dict(content.found)}


def _with_provenance(
    batch: pa.RecordBatch, schema: pa.Schema, source: str, file: str, collected_at: datetime
) -> pa.RecordBatch:
    count = batch.num_rows
    zeros = pa.array([0] * count, pa.int32())
    constants = [pa.DictionaryArray.from_arrays(zeros, pa.array([text])) for text in (source, file)]
    times = pa.repeat(pa.scalar(collected_at, TIMESTAMP), count)
    columns = [column if column.type == pa.int64() else column.cast(pa.string()) for column in batch.columns]
    return pa.RecordBatch.from_arrays([*columns, *constants, times], schema=schema)


def described(raw: Path, path: Path) -> RawFile:
    """A raw file, by what it says of itself."""
    with pq.ParquetFile(path) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
    about = json.loads(schema.metadata[b"rapport"])
    return RawFile(
        path=path,
        name=path.relative_to(raw).as_posix(),
        source=about["source"],
        table=path.parent.name,
        file=about["file"],
        columns=tuple(_received(schema.names)),
        rows=rows,
        collected_at=datetime.fromisoformat(about["collected_at"]),
        found=about["found"],
        erased=about.get("erased", 0),
    )


def _received(names: list[str]) -> Iterator[str]:
    return (name for name in names if name not in OURS)


def sync_and_rename(temporary: Path, path: Path) -> None:
    """Give a written file its place once it is on the disk."""
    sync(temporary)
    temporary.replace(path)
