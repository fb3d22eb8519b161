"""Lists as CSV for spreadsheets."""

import csv
import io

import pytest

from serving.csv_lists import as_csv, safe


def _read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_chinese_and_unknown_values_come_through() -> None:
    content = as_csv(
        [{"name": "王芳", "owner": None, "churn_90": 0.25}, {"name": "a,b", "owner": "Li", "churn_90": 1.0}]
    )
    assert content.startswith(b"\xef\xbb\xbf")
    assert _read(content) == [["name", "owner", "churn_90"], ["王芳", "", "0.25"], ["a,b", "Li", "1.0"]]


def test_no_rows_is_an_empty_file_with_its_mark() -> None:
    assert as_csv([]) == b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", "  =1", "\u3000=1"]
)
def test_nothing_is_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert _read(as_csv([{"name": text}]))[1][0].startswith("'")


def test_negative_numbers_stay_numbers() -> None:
    assert _read(as_csv([{"growth": -0.5}]))[1] == ["-0.5"]


def test_reasons_become_sentences() -> None:
    rows = [{"reasons": [{"text_en": "Last contact 41 days ago"}, {"text_en": "2 complaints"}]}]
    assert _read(as_csv(rows))[1] == ["Last contact 41 days ago; 2 complaints"]
