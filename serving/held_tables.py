"""Arrow tables that a prepared query reads, put in the place of one another without telling the engine.

DuckDB 2.0 plans a prepared statement anew at every EXECUTE once it reads a table of the database (48 of 66 ms for the
features of one history), but not when it reads what Arrow hands over. So nothing is inserted either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa


class Held:
    """What DuckDB takes for a table: at each scan it asks anew for what is held."""

    def __init__(self, schema: pa.Schema) -> None:
        self._nothing = schema.empty_table()
        self._rows = self._nothing

    def hold(self, rows: pa.Table) -> None:
        """Hold these rows. Raises ValueError for another schema: the query was planned for this one."""
        if rows.schema != self._nothing.schema:
            raise ValueError(f"a table of {rows.schema.names} where {self._nothing.schema.names} was prepared for")
        self._rows = rows

    def empty(self) -> None:
        """Let go of the rows."""
        self._rows = self._nothing

    def __arrow_c_schema__(self) -> Any:
        return self._nothing.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._rows.__arrow_c_stream__(requested_schema)


class HeldTables:
    """The tables of one connection's prepared query, by name; for one caller at a time."""

    def __init__(self, connection: Any, schemas: Mapping[str, pa.Schema]) -> None:
        self._held = {name: Held(schema) for name, schema in schemas.items()}
        for name, held in self._held.items():
            connection.register(name, held)

    def hold(self, tables: Mapping[str, pa.Table]) -> None:
        """Put these in the place of what was held before. Raises ValueError for a table of another schema."""
        for name, rows in tables.items():
            self._held[name].hold(rows)

    def empty(self) -> None:
        """Let go of all rows."""
        for held in self._held.values():
            held.empty()
