"""Keys of rows whose mapping gives none: a hash of the row and of how many equal rows of its file came before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from interactions.sources.batches import BROKEN, OURS, ROW
from interactions.sources.names import REQUIRED
from workspace.tables import TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir

OWN_KEY = "own key"
# Of the row's SHA-256, this many hexadecimal digits.
_DIGITS = 24
_COPY = "copy of an earlier row"


def own_key(table: str) -> str | None:
    """The key column that is made from the row itself where no mapping gives it."""
    key = TABLES[table].key
    return key[0] if len(key) == 1 and key[0] not in REQUIRED[table] else None


def with_row_key(rows: ir.Table, received: ir.Table, copies: ir.Table | None) -> ir.Table:
    """The rows, which hold the received columns, with OWN_KEY; `copies` as below, when it was computed before."""
    rows = rows.mutate(**{OWN_KEY: _digest(rows, received)})
    copies = _copies(rows.select(ROW, OWN_KEY)) if copies is None else copies
    joined = rows.left_join(copies, rows[ROW] == copies.copied_row)
    own = joined[_COPY].notnull().ifelse(joined[OWN_KEY] + "-" + joined[_COPY].cast("string"), joined[OWN_KEY])
    return joined.mutate(**{OWN_KEY: own}).drop("copied_row", _COPY)


def copies(received: ir.Table) -> ir.Table:
    """The rows of a file that equal an earlier one, with the number of those before."""
    return _copies(received.select(received[ROW], **{OWN_KEY: _digest(received, received)}))


def _copies(keyed: ir.Table) -> ir.Table:
    # Counting is cheap, numbering sorts: only digests that come twice are numbered.
    counted = keyed.group_by(OWN_KEY).agg(rows=keyed.count())
    repeated = keyed.semi_join(counted.filter(counted.rows > 1), OWN_KEY)
    number = ibis.row_number().over(group_by=OWN_KEY, order_by=ROW)
    numbered = repeated.select(copied_row=repeated[ROW], **{_COPY: number})
    return numbered.filter(numbered[_COPY] > 0)


def _digest(rows: ir.Table, received: ir.Table) -> Any:
    names = sorted(name for name in received.columns if name not in OURS)
    content = ibis.literal("\x1f").join([rows[name].fill_null("\x00") for name in [*names, BROKEN]])
    return content.hexdigest("sha256").left(_DIGITS)
