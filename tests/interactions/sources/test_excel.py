"""Workbooks: values only, within bounds, by a process of its own."""

import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from interactions.sources import confined, excel
from interactions.sources.excel import read_excel
from interactions.sources.mapping import Reading
from workspace.errors import MappingError, SourceError


def saved(tmp_path: Path, *rows: list[object], book: openpyxl.Workbook | None = None) -> Path:
    book = book or openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(tmp_path / "f.xlsx")
    return tmp_path / "f.xlsx"


def rows_of(
    path: Path, tmp_path: Path, reading: Reading | None = None
) -> tuple[dict[str, str], list[dict[str, object]]]:
    content = read_excel(path, reading or Reading(), path.name, tmp_path)
    rows = pa.Table.from_batches(list(content.rows())).select(list(content.columns)).to_pylist()
    return dict(content.found), rows


def test_formulas_are_what_was_saved_of_them(tmp_path: Path) -> None:
    path = saved(tmp_path, ["id", "n", "text"], ["a", "=1+1", "'=cmd|' /C calc'!A0"], ["b", "=HYPERLINK(1)", "+1"])
    book = openpyxl.load_workbook(path)
    book.active["C2"].data_type = "s"
    book.active["C2"].value = "@SUM(1)"
    path = saved(tmp_path, book=book)
    found, rows = rows_of(path, tmp_path)
    assert rows == [{"id": "a", "n": None, "text": "@SUM(1)"}, {"id": "b", "n": None, "text": "+1"}]
    assert found["formulas without a value"] == "2"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "g.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(
                name,
                old.read(name)
                .replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
                .replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"),
            )
    found, rows = rows_of(tmp_path / "g.xlsx", tmp_path)
    assert (rows[0]["n"], found["formulas without a value"]) == ("2", "1")


def test_times_and_both_calendars(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    path = saved(
        tmp_path, ["when", "long"], [datetime.fromisoformat("2024-01-05T07:03"), timedelta(hours=30)], book=book
    )
    found, rows = rows_of(path, tmp_path)
    assert rows == [{"when": "2024-01-05 07:03:00", "long": "30:00:00"}]
    assert found["dates"] == "1904"


def test_titles_above_the_header_hidden_sheets_and_empty_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("old").append(["x"])
    book["old"].sheet_state = "hidden"
    book.active.merge_cells("A1:C1")
    book.active["A1"] = "Contacts of January"
    book.active["J9"].number_format = "0.00"
    path = saved(tmp_path, ["id", "when", "how"], ["a", "2024-01-05", "phone"], ["b", "2024-01-06", "mail"], book=book)
    found, rows = rows_of(path, tmp_path)
    assert rows[0] == {"id": "a", "when": "2024-01-05", "how": "phone"}
    assert (len(rows), found["lines above the header"], found["sheet"]) == (2, "1", "Sheet")


@pytest.mark.slow
def test_many_batches_keep_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = [f"c{number}" for number in range(3_000)]
    path = saved(tmp_path, wide, *([str(row)] * 3_000 for row in range(99)))
    _, rows = rows_of(path, tmp_path)
    assert [row["c2999"] for row in rows] == [str(row) for row in range(99)]


def test_what_goes_over_a_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, ["id"], *([f"{number} {'x' * 200}"] for number in range(8_000)))
    monkeypatch.setattr(excel, "LIMITS", confined.Limits(memory=24 << 20))
    with pytest.raises(SourceError, match=r"f\.xlsx .*needs more than the 24 MB of memory"):
        rows_of(path, tmp_path)
    monkeypatch.setattr(excel, "LIMITS", confined.Limits(written=1 << 20))
    with pytest.raises(SourceError, match="expands to more than 1 MB"):
        rows_of(path, tmp_path)
    monkeypatch.setattr(excel, "LIMITS", confined.Limits(seconds=0))
    with pytest.raises(SourceError, match="was given up after 0 seconds"):
        rows_of(path, tmp_path)
    monkeypatch.setattr(excel, "MOST_BYTES", 10)
    with pytest.raises(SourceError, match="workbooks of up to 0 MB"):
        rows_of(path, tmp_path)


def test_bombs_are_refused_before_they_are_expanded(tmp_path: Path) -> None:
    path = saved(tmp_path, ["id"], ["a"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet9.xml", b" " * (80 << 20))
    with pytest.raises(SourceError, match="expands to 80 MB, more than 200 times its size"):
        rows_of(path, tmp_path)


def test_a_long_cell_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, ["id"], ["LONG"])
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "g.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"LONG", b"x" * 1_000_001))
    with pytest.raises(SourceError, match="a cell of more than 1,000,000 characters"):
        rows_of(tmp_path / "g.xlsx", tmp_path)


def test_sheets_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("b").append(["id"])
    path = saved(tmp_path, ["id"], book=book)
    with pytest.raises(MappingError, match="several sheets: Sheet, b"):
        rows_of(path, tmp_path)
    with pytest.raises(MappingError, match="no sheet `c`; it has Sheet, b"):
        rows_of(path, tmp_path, Reading(sheet="c"))
