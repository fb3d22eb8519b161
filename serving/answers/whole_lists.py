"""Lists of everybody who matches, in pieces of columns: what CSV has when no page is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from serving.callers import Caller
from serving.listing import Rows

# Enough for Arrow to be quick, and 1 to 3 MB of text.
ROWS_A_PIECE = 10_000


@dataclass(frozen=True)
class WholeList:
    """Its rows, and its columns for some of them; `about` is what an answer says beside its rows.

    `lines` are the same rows as serving.csv_columns writes them, where that was done before.
    """

    rows: Rows
    names: tuple[str, ...]
    columns: Callable[[Rows], pa.Table]
    about: dict[str, Any]
    lines: Callable[[Rows], pa.StringArray] | None = None

    def pieces(self) -> Iterator[Callable[[], pa.Table | pa.StringArray]]:
        """The rows in order; each piece is looked up when it is called, by whichever thread."""
        for begin in range(0, len(self.rows), ROWS_A_PIECE):
            yield partial(self._piece, begin)

    def _piece(self, begin: int) -> pa.Table | pa.StringArray:
        rows = self.rows[begin : begin + ROWS_A_PIECE]
        return self.columns(rows).select(list(self.names)) if self.lines is None else self.lines(rows)


def labels(caller: Caller, customer_ids: pa.ChunkedArray) -> pa.Array:
    """The customers' keys as this caller knows them."""
    if caller.sees_people:
        return customer_ids.combine_chunks()
    return pa.array([caller.label(one) for one in customer_ids.to_pylist()], pa.string())


def called(keys: pa.ChunkedArray | pa.Array, texts: Mapping[str | None, str | None]) -> pa.Array:
    """For each key its text, null where it has none; keys have few different values."""
    found = keys.combine_chunks().dictionary_encode()
    said = pa.array([texts.get(key) for key in found.dictionary.to_pylist()], pa.string())
    return said.take(found.indices)


def repeated(value: str | None, rows: int) -> pa.Array:
    """A column of one text."""
    return pa.repeat(pa.scalar(value, pa.string()), rows)
