"""Excel workbooks as another program reads them."""

import io
import zipfile

import pytest
from openpyxl import load_workbook

from workspace import workbook as module
from workspace.workbook import workbook

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "＋1", "－1", "＠x", '=HYPERLINK("http://x")', "\u3000=1"]


def test_texts_stay_texts_and_numbers_numbers() -> None:
    rows = [[text, -0.5, 3, True, None] for text in [*FORMULAS, "王芳", "a&<b>", "1\n2"]]
    columns = ("name", "risk", "count", "flag", "nothing")
    sheet = load_workbook(io.BytesIO(workbook({"customers": (columns, rows)})))["customers"]
    cells = list(sheet.iter_rows())
    assert [cell.value for cell in cells[0]] == list(columns)
    for line, row in zip(cells[1:], rows, strict=True):
        assert [cell.value for cell in line] == row
        assert line[0].data_type == "s"
        assert line[0].number_format == "@"
        assert line[0].quotePrefix


def test_the_header_is_frozen_and_columns_are_as_wide_as_their_texts() -> None:
    rows = [["王芳" * 5, "x" * 500], ["short", "y"]]
    sheet = load_workbook(io.BytesIO(workbook({"customers": (("name", "long"), rows)})))["customers"]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    # Excel's own unit: letters, and a few pixels at the edges.
    widths = [sheet.column_dimensions[column].width for column in "AB"]
    assert widths == pytest.approx([22, 60], abs=1)


def test_what_xml_can_not_hold_is_left_out() -> None:
    sheet = load_workbook(io.BytesIO(workbook({"a": (("x",), [["a\x00\x0b\ud800\uffffb"]])})))["a"]
    assert sheet["A2"].value == "ab"


def test_what_excel_would_read_as_a_letters_number_is_written_by_number_itself() -> None:
    content = workbook({"a": (("x",), [["_x0041_ and _x4_"]])})
    texts = zipfile.ZipFile(io.BytesIO(content)).read("xl/sharedStrings.xml").decode()
    # Office Open XML, part 1, 22.9.2.19 (ST_Xstring): an underscore before such a form is _x005F_.
    assert "_x005F_x0041_ and _x4_<" in texts


def test_the_same_rows_are_the_same_bytes() -> None:
    sheets = {"a": (("x",), [["1"]]), "b & c": (("y",), [])}
    assert workbook(sheets) == workbook(sheets)
    assert load_workbook(io.BytesIO(workbook(sheets))).sheetnames == ["a", "b & c"]


def test_a_sheet_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    workbook({"a": (("x",), [["1"], ["2"]])})
    with pytest.raises(ValueError, match="holds 2 rows; a has 3"):
        workbook({"a": (("x",), [["1"], ["2"], ["3"]])})
