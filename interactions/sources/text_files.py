"""Delimited, padded and fixed-width text, read in batches; lines that don't fit the columns are kept as they are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from interactions.sources.batches import Content, batch
from interactions.sources.encoding import UNKNOWN, Opener
from interactions.sources.layout import BLANKS, Layout, find_layout
from interactions.sources.mapping import Reading
from interactions.sources.sound_lines import MOST_BYTES, SoundLines
from interactions.sources.utf8_stream import MARK, utf8_stream
from workspace.errors import MappingError, SourceError

_SAMPLE = 1 << 20
# A sound record and the placeholder of one that isn't must fit in.
_BLOCK = 2 * MOST_BYTES
MOST_COLUMNS = 16_384
_BUFFER = 1 << 20
# A name of a column, and the share of control signs, beyond which a file is no table.
_LONGEST_NAME = 1_000
_MOST_CONTROLS = 0.05
_FEW_CONTROLS = 64
# A separator that no text holds makes the CSV reader give whole lines.
_NO_DELIMITER = "\x01"


def read_text(open_file: Opener, encoding: str, reading: Reading, file: str) -> Content:
    """A text file's columns and rows. Raises SourceError when it is blank, no text, or no table."""
    with utf8_stream(open_file, encoding) as stream:
        sample = stream.read(_SAMPLE).decode("utf-8", errors="ignore").replace(MARK, "")
    _refuse_what_is_no_table(sample, encoding, reading, file)
    layout = find_layout(sample, reading)
    _check_names(layout, file)
    found = {"format": "text", "encoding": encoding, "delimiter": layout.delimiter}
    if layout.titles:
        found["lines above the header"] = str(layout.titles)
    rows = _padded if layout.delimiter == BLANKS else _delimited
    skip = layout.skip_lines if layout.delimiter != BLANKS and reading.widths is None else None
    return Content(layout.names, lambda: rows(utf8_stream(open_file, encoding), layout, reading, file), found, skip)


def _refuse_what_is_no_table(sample: str, encoding: str, reading: Reading, file: str) -> None:
    if not sample.strip():
        raise SourceError(f"{file} is empty; a table needs a line of column names and rows. Give another file.")
    controls = sum(1 for sign in sample if sign < " " and sign not in "\t\r\n")
    if controls > max(_FEW_CONTROLS, _MOST_CONTROLS * len(sample)):
        raise SourceError(f"{file} is not text: it is full of control signs. Give a table, or the file it came from.")
    if encoding == UNKNOWN:
        raise SourceError(
            f"{file} is in an encoding that is not recognised, or is no text. If it is, state the encoding in the "
            'mapping: encoding = "shift_jis", for example.'
        )
    if len(sample.encode()) >= _SAMPLE - 4 and "\n" not in sample and "\r" not in sample:
        raise SourceError(f"{file} has a first line of more than {_SAMPLE >> 20} MB: no table. Give one with lines.")
    delimiter = reading.delimiter
    if delimiter is not None and (len(delimiter.encode()) != 1 or delimiter in '"\r\n\x00'):
        raise MappingError(
            f"The mapping's delimiter {delimiter!r} can't be one of {file}: columns are parted by a single plain sign "
            'such as "," ";" "|" or "\\t".'
        )


def _check_names(layout: Layout, file: str) -> None:
    if len(layout.names) > MOST_COLUMNS:
        raise SourceError(
            f"{file} has {len(layout.names):,} columns; at most {MOST_COLUMNS:,} are read. Give those that matter."
        )
    if any(len(name) > _LONGEST_NAME for name in layout.names):
        raise SourceError(
            f"{file} has a column name of more than {_LONGEST_NAME:,} signs: its first line names no columns, or a "
            "quotation mark in it is never closed. Mend that line, or state the delimiter in the mapping."
        )


