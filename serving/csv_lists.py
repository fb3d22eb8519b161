"""A list as CSV that a spreadsheet opens rightly: a byte-order mark for its Chinese, and no cell that is a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# What spreadsheets take for the beginning of a formula: full-width, small and typographic forms included.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫−")


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None) -> bytes:
    """Rows as CSV in UTF-8 with a byte-order mark; columns as in the first row, unless they are given, which a list
    of nobody needs. Lists of reasons become sentences."""
    listed = list(rows)
    file = io.StringIO()
    writer = csv.writer(file)
    if columns is None and listed:
        columns = list(listed[0])
    if columns is not None:
        writer.writerow(columns)
        writer.writerows([_cell(row.get(name)) for name in columns] for row in listed)
    return file.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return safe("; ".join(_said(item) for item in value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe(value) if isinstance(value, str) else value


def _said(item: Any) -> str:
    if isinstance(item, Mapping):
        return str(item.get("text_en", item.get("feature", "")))
    return str(item)


def safe(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe before what looks like a formula."""
    return f"'{text}" if not text[:1].isalnum() and _runs(text) else text


def _runs(text: str) -> bool:
    """Whether the first letter that shows begins a formula: before it blanks, controls and unseen marks are dropped."""
    for letter in text:
        if letter in _FORMULA:
            return True
        if unicodedata.category(letter)[0] not in "CZ":
            return False
    return False
