"""Columns of the answers, and tables made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

Columns = dict[str, Any]
"""Values by name, all of one length."""


def as_table(columns: Columns) -> pa.Table:
    """Return an Arrow table; a number that is not known is null."""
    import pyarrow as pa

    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
