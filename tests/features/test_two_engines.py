"""DuckDB and Spark beside each other on many rows of every kind, read from a lake."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.fills import Fill, measured
from features.history import HISTORY_TABLES, known
from features.identity import LINKS, with_links
from features.table import customer_features
from features.volume_contacts import DIMENSIONS, contacts
from features.windows import Window
from workspace.engine import connect
from workspace.lake import Lake
from workspace.tables import TABLES

ROWS = 2_000_000
CUTOFF = datetime(2026, 6, 1, 16, tzinfo=UTC)
FILLS = tuple(
    Fill(table, column, source, method)
    for table, column, source, method in (
        ("interactions", "satisfaction", "even", "median"),
        ("interactions", "wait_ms", "odd", "mean"),
        ("orders", "amount", "odd", "mean"),
        ("surveys", "importance", "even", "previous"),
    )
)
_START, _DAY = np.datetime64("2025-03-01T00:00:00.000000"), 86_400_000_000


class Made:
    """Columns of `count` rows: random, some missing, all from one seed."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.rng = count, np.random.default_rng(seed)

    def numbered(self, letter: str, below: int | None = None) -> np.ndarray:
        numbers = np.arange(self.count) if below is None else self.rng.zipf(1.3, self.count) % below
        return np.char.add(letter, numbers.astype(str))

    def moments(self) -> np.ndarray:
        return _START + self.rng.integers(0, 500 * _DAY, self.count).astype("timedelta64[us]")

    def after(self, moments: np.ndarray, seconds: float) -> np.ndarray:
        later = (self.rng.exponential(seconds, self.count) * 1e6).astype("timedelta64[us]")
        return np.where(self.rng.random(self.count) < 0.8, moments + later, np.datetime64("NaT"))

    def of(self, *values: Any) -> pa.Array:
        return pa.array(list(values)).take(pa.array(self.rng.integers(0, len(values), self.count)))

    def whole(self, low: int, high: int) -> pa.Array:
        return pa.array(self.rng.integers(low, high, self.count), mask=self.rng.random(self.count) < 0.2)

    def gappy(self, values: np.ndarray, missing: Any) -> np.ndarray:
        return np.where(self.rng.random(self.count) < 0.2, missing, values)

    def number(self) -> pa.Array:
        return pa.array(self.rng.uniform(-1, 1, self.count), mask=self.rng.random(self.count) < 0.2)

    def money(self) -> pa.Array:
        tenthousandths = pa.array(self.rng.integers(-10_000, 90_000_000, self.count)).cast(pa.decimal128(19, 0))
        return pc.if_else(self.rng.random(self.count) < 0.9, pc.multiply(tenthousandths, Decimal("0.0001")), None)


def table(name: str, made: Made, columns: dict[str, Any]) -> pa.Table:
    """The rows, of two sources in turns; every twentieth key has a later version."""
    rows = {"source": made.of("even", "odd"), "source_row": np.arange(made.count), **columns}
    schema = TABLES[name].schema
    full = [
        pa.array(rows[field.name]).cast(field.type) if field.name in rows else pa.nulls(made.count, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(full, schema=schema)


def interactions(count: int, customers: int) -> pa.Table:
    made = Made(count, 1)
    at = made.moments()
    answered = made.after(at, 7200)
    known = np.where(made.rng.random(count) < 0.05, at + np.timedelta64(30 * _DAY, "us"), at)
    keys = np.arange(count)
    keys[::20] = keys[1::20][: len(keys[::20])]
    columns = {
        **{"interaction_id": np.char.add("i", keys.astype(str)), "customer_id": made.numbered("c", customers)},
        **{"occurred_at": at, "responded_at": answered, "resolved_at": made.after(answered, 90_000)},
        **{"rated_at": made.after(at, 200_000), "satisfaction": made.whole(1, 6), "wait_ms": made.whole(0, 900_000)},
        **{"duration_ms": made.whole(0, 3_600_000), "reopened": made.of(True, False, None)},
        **{
            "channel": made.of("phone", "email", "chat", "social", "web", None),
            "kind": made.of("inquiry", "complaint"),
        },
        **{"direction": made.of("inbound", "inbound", "outbound", "unknown", None)},
        **{"outcome": made.of("answered", "abandoned", None), "is_automated": made.of(False, False, False, True, None)},
        **{"known_at": known, "collected_at": known, "is_revision": np.arange(count) % 20 < 2},
    }
    return table("interactions", made, columns)


def tables(count: int) -> dict[str, pa.Table]:
    customers = max(count // 40, 100)
    people, lines, answers = Made(customers, 2), Made(count // 8, 3), Made(count // 40, 4)
    texts, links = Made(count // 2, 5), Made(customers // 50, 6)
    joined, ordered, answered = people.moments(), lines.moments(), answers.moments()
    long_ago = np.full(texts.count, _START)
    return {
        "interactions": interactions(count, customers),
        "customers": table(
            "customers",
            people,
            {
                **{"customer_id": people.numbered("c"), "income": people.money(), "known_at": joined},
                "do_not_profile": people.of(*[False] * 30, True, None),
                **{"region": people.of("north", "south", "all", None), "owner": people.numbered("o", 40)},
            },
        ),
        "orders": table(
            "orders",
            lines,
            {
                **{"order_line_id": lines.numbered("l"), "order_id": lines.numbered("o", count // 12)},
                **{"customer_id": lines.numbered("c", customers), "ordered_at": ordered, "known_at": ordered},
                "amount": lines.money(),
            },
        ),
        "surveys": table(
            "surveys",
            answers,
            {
                **{"response_id": answers.numbered("s"), "customer_id": answers.numbered("c", customers)},
                **{"answered_at": answered, "known_at": answered},
                **{"importance": answers.whole(1, 6), "satisfaction": answers.whole(1, 6)},
            },
        ),
        "message_signals": table(
            "message_signals",
            texts,
            {
                **{
                    "interaction_id": texts.numbered("i"),
                    "language": texts.of("zh", "en", "mixed"),
                    "known_at": long_ago,
                },
                **{"sentiment": texts.number()},
                **{"words": texts.whole(0, 300), "questions": texts.whole(0, 3)},
            },
        ),
        LINKS: table(
            LINKS,
            links,
            {
                **{"customer_id": links.numbered("c", customers), "person_id": links.numbered("c", customers)},
                "known_at": links.moments(),
            },
        ),
    }


@pytest.mark.spark
@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_the_same_rows_of_two_million_interactions(
    spark: Any, tmp_path: Any, share: float, agree: Callable[..., None]
) -> None:
    lake = Lake(tmp_path / "lake")
    for name, rows in tables(int(ROWS * share)).items():
        lake.append(name, rows)
    found, values, volumes = computed(spark, lake)
    backend = connect()
    expected, expected_values, expected_volumes = computed(backend, lake)
    backend.disconnect()
    assert values == expected_values
    assert all(one.equals(other) for one, other in zip(volumes, expected_volumes, strict=True))
    assert all(column.null_count < column.length() for column in expected.columns)
    agree(found, expected)


def computed(backend: Any, lake: Lake) -> tuple[pa.Table, Any, list[pa.Table]]:
    """Features with fills and persons, what was filled in, and contacts per quarter of an hour by each dimension."""
    given, window = with_links(backend, lake, HISTORY_TABLES), Window(CUTOFF)
    assert LINKS in given
    rows = customer_features(given, window, FILLS)
    volumes = [contacts(given, CUTOFF, by).to_pyarrow() for by in DIMENSIONS]
    return rows, measured(known(given, window, FILLS), FILLS), volumes
