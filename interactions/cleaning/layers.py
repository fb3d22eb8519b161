"""Steps of a cleaning run, each a named view or table: expressions stay small, costly ones are computed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend


class Layers:
    """Names for the steps of cleaning one file; the next file's take their place."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        # DuckDB makes a join of every longer IN list: with dozens of short vocabularies that takes it half a second.
        backend.raw_sql("SET disabled_optimizers = 'in_clause'")

    def view(self, name: str, rows: ir.Table) -> ir.Table:
        """The rows under a name: later expressions refer to its columns instead of repeating how they came about."""
        return self._create("VIEW", name, rows)

    def computed(self, name: str, rows: ir.Table) -> ir.Table:
        """The rows computed once and held, within the engine's memory limit or on its private disk."""
        return self._create("TABLE", name, rows)

    def part(self, name: str, rows: ir.Table) -> Callable[[], ir.Table]:
        """What computes the rows anew, from what views hold by then; the expression is put into SQL once."""
        compiled = self.backend.compile(rows)
        return lambda: self._run("TABLE", name, compiled)

    def _create(self, kind: str, name: str, rows: ir.Table) -> ir.Table:
        return self._run(kind, name, self.backend.compile(rows))

    def _run(self, kind: str, name: str, compiled: str) -> ir.Table:
        self.backend.raw_sql(f'CREATE OR REPLACE TEMPORARY {kind} "{name}" AS {compiled}')
        return self.backend.table(name)
