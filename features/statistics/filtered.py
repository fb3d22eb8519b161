"""Figures of a part of the rows: what all their aggregates filter by, written once in front of them.

A row that no aggregate counts then need not be put into a group, which is most of the cost of a quantile.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import expressions


def filtered(texts: Mapping[str, str]) -> dict[str, str] | None:
    """`where`, the condition that every aggregate of the expressions has, and the expressions without it by their
    names; None where an aggregate has another condition or none.
    """
    trees = {name: expressions.Paren(this=sqlglot.parse_one(text, dialect="duckdb")) for name, text in texts.items()}
    conditions = {_condition(aggregate) for tree in trees.values() for aggregate in tree.find_all(expressions.AggFunc)}
    if len(conditions) != 1 or None in conditions:
        return None
    for tree in trees.values():
        for found in list(tree.find_all(expressions.Filter)):
            found.replace(found.this)
    (where,) = conditions
    return {"where": str(where), **{name: str(tree.this.sql(dialect="duckdb")) for name, tree in trees.items()}}


def _condition(aggregate: expressions.Expr) -> str | None:
    around = aggregate.parent
    return str(around.expression.this.sql(dialect="duckdb")) if isinstance(around, expressions.Filter) else None
