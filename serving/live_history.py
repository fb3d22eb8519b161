"""Histories of a few customers out of a published version and the events since, in the lake's schemas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serving.history_tables import REQUEST
from serving.positions import run_of
from workspace.tables import TABLES

if TYPE_CHECKING:
    from serving.snapshot import Snapshot
# Finding one key among many rows takes as long as going through so many.
_ROWS_A_LOOK = 1_000


def published_rows(snapshot: Snapshot, table: str, customers: Sequence[str]) -> pa.Table:
    """The customers' published rows of a table sorted by customer, as they lie there."""
    return _runs(snapshot.tables[table], "customer_id", customers)


def published_signals(snapshot: Snapshot, contacts: pa.Table) -> pa.Table:
    """The published message signals of contacts that have a text."""
    written = contacts.filter(pc.is_valid(contacts["content"]))["interaction_id"].to_pylist()
    return _runs(snapshot.tables["message_signals"], "interaction_id", written)


def _runs(rows: pa.Table, key: str, values: Sequence[str]) -> pa.Table:
    """The rows of these values of the key that rows are sorted by."""
    if len(rows) < _ROWS_A_LOOK * len(values):
        return only(rows, key, values)
    places = np.array([run_of(rows[key], one) for one in values], np.int64).reshape(-1, 2)
    counts = places[:, 1] - places[:, 0]
    # first, first + 1, ... of each run, one run after the other.
    starts = np.repeat(places[:, 0] - np.cumsum(counts) + counts, counts)
    return rows.take(pa.array(starts + np.arange(counts.sum())))


def as_collected(name: str, rows: pa.Table) -> pa.Table:
    """Published rows in the lake's schema. Where they came from is not published: they are of a table's only source."""
    schema = TABLES[name].schema
    stand_in = {"source": REQUEST, "source_row": 0, "is_revision": False}
    columns = []
    for field in schema:
        if field.name in rows.column_names:
            columns.append(rows[field.name].cast(field.type))
        elif field.name == "collected_at":
            columns.append(rows["known_at"])
        else:
            columns.append(pa.chunked_array([pa.repeat(pa.scalar(stand_in.get(field.name), field.type), len(rows))]))
    return pa.table(columns, schema)


def in_place(rows: pa.Table, newer: pa.Table, key: str) -> pa.Table:
    """`rows` with those of `newer` in the place of rows of the same key."""
    return pa.concat_tables([without(rows, key, newer[key]), newer])


def without(rows: pa.Table, key: str, values: pa.ChunkedArray | Sequence[str]) -> pa.Table:
    """The rows whose key is none of the values."""
    return rows.filter(pc.invert(_among(rows, key, values)))


def only(rows: pa.Table, key: str, values: pa.ChunkedArray | Sequence[str]) -> pa.Table:
    """The rows whose key is one of the values."""
    return rows.filter(_among(rows, key, values))


def _among(rows: pa.Table, key: str, values: pa.ChunkedArray | Sequence[str]) -> pa.ChunkedArray:
    known = values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([pa.array(values, pa.string())])
    return pc.is_in(rows[key], value_set=known.combine_chunks())
