"""Types of the columns of customer tables: the same whether or not there is anything to tell."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from offtake.models.columns import Columns

if TYPE_CHECKING:
    import pyarrow as pa

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "string": (
        "by", "name", "model", "unit", "why", "not_told", "valued_at", "parameter", "household_id",
        "note",
    ),
    "bool_": ("chosen", "converged", "held_out", "told", "spend_converged"),
    "int64": (
        "customers", "repeaters", "horizon_weeks", "lifetime_weeks", "parameters", "holdout_weeks",
        "frequency",
    ),
    "date32": ("cut", "week"),
})  # fmt: skip
OTHERWISE = "float64"


def typed_table(columns: Columns) -> pa.Table:
    """Return an Arrow table; a number that is not known is null.

    Examples
    --------
    >>> str(typed_table({"name": [None], "alive": [float("nan")]}).schema.types)
    '[DataType(string), DataType(double)]'
    """
    import pyarrow as pa

    kind_of = {name: kind for kind, names in KINDS.items() for name in names}
    return pa.table({
        name: pa.array(values, getattr(pa, kind_of.get(name, OTHERWISE))(), from_pandas=True)
        for name, values in columns.items()
    })  # fmt: skip
