"""Spark SQL for Ibis expressions, with the meaning they have on DuckDB.

Where Ibis writes for Spark what comes out otherwise than on DuckDB, it is put right here, once, so that features are
written without a thought of the engine.
"""

from __future__ import annotations

from typing import Any

import ibis.expr.datatypes as dt
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL, SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

# What DuckDB has and Spark calls otherwise: declared in every session, inlined by Spark's planner.
FUNCTIONS = ("CREATE TEMPORARY FUNCTION epoch_us(moment TIMESTAMP) RETURNS BIGINT RETURN unix_micros(moment)",)


class SparkSQL(PySparkCompiler):  # type: ignore[misc]  # Ibis is not checked
    """Ibis's compiler for Spark, with DuckDB's meaning of a few operations."""

    __slots__ = ()

    # Without Ibis's option that takes NaN for null.
    visit_Field = SQLGlotCompiler.visit_Field

    def to_sqlglot(self, expr: Any, **options: Any) -> Any:
        """Each part once for every place it stands in.

        Ibis puts one and the same part into several places, and what turns QUALIFY into a WHERE for Spark changes it in
        the first of them alone: the others would keep every version of a row.
        """
        return super().to_sqlglot(expr, **options).copy()

    def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:
        """Rows that fulfil a condition: 0, not null, where there is none."""
        return self.f.count_if(where) if where is not None else super().visit_CountStar(op, arg=arg, where=where)

    def visit_Divide(self, op: Any, *, left: Any, right: Any) -> Any:
        """Decimals divide into a float, too; Spark makes another decimal of them."""
        left = self.cast(left, dt.float64) if op.left.dtype.is_decimal() else left
        right = self.cast(right, dt.float64) if op.right.dtype.is_decimal() else right
        return super().visit_Divide(op, left=left, right=right)

    def visit_Median(self, op: Any, *, arg: Any, where: Any) -> Any:
        """The exact median, by interpolation; Ibis makes the fraction 0.5 depend on the row, which Spark refuses."""
        return self.f.percentile(arg if where is None else self.if_(where, arg, NULL), sge.convert(0.5))

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        """NaN is a number."""
        return arg.is_(NULL)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        """NaN is a number."""
        return arg.is_(sge.Not(this=NULL))

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        """A float is one; Spark reads 0.05 as a decimal."""
        if dtype.is_floating():
            return self.cast(repr(float(value)), dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)


compiler = SparkSQL()
