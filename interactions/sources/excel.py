"""Excel workbooks (xlsx, xls, xlsb, ods): one sheet, its first row with something in it naming the columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from interactions.sources.batches import Content, as_text, text_batches
from interactions.sources.layout import distinct
from interactions.sources.mapping import Reading
from workspace.errors import MappingError, SourceError


def read_excel(path: Path, reading: Reading) -> Content:
    """The rows of the sheet the mapping names, or of the only one with anything in it.

    Raises SourceError for a workbook that can't be opened, MappingError for a sheet it doesn't have.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise SourceError(
            f"{path.name} can't be opened as an Excel workbook ({error}). Save it anew as xlsx."
        ) from None
    name = _sheet_name(workbook, path, reading.sheet)
    sheet = workbook.get_sheet_by_name(name)
    first = next(_filled_rows(sheet), None)
    if first is None:
        raise SourceError(f"The sheet `{name}` of {path.name} is empty. Name another in the mapping: sheet = ...")
    header = reading.header is not False
    names = distinct(first if header else [f"column{number}" for number in range(1, len(first) + 1)])
    names = distinct(reading.names) if reading.names is not None else names

    def rows() -> Iterator[list[str | None]]:
        found = _filled_rows(sheet)
        if header:
            next(found)
        for row in found:
            yield [value or None for value in (*row, *[""] * len(names))][: len(names)]

    return Content(names, lambda: text_batches(names, rows()), {"format": "excel", "sheet": name})


def _sheet_name(workbook: CalamineWorkbook, path: Path, wanted: str | None) -> str:
    names = workbook.sheet_names
    if wanted is not None:
        if wanted not in names:
            raise MappingError(f"{path.name} has no sheet `{wanted}`; it has {', '.join(names)}. Correct the mapping.")
        return wanted
    filled = [name for name in names if next(_filled_rows(workbook.get_sheet_by_name(name)), None) is not None]
    if len(filled) > 1:
        raise MappingError(
            f'{path.name} has several sheets: {", ".join(filled)}. Name one in the mapping: sheet = "{filled[0]}".'
        )
    return str(filled[0] if filled else names[0])


def _filled_rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        texts = [as_text(value) or "" for value in row]
        if any(text.strip() for text in texts):
            yield texts