def _delimited(stream: BinaryIO, layout: Layout, reading: Reading, file: str) -> Iterator[pa.RecordBatch]:
    broken: list[tuple[int, str]] = []
    damaged: list[tuple[int, str]] = []
    numbers = _RowNumbers(broken)
    sound = SoundLines(stream, layout.delimiter, len(layout.names), layout.skip_lines)
    for received in _parse(sound, layout.names, layout.delimiter, broken, file):
        found = batch(layout.names, received.columns, numbers.take(received.num_rows))
        yield _without_damaged(found, layout.delimiter, damaged)
    yield from broken_lines(layout.names, broken + damaged)


def _padded(stream: BinaryIO, layout: Layout, reading: Reading, file: str) -> Iterator[pa.RecordBatch]:
    """Columns parted by runs of blanks, or of stated widths."""
    broken: list[tuple[int, str]] = []
    aside: list[tuple[int, str]] = []
    numbers = _RowNumbers(broken)
    wanted = len(layout.names)
    sound = SoundLines(stream, _NO_DELIMITER, 1, layout.skip_lines, quotes=False)
    for received in _parse(sound, ("line",), _NO_DELIMITER, broken, file):
        whole = batch(("line",), received.columns, numbers.take(received.num_rows))
        lines, rows = _without_damaged(whole, "", aside).columns[:2]
        if reading.widths is not None:
            yield batch(layout.names, _slices(lines, reading.widths, wanted), rows)
            continue
        parts = pc.split_pattern_regex(pc.utf8_trim_whitespace(lines), r"\s+")
        fits = pc.equal(pc.list_value_length(parts), wanted)
        misfits = pc.invert(fits)
        aside += zip(rows.filter(misfits).to_pylist(), lines.filter(misfits).to_pylist(), strict=True)
        kept = parts.filter(fits)
        yield batch(layout.names, [pc.list_element(kept, number) for number in range(wanted)], rows.filter(fits))
    yield from broken_lines(layout.names, broken + aside)


def broken_lines(names: tuple[str, ...], broken: list[tuple[int, str]]) -> Iterator[pa.RecordBatch]:
    """Rows that hold nothing but the line as it was received; lines of nothing but blanks are none."""
    held = sorted((number, line.replace(MARK, "")) for number, line in broken if line.strip(" \t\x1a\u3000"))
    if held:
        numbers = pa.array([number for number, _ in held], pa.int64())
        empty = [pa.nulls(len(held), pa.string()) for _ in names]
        yield batch(names, empty, numbers, pa.array([line for _, line in held], pa.string()))


def _without_damaged(rows: pa.RecordBatch, delimiter: str, damaged: list[tuple[int, str]]) -> pa.RecordBatch:
    """The rows without those that hold bytes nobody could read: these join the broken ones."""
    texts = rows.columns[:-2]
    hit = None
    for column in texts:
        found = pc.match_substring(column, MARK)
        if pc.any(found).as_py():
            hit = found if hit is None else pc.or_(hit, found)
    if hit is None:
        return rows
    bad = rows.filter(hit)
    lines = (
        delimiter.join(values) for values in zip(*(column.to_pylist() for column in bad.columns[:-2]), strict=True)
    )
    damaged += zip(bad.columns[-2].to_pylist(), lines, strict=True)
    return rows.filter(pc.invert(hit))


def _slices(lines: Any, widths: tuple[int, ...], wanted: int) -> list[Any]:
    starts = np.cumsum([0, *widths])[:wanted]
    return [
        pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(lines, int(start), int(start) + width))
        for start, width in zip(starts, widths, strict=False)
    ]


def _parse(
    sound: SoundLines, names: tuple[str, ...], delimiter: str, broken: list[tuple[int, str]], file: str
) -> Iterator[pa.RecordBatch]:
    def keep(row: Any) -> str:
        broken.append((row.number, sound.text_of(row.text)))
        return "skip"

    whole_lines = delimiter == _NO_DELIMITER
    try:
        with (
            io.BufferedReader(sound, _BUFFER) as stream,
            pa.csv.open_csv(
                stream,
                # One thread: only then are broken lines numbered.
                read_options=pa.csv.ReadOptions(use_threads=False, column_names=list(names), block_size=_BLOCK),
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
            f"{file} can't be read as text with the delimiter {delimiter!r}: a row is too long or a quotation mark is "
            "never closed. Mend the file, or state the delimiter in the mapping."
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
