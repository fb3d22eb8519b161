"""A list written column by column holds what the one written row by row does."""

import csv
import io
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from serving.answers.forms import plain_row
from serving.csv_columns import csv_pieces
from serving.csv_lists import as_csv

TEXTS = (
    "", "plain", "=1+1", "  =1", "\u3000＝SUM(A1)", "＋1", "－1", "＠x", "-5", "@a", "+8613812345678", "\tx",
    "\rx", "\nx", "a,b", 'say "hi"', '"', "a\nb", "a\r\nb", "'quoted", "快递，太慢", "a=b", "1-2", " plain",
    "﹦1", "−1", "﹢x", "\u200b=1", "\ufeff@x", "\x00=1", "\x7f-1", "\u00a0=1", "“quoted”", "élan", "한국", "😀",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("safe", pa.string()),
        ("share", pa.float64()),
        ("count", pa.int64()),
        ("there", pa.bool_()),
        ("at", pa.timestamp("us", "UTC")),
        ("money", pa.decimal128(18, 4)),
    ]
)


def drawn(chance: random.Random) -> dict[str, Any]:
    row = {
        "text": chance.choice(TEXTS),
        "safe": chance.choice(("north", "south")),
        "share": chance.choice((0.1, 1.0, 1e-7, 123456.789, float("nan"), chance.random())),
        "count": chance.randrange(-9, 10**12),
        "there": chance.random() < 0.5,
        "at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.choice((0, 1, 10**9))),
        "money": Decimal(chance.randrange(10**6)) / 10_000,
    }
    return {name: None if chance.random() < 0.2 else value for name, value in row.items()}


def written(names: list[str], pieces: list[pa.Table]) -> bytes:
    return b"".join(csv_pieces(names, [partial(pa.table, piece) for piece in pieces]))


def cells(content: bytes) -> list[list[Any]]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    numbers = [at for at, name in enumerate(rows[0]) if name in ("share", "count")]
    return [
        rows[0],
        *([float(one) if at in numbers and one else one for at, one in enumerate(row)] for row in rows[1:]),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_same_cells_as_row_by_row(seed: int) -> None:
    chance = random.Random(seed)
    tables = [pa.Table.from_pylist([drawn(chance) for _ in range(rows)], SCHEMA) for rows in (50, 1, 0, 200)]
    content = written(SCHEMA.names, [*tables, tables[3].slice(7, 90)])
    rows = [plain_row(row) for table in (*tables, tables[3].slice(7, 90)) for row in table.to_pylist()]
    assert cells(content) == cells(as_csv(rows, SCHEMA.names))


def test_no_cell_is_a_formula() -> None:
    table = pa.table({"text": pa.array(TEXTS)})
    for row in cells(written(["text"], [table]))[1:]:
        assert not row or row[0].lstrip(" \u3000")[:1] not in tuple("=+-@\t\r\n＝＋－＠") or row[0] == ""


def test_the_same_cells_where_no_text_needs_quotes() -> None:
    schema = pa.schema(
        [("text", pa.string()), ("safe", pa.null()), ("share", pa.float64()), ("at", pa.timestamp("us", "UTC"))]
    )
    texts = [text for text in (*TEXTS, None) if text is None or not set(text) & set('",\r\n')]
    rows = [
        {"text": text, "safe": None, "share": share, "at": datetime(2026, 1, 1, 12, tzinfo=UTC)}
        for text in texts
        for share in (0.25, float("inf"), None)
    ]
    table = pa.Table.from_pylist(rows, schema)
    content = written(schema.names, [table])
    assert cells(content) == cells(as_csv([plain_row(row) for row in rows], schema.names))
    assert content.count(b"\n") == content.count(b"\r\n") == 1 + len(rows)


def test_pieces_keep_their_order() -> None:
    pieces = [pa.table({"at": pa.array(range(begin, begin + 3))}) for begin in range(0, 60, 3)]
    assert written(["at"], pieces).decode("utf-8-sig").split() == ["at", *map(str, range(60))]


def test_a_list_of_nobody_has_its_names() -> None:
    assert written(["a", "b"], []) == b"\xef\xbb\xbfa,b\r\n"
