"""Which expressions can be computed from sums of sums, and how they read over a cube that holds those sums."""

from __future__ import annotations

import sqlglot
from sqlglot import expressions


class Additive:
    """Collects the exact sums and counts that additive figures are made of: the columns of a cube."""

    def __init__(self) -> None:
        self.columns: dict[str, str] = {}
        """Aggregate over rows -> its column."""

    def over_cube(self, text: str) -> str | None:
        """The same expression over the cube's columns, equal to the last bit; None where one can't be."""
        tree = expressions.Paren(this=sqlglot.parse_one(text, dialect="duckdb"))
        aggregates = [_whole(found) for found in tree.find_all(expressions.AggFunc)]
        if not all(_is_sum(aggregate) for aggregate in aggregates):
            return None
        for aggregate in aggregates:
            aggregate.replace(self._column(aggregate))
        return str(tree.this.sql(dialect="duckdb"))

    def _column(self, aggregate: expressions.Expr) -> expressions.Expr:
        name = self.columns.setdefault(aggregate.sql(dialect="duckdb"), f"sum_{len(self.columns)}")
        # A sum of nothing is null, a count 0; and a count stays as wide as it was over rows.
        over = f'SUM("{name}")' if _is(aggregate, expressions.Sum) else f'CAST(COALESCE(SUM("{name}"), 0) AS BIGINT)'
        return sqlglot.parse_one(over, dialect="duckdb")


def _whole(aggregate: expressions.Expr) -> expressions.Expr:
    """The aggregate with its FILTER."""
    parent = aggregate.parent
    return parent if isinstance(parent, expressions.Filter) else aggregate


def _is_sum(aggregate: expressions.Expr) -> bool:
    if aggregate.find(expressions.Distinct) is not None:
        return False
    return _is(aggregate, expressions.Sum) or _is(aggregate, expressions.Count)


def _is(aggregate: expressions.Expr, kind: type[expressions.Expr]) -> bool:
    bare = aggregate.this if isinstance(aggregate, expressions.Filter) else aggregate
    return isinstance(bare, kind)
