"""A mapping's `where` as a condition on received rows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.missing import trimmed
from interactions.sources import where

if TYPE_CHECKING:
    import ibis.expr.types as ir


def is_wanted(received: ir.Table, condition: where.Condition) -> Any:
    """Whether each row is one the mapping wants; never null. A blank is empty text, and no number."""
    match condition:
        case where.All(parts):
            return ibis.and_(*(is_wanted(received, part) for part in parts))
        case where.AnyOf(parts):
            return ibis.or_(*(is_wanted(received, part) for part in parts))
        case where.Not(part):
            return ~is_wanted(received, part)
        case where.Blank(column):
            return _text(received, column) == ""
        case where.Like(column, pattern):
            return _text(received, column).like(pattern)
        case where.Among(column, values):
            return ibis.or_(*(_compare(received, column, "=", value) for value in values))
        case where.Compare(column, operator, value):
            return _compare(received, column, operator, value)


def _compare(received: ir.Table, column: str, operator: str, value: str | Decimal) -> Any:
    if operator == "!=":
        return ~_compare(received, column, "=", value)
    text = _text(received, column)
    ours: Any = text.try_cast("float64") if isinstance(value, Decimal) else text
    theirs = float(value) if isinstance(value, Decimal) else value
    comparisons = {
        "=": lambda: ours == theirs,
        "<": lambda: ours < theirs,
        "<=": lambda: ours <= theirs,
        ">": lambda: ours > theirs,
        ">=": lambda: ours >= theirs,
    }
    return comparisons[operator]().fill_null(False)


def _text(received: ir.Table, column: str) -> Any:
    return trimmed(received[column].fill_null(""))
