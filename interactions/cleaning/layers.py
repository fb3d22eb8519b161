"""Steps of a cleaning run, each a named view or table: expressions stay small, costly ones are computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workspace.engine import beside

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

# DuckDB makes a join of every longer IN list: with dozens of short vocabularies that takes it half a second.
_SETTING = "SET disabled_optimizers = 'in_clause'"


class Layers:
    """Names for the steps of cleaning one file; the next file's take their place."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        backend.raw_sql(_SETTING)
        self._views: dict[str, str] = {}

    def view(self, name: str, rows: ir.Table) -> ir.Table:
        """The rows under a name: later expressions refer to its columns instead of repeating how they came about."""
        return self.written(name, self.backend.compile(rows))

    def written(self, name: str, sql: str) -> ir.Table:
        """What a query of the engine's own says, under a name."""
        self._views[name] = sql
        return self._create("TEMPORARY VIEW", name, sql)

    def computed(self, name: str, rows: ir.Table) -> ir.Table:
        """The rows computed once and held, within the engine's memory limit or on its private disk."""
        return self._create("TABLE", name, self.backend.compile(rows))

    def beside(self) -> Any:
        """A connection for another thread that has the same views and tables."""
        connection = beside(self.backend)
        connection.execute(_SETTING)
        for name, compiled in self._views.items():
            connection.execute(_created("TEMPORARY VIEW", name, compiled))
        return connection

    def _create(self, kind: str, name: str, compiled: str) -> ir.Table:
        self.backend.raw_sql(_created(kind, name, compiled))
        return self.backend.table(name)


def _created(kind: str, name: str, compiled: str) -> str:
    return f'CREATE OR REPLACE {kind} "{name}" AS {compiled}'
