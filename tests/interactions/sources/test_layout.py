"""Delimiters and headers found."""

import pytest

from interactions.sources.layout import BLANKS, distinct, find_layout
from interactions.sources.mapping import Reading


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(delimiter: str) -> None:
    rows = [["id", "text, more", "n"], ["1", "a, b; c", "2"], ["2", "d", "3"], ["3", "e, f", "4"]]
    text = "\n".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in rows)
    found = find_layout(text + "\n", Reading())
    assert (found.delimiter, found.names) == (delimiter, ("id", "text, more", "n"))


def test_padded_columns() -> None:
    found = find_layout(" id  date number\n 00001 19970101  1\n 00002 19970112  5\n", Reading())
    assert (found.delimiter, found.names, found.skip_lines) == (BLANKS, ("id", "date", "number"), 1)


def test_a_first_line_of_values_is_no_header() -> None:
    found = find_layout("4,1997-01-01,29.33\n5,1997-01-18,3.1\n", Reading())
    assert (found.names, found.skip_lines) == (("column1", "column2", "column3"), 0)
    assert find_layout("2024,b\n1,2\n", Reading(header=True)).names == ("2024", "b")
    assert find_layout("a,b\n1,2\n", Reading(header=False)).skip_lines == 0
    assert find_layout("a,b\n1,2\n", Reading(names=("x", "y"))).names == ("x", "y")


def test_blank_lines_before_the_header_are_skipped() -> None:
    assert find_layout("\r\n\na,b\n1,2\n", Reading()).skip_lines == 3


def test_names_are_stripped_numbered_and_told_apart() -> None:
    assert distinct(["Text", "text", "TEXT"]) == ("Text", "text_2", "TEXT_3")
    assert distinct([" a ", "", "a", "\ufeffb", "a"]) == ("a", "column2", "a_2", "b", "a_3")


def test_one_column() -> None:
    assert find_layout("name\nAnna\nBen\n", Reading()).names == ("name",)
