"""The statistics of one version: one locked-down DuckDB over the mapped tables, used by one thread at a time.

A version never changes, so a figure is computed once: the last answers are kept. What is made of sums comes from the
published cubes, the smallest that will do; quantiles and unique counts come from the rows.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from features.statistics.cube import cube_named
from serving.answer_memory import answering
from workspace.settings import Limits

if TYPE_CHECKING:
    from features.statistics.cube import Cube
    from features.statistics.figure import Query

KEPT = 512
# A longer answer is rare, and quick to make beside being sent.
KEPT_ROWS = 10_000


@dataclass(frozen=True)
class Since:
    """Rows of the interactions base that came after publishing, and the published ones in whose place they are."""

    rows: pa.Table
    replaced: pa.Table


class Figures:
    """Answers Query after Query from the published bases, `customer_values` and cubes, within `answer_memory`."""

    def __init__(
        self,
        tables: Mapping[str, pa.Table],
        sql: Mapping[str, str],
        limits: Limits | None = None,
        since: Since | None = None,
    ) -> None:
        self._tables = dict(tables)
        self._since = since
        self._limits = limits or Limits()
        self._sql = dict(sql)
        self._lock, self._kept_lock = threading.Lock(), threading.Lock()
        self._connection: Any = None
        self._cubes: list[Cube] = []
        self._kept: OrderedDict[Hashable, pa.Table] = OrderedDict()

    def figure(self, query: Query) -> pa.Table:
        """A table of the figure, as features.statistics.figure.figure gives it.

        Raises QueryError for a figure, dimension, grain or range that doesn't exist, TooMuch for one that needs more
        memory than an answer may.
        """
        key = _key(query)
        # Looked for before waiting for whoever computes another figure, and again for one that computed the same.
        found = self._known(key)
        if found is None:
            with self._lock:
                found = self._known(key)
                if found is None:
                    found = self._computed(query)
                    self._keep(key, found)
        return found

    def _computed(self, query: Query) -> pa.Table:
        from features.statistics.figure import figure

        with answering(self._limits):
            return figure(self._opened(), self._sql, query, self._cubes)

    def _known(self, key: Hashable) -> pa.Table | None:
        with self._kept_lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def _keep(self, key: Hashable, found: pa.Table) -> None:
        if found.num_rows > KEPT_ROWS:
            return
        with self._kept_lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _opened(self) -> Any:
        if self._connection is None:
            from workspace.engine import locked_down

            connection = locked_down(self._limits.answer_memory, threads=2)
            for name, table in self._tables.items():
                connection.register(name if self._since is None else f"published-{name}", table)
            if self._since is not None:
                self._lay_over(connection, self._since)
            named = {name: cube_named(name) for name in sorted(self._tables, key=lambda name: len(self._tables[name]))}
            self._cubes = [cube for cube in named.values() if cube is not None]
            self._connection = connection
        return self._connection

    def _lay_over(self, connection: Any, since: Since) -> None:
        """Every table as a view of the published one and what came since."""
        from features.statistics.cube_tables import cells_since

        connection.register("since", since.rows)
        connection.register("replaced", since.replaced)
        published = 'SELECT * FROM "published-interactions"'
        if len(since.replaced):
            published += ' WHERE interaction_id NOT IN (SELECT interaction_id FROM "replaced")'
        views = {name: f'SELECT * FROM "published-{name}"' for name in self._tables}
        views["interactions"] = f"{published} UNION ALL BY NAME SELECT * FROM since"
        for name in self._tables:
            cube = cube_named(name)
            if cube is not None:
                # As a table: over cells still to be summed DuckDB 2.0 loses those below zero.
                connection.register(f"since-{name}", connection.sql(cells_since(cube, self._sql)).to_arrow_table())
                views[name] += f' UNION ALL BY NAME SELECT * FROM "since-{name}"'
        for name, text in views.items():
            connection.execute(f'CREATE VIEW "{name}" AS {text}')


def _key(query: Query) -> Hashable:
    where = tuple(sorted((name, tuple(values)) for name, values in query.where.items()))
    # The moments as they are on the clock asked from: a naive one is refused, not answered from what another found.
    moments = (repr(query.start), repr(query.end))
    return (query.metric, *moments, query.by, query.grain, query.compare, where)
