"""Tables as Excel workbooks: texts as text cells, none of them a formula; a frozen header; columns as wide as needed.

The same rows are the same bytes, so that a file's hash says what was in it.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576  # of a sheet, the header included
_MOST_LETTERS = 32_767  # of a cell
_WIDEST = 60
# Widths come from the first rows: those of a long list are alike.
_MEASURED = 1_000
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
# In memory: a list of customers has no place in temporary files. Texts are never taken for anything else.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
# What XML can't hold.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def workbook(sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]) -> bytes:
    """A workbook of sheets by name, each its columns and rows of texts, numbers, true or false, and None.

    Raises ValueError for more rows than a sheet can hold.
    """
    from xlsxwriter import Workbook  # 3 MB that only who exports needs

    for name, (_, rows) in sheets.items():
        if len(rows) >= MOST_ROWS:
            raise ValueError(f"An Excel sheet holds {MOST_ROWS - 1:,} rows; {name} has {len(rows):,}.")
    file = io.BytesIO()
    with Workbook(file, _OPTIONS) as book:
        book.set_properties({"created": _CREATED})
        header = book.add_format({"bold": True})
        # "@" and the quotation prefix: a text stays one when somebody edits its cell.
        text = book.add_format({"num_format": "@", "quote_prefix": True})
        for name, (columns, rows) in sheets.items():
            _write(book.add_worksheet(name), columns, rows, header, text)
    return file.getvalue()


def _write(
    sheet: Worksheet, columns: Sequence[str], rows: Sequence[Sequence[Any]], header: Format, text: Format
) -> None:
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _width(column, rows, place))
        sheet.write_string(0, place, column, header)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, bool):
                sheet.write_boolean(line, place, value)
            elif isinstance(value, (int, float)):
                sheet.write_number(line, place, value)
            elif value is not None:
                sheet.write_string(line, place, _NO_XML.sub("", str(value))[:_MOST_LETTERS], text)


def _width(column: str, rows: Sequence[Sequence[Any]], place: int) -> int:
    shown = ("" if row[place] is None else str(row[place]) for row in rows[:_MEASURED])
    return min(_WIDEST, 2 + max([_letters(column), *(_letters(text) for text in shown)]))


def _letters(text: str) -> int:
    """How many letters wide: a Chinese one is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text[: 2 * _WIDEST])
