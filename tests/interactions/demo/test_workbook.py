"""Plain workbooks open elsewhere and hold what was written."""

from pathlib import Path

import openpyxl
import pytest

from interactions.demo import workbook
from interactions.demo.workbook import write_workbook

ROWS = [["名称", "分钟", "评分"], ['a < b & "c"', "12.35", "5"], [" padded\u3000", "-", ""], ["😊", "-3", "N/A"]]


def test_openpyxl_reads_it_back(tmp_path: Path) -> None:
    write_workbook(tmp_path / "book.xlsx", "在线客服", ROWS, frozenset({1, 2}))
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["在线客服"]
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == [
        ["名称", "分钟", "评分"],
        ['a < b & "c"', 12.35, 5],
        [" padded\u3000", "-", None],
        ["😊", -3, "N/A"],
    ]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first.xlsx", "second.xlsx"):
        write_workbook(tmp_path / name, "s", ROWS, frozenset())
    assert (tmp_path / "first.xlsx").read_bytes() == (tmp_path / "second.xlsx").read_bytes()


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    with pytest.raises(ValueError, match="holds 3 rows, not 4"):
        write_workbook(tmp_path / "book.xlsx", "s", ROWS, frozenset())
    assert not (tmp_path / "book.xlsx").exists()
