"""The same rows out of every format, and broken ones refused in one sentence."""

import gzip
import json
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.sources.archives import pieces
from interactions.sources.batches import BROKEN, ROW
from interactions.sources.files import read_file
from interactions.sources.mapping import Reading
from interactions.sources.utf8_stream import MARK
from workspace.errors import MappingError, RapportError, SourceError

ROWS = [
    {"客户ID": "007", "text": "很好，谢谢", "n": "12"},
    {"客户ID": "C2", "text": 'said "no", twice\nand left', "n": "3.50"},
    {"客户ID": "C3", "text": "é ü ß", "n": "9007199254740993"},
]


def rows_of(path: Path, reading: Reading | None = None) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as temp:
        (piece,) = pieces(path, Path(temp))
        batches = list(read_file(piece, reading or Reading(), "interactions", Path(temp)).rows())
    table = pa.Table.from_batches(batches) if batches else pa.table({ROW: []})
    return table.sort_by(ROW).to_pylist()


def plain(path: Path, reading: Reading | None = None) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name not in (ROW, BROKEN)} for row in rows_of(path, reading)]


def csv_text(delimiter: str = ",") -> str:
    lines = [delimiter.join(ROWS[0])]
    lines += [delimiter.join('"' + value.replace('"', '""') + '"' for value in row.values()) for row in ROWS]
    return "\r\n".join(lines) + "\r\n"


def write_excel(path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("empty")
    sheet = book.worksheets[0]
    sheet.append([])
    sheet.append(list(ROWS[0]))
    for row in ROWS:
        sheet.append(list(row.values()))
    book.save(path)


def write_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('CREATE TABLE "沟通" ("客户ID" TEXT, text TEXT, n TEXT)')
        connection.executemany('INSERT INTO "沟通" VALUES (?, ?, ?)', [tuple(row.values()) for row in ROWS])


FORMATS: dict[str, Callable[[Path], object]] = {
    "utf-8.csv": lambda path: path.write_bytes(csv_text().encode()),
    "bom.tsv": lambda path: path.write_bytes(csv_text("\t").encode("utf-8-sig")),
    "gb18030.csv": lambda path: path.write_bytes(csv_text(";").encode("gb18030")),
    "utf-16.txt": lambda path: path.write_bytes(csv_text("|").encode("utf-16")),
    "zipped.csv.gz": lambda path: path.write_bytes(gzip.compress(csv_text().encode())),
    "wrong_name.xlsx": lambda path: path.write_bytes(csv_text().encode()),
    "rows.jsonl": lambda path: path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\n\n"),
    "rows.json": lambda path: path.write_text(json.dumps(ROWS, indent=1), encoding="utf-8"),
    "held.json": lambda path: path.write_text(json.dumps({"page": 1, "data": ROWS})),
    "rows.parquet": lambda path: pq.write_table(pa.Table.from_pylist(ROWS), path),
    "rows.xlsx": write_excel,
    "rows.sqlite": write_sqlite,
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    FORMATS[name](tmp_path / name)
    rows = rows_of(tmp_path / name)
    assert [row[ROW] for row in rows] == [1, 2, 3]
    assert plain(tmp_path / name) == ROWS


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters=MARK), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]], encoding: str
) -> None:
    path = tmp_path_factory.mktemp("round") / "f.csv"
    text = "客户ID,内容\n" + "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in cells
    )
    path.write_bytes(text.encode(encoding))
    declared = Reading(encoding=encoding, delimiter=",", header=True)
    assert [tuple(row.values()) for row in plain(path, declared)] == cells


def test_broken_lines_are_kept_with_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('a,b\n1,2\n3\n\n"4\nx",5\n6,7,8\n9,10\n')
    found = [(row[ROW], row["a"], row[BROKEN]) for row in rows_of(path)]
    assert found == [(1, "1", None), (2, None, "3"), (3, "4\nx", None), (4, None, "6,7,8"), (5, "9", None)]
    path = tmp_path / "f.jsonl"
    path.write_text('{"a": 1}\n{"a": \n[1]\n{"b": {"c": [1, 2.0]}, "a": null}\n')
    found = [(row[ROW], row["a"], row[BROKEN]) for row in rows_of(path)]
    assert found == [(1, "1", None), (2, None, '{"a":'), (3, None, "[1]"), (4, None, None)]
    assert rows_of(path)[3]["b"] == '{"c": ["1", "2.0"]}'


