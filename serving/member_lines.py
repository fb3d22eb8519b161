"""What a segment's list says of each customer, as lines of CSV that are written when a version is published.

Such lists are asked for whole, by the hundred thousand: all that is left to do then is to put the lines in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serving.answers.whole_lists import repeated
from serving.csv_columns import csv_lines
from serving.listing import Listing, Rows

MEMBER = (
    "customer_id", "name", "owner", "region", "city", "churn_90", "risk_band", "value", "horizon_days",
    "marketing_consent", "cutoff",
)  # fmt: skip
# Sorted by customer_id, a line for each row of customer_scores.
LINES = pa.schema([("customer_id", pa.string()), ("line", pa.string())])
_ROWS_A_PIECE = 50_000


def member_table(listing: Listing, rows: Rows, horizon_days: Sequence[int] | None) -> pa.Table:
    """The columns of MEMBER, of some rows of the listing."""
    found = listing.table(rows, [name for name in MEMBER if name != "horizon_days"])
    said = None if horizon_days is None else "; ".join(map(str, horizon_days))
    return found.append_column("horizon_days", repeated(said, len(rows))).select(list(MEMBER))


def member_lines(scores: pa.Table, customers: pa.Table, horizon_days: Sequence[int] | None) -> pa.Table:
    """LINES of all scored customers; both tables are sorted by customer_id."""
    listing = Listing(scores, customers, scores.select(["customer_id"]))

    def written() -> Iterator[pa.Array]:
        for begin in range(0, len(scores), _ROWS_A_PIECE):
            rows = np.arange(begin, min(begin + _ROWS_A_PIECE, len(scores)), dtype=np.int32)
            yield csv_lines(member_table(listing, rows, horizon_days))

    return pa.table([scores["customer_id"], pa.chunked_array(list(written()), pa.string())], LINES)


def unwritten(customer_ids: pa.ChunkedArray) -> pa.Table:
    """LINES of customers of whom something changed since the version was published."""
    return pa.table([customer_ids, pa.nulls(len(customer_ids), pa.string())], LINES)


def lines_of(listing: Listing, lines: pa.Table, rows: Rows, horizon_days: Sequence[int] | None) -> pa.Array:
    """The lines of some rows; those that are not written yet are written now."""
    found = lines["line"].take(pa.array(rows)).combine_chunks()
    if not found.null_count:
        return found
    missing = pc.is_null(found)
    return pc.replace_with_mask(
        found, missing, csv_lines(member_table(listing, rows[missing.to_numpy(zero_copy_only=False)], horizon_days))
    )
