"""A list of 100,000 customers as CSV from the service, beside pyarrow.csv writing the same columns."""

from __future__ import annotations

import http.client
import io
import statistics
import time
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from benchmarks.results_table import Row, compared
from benchmarks.serving_rows import at_least
from serving.snapshot import Snapshot

_TURNS = 5


def list_rows(port: int, key: str, snapshot: Snapshot) -> list[Row]:
    """Rows a second of the largest segment's customers, and of the customers at risk, whose reasons are sentences."""
    segments = snapshot.tables["customer_scores"]["segment_id"].value_counts().to_pylist()
    largest = max(segments, key=lambda one: one["counts"])["values"]
    return [
        *_beside_arrow(port, key, f"/api/v1/segments/{largest}/customers?format=csv", "a segment's customers"),
        *_beside_arrow(port, key, "/api/v1/churn?format=csv", "customers at risk with reasons"),
    ]


def _beside_arrow(port: int, key: str, path: str, name: str) -> list[Row]:
    # The first time what the list needs is made ready.
    content, _ = _got(port, key, path)
    table = _read(content)
    taken = [_got(port, key, path)[1] for _ in range(_TURNS)]
    bare = [_written(table) for _ in range(_TURNS)]
    rows = len(table)
    ours, arrow = rows / statistics.median(taken), rows / statistics.median(bare)
    said = f"CSV of {rows:,} {name}, {len(content) / 1e6:.0f} MB; Arrow"
    return (
        [at_least(said, ours, "rows/s", arrow, 0.5)]
        if "reasons" not in name
        else [compared(said, ours, "rows/s", arrow)]
    )


def _got(port: int, key: str, path: str) -> tuple[bytes, float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        begun = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        content = answer.read()
        taken = time.perf_counter() - begun
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} was answered with {answer.status}")
    return content, taken


def _read(content: bytes) -> pa.Table:
    """The list as Arrow, its columns of the types they look like."""
    options: Any = pa.csv.ParseOptions(newlines_in_values=True)
    table: pa.Table = pa.csv.read_csv(io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")), parse_options=options)
    times = [name for name in table.column_names if pa.types.is_timestamp(table[name].type)]
    for name in times:
        table = table.set_column(table.column_names.index(name), name, pc.cast(table[name], pa.string()))
    return table


def _written(table: pa.Table) -> float:
    """Seconds in which Arrow writes it to memory."""
    file = io.BytesIO()
    begun = time.perf_counter()
    pa.csv.write_csv(table, file)
    return time.perf_counter() - begun
