"""Rows written as the file their form names: CSV in some encoding, JSON lines, an Excel workbook, a SQLite table."""

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from interactions.demo.spoil import Sheet
from workspace.workbook import workbook

_FLAGS = {"true": True, "false": False}


def write_sheet(sheet: Sheet, path: Path) -> None:
    """Write the sheet's rows to `path`, in the format that its suffix says."""
    {".csv": _write_csv, ".jsonl": _write_json_lines, ".xlsx": _write_excel, ".sqlite": _write_sqlite}[path.suffix](
        sheet, path
    )


def _write_csv(sheet: Sheet, path: Path) -> None:
    form = sheet.form
    with path.open("w", encoding=form.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=form.delimiter, lineterminator="\r\n")
        writer.writerow(form.headers)
        writer.writerows(sheet.rows)


def _write_json_lines(sheet: Sheet, path: Path) -> None:
    """One object a line: empty cells are null, ratings are numbers, flags are flags."""
    headers = sheet.form.headers
    rating = sheet.form.place("satisfaction")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in sheet.rows:
            values: list[object] = [_FLAGS.get(text, text or None) for text in row]
            if row[rating].isdecimal():
                values[rating] = int(row[rating])
            file.write(json.dumps(dict(zip(headers, values, strict=True)), ensure_ascii=False) + "\n")


def _write_excel(sheet: Sheet, path: Path) -> None:
    numbers = {sheet.form.place(column) for column in ("wait_ms", "duration_ms", "satisfaction")}
    rows = [[_cell(text, place in numbers) for place, text in enumerate(row)] for row in sheet.rows]
    path.write_bytes(workbook({sheet.form.part: (sheet.form.headers, rows)}))


def _cell(text: str, may_be_number: bool) -> str | float | None:
    """A number where it is one and may be; an empty cell where there is nothing."""
    if may_be_number and text.removeprefix("-").replace(".", "", 1).isdecimal():
        return float(text)
    return text or None


def _write_sqlite(sheet: Sheet, path: Path) -> None:
    """Everything as text, as in a database that grew out of spreadsheets."""
    columns = ", ".join(f'"{header}" TEXT' for header in sheet.form.headers)
    marks = ", ".join("?" for _ in sheet.form.headers)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f'CREATE TABLE "{sheet.form.part}" ({columns})')
        rows = ([text or None for text in row] for row in sheet.rows)
        connection.executemany(f'INSERT INTO "{sheet.form.part}" VALUES ({marks})', rows)
