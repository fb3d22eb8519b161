"""The child process that opens an Excel workbook: one sheet's rows into a file of JSON lines, each a list of columns.

Values only: a formula gives what the program that saved the workbook had computed, and nothing is run.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from interactions.sources.confined import answer
from workspace.errors import MappingError, SourceError

MOST_ROWS = 2_000_000
MOST_COLUMNS = 16_384
MOST_CHARACTERS = 1_000_000
# Of the expanded parts of the workbook: bytes, and how often the size of the file (for more than _SMALL bytes).
MOST_EXPANDED = 4 << 30
MOST_RATIO = 200
_SMALL = 64 << 20
_BATCH_CELLS = 200_000
_SAMPLE_ROWS = 50
_UNCOMPUTED = re.compile(rb"<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")


def read(request: dict[str, Any]) -> dict[str, Any]:
    """`path`, `file` (its name for messages), `sheet` (or null), `into`: the file to write the rows to.

    Answers {sheet, rows (how many), width, sample (the first rows), dates ("1904" or null), uncomputed (formulas)}.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    path, file = Path(request["path"]), request["file"]
    about = _look_inside(path, file)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        name = _sheet_name(workbook, file, request["sheet"])
        sheet = workbook.get_sheet_by_name(name)
        if sheet.width > MOST_COLUMNS or sheet.height > MOST_ROWS:
            raise SourceError(
                f"The sheet `{name}` of {file} has {sheet.height:,} rows and {sheet.width:,} columns; at most "
                f"{MOST_ROWS:,} and {MOST_COLUMNS:,} are read. Save its rows as CSV and collect that."
            )
        rows = _filled_rows(sheet, name, file)
        return {"sheet": name, **about, **_write(rows, Path(request["into"]), sheet.width)}
    except PasswordError:
        raise SourceError(f"{file} is protected by a password. Save a copy without one and collect that.") from None
    except (CalamineError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise SourceError(f"{file} can't be opened as an Excel workbook ({reason}). Save it anew as xlsx.") from None


def _look_inside(path: Path, file: str) -> dict[str, Any]:
    """The bounds of a workbook that is a zip, before anything is expanded."""
    if not zipfile.is_zipfile(path):
        return {"dates": None, "uncomputed": 0}
    try:
        with zipfile.ZipFile(path) as parts:
            expanded = sum(part.file_size for part in parts.infolist())
            if expanded > MOST_EXPANDED or expanded > max(_SMALL, MOST_RATIO * path.stat().st_size):
                raise SourceError(
                    f"{file} expands to {expanded >> 20:,} MB, more than {MOST_RATIO} times its size or "
                    f"{MOST_EXPANDED >> 20:,} MB: no honest workbook does. Save its rows as CSV and collect that."
                )
            return {"dates": _dates(parts), "uncomputed": _uncomputed(parts)}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise SourceError(f"{file} can't be opened as an Excel workbook ({error}). Save it anew as xlsx.") from None


def _dates(parts: zipfile.ZipFile) -> str | None:
    """Whether bare numbers count days from 1904, as old Macs did."""
    if "xl/workbook.xml" not in parts.namelist():
        return None
    with parts.open("xl/workbook.xml") as stream:
        return "1904" if re.search(rb'date1904="(1|true)"', stream.read(1 << 20)) else None


def _uncomputed(parts: zipfile.ZipFile) -> int:
    """Formulas without a saved value: blank for everyone but a program that computes them."""
    found = 0
    for name in parts.namelist():
        if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
            continue
        with parts.open(name) as stream:
            kept = b""
            while chunk := stream.read(1 << 20):
                text = kept + chunk
                end = text.rfind(b"</c>") + 4 if b"</c>" in text else 0
                found += len(_UNCOMPUTED.findall(text, 0, end)) if b"<f" in text else 0
                kept = text[end:][-(1 << 20) :]
    return found


def _sheet_name(workbook: Any, file: str, wanted: str | None) -> str:
    names = workbook.sheet_names
    if wanted is not None:
        if wanted not in names:
            raise MappingError(f"{file} has no sheet `{wanted}`; it has {', '.join(names)}. Correct the mapping.")
        return wanted
    if not names:
        raise SourceError(f"{file} has no sheet. Give a workbook with rows.")
    if len(names) == 1:
        return str(names[0])
    hidden = {one.name for one in workbook.sheets_metadata if not str(one.visible).endswith(".Visible")}
    filled = [name for name in names if _has_rows(workbook, name)]
    shown = [name for name in filled if name not in hidden]
    if len(shown or filled) > 1:
        found = shown or filled
        raise MappingError(
            f'{file} has several sheets: {", ".join(found)}. Name one in the mapping: sheet = "{found[0]}".'
        )
    return str((shown or filled or names)[0])


def _has_rows(workbook: Any, name: str) -> bool:
    sheet = workbook.get_sheet_by_name(name)
    return any(any(_text(value).strip() for value in row) for row in sheet.iter_rows())


def _filled_rows(sheet: Any, name: str, file: str) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        texts = [_text(value) for value in row]
        if any(len(text) > MOST_CHARACTERS for text in texts):
            raise SourceError(
                f"The sheet `{name}` of {file} has a cell of more than {MOST_CHARACTERS:,} characters. "
                "Shorten it, or save the rows as CSV and collect that."
            )
        if any(text.strip() for text in texts):
            yield texts


def _write(rows: Iterator[list[str]], into: Path, width: int) -> dict[str, Any]:
    """Batches of columns as JSON lines; the sample keeps the first rows, for the header is looked for there."""
    sample: list[list[str]] = []
    held: list[list[str]] = []
    count = filled = 0
    size = max(1, _BATCH_CELLS // max(width, 1))
    with into.open("w", encoding="ascii") as stream:
        for row in rows:
            count += 1
            if count <= _SAMPLE_ROWS:
                sample.append(row)
            if any(row[filled:]):
                filled = max(number for number, text in enumerate(row, 1) if text)
            held.append(row)
            if len(held) == size:
                stream.write(json.dumps(list(zip(*held, strict=True))) + "\n")
                held = []
        if held:
            stream.write(json.dumps(list(zip(*held, strict=True))) + "\n")
    return {"rows": count, "width": filled, "sample": sample}


def _text(value: Any) -> str:
    """As `batches.as_text`, without Arrow."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        rest = f".{value.microseconds:06d}" if value.microseconds else ""
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{rest}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


if __name__ == "__main__":
    answer(read)
