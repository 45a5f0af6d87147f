"""Which margin is in force where and when: one rule for all models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offtake.models.names import Names

EVERYWHERE = "all"
"""Stands in `unit_margin` for every retailer without a row of its own."""
COLUMNS = ("product_id", "retailer", "valid_from", "margin")
Codes = NDArray[np.int64]
Coded = tuple[Names, Codes]
"""Names, and codes of some places among them."""


def margins_in_force(
    rows: Iterable[Mapping[str, Any]],
    items: Coded,
    retailers: Coded,
    day: NDArray[np.datetime64] | np.datetime64,
) -> NDArray[np.float64]:
    """Return the margin in force at N places; NaN where none is known.

    A retailer's own margins go before those of all; of several, the last that had begun.

    Parameters
    ----------
    rows
        Of `unit_margin`, by their first day.
    items, retailers
        Of every place.
    day
        (N,) days of the places, or one for all.

    Examples
    --------
    >>> rows = [
    ...     {"product_id": "A", "retailer": "all", "valid_from": "2024-01-01", "margin": 2.0},
    ...     {"product_id": "A", "retailer": "Maxi", "valid_from": "2024-06-01", "margin": 3.0},
    ... ]
    >>> items = np.array(["A", "B"]), np.array([0, 0, 1])
    >>> retailers = np.array(["Maxi", "Mini"]), np.array([0, 1, 0])
    >>> margins_in_force(rows, items, retailers, np.datetime64("2024-07-01")).tolist()
    [3.0, 2.0, nan]
    """
    item_of, retailer_of = (
        {str(name): code for code, name in enumerate(names)} for names in (items[0], retailers[0])
    )
    known = list(rows)
    margin = np.full(items[1].size, np.nan)
    for everywhere in (True, False):
        for row in known:
            if (row["retailer"] == EVERYWHERE) is not everywhere:
                continue
            here = items[1] == item_of.get(row["product_id"], -1)
            here &= day >= np.datetime64(row["valid_from"])
            if not everywhere:
                here &= retailers[1] == retailer_of.get(row["retailer"], -1)
            margin[here] = row["margin"]
    return margin
