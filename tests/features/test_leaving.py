from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from features.history import HISTORY_TABLES
from features.leaving import leavings
from features.windows import Window, micros_of
from workspace.engine import arrow_tables, connect
from workspace.tables import TABLES

CUTOFF = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def row(customer_id: str, left_at: datetime | None, known_at: datetime, number: int, **more: Any) -> dict[str, Any]:
    given = {"customer_id": customer_id, "left_at": left_at, "known_at": known_at, "collected_at": known_at}
    return {**given, "source": "crm", "source_row": number, "is_revision": False, **more}


def found(rows: list[dict[str, Any]]) -> list[tuple[str, int | None, int]]:
    tables = {name: TABLES[name].schema.empty_table() for name in HISTORY_TABLES}
    tables["customers"] = pa.Table.from_pylist(rows, TABLES["customers"].schema)
    backend = connect()
    try:
        told = leavings(arrow_tables(backend, tables), Window(CUTOFF)).to_pylist()
    finally:
        backend.disconnect()
    return [(one["customer_id"], one["left_us"], one["known_us"]) for one in told]


def test_a_first_row_tells_of_leaving_when_it_happens_and_a_later_one_when_it_comes() -> None:
    collected, left = CUTOFF + 300 * DAY, CUTOFF - 20 * DAY
    # First rows of a file collected long after: the leaving is known by its own time, not by its collection.
    assert found([row("a", left, collected, 1), row("b", None, collected, 2)]) == [
        ("a", micros_of(left), micros_of(left))
    ]
    # One that lies ahead of the cutoff is not known yet.
    assert found([row("a", CUTOFF + DAY, collected, 1)]) == []
    # A correction is known from when it came.
    late = CUTOFF - 3 * DAY
    joined = CUTOFF - 90 * DAY
    rows = [row("a", None, joined, 1), row("a", left, late, 2, is_revision=True)]
    assert found(rows) == [("a", None, micros_of(joined)), ("a", micros_of(left), micros_of(late))]
    assert found([rows[0], row("a", left, CUTOFF, 2, is_revision=True)]) == [("a", None, micros_of(joined))]


def test_a_moment_that_the_source_gives_counts() -> None:
    told = CUTOFF - 5 * DAY
    given = row("a", CUTOFF - 20 * DAY, told, 1, collected_at=CUTOFF + 300 * DAY)
    assert found([given]) == [("a", micros_of(CUTOFF - 20 * DAY), micros_of(told))]
