"""Where a key lies in a sorted column of a mapped table: no index is kept, a few dozen looks are enough."""

from bisect import bisect_left, bisect_right

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# Keys that are looked for at once: what is made for them on the way stays small.
_KEYS = 50_000


def rows_in(keys: pa.ChunkedArray, column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    """For each key its row in `column`, -1 where it isn't there; both sorted by bytes, `keys` without nulls,
    no key twice in `column`."""
    found = np.full(len(keys), -1, np.int32)
    for begin in range(0, len(keys), _KEYS):
        piece = keys.slice(begin, _KEYS)
        first, _ = run_of(column, piece[0].as_py())
        if column.slice(first, len(piece)).equals(piece):
            # The same customers in the same order, as in most tables.
            found[begin : begin + len(piece)] = np.arange(first, first + len(piece))
            continue
        _, last = run_of(column, piece[len(piece) - 1].as_py())
        at = pc.index_in(piece, value_set=column.slice(first, last - first).combine_chunks())
        rows = at.combine_chunks().fill_null(-1 - first).to_numpy(zero_copy_only=False)
        found[begin : begin + len(piece)] = rows + first
    return found


def run_of(column: pa.ChunkedArray | pa.Array, key: str) -> tuple[int, int]:
    """First row and the row after the last whose value is `key`, in a text column sorted by bytes with nulls last."""
    known = range(len(column) - column.null_count)

    def value(row: int) -> str:
        text: str = column[row].as_py()
        return text

    # Python orders text by code point, which is the order of its UTF-8 bytes.
    first = bisect_left(known, key, key=value)
    # Runs are short: their end is looked for nearby first, each time twice as far.
    reach = 1
    while first + reach < len(known) and value(first + reach) <= key:
        reach *= 2
    return first, bisect_right(known, key, lo=first, hi=min(first + reach, len(known)), key=value)
