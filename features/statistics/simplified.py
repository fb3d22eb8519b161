"""Aggregates that count the same rows written the same way, so that each is computed and kept once."""

from __future__ import annotations

from sqlglot import expressions


def simplified(statement: expressions.Expr) -> expressions.Expr:
    """COUNT(x) FILTER(WHERE y) as COUNT(*) FILTER(WHERE y) where y says that x is true or known; conditions once."""
    for found in list(statement.find_all(expressions.Filter)):
        conditions = _conditions(found.expression.this)
        found.expression.set("this", expressions.and_(*conditions))
        counted = found.this
        if isinstance(counted, expressions.Count) and _is_known(counted.this, conditions):
            counted.set("this", expressions.Star())
    return statement


def _conditions(condition: expressions.Expr) -> list[expressions.Expr]:
    """The parts of a conjunction, each once, without brackets around any."""
    bare = condition.unnest()
    parts = bare.flatten() if isinstance(bare, expressions.And) else [bare]
    if not isinstance(bare, expressions.And):
        return [bare]
    found: dict[str, expressions.Expr] = {}
    for part in parts:
        for one in _conditions(part):
            found.setdefault(one.sql(dialect="duckdb"), one)
    return list(found.values())


def _is_known(counted: expressions.Expr, conditions: list[expressions.Expr]) -> bool:
    if isinstance(counted, (expressions.Star, expressions.Distinct)):
        return False
    texts = {condition.sql(dialect="duckdb") for condition in conditions}
    known = expressions.Not(this=expressions.Is(this=_bracketed(counted.copy()), expression=expressions.Null()))
    if known.sql(dialect="duckdb") in texts:
        return True
    return {part.sql(dialect="duckdb") for part in _conditions(counted)} <= texts


def _bracketed(counted: expressions.Expr) -> expressions.Expr:
    return expressions.Paren(this=counted) if isinstance(counted, expressions.Binary) else counted
