from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.versions import VERSION_ORDER, latest
from workspace.engine import arrow_tables, connect

START = datetime(2026, 1, 1, tzinfo=UTC)
_ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 2), st.integers(0, 1), st.sampled_from("st")
    ),
    unique=True,
    max_size=25,
)


@pytest.mark.parametrize("marks", ["as collected", "unknown"])
@settings(max_examples=20, deadline=None)
@given(rows=_ROWS)
def test_equals_a_sort_of_all_rows(marks: str, rows: list[tuple[str, str, int, int, str]]) -> None:
    seen: set[tuple[str, str]] = set()
    given_rows: list[dict[str, Any]] = []
    for number, (one, other, known, collected, source) in enumerate(rows):
        row = {"one": one, "other": other, "source": source, "source_row": number, "value": number}
        moments = {"known_at": START + timedelta(days=known), "collected_at": START + timedelta(days=collected)}
        mark = None if marks == "unknown" else (one, other) in seen
        seen.add((one, other))
        given_rows.append({**row, **moments, "is_revision": mark})
    columns = {name: [row[name] for row in given_rows] for name in ("one", "other", "source", "source_row", "value")}
    moment = pa.timestamp("us", "UTC")
    times = {name: pa.array([row[name] for row in given_rows], moment) for name in ("known_at", "collected_at")}
    types = {"one": pa.string(), "other": pa.string(), "source": pa.string()}
    arrays = {name: pa.array(values, types.get(name, pa.int64())) for name, values in columns.items()}
    table = pa.table(
        {**arrays, **times, "is_revision": pa.array([row["is_revision"] for row in given_rows], pa.bool_())}
    )
    backend = connect()
    found = latest(arrow_tables(backend, {"t": table})["t"], ("one", "other")).to_pyarrow().to_pylist()
    backend.disconnect()
    expected: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(given_rows, key=lambda row: tuple(row[name] for name in VERSION_ORDER)):
        expected[row["one"], row["other"]] = row
    assert sorted(row["value"] for row in found) == sorted(row["value"] for row in expected.values())
