"""Rows of an Arrow table ready for JSON, column by column: a time alone costs Python 3 µs, and 0.3 µs in an array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from serving.answers.forms import plain

_ZONE = {None: "", "UTC": "Z"}
_MICROSECONDS = 1_000_000
_AS_IT_IS = frozenset(kind.id for kind in (pa.string(), pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64()))
_TIMESTAMP = pa.timestamp("us").id


def told(rows: pa.Table) -> dict[str, list[Any]]:
    """The values of each column, each the very same as forms.plain of it."""
    pieces = [[told_column(column) for column in piece.columns] for piece in rows.to_batches()]
    if len(pieces) == 1:
        return dict(zip(rows.column_names, pieces[0], strict=True))
    return {name: [one for piece in pieces for one in piece[at]] for at, name in enumerate(rows.column_names)}


def told_column(values: pa.Array) -> list[Any]:
    """The very same as forms.plain of each value."""
    kind = values.type
    if values.null_count == len(values):
        return [None] * len(values)
    if kind.id == _TIMESTAMP and kind.unit == "us" and kind.tz in _ZONE:
        return _moments(values)
    found: list[Any] = values.to_pylist()
    return found if kind.id in _AS_IT_IS else [plain(value) for value in found]


def _moments(values: pa.Array) -> list[str | None]:
    """Times as forms.moment writes them: without a fraction where it is nothing, else with all six digits."""
    moments = values.to_numpy(zero_copy_only=False)
    zone = _ZONE[values.type.tz]
    written = np.datetime_as_string(moments.astype("datetime64[s]")).tolist()
    fractions = moments.view(np.int64) % _MICROSECONDS
    if fractions.any():
        written = [
            f"{text}.{part:06d}" if part else text for text, part in zip(written, fractions.tolist(), strict=True)
        ]
    if not values.null_count:
        return [text + zone for text in written]
    # What isn't known is no time: NaT.
    return [None if text.startswith("N") else text + zone for text in written]
