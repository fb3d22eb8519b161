"""Excel workbooks (xlsx, xlsm, xls, xlsb, ods): one sheet's rows, read by a child process within limits."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from interactions.sources import confined
from interactions.sources.batches import Content, batch
from interactions.sources.layout import distinct, header_row
from interactions.sources.mapping import Reading
from workspace.errors import SourceError

MOST_BYTES = 512 << 20
LIMITS = confined.Limits(memory=2 << 30, written=8 << 30, processor_seconds=600, seconds=1200)


def read_excel(path: Path, reading: Reading, file: str, temp: Path) -> Content:
    """The rows of the sheet the mapping names, or of the only visible one with anything in it; they lie in `temp`,
    a private folder, for as long as the content is read.

    Raises SourceError for a workbook that can't be opened or is over a bound, MappingError for a sheet it doesn't have.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SourceError(
            f"{file} has {size >> 20:,} MB; workbooks of up to {MOST_BYTES >> 20} MB are opened. "
            "Save its rows as CSV and collect that."
        )
    descriptor, spool = tempfile.mkstemp(suffix=".jsonl", dir=temp)
    os.close(descriptor)  # the child writes it; here it is only given its name
    request = {"path": str(path.resolve()), "file": file, "sheet": reading.sheet, "into": spool}
    answer = confined.run("interactions.sources.excel_rows", request, file, LIMITS)
    if answer["rows"] == 0:
        raise SourceError(f"The sheet `{answer['sheet']}` of {file} is empty. Name another in the mapping: sheet = ...")
    sample = answer["sample"]
    first = 0 if reading.header is not None or reading.names is not None else header_row(sample)
    header = reading.header is not False
    width = answer["width"]
    names = sample[first][:width] if header else [f"column{number}" for number in range(1, width + 1)]
    names = distinct(reading.names) if reading.names is not None else distinct(names)
    found = {"format": "excel", "sheet": answer["sheet"]}
    if first:
        found["lines above the header"] = str(first)
    if answer["dates"]:
        found["dates"] = answer["dates"]
    if answer["uncomputed"]:
        found["formulas without a value"] = str(answer["uncomputed"])
    return Content(names, lambda: _rows(Path(spool), names, first + header), found)


def check_dates(content: Content, columns: Sequence[str], file: str) -> None:
    """Refuse a workbook whose days count from 1904 when one of `columns`, which are to be times, has bare numbers: they
    would be read four years wrong. Cells formatted as dates are right in any workbook."""
    if content.found.get("dates") != "1904":
        return
    for rows in content.rows():
        for name in columns:
            texts = rows.column(name)
            if pc.any(pc.match_substring_regex(texts, r"^\d{4,6}(\.\d+)?$")).as_py():
                raise SourceError(
                    f"{file} counts days from 1904 and has bare numbers in the column `{name}`. "
                    "Format that column as a date in the spreadsheet program, and save it anew."
                )


def _rows(spool: Path, names: tuple[str, ...], skip: int) -> Iterator[pa.RecordBatch]:
    """The spooled rows after the header, numbered from 1."""
    start = 1
    with spool.open(encoding="ascii") as stream:
        for line in stream:
            columns = json.loads(line)
            held = len(columns[0])
            cut = min(skip, held)
            skip -= cut
            count = held - cut
            blank: list[str] = [""] * held
            given = [columns[number] if number < len(columns) else blank for number in range(len(names))]
            texts = [pa.array([text or None for text in column[cut:]], pa.string()) for column in given]
            yield batch(names, texts, pa.array(range(start, start + count), pa.int64()))
            start += count
