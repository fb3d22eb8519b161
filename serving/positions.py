"""Where a key lies in a sorted column of a mapped table: no index is kept, a few dozen looks are enough."""

from bisect import bisect_left, bisect_right

import pyarrow as pa


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
