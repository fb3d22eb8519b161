"""The columns of a table from what a mapping's rules found: cleaned, the same for all rows, or null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from interactions.cleaning.own_keys import OWN_KEY, own_key
from interactions.sources.mapping import Resolved
from workspace.tables import PROVENANCE, TABLES, TIMESTAMP

if TYPE_CHECKING:
    import ibis.expr.types as ir

VALUE = "value: "

_DEFAULTS: dict[str, dict[str, object]] = {
    "interactions": {"channel": "other", "direction": "unknown"},
    "volume_history": {"channel": "all", "period_minutes": 1440},
}
# Columns that say where a row came from: not of its making.
_GIVEN = {column.name for column in PROVENANCE if column.name != "known_at"}


def constants(resolved: Resolved) -> dict[str, object]:
    """The columns that no rule makes, with what all rows hold in them: the table's default, or None."""
    table = resolved.mapping.table
    made = {*resolved.rules, own_key(table), *(["order_id"] if table == "orders" else [])}
    defaults = _DEFAULTS.get(table, {})
    return {
        column.name: defaults.get(column.name)
        for column in TABLES[table].columns
        if column.name not in made and column.name not in _GIVEN
    }


def all_columns(resolved: Resolved, rows: ir.Table, wanted: Sequence[str] | None = None) -> dict[str, Any]:
    """Every column of the table, or those wanted, with its type: cleaned, by default, or null."""
    table = resolved.mapping.table
    types = {column.name: _ibis_type(column.type) for column in TABLES[table].columns}
    columns: dict[str, Any] = {
        name: ibis.literal(value, types[name]) if value is not None else ibis.null(types[name])
        for name, value in constants(resolved).items()
    }
    for column in TABLES[table].columns:
        if column.name in resolved.rules:
            columns[column.name] = rows[VALUE + column.name].cast(types[column.name])
        elif column.name == own_key(table) and OWN_KEY in rows.columns:
            columns[column.name] = rows[OWN_KEY]
    if table == "orders" and "order_id" not in columns:
        columns["order_id"] = columns["order_line_id"]
    names = [name for name in TABLES[table].column_names if name in columns]
    return {name: columns[name] for name in names if wanted is None or name in wanted}


def _ibis_type(type_: pa.DataType) -> Any:
    return ibis.dtype("timestamp('UTC', 6)") if type_ == TIMESTAMP else ibis.dtype(type_)
