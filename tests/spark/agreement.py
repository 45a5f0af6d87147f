"""Compares two answers to one question."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyarrow as pa

# Engines add floats in different orders, so sums differ in the last bits. A billionth of the
# value is far below a cent; where a difference of two sums is nearly nothing, a ten-thousandth of
# a cent is.
RELATIVE, ABSOLUTE = 1e-9, 1e-6

Row = dict[str, object]


def differences(left: pa.Table, right: pa.Table, keys: Sequence[str]) -> list[str]:
    """Name what differs: columns, types, number of rows, keys, then the values."""
    if left.schema.names != right.schema.names:
        return [f"columns: {left.schema.names} and {right.schema.names}"]
    if left.schema.types != right.schema.types:
        return [f"types: {left.schema.types} and {right.schema.types}"]
    if left.num_rows != right.num_rows:
        return [f"rows: {left.num_rows} and {right.num_rows}"]
    ours, theirs = _ordered(left, keys), _ordered(right, keys)
    return [
        f"{name} at {[mine[key] for key in keys]}: {mine[name]!r} and {other[name]!r}"
        for mine, other in zip(ours, theirs, strict=True)
        for name in left.schema.names
        if not _same(mine[name], other[name])
    ]


def _ordered(table: pa.Table, keys: Sequence[str]) -> list[Row]:
    """Order by the keys and by all that is not a float: some answers have further keys."""
    exact = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
    by = [*keys, *(name for name in exact if name not in keys)]
    rows: list[Row] = table.to_pylist()
    return sorted(rows, key=lambda row: [(row[name] is None, str(row[name])) for name in by])


def _same(mine: object, other: object) -> bool:
    if isinstance(mine, float) and isinstance(other, float):
        both_nan = math.isnan(mine) and math.isnan(other)
        return both_nan or math.isclose(mine, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(mine) is type(other) and mine == other
