"""Plain CSV written by the engine: the same rows as read line by line, or left to that."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interactions.sources import delimited, raw
from interactions.sources.batches import BROKEN, ROW, Content
from interactions.sources.mapping import Reading
from interactions.sources.text_files import read_text


def content_of(path: Path) -> Content:
    content = read_text(lambda: path.open("rb"), "utf-8", Reading(), path.name)
    return replace(content, write=delimited.writer(path, content, least_bytes=0))


def by_engine(path: Path) -> list[dict[str, Any]] | None:
    """The rows as the engine writes them, numbered by place; None where it leaves the file to others."""
    write = content_of(path).write
    target = path.with_suffix(".parquet")
    if write is None or write(target, "{}") is None:
        assert not target.exists()
        return None
    rows = pq.read_table(target).to_pylist()
    return [{**row, ROW: number} for number, row in enumerate(rows, 1)]


def by_line(path: Path) -> list[dict[str, Any]]:
    rows = [row for batch in content_of(path).rows() for row in batch.to_pylist()]
    assert all(row.pop(BROKEN) is None for row in rows)
    return rows


PLAIN = "id,name,说明\n1,Ann,\n2,,好的\n3, x ,'q'\n,,\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_plain_rows_are_the_same_by_either_way(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN.replace("\n", ending).encode())
    rows = by_engine(path)
    assert rows == by_line(path)
    assert rows is not None
    assert rows[3] == {"id": "", "name": "", "说明": "", ROW: 4}


@pytest.mark.parametrize(
    "doubtful",
    [
        'id,name\n1,"a"\n2,b\n',
        "id,name\n1,a\n\n2,b\n",
        "id,name\n1,a\r\n2,b\n",
        "id,name\n1,a\r2,b\r",
        "id,name\n1,a\n2,b,c\n",
        "id,name\n1,a\n2\n",
        "id,name\n1,a\n2,b\x00\n",
        "id,file_row_number\n1,a\n2,b\n",
        "id\n1\n2\n",
    ],
)
def test_what_can_be_read_in_two_ways_is_left_to_the_reader_of_lines(tmp_path: Path, doubtful: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(doubtful.encode())
    assert by_engine(path) is None


@pytest.mark.parametrize("damage", [b"\xff\xfe\xfd", b"\xe4\xb8"])
def test_bytes_that_are_no_text_are_left_to_the_reader_of_lines(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("id,name\n1,好好好好好好好好好好好好好好好\n".encode() + b"2," + damage + b"\n3,c\n")
    assert by_engine(path) is None


FIELDS = st.text(
    st.one_of(st.sampled_from("ab1,;'\\#\t \"\r\n\ufeff好"), st.characters(codec="utf-8", exclude_categories=["Cs"])),
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.tuples(FIELDS, FIELDS, FIELDS), min_size=1, max_size=6), ending=st.sampled_from(["\n", "\r\n"]))
def test_any_file_that_the_engine_takes_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], ending: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    # Sound rows enough, that control signs among the others don't make it no text.
    lines = ["a,b,c", *["100,200,300"] * 40, *(",".join(row) for row in rows)]
    path.write_bytes((ending.join(lines) + ending).encode())
    content = content_of(path)
    if content.columns != ("a", "b", "c"):
        return
    found = by_engine(path)
    assert found is None or found == by_line(path)


def test_raw_says_about_it_what_it_says_about_others(tmp_path: Path) -> None:
    path = tmp_path / "it's.csv"
    path.write_text(PLAIN, encoding="utf-8")
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    folder = tmp_path / "raw" / "o'hara" / "interactions"
    written, rows = raw.write_temporary(folder, content_of(path), "o'hara", path.name, moment, "hash")
    raw.finish(written)
    (file,) = raw.raw_files(tmp_path / "raw")
    assert (rows, file.rows, file.columns) == (4, 4, ("id", "name", "说明"))
    assert (file.source, file.file, file.collected_at) == ("o'hara", "it's.csv", moment)
    assert json.dumps(file.found) == json.dumps({"format": "text", "encoding": "utf-8", "delimiter": ","})
