"""Tables worked out from other tables of the same run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from offtake.pipeline.lmdi import decompose
from offtake.units import Unit

if TYPE_CHECKING:
    import pyarrow as pa

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A table worked out from others, with the words of its passport.

    Parameters
    ----------
    name
        Name of the table and of its passport.
    needs
        Tables it is worked out from.
    build
        From the rows of those, in their order, to an Arrow table.
    title, definition, formula, unit, caveat, additivity
        For the passport.
    """

    name: str
    needs: tuple[str, ...]
    build: Callable[..., pa.Table]
    title: str
    definition: str
    formula: str
    unit: Unit
    caveat: str = ""
    additivity: str = "additive over the rows shown"


def _split(before: Rows, after: Rows, factors: tuple[str, ...]) -> pa.Table:
    """Return one row per factor: its value in both periods and its part of the change."""
    import pyarrow as pa

    then, now = _factors(before, factors), _factors(after, factors)
    result = decompose(then, now)
    return pa.table(
        {
            "factor": pa.array(list(factors), pa.string()),
            "before": pa.array([then[name] for name in factors], pa.float64()),
            "after": pa.array([now[name] for name in factors], pa.float64()),
            "part": pa.array([result.parts[name] for name in factors], pa.float64()),
            "change": pa.array([result.change] * len(factors), pa.float64()),
            "total_before": pa.array([result.before] * len(factors), pa.float64()),
            "total_after": pa.array([result.after] * len(factors), pa.float64()),
        }
    )


def _factors(rows: Rows, names: tuple[str, ...]) -> dict[str, float | None]:
    """Return the factors of a period; the last is what closes their product on the value itself.

    The factors come with ten digits each, so their product would miss the value by a hair.
    """
    row: Mapping[str, Any] = rows[0] if rows else {}
    found = {name: None if row.get(name) is None else float(row[name]) for name in names}
    others = math.prod(found[name] or 0.0 for name in names[:-1])
    if others and found[names[-1]] is not None:
        found[names[-1]] = row["value"] / others
    return found


HOUSEHOLD_FACTORS = ("households", "penetration", "buy_rate")
STORE_FACTORS = (
    "stores_in_universe",
    "distribution_fraction",
    "rate_of_sale",
    "weeks",
    "average_price",
)


def _households(before: Rows, after: Rows) -> pa.Table:
    return _split(before, after, HOUSEHOLD_FACTORS)


def _stores(before: Rows, after: Rows) -> pa.Table:
    return _split(before, after, STORE_FACTORS)


def _voids(voids: Rows, category: Rows) -> pa.Table:
    import pyarrow as pa

    sales = {row["store_id"]: row["value"] or 0.0 for row in category}
    stores = [row["store_id"] for row in voids if row["value"]]
    # Ranked on rounded cents: two engines differ in the last bits of a sum.
    stores.sort(key=lambda store: (-round(sales.get(store, 0.0), 2), store))
    return pa.table(
        {
            "store_id": pa.array(stores, pa.string()),
            "category_sales": pa.array([sales.get(s, 0.0) for s in stores], pa.float64()),
        }
    )


_LMDI = (
    "part of a factor = L(after, before) x ln(factor after / factor before), "
    "L(a, b) = (a - b) / (ln a - ln b); the parts sum to the change"
)
_SPLIT_CAVEAT = "Says which factor moved, not what moved it."

DERIVED = (
    Derived(
        name="households_decomposition",
        needs=("household_identity_before", "household_identity_now"),
        build=_households,
        title="Sales change through households",
        definition="How much of the change in sales came with more or fewer households shopping "
        "at all, with more or fewer of them buying us, and with more or less spent by each buyer.",
        formula="sales = households x penetration x spend per buyer; " + _LMDI,
        unit="money",
        caveat=_SPLIT_CAVEAT,
    ),
    Derived(
        name="stores_decomposition",
        needs=("store_identity_before", "store_identity_now"),
        build=_stores,
        title="Sales change through stores",
        definition="How much of the change in sales came with more or fewer active stores, with "
        "more or fewer of them selling us, with more or fewer units per selling store and week, "
        "and with a higher or lower price paid.",
        formula="sales = stores x numeric distribution x rate of sale x weeks x price paid; "
        + _LMDI,
        unit="money",
        caveat=_SPLIT_CAVEAT,
    ),
    Derived(
        name="voids_by_store",
        needs=("voids", "category_by_store"),
        build=_voids,
        title="Voids by store",
        definition="Stores that sold the category in the period but nothing of ours, with what "
        "they sold of the category: the business that is open to us there.",
        formula="stores with category units > 0 and none of ours; category value sales of each",
        unit="money",
        caveat="Category sales are what is at stake, not what we would win.",
    ),
)
