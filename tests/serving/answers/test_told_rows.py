"""Columns made ready for JSON at once are what each value alone is made into."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from serving.answers.forms import plain_row
from serving.answers.told_rows import told
from serving.snapshot import Snapshot

ZERO = datetime(1970, 1, 1, tzinfo=UTC)
SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", "UTC")),
        ("local", pa.timestamp("us")),
        ("coarse", pa.timestamp("s", "UTC")),
        ("elsewhere", pa.timestamp("us", "Asia/Shanghai")),
        ("text", pa.string()),
        ("share", pa.float64()),
        ("money", pa.decimal128(18, 4)),
        ("count", pa.int64()),
        ("there", pa.bool_()),
        ("nothing", pa.string()),
        ("day", pa.date32()),
        ("words", pa.list_(pa.string())),
    ]
)


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    columns = told(table)
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def drawn(chance: random.Random) -> dict[str, Any]:
    at = ZERO + timedelta(seconds=chance.randrange(-(10**9), 4 * 10**9))
    fine = at + timedelta(microseconds=chance.choice((0, 0, 1, 999_999, 120_000)))
    row = {
        "at": fine,
        "local": fine.replace(tzinfo=None),
        "coarse": at,
        "elsewhere": fine,
        "text": chance.choice(("", "NaT", "快递", "a\nb")),
        "share": chance.choice((0.1, -0.0, 1e-9, float("nan"), float("inf"))),
        "money": Decimal(chance.randrange(10**9)) / 10_000,
        "count": chance.randrange(-5, 2**40),
        "there": chance.random() < 0.5,
        "nothing": None,
        "day": at.date(),
        "words": ["a"],
    }
    return {name: None if chance.random() < 0.2 else value for name, value in row.items()}


@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("rows", [0, 1, 2, 40])
def test_as_each_value_alone(rows: int, pieces: int) -> None:
    chance = random.Random(rows)
    parts = [pa.Table.from_pylist([drawn(chance) for _ in range(rows)], SCHEMA) for _ in range(pieces)]
    table = pa.concat_tables(parts)
    for part in (table, table.slice(rows // 3, rows)):
        assert repr(rows_of(part)) == repr([plain_row(row) for row in part.to_pylist()])


def test_the_published_tables_too(snapshot: Snapshot) -> None:
    for name in ("interactions", "orders", "surveys", "customers", "customer_scores"):
        some = snapshot.tables[name].slice(5, 300)
        assert rows_of(some) == [plain_row(row) for row in some.to_pylist()]
