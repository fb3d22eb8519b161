"""The spool into raw: the rows of an extraction that the one before it didn't have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from interactions.sources import raw
from interactions.sources.batches import BATCH_ROWS, ROW, Content, batch
from interactions.sources.collect import Received, laid_on
from interactions.sources.layout import distinct
from interactions.sources.mapping import TableMapping
from interactions.sources.raw import RawFile
from interactions.sources.received import leave_out_erased
from workspace.folder import Workspace

_HASH_BYTES = 16
_FOUND = {"format": "extracted"}

Hashes = npt.NDArray[np.bytes_]


def folder_name(name: str) -> str:
    """A name as dlt and every file system take it: letters, digits, - and _; with a hash where that changes it."""
    plain = re.sub(r"[^\w-]", "_", name)[:60]
    return plain if plain == name else f"{plain}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class _Rows:
    """One resource's rows in the spool: its files, their columns, a hash of each row, and which rows are new."""

    resource: str
    files: Sequence[Path]
    columns: tuple[str, ...]
    hashes: Hashes
    new: npt.NDArray[np.bool_]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The new rows, numbered from 1."""
        names = distinct(self.columns)
        start, number = 0, 1
        for rows in _batches(self.files, self.columns):
            mask = self.new[start : start + rows.num_rows]
            start += rows.num_rows
            if mask.any():
                kept = rows.filter(pa.array(mask))
                yield batch(names, kept.columns, pa.array(range(number, number + kept.num_rows), pa.int64()))
                number += kept.num_rows


def receive_spool(
    workspace: Workspace,
    source: str,
    table: str,
    mapping: TableMapping | None,
    spooled: Mapping[str, Sequence[Path]],
    kept: Path,
    loaded: Path,
    documents: bool,
) -> Received:
    """Write the rows that the extraction before (its hashes in `kept`) didn't have into raw, a file a resource; leave
    this one's hashes in `loaded`. With `documents`, columns that came before are there again.

    Raises MappingError when the mapping reads columns that the rows don't have, before anything is written.
    """
    earlier = raw.raw_files(workspace.raw, source, table)
    before = [name for file in earlier for name in file.columns] if documents else []
    found = [_compared(resource, files, before, kept) for resource, files in spooled.items()]
    used = mapping or raw.mapping_or_names(workspace.raw, source, table)
    matched: dict[str, str] = {}
    for rows in found:
        laid = laid_on(used, distinct(rows.columns), source)
        matched.update({ours: rule.wanted[0][0] for ours, rule in laid.columns.items()} if used.by_name else {})
    _check_earlier(workspace, source, used, earlier)
    added = sum(_write(workspace, source, table, used, rows, earlier) for rows in found)
    if found:
        raw.keep_mapping(workspace.raw, source, used)
    for rows in found:
        np.save(_hash_file(loaded, rows.resource), rows.hashes, allow_pickle=False)
    seen = sum(len(rows.hashes) for rows in found)
    return Received(source, source, table, added or seen, added > 0, dict(_FOUND), matched)


def _check_earlier(workspace: Workspace, source: str, mapping: TableMapping, earlier: Sequence[RawFile]) -> None:
    """A changed mapping must fit what was received before, for that is cleaned by it as well."""
    if raw.mapping_of(workspace.raw, source, mapping.table) == mapping:
        return
    for file in earlier:
        laid_on(mapping, file.columns, f"{file.file} (collected before as {source})")


def _write(
    workspace: Workspace, source: str, table: str, mapping: TableMapping, rows: _Rows, earlier: Sequence[RawFile]
) -> int:
    """The new rows under a name made from them; returns how many were added: 0 when they are there already."""
    if not rows.new.any():
        return 0
    name = hashlib.sha256(rows.hashes[rows.new].tobytes()).hexdigest()
    name = f"{name}-{hashlib.sha256(rows.resource.encode()).hexdigest()[:8]}"
    ours = [file for file in earlier if file.file == rows.resource]
    same = [file for file in ours if file.path.stem.startswith(name)]
    if same and same[-1] == ours[-1]:
        return 0
    if same:
        # What came once, then changed, came back: rows to be received once more.
        name = f"{name}-{len(same) + 1}"
    others = raw.raw_files(workspace.raw, table=table)
    moment = max([datetime.now(UTC), *(file.collected_at + timedelta(microseconds=1) for file in others)])
    content = Content(distinct(rows.columns), rows.batches, _FOUND)
    folder = raw.folder_of(workspace.raw, source, table)
    path, count = raw.write_temporary(folder, content, source, rows.resource, moment, name)
    leave_out_erased(workspace, path, mapping)
    raw.finish(path)
    return count


def _compared(resource: str, files: Sequence[Path], before: Sequence[str], kept: Path) -> _Rows:
    """A resource's rows beside the hashes of the extraction before.

    A row that is there more often than before counts as new as often as it is there: cleaning tells equal rows of one
    file apart, not those of several.
    """
    columns = _columns(files, before)
    parts = [_hashes(rows) for rows in _batches(files, columns)]
    hashes = np.concatenate([np.array([], f"S{_HASH_BYTES}"), *parts])
    different, place, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    earlier = _hash_file(kept, resource)
    if not earlier.is_file():
        return _Rows(resource, files, columns, hashes, np.ones(len(hashes), bool))
    known, times = np.unique(np.load(earlier, allow_pickle=False), return_counts=True)
    where = np.searchsorted(known, different).clip(max=max(len(known) - 1, 0))
    had = np.where(known[where] == different, times[where], 0) if len(known) else np.zeros(len(different), int)
    return _Rows(resource, files, columns, hashes, (counts > had)[place])


def _columns(files: Sequence[Path], before: Sequence[str]) -> tuple[str, ...]:
    names = dict.fromkeys(before)
    for file in files:
        names.update(dict.fromkeys(name for name in pq.read_schema(file).names if name != ROW))
    return tuple(names)


def _batches(files: Sequence[Path], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows of the spool in their order, each batch with all columns."""
    for path in files:
        with pq.ParquetFile(path) as file:
            has = [name for name in file.schema_arrow.names if name != ROW]
            for rows in file.iter_batches(BATCH_ROWS, columns=has):
                nothing = pa.nulls(rows.num_rows, pa.string())
                arrays = [rows[name].cast(pa.string()) if name in has else nothing for name in columns]
                yield pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _hashes(rows: pa.RecordBatch) -> Hashes:
    """16 bytes a row, made from its columns' names and values; a null says as much as a column that isn't there."""
    names = sorted(rows.schema.names)
    digests = []
    for values in zip(*(rows[name].to_pylist() for name in names), strict=True):
        said = [pair for pair in zip(names, values, strict=True) if pair[1] is not None]
        digests.append(hashlib.blake2b(json.dumps(said).encode(), digest_size=_HASH_BYTES).digest())
    return np.frombuffer(b"".join(digests), f"S{_HASH_BYTES}")


def _hash_file(folder: Path, resource: str) -> Path:
    return folder / f"{hashlib.sha256(resource.encode()).hexdigest()[:32]}.npy"
