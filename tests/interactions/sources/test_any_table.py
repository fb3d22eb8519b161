"""Any table of any texts, in any format: all of it is received, to the letter, and every row is accounted for."""

import csv
import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interactions.cleaning.clean import clean
from interactions.sources.collect import collect
from interactions.sources.raw import raw_files
from workspace.errors import RapportError
from workspace.folder import open_workspace

# `make torture` looks at twenty times as many tables.
MANY = max(1, round(20 * float(os.environ.get("TORTURE_SHARE", "0"))))
NAMES = ["interaction_id", "customer_id", "occurred_at", "content"]
Rows = list[tuple[str, ...]]

# What a text file can't hold unchanged: half signs, and the sign that stands for unreadable bytes.
SIGNS = st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\ufdd0\x00")
TEXTS = st.text(SIGNS, max_size=12) | st.sampled_from(
    [
        "",
        '"',
        '""',
        '",',
        "\n",
        "\r\n",
        "a\nb",
        "=1+1",
        "NULL",
        "１２",
        "2024-01-05 10:00",
        "\ufeff",
        "\x1a",
        "很好",
        " ",
        "31/02/2024",
    ]
)
TIMES = TEXTS | st.datetimes().map(str) | st.just("2024-01-05 10:00")
ROWS = st.lists(st.tuples(st.sampled_from(["1", "2", "", "三"]), TEXTS, TIMES, TEXTS), min_size=1, max_size=8)
# Rows of blanks alone are no rows to a spreadsheet or a text file.
FILLED = ROWS.map(lambda rows: [row if any(text.strip() for text in row) else ("9", *row[1:]) for row in rows])


def as_csv(rows: Rows, delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL, end: str = "\r\n") -> str:
    held = io.StringIO()
    writer = csv.writer(held, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([NAMES, *rows])
    return held.getvalue()


def as_objects(rows: Rows) -> list[dict[str, str]]:
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def as_zip(rows: Rows) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("rows.csv", as_csv(rows).encode())
    return held.getvalue()


def as_parquet(rows: Rows) -> bytes:
    held = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(as_objects(rows)), held)
    return held.getvalue()


FORMATS: dict[str, Callable[[Rows], bytes]] = {
    "csv": lambda rows: as_csv(rows).encode(),
    "all-quoted": lambda rows: as_csv(rows, quoting=csv.QUOTE_ALL, end="\n").encode("utf-8-sig"),
    "tsv": lambda rows: as_csv(rows, "\t").encode(),
    "semicolons": lambda rows: as_csv(rows, ";", quoting=csv.QUOTE_ALL, end="\n").encode("utf-16"),
    "gb18030": lambda rows: as_csv([("1", "客户", "2024-01-05", "很好" * 20), *rows]).encode("gb18030"),
    "gz": lambda rows: gzip.compress(as_csv(rows, "|", quoting=csv.QUOTE_ALL).encode()),
    "zip": as_zip,
    "jsonl": lambda rows: "\n".join(json.dumps(one) for one in as_objects(rows)).encode(),
    "json": lambda rows: json.dumps(as_objects(rows), ensure_ascii=False, indent=1).encode(),
    "parquet": as_parquet,
}
# A mapping that says how the file is written where finding it out could go wrong on eight rows of anything.
MAPPING = """
[interactions]
{reading}
[interactions.columns]
interaction_id = "interaction_id"
customer_id = "customer_id"
occurred_at = "occurred_at"
content = "content"
"""
READING = {
    "csv": 'delimiter = ","\nheader = true',
    "all-quoted": 'delimiter = ","\nheader = true',
    "tsv": 'delimiter = "\\t"\nheader = true',
    "semicolons": 'delimiter = ";"\nheader = true',
    "gb18030": 'delimiter = ","\nheader = true\nencoding = "gb18030"',
    "gz": 'delimiter = "|"\nheader = true',
    "zip": 'delimiter = ","\nheader = true',
}


def received(folder: Path, kind: str, data: bytes) -> tuple[Rows, object]:
    """The rows in raw, in order, and the account of the clean."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "given").write_bytes(data)
    (folder / "m.toml").write_text(MAPPING.format(reading=READING.get(kind, "")), encoding="utf-8")
    workspace = open_workspace(folder / "company", create=True)
    collect(workspace, [folder / "given"], "interactions", folder / "m.toml")
    (raw,) = raw_files(workspace.raw)
    table = pq.read_table(raw.path).sort_by("rapport:row")
    rows = [tuple(text or "" for text in row) for row in zip(*(table[name].to_pylist() for name in NAMES), strict=True)]
    assert table["rapport:broken"].null_count == len(rows)
    (account,) = clean(workspace).rows
    counts = account.to_dict()
    assert counts["received"] == len(rows)
    assert counts["received"] == sum(counts[name] for name in ("known", "duplicate", "excluded", "quarantined", "kept"))
    assert workspace.lake.count("interactions") == counts["kept"]
    assert workspace.lake.count("quarantine") == counts["quarantined"]
    return rows, counts


@pytest.mark.parametrize("kind", FORMATS)
def test_any_table_is_received_to_the_letter(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(
        max_examples=3 * MANY,
        deadline=None,
        derandomize=MANY == 1,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(FILLED)
    def check(rows: Rows) -> None:
        found, _ = received(tmp_path_factory.mktemp(kind), kind, FORMATS[kind](rows))
        more = [("1", "客户", "2024-01-05", "很好" * 20)] if kind == "gb18030" else []
        assert found == more + rows

    check()


def test_any_workbook_is_received(tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    cells = st.text(plain, max_size=8).filter(lambda text: not text.startswith("=") and "_x" not in text)

    @settings(max_examples=2 * MANY, deadline=None, derandomize=MANY == 1, database=None)
    @given(st.lists(st.tuples(st.just("1"), cells, cells, cells), min_size=1, max_size=5))
    def check(rows: Rows) -> None:
        book = openpyxl.Workbook()
        for row in [tuple(NAMES), *rows]:
            book.active.append(row)
        held = io.BytesIO()
        book.save(held)
        found, _ = received(tmp_path_factory.mktemp("xlsx"), "xlsx", held.getvalue())
        assert found == rows

    check()


@settings(max_examples=4 * MANY, deadline=None, derandomize=MANY == 1, database=None)
@given(st.binary(max_size=300) | st.text(alphabet='a,"\n\r\t;|1 {}[]:很', max_size=200).map(str.encode))
def test_any_bytes_behind_a_header_are_accounted_for(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "given.csv").write_bytes(",".join(NAMES).encode() + b"\n1,C1,2024-01-05,x\n" + data)
    workspace = open_workspace(folder / "company", create=True)
    try:
        collect(workspace, [folder / "given.csv"], "interactions")
    except RapportError as error:
        refusal = str(error)
        assert not list(workspace.raw.rglob("*.*"))
        if "given.csv" not in refusal:
            raise
        return
    counts = clean(workspace).rows[0].to_dict()
    assert counts["received"] == raw_files(workspace.raw)[0].rows
    assert counts["received"] == sum(counts[name] for name in ("known", "duplicate", "excluded", "quarantined", "kept"))
