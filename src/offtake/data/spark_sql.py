"""Spark SQL from expressions, where Ibis would write something that Spark reads differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ibis.backends.sql.compilers.pyspark import PySparkCompiler

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.operations as ops
    import sqlglot.expressions as sge


class SparkSql(PySparkCompiler):  # type: ignore[misc]  # Ibis carries no type information
    """Ibis's own compiler but for two operations; the tests that compare engines found them."""

    def visit_Literal(  # noqa: N802  # Ibis's name
        self, op: ops.Literal, *, value: object, dtype: dt.DataType
    ) -> sge.Expression:
        """Write 3600.0 as a double: by itself Spark takes it for a decimal of one place.

        An integer divided by such a decimal keeps six places, where DuckDB keeps all.
        """
        written: sge.Expression = super().visit_Literal(op, value=value, dtype=dtype)
        if dtype.is_floating():
            written = self.cast(written, dtype)
        return written

    def visit_CountStar(  # noqa: N802  # Ibis's name
        self, op: ops.CountStar, *, arg: sge.Expression, where: sge.Expression | None
    ) -> sge.Expression:
        """Count the rows for which a condition holds as 0 where it holds for none.

        Ibis sums the condition, and the sum of nothing is NULL.
        """
        written: sge.Expression = super().visit_CountStar(op, arg=arg, where=where)
        if where is not None:
            written = self.f.count_if(where)
        return written
