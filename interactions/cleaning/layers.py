"""Steps of a cleaning run, each a named view or table: expressions stay small, costly ones are computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend


class Layers:
    """Names for the steps of cleaning one file; the next file's take their place."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def view(self, name: str, rows: ir.Table) -> ir.Table:
        """The rows under a name: later expressions refer to its columns instead of repeating how they came about."""
        return self._create("VIEW", name, rows)

    def computed(self, name: str, rows: ir.Table) -> ir.Table:
        """The rows computed once and held, within the engine's memory limit or on its private disk."""
        return self._create("TABLE", name, rows)

    def _create(self, kind: str, name: str, rows: ir.Table) -> ir.Table:
        query = ibis.to_sql(rows, dialect="duckdb")
        self.backend.raw_sql(f'CREATE OR REPLACE TEMPORARY {kind} "{name}" AS {query}')
        return self.backend.table(name)