def test_padded_and_fixed_width_files(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    path.write_text(" id   date amount\n 01 19970101  1.5\n 02 19970102\n 03 19970103 22.0\n")
    assert [(row[ROW], row["amount"], row[BROKEN]) for row in rows_of(path)] == [
        (1, "1.5", None),
        (2, None, " 02 19970102"),
        (3, "22.0", None),
    ]
    path.write_text("01小明   5\n02欧阳丽华12\n")
    found = plain(path, Reading(widths=(2, 4, 2), names=("id", "name", "n")))
    assert found == [{"id": "01", "name": "小明", "n": "5"}, {"id": "02", "name": "欧阳丽华", "n": "12"}]


def test_many_broken_lines_over_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interactions.sources.text_files._BLOCK", 256)
    path = tmp_path / "f.csv"
    lines = [f"{number},x" if number % 7 else f"{number}" for number in range(1, 400)]
    path.write_text("a,b\n" + "\n".join(lines) + "\n")
    rows = rows_of(path)
    assert [row[ROW] for row in rows] == list(range(1, 400))
    assert all(int(str(row["a"] or row[BROKEN])) == row[ROW] for row in rows)


def test_excel_values_and_sheets(tmp_path: Path) -> None:
    from datetime import date, datetime

    book = openpyxl.Workbook()
    book.active.title = "一月"
    book.active.append(["id", "when", "n", "flag"])
    book.active.append([12.0, datetime.fromisoformat("2024-01-05T07:03"), 0.5, True])
    book.active.append([])
    book.active.append(["x", date(2024, 1, 6), None, False])
    book.save(tmp_path / "f.xlsx")
    assert plain(tmp_path / "f.xlsx") == [
        {"id": "12", "when": "2024-01-05 07:03:00", "n": "0.5", "flag": "true"},
        {"id": "x", "when": "2024-01-06", "n": None, "flag": "false"},
    ]
    book.create_sheet("二月").append(["id"])
    book.save(tmp_path / "f.xlsx")
    with pytest.raises(MappingError, match="several sheets: 一月, 二月"):
        rows_of(tmp_path / "f.xlsx")
    with pytest.raises(MappingError, match="has no sheet `三月`; it has 一月, 二月"):
        rows_of(tmp_path / "f.xlsx", Reading(sheet="三月"))
    assert len(rows_of(tmp_path / "f.xlsx", Reading(sheet="一月"))) == 2


def test_sqlite_values_and_tables(tmp_path: Path) -> None:
    path = tmp_path / "f.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE a (i INTEGER, f REAL, b BLOB, t TEXT)")
        connection.execute("INSERT INTO a VALUES (9007199254740993, 0.1, x'ff00', NULL)")
    before = path.read_bytes()
    assert plain(path) == [{"i": "9007199254740993", "f": "0.1", "b": "ff00", "t": None}]
    assert path.read_bytes() == before
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE interactions (i INTEGER)")
        connection.execute("CREATE TABLE other (i INTEGER)")
    assert plain(path) == []
    assert len(plain(path, Reading(query_table="a"))) == 1
    with pytest.raises(MappingError, match="has no table `b`; it has a, interactions, other"):
        rows_of(path, Reading(query_table="b"))


BAD: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b"\n \n\n", "is empty"),
    "cut.csv.gz": (gzip.compress(b"a,b\n1,2\n" * 5000)[:60], "gzip stream breaks off"),
    "cut.parquet": (b"PAR1 and no more", "can't be read as Parquet"),
    "cut.xlsx": (b"PK\x03\x04 and no more", "can't be opened as an Excel workbook"),
    "archive.zip": (b"PK\x03\x04 and no more", "can't be opened as a zip archive"),
    "cut.sqlite": (b"SQLite format 3\x00" + b"\x00" * 200, "can't be read as a SQLite database|has no table"),
    "cut.json": (b'[{"a": 1}, {"a": ', "is not valid JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_broken_files_are_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    data, words = BAD[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RapportError, match=words):
        rows_of(tmp_path / name)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no file"):
        rows_of(tmp_path / "none.csv")
    with pytest.raises(SourceError, match="is a folder"):
        rows_of(tmp_path)
