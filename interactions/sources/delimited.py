"""Large plain CSV into Parquet in big pieces, read on all cores.

Only where nothing can be read in two ways: UTF-8 without quotation marks, blank lines and zero bytes, one kind of line
end, every row with as many values as there are columns. Any doubt, at the beginning or in the last line, and the file
is read as all others are, by text_files, which knows broken lines: the rows are the same, only later.

Row numbers are left out, since a row's place says them; so is what is the same for all rows, and in the metadata.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from interactions.sources.batches import OURS, Content
from interactions.sources.utf8_stream import MARK
from workspace.parquet import write_parquet

# Below this the threads' start costs what they save.
LEAST_BYTES = 16 << 20
_PIECE = 8 << 20
# Rows of a row group, which the engine reads on one core and in their order.
_GROUP_ROWS = 1_000_000
_MARK = MARK.encode()

Writer = Callable[[Path, str], int | None]


class _NotPlainError(Exception):
    """Something that could be read in two ways, or not at all."""


def writer(file: Path, content: Content, least_bytes: int | None = None) -> Writer | None:
    """What writes the file's rows to a Parquet file with `rapport` metadata and returns their number, or None where
    `content.rows` has to read it. None instead of it where that is plain from the start."""
    least = LEAST_BYTES if least_bytes is None else least_bytes
    delimiter = content.found.get("delimiter", "")
    folded = {name.lower() for name in content.columns}
    fits = (
        content.skip_lines is not None
        and content.found.get("encoding") == "utf-8"
        and len(delimiter.encode()) == 1
        and len(content.columns) > 1
        and len(folded) == len(content.columns)
        and not folded & {"file_row_number", *OURS}
        and file.stat().st_size >= least
    )
    return (lambda target, about: _write(file, content, target, about)) if fits else None


def _write(file: Path, content: Content, target: Path, about: str) -> int | None:
    try:
        tables = _tables(file, content)
        first = next(tables, None)
        return _written(first, tables, target, about) if first is not None else None
    except _NotPlainError:
        target.unlink(missing_ok=True)
        return None
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _written(first: pa.Table, others: Iterator[pa.Table], target: Path, about: str) -> int:
    schema = first.schema.with_metadata({"rapport": about})
    return write_parquet(target, _groups(chain((first,), others)), schema, _GROUP_ROWS)


def _groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of _GROUP_ROWS, the last one of what is left."""
    held = next(tables)
    for table in tables:
        held = pa.concat_tables([held, table])
        while len(held) >= _GROUP_ROWS:
            yield held.slice(0, _GROUP_ROWS)
            held = held.slice(_GROUP_ROWS)
    while len(held):
        yield held.slice(0, _GROUP_ROWS)
        held = held.slice(_GROUP_ROWS)


def _tables(file: Path, content: Content) -> Iterator[pa.Table]:
    """The rows, in their order; pieces ahead of those handed out are read by other threads meanwhile."""
    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        ahead: deque[Future[pa.Table]] = deque()
        try:
            for piece in _pieces(file, content.skip_lines or 0):
                ahead.append(pool.submit(_parsed, piece, content))
                if len(ahead) > pa.cpu_count():
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _pieces(file: Path, skip: int) -> Iterator[bytes]:
    """The file's bytes after the first `skip` lines, all lines whole and ending alike."""
    ends: set[bool] = set()
    with file.open("rb") as stream:
        for _ in range(skip):
            line = stream.readline(_PIECE)
            _check(line)
            ends.add(b"\r" in line)
        while piece := stream.read(_PIECE):
            # A line is never cut in two.
            piece += stream.readline(_PIECE)
            _check(piece)
            ends.add(b"\r" in piece)
            if len(ends) > 1 or (not piece.endswith(b"\n") and stream.peek(1)):
                raise _NotPlainError
            yield piece


def _check(text: bytes) -> None:
    if b'"' in text or b"\x00" in text or (_MARK[:1] in text and _MARK in text):
        raise _NotPlainError
    if b"\r" in text and not text.count(b"\r\n") == text.count(b"\r") == text.count(b"\n"):
        raise _NotPlainError


def _parsed(piece: bytes, content: Content) -> pa.Table:
    try:
        rows = pa.csv.read_csv(
            pa.BufferReader(piece),
            read_options=pa.csv.ReadOptions(
                use_threads=False, column_names=list(content.columns), block_size=len(piece) + 1
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=content.found["delimiter"], quote_char=False, ignore_empty_lines=False
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(content.columns, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        # A row too short or too long, or bytes that are no UTF-8.
        raise _NotPlainError from None
    if _holds_nothing(rows) and (piece.startswith((b"\n", b"\r\n")) or b"\n\n" in piece or b"\n\r\n" in piece):
        raise _NotPlainError
    return rows


def _holds_nothing(rows: pa.Table) -> bool:
    """Whether any row is blank in all columns, as a blank line is for the reader."""
    for name in rows.column_names:
        rows = rows.filter(pc.equal(rows[name], ""))
        if not rows.num_rows:
            return False
    return True
