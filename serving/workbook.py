"""Lists as Excel workbooks: texts as text cells, so that none is a formula; a frozen header; columns as wide as needed.

Written plainly: the same bytes for the same rows, so that a file's hash says what was in it.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from serving.errors import TooLarge

MOST_ROWS = 1_048_576  # of a sheet, the header included
_MOST_LETTERS = 32_767  # of a cell
_WIDEST = 60
# Widths come from the first rows: those of a long list are alike.
_MEASURED = 1_000
_STAMP = (2000, 1, 1, 0, 0, 0)
_HEADER, _TEXT = 1, 2
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_DOCUMENT = f"{_OFFICE}/officeDocument/2006/relationships"
_PACKAGE = f"{_OFFICE}/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What XML can't hold, and what Excel would read as a letter written by its number.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BY_NUMBER = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

# Style 1: bold, the header. Style 2: text (format 49, "@"), which stays text when the cell is edited.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def workbook(sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]) -> bytes:
    """A workbook of sheets by name, each its columns and rows of texts, numbers, true or false, and None.

    Raises TooLarge for more rows than a sheet can hold.
    """
    for _, rows in sheets.values():
        if len(rows) >= MOST_ROWS:
            raise TooLarge(f"An Excel sheet holds {MOST_ROWS - 1:,} customers. Take csv, or a narrower list.")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, text in _parts(sheets):
            archive.writestr(zipfile.ZipInfo(name, _STAMP), _HEAD + text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _parts(sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]) -> Iterator[tuple[str, str]]:
    numbers = range(1, len(sheets) + 1)
    yield "[Content_Types].xml", _content_types(numbers)
    yield "_rels/.rels", _relations({"rId1": ("officeDocument", "xl/workbook.xml")})
    named = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, sheets, strict=True)
    )
    yield "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{named}</sheets></workbook>'
    targets = {f"rId{number}": ("worksheet", f"worksheets/sheet{number}.xml") for number in numbers}
    yield "xl/_rels/workbook.xml.rels", _relations({**targets, f"rId{len(sheets) + 1}": ("styles", "styles.xml")})
    yield "xl/styles.xml", _STYLES
    for number, (columns, rows) in zip(numbers, sheets.values(), strict=True):
        yield f"xl/worksheets/sheet{number}.xml", _sheet(columns, rows)


def _content_types(numbers: Sequence[int]) -> str:
    parts = {"workbook": "sheet.main", "styles": "styles"}
    parts.update({f"worksheets/sheet{number}": "worksheet" for number in numbers})
    named = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for part, kind in parts.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'
    )


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    named = "".join(
        f'<Relationship Id="{key}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{named}</Relationships>'


def _sheet(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{_width(column, rows, place - 1)}" customWidth="1"/>'
        for place, column in enumerate(columns, 1)
    )
    header = "".join(_cell(column, _HEADER) for column in columns)
    lines = "".join(f"<row>{''.join(_cell(value, _TEXT) for value in row)}</row>" for row in rows)
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData><row>{header}</row>{lines}</sheetData></worksheet>"
    )


def _cell(value: Any, style: int) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (int, float)):
        return f"<c><v>{value!r}</v></c>"
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(str(value))}</t></is></c>'


def _text(value: str) -> str:
    return escape(_BY_NUMBER.sub("_x005F_", _NO_XML.sub("", value)[:_MOST_LETTERS]), {"\r": "&#13;"})


def _width(column: str, rows: Sequence[Sequence[Any]], place: int) -> int:
    shown = ("" if row[place] is None else str(row[place]) for row in rows[:_MEASURED])
    return min(_WIDEST, 2 + max([_letters(column), *(_letters(text) for text in shown)]))


def _letters(text: str) -> int:
    """How many letters wide: a Chinese one is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text[: 2 * _WIDEST])
