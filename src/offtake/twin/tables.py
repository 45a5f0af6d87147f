"""Rows on their way to files: by contract, and truth apart from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Ints, Texts

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Made:
    """Rows that one part of the twin made.

    Parameters
    ----------
    tables
        Contract to rows, named as the contract's columns; those left out are empty.
    truth
        Name of a truth table to rows.
    """

    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    truth: Mapping[str, pa.Table] = field(default_factory=dict)


def coded(names: Texts, index: Ints) -> pa.Array:
    """Return ``names[index]`` as a dictionary-encoded array: every name is held once.

    Examples
    --------
    >>> coded(np.array(["a", "b"]), np.array([1, 1])).to_pylist()
    ['b', 'b']
    """
    return pa.DictionaryArray.from_arrays(
        pa.array(index.astype(np.int32)), pa.array(list(names), type=pa.string())
    )


def constant(value: str, rows: int) -> pa.Array:
    """Return one text on every row.

    Examples
    --------
    >>> constant("planned", 2).to_pylist()
    ['planned', 'planned']
    """
    return coded(np.array([value]), np.zeros(rows, dtype=np.int64))


def days_array(days: NDArray[np.datetime64]) -> pa.Array:
    """Return dates as Arrow has them."""
    return pa.array(days.astype("datetime64[D]"), type=pa.date32())


def merged(parts: Iterable[Made]) -> Made:
    """Join what several parts made, table by table."""
    tables: dict[str, list[pa.Table]] = {}
    truth: dict[str, list[pa.Table]] = {}
    for part in parts:
        for name, table in part.tables.items():
            tables.setdefault(name, []).append(table)
        for name, table in part.truth.items():
            truth.setdefault(name, []).append(table)
    return Made(
        {name: _joined(each) for name, each in tables.items()},
        {name: _joined(each) for name, each in truth.items()},
    )


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables, promote_options="default").unify_dictionaries()
