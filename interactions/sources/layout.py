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
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_STATED = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_VALUE = re.compile(r"[-+]?[\d.,:/\- ]*\d[\d.,:/\- ]*(T[\d:.]+Z?)?%?")


@dataclass(frozen=True)
class Layout:
    """`delimiter` (`blanks`: columns padded with spaces), the columns' names, the physical lines before the data, and
    how many rows of titles are among these."""

    delimiter: str
    names: tuple[str, ...]
    skip_lines: int
    titles: int = 0


def find_layout(sample: str, reading: Reading) -> Layout:
    """The layout of a text whose beginning is `sample`, as far as the mapping doesn't state it."""
    lines = _LINES.findall(sample)
    delimiter, before = reading.delimiter, _blank(lines)
    stated = _STATED.fullmatch(lines[before]) if before < len(lines) else None
    if stated is not None:
        # The first line of a CSV that was written for Excel may say how it is written.
        before += 1
        before += _blank(lines[before:])
        delimiter = delimiter or stated.group(1)
    lines = lines[before:]
    delimiter = delimiter or (BLANKS if reading.widths else _find_delimiter(lines))
    stated_header = reading.header is not None or reading.names is not None or delimiter == BLANKS
    rows = _first_rows(lines, delimiter, reading.widths)
    titles = 0 if stated_header else header_row([row for row, _ in rows])
    first, after = rows[titles] if rows else ([""], 0)
    header = reading.header if reading.header is not None else reading.names is None and _is_header(first)
    if reading.names is not None:
        names: Sequence[str] = reading.names
    else:
        names = first if header else [f"column{number}" for number in range(1, len(first) + 1)]
        names = [*names, *[""] * _trailing([row for row, _ in rows[titles + 1 :]], len(names))]
    return Layout(delimiter, distinct(names), before + (after if header else 0), titles)


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Column names stripped of padding, blank ones numbered, repeated ones with _2, _3 behind them.

    Names that differ in capitals alone count as repeated: to the engine they are one.
    """
    found: dict[str, str] = {}
    copies: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        plain = str(name).strip().strip("\ufeff\u200b").strip() or f"column{number}"
        chosen, folded = plain, plain.lower()
        while chosen.lower() in found:
            copies[folded] = copies.get(folded, 1) + 1
            chosen = f"{plain}_{copies[folded]}"
        found[chosen.lower()] = chosen
    return tuple(found.values())


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


def _cut(line: str, widths: Sequence[int] | None) -> list[str]:
    """The values of one line of a padded or fixed-width file."""
    if widths is None:
        return line.split()
    values, start = [], 0
    for width in widths:
        values.append(line[start : start + width].strip())
        start += width
    return values


def _blank(lines: Sequence[str]) -> int:
    """How many lines without anything on them come first."""
    return next((number for number, line in enumerate(lines) if line.strip("\r\n")), len(lines))


def _first_rows(lines: Sequence[str], delimiter: str, widths: Sequence[int] | None) -> list[tuple[list[str], int]]:
    """The first rows that aren't blank, each with the number of the line after it."""
    if delimiter == BLANKS:
        return [(_cut(lines[0].rstrip("\r\n") if lines else "", widths), 1)]
    reader = csv.reader(lines, delimiter=delimiter[0])
    rows = []
    try:
        for row in reader:
            if row:
                rows.append((row, reader.line_num))
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    return rows


def _trailing(rows: Sequence[Sequence[str]], columns: int) -> int:
    """1 when every row ends in a delimiter that the line of names lacks."""
    return int(bool(rows) and all(len(row) == columns + 1 and not row[-1] for row in rows[:-1] or rows))


def _find_delimiter(lines: Sequence[str]) -> str:
    """The candidate that cuts most rows into the same number of columns, two or more; else padding; else a comma."""
    scores = {candidate: _agreement(lines, candidate) for candidate in _CANDIDATES}
    best = max(_CANDIDATES, key=lambda candidate: scores[candidate])
    if scores[best][0] > 0:
        return best
    counts = [len(line.split()) for line in lines[:_SAMPLE_ROWS] if line.strip()]
    columns, rows = Counter(counts).most_common(1)[0] if counts else (0, 0)
    # The first line has to agree: names of two words under one heading are one column.
    padded = columns >= 2 and len(counts) > 1 and counts[0] == columns and rows >= 0.7 * len(counts)
    return BLANKS if padded else ","


def _agreement(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    """Share of rows with the usual number of columns (0 when that is one), and that number."""
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
