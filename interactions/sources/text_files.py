"""Delimited, padded and fixed-width text, read in batches; lines that don't fit the columns are kept as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from interactions.sources.batches import Content, batch
from interactions.sources.encoding import Opener, find_encoding, utf8_stream
from interactions.sources.layout import BLANKS, Layout, find_layout
from interactions.sources.mapping import Reading
from workspace.errors import SourceError

_SAMPLE = 1 << 18
_BLOCK = 16 << 20
# A separator that no text holds makes the CSV reader give whole lines.
_NO_DELIMITER = "\x01"


def read_text(open_file: Opener, reading: Reading, file: str) -> Content:
    """A text file's columns and rows. Raises SourceError when nothing but blanks is in it."""
    encoding = find_encoding(open_file, reading.encoding)
    with utf8_stream(open_file, encoding) as stream:
        sample = stream.read(_SAMPLE).decode("utf-8", errors="ignore")
    if not sample.strip():
        raise SourceError(f"{file} is empty; a table needs a line of column names and rows. Give another file.")
    layout = find_layout(sample, reading)
    found = {"format": "text", "encoding": encoding, "delimiter": layout.delimiter}
    rows = _padded if layout.delimiter == BLANKS else _delimited
    return Content(layout.names, lambda: rows(utf8_stream(open_file, encoding), layout, reading, file), found)


def _delimited(stream: BinaryIO, layout: Layout, reading: Reading, file: str) -> Iterator[pa.RecordBatch]:
    broken: list[tuple[int, str]] = []
    numbers = _RowNumbers(broken)
    for received in _parse(stream, layout.names, layout.delimiter, layout.skip_lines, broken, file):
        yield batch(layout.names, received.columns, numbers.take(received.num_rows))
    if broken:
        yield broken_lines(layout.names, broken)


def _padded(stream: BinaryIO, layout: Layout, reading: Reading, file: str) -> Iterator[pa.RecordBatch]:
    """Columns parted by runs of blanks, or of stated widths."""
    broken: list[tuple[int, str]] = []
    wanted = len(layout.names)
    start = 1
    for received in _parse(stream, ("line",), _NO_DELIMITER, layout.skip_lines, [], file):
        lines = received.column(0)
        rows = pa.array(np.arange(start, start + len(lines)), pa.int64())
        start += len(lines)
        if reading.widths is not None:
            yield batch(layout.names, _slices(lines, reading.widths, wanted), rows)
            continue
        parts = pc.split_pattern_regex(pc.utf8_trim_whitespace(lines), r"\s+")
        fits = pc.equal(pc.list_value_length(parts), wanted)
        misfits = pc.invert(fits)
        broken += zip(rows.filter(misfits).to_pylist(), lines.filter(misfits).to_pylist(), strict=True)
        kept = parts.filter(fits)
        yield batch(layout.names, [pc.list_element(kept, number) for number in range(wanted)], rows.filter(fits))
    if broken:
        yield broken_lines(layout.names, broken)


def broken_lines(names: tuple[str, ...], broken: list[tuple[int, str]]) -> pa.RecordBatch:
    """Rows that hold nothing but the line as it was received."""
    numbers = pa.array([number for number, _ in broken], pa.int64())
    empty = [pa.nulls(len(broken), pa.string()) for _ in names]
    return batch(names, empty, numbers, pa.array([line for _, line in broken], pa.string()))


def _slices(lines: Any, widths: tuple[int, ...], wanted: int) -> list[Any]:
    starts = np.cumsum([0, *widths])[:wanted]
    return [
        pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(lines, int(start), int(start) + width))
        for start, width in zip(starts, widths, strict=False)
    ]


def _parse(
    stream: BinaryIO, names: tuple[str, ...], delimiter: str, skip: int, broken: list[tuple[int, str]], file: str
) -> Iterator[pa.RecordBatch]:
    def keep(row: Any) -> str:
        broken.append((row.number - skip, row.text))
        return "skip"

    whole_lines = delimiter == _NO_DELIMITER
    try:
        with (
            stream,
            pa.csv.open_csv(
                stream,
                # One thread: only then are broken lines numbered.
                read_options=pa.csv.ReadOptions(
                    use_threads=False, column_names=list(names), skip_rows=skip, block_size=_BLOCK
                ),
                parse_options=pa.csv.ParseOptions(
                    delimiter=delimiter,
                    quote_char=False if whole_lines else '"',
                    newlines_in_values=not whole_lines,
                    invalid_row_handler=keep,
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            ) as reader,
        ):
            yield from reader
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise SourceError(
            f"{file} can't be read as text with the delimiter {delimiter!r}: a row is longer than {_BLOCK >> 20} MB or "
            "a quotation mark is never closed. Mend the file, or state the delimiter in the mapping."
        ) from error


class _RowNumbers:
    """Numbers of the sound rows, in order: those that no broken line carries."""

    def __init__(self, broken: list[tuple[int, str]]) -> None:
        self._broken = broken
        self._next = 1
        self._seen = 0

    def take(self, count: int) -> pa.Array:
        # The reader is ahead of what it hands out: every broken line before these rows is known by now.
        ahead = np.array([number for number, _ in self._broken[self._seen :]], dtype=np.int64)
        candidates = np.arange(self._next, self._next + count + len(ahead))
        chosen = candidates[~np.isin(candidates, ahead)][:count]
        if count:
            self._next = int(chosen[-1]) + 1
            self._seen += int((ahead < self._next).sum())
        return pa.array(chosen, pa.int64())
