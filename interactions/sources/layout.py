"""How a text file is laid out: its delimiter, and whether its first line names the columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from interactions.sources.mapping import Reading

BLANKS = "blanks"
_CANDIDATES = (",", "\t", ";", "|")
_SAMPLE_ROWS = 200
_MOST_TITLES = 20
_VALUE = re.compile(r"[-+]?[\d.,:/\- ]*\d[\d.,:/\- ]*(T[\d:.]+Z?)?%?")


@dataclass(frozen=True)
class Layout:
    """`delimiter` (`blanks`: columns padded with spaces), the columns' names, the physical lines before the data."""

    delimiter: str
    names: tuple[str, ...]
    skip_lines: int


def find_layout(sample: str, reading: Reading) -> Layout:
    """The layout of a text whose beginning is `sample`, as far as the mapping doesn't state it."""
    delimiter = reading.delimiter or (BLANKS if reading.widths else _find_delimiter(sample))
    blank_lines = len(sample) - len(sample.lstrip("\r\n"))
    before = sample[:blank_lines].count("\n")
    first, lines = _first_row(sample[blank_lines:], delimiter, reading.widths)
    header = reading.header if reading.header is not None else reading.names is None and _is_header(first)
    if reading.names is not None:
        names: Sequence[str] = reading.names
    else:
        names = first if header else [f"column{number}" for number in range(1, len(first) + 1)]
    return Layout(delimiter, distinct(names), before + (lines if header else 0))


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Column names stripped of padding, blank ones numbered, repeated ones with _2, _3 behind them."""
    found: list[str] = []
    for number, name in enumerate(names, 1):
        plain = str(name).strip().strip("\ufeff\u200b").strip() or f"column{number}"
        chosen, copy = plain, 1
        while chosen in found:
            copy += 1
            chosen = f"{plain}_{copy}"
        found.append(chosen)
    return tuple(found)


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """The number of the row that names the columns: the first, unless titles stand above it as exports have them.

    Titles are rows with one value (two, above a table of five columns or more) before a row of names that is as wide
    as the rows after it.
    """
    filled = [sum(1 for text in row if text.strip()) for row in rows]
    wide = max(filled, default=0)
    most = 2 if wide >= 5 else 1
    for number, count in enumerate(filled[:_MOST_TITLES]):
        if count > most:
            below = filled[number + 1 : number + 4]
            whole = _is_header(rows[number]) and count >= 0.7 * wide and all(one > most for one in below)
            return number if whole and below else 0
    return 0


def cut(line: str, delimiter: str, widths: Sequence[int] | None) -> list[str]:
    """The values of one line of a padded or fixed-width file."""
    if widths is None:
        return line.split()
    values, start = [], 0
    for width in widths:
        values.append(line[start : start + width].strip())
        start += width
    return values


def _first_row(sample: str, delimiter: str, widths: Sequence[int] | None) -> tuple[list[str], int]:
    if delimiter == BLANKS:
        return cut(sample.splitlines()[0] if sample else "", delimiter, widths), 1
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter[0])
    return next(reader, []), max(reader.line_num, 1)


def _find_delimiter(sample: str) -> str:
    """The candidate that cuts most rows into the same number of columns, two or more; else padding; else a comma."""
    scores = {candidate: _agreement(sample, candidate) for candidate in _CANDIDATES}
    best = max(_CANDIDATES, key=lambda candidate: scores[candidate])
    if scores[best][0] > 0:
        return best
    counts = [len(line.split()) for line in sample.splitlines()[:_SAMPLE_ROWS] if line.strip()]
    columns, rows = Counter(counts).most_common(1)[0] if counts else (0, 0)
    # The first line has to agree: names of two words under one heading are one column.
    padded = columns >= 2 and len(counts) > 1 and counts[0] == columns and rows >= 0.7 * len(counts)
    return BLANKS if padded else ","


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    """Share of rows with the usual number of columns (0 when that is one), and that number."""
    lines = sample.splitlines(keepends=True)
    whole = lines[:-1] if len(lines) > 2 else lines
    try:
        widths = Counter(
            len(row) for row, _ in zip(csv.reader(whole, delimiter=delimiter), range(_SAMPLE_ROWS), strict=False) if row
        )
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    columns, rows = max(widths.items(), key=lambda item: (item[1], item[0]))
    share = rows / sum(widths.values())
    # Text with commas in it agrees by chance at times: the header's own width has to be the usual one.
    return (share if columns > 1 and share >= 0.5 else 0.0), columns


def _is_header(first: Sequence[str]) -> bool:
    """Names, not values: nothing blank throughout, no number, date or time among them, no repeats but few."""
    named = [name.strip() for name in first if name.strip()]
    return bool(named) and not any(_VALUE.fullmatch(name) for name in named)
