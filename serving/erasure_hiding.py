"""A published version's tables without customers who are being erased: pieces of the mapped ones, nothing copied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pyarrow as pa

from serving.overlay import Overlay
from serving.positions import run_of

_BY_CUSTOMER = "customer_id"
_CONTACTS, _SIGNALS = "interactions", "message_signals"


def without_people(tables: Mapping[str, pa.Table], customer_ids: Collection[str]) -> dict[str, pa.Table]:
    """The tables, those sorted by customer without these customers' rows, and signals without those of their contacts.

    What counts people, and names none, stays as it is.
    """
    found = dict(tables)
    contacts: list[str] = []
    if _SIGNALS in tables:
        for customer_id in customer_ids:
            first, last = run_of(tables[_CONTACTS][_BY_CUSTOMER], customer_id)
            contacts += tables[_CONTACTS]["interaction_id"].slice(first, last - first).to_pylist()
        found[_SIGNALS] = _without(tables[_SIGNALS], "interaction_id", contacts)
    for name, table in tables.items():
        if _BY_CUSTOMER in table.schema.names:
            found[name] = _without(table, _BY_CUSTOMER, customer_ids)
    return found


def overlay_without(overlay: Overlay, customer_ids: Collection[str]) -> Overlay:
    """An overlay without these customers' rows; what stood in the place of theirs counts on as it was published."""
    if not customer_ids:
        return overlay
    tables = {name: _without(rows, _BY_CUSTOMER, customer_ids) for name, rows in overlay.tables.items()}
    return replace(overlay, tables=tables)


def _without(table: pa.Table, column: str, keys: Collection[str]) -> pa.Table:
    """A table sorted by a text column without the rows of these keys."""
    runs = sorted(run for run in (run_of(table[column], key) for key in keys) if run[1] > run[0])
    if not runs:
        return table
    pieces = []
    begin = 0
    for first, last in runs:
        pieces.append(table.slice(begin, first - begin))
        begin = last
    return pa.concat_tables([*pieces, table.slice(begin)])
