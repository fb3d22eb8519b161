"""Counts of different customers, rewritten as counts of contacts that are their customer's first in a group."""

from __future__ import annotations

from sqlglot import expressions

from features.statistics.once import ONCE


def counted_once(tree: expressions.Expr) -> expressions.Expr | None:
    """An expression with its different customers counted where "once" is true; None where it counts none."""
    # What has nothing around it can't be replaced.
    around = expressions.Paren(this=tree)
    found = [counted for counted in around.find_all(expressions.Filter) if _is_of_customers(counted.this)]
    for counted in found:
        known = expressions.Not(this=expressions.Is(this=_column("customer_id"), expression=expressions.Null()))
        where = expressions.and_(counted.expression.this, known, _column(ONCE))
        counted.replace(
            expressions.Filter(
                this=expressions.Count(this=expressions.Star()), expression=expressions.Where(this=where)
            )
        )
    return around.this if found else None


def _is_of_customers(aggregate: expressions.Expr) -> bool:
    return aggregate.sql(dialect="duckdb") == 'COUNT(DISTINCT "customer_id")'


def _column(name: str) -> expressions.Column:
    return expressions.column(name, quoted=True)
