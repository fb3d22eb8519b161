"""The statistics of one version: one locked-down DuckDB over the mapped tables, used by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from features.statistics.figure import Query


class Figures:
    """Answers Query after Query from the published `interactions` and `orders`."""

    def __init__(self, tables: Mapping[str, pa.Table], sql: Mapping[str, str]) -> None:
        self._tables = dict(tables)
        self._sql = dict(sql)
        self._lock = threading.Lock()
        self._connection: Any = None

    def figure(self, query: Query) -> pa.Table:
        """A table of the figure, as features.statistics.figure.figure gives it.

        Raises QueryError for a figure, dimension, grain or range that doesn't exist.
        """
        from features.statistics.figure import figure

        with self._lock:
            return figure(self._opened(), self._sql, query)

    def _opened(self) -> Any:
        if self._connection is None:
            from workspace.engine import locked_down

            connection = locked_down(threads=2)
            for name, table in self._tables.items():
                connection.register(name, table)
            self._connection = connection
        return self._connection
