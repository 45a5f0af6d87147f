"""Who bought when, from the store: the first and last purchases of households, brand by brand.

Everything is added up in the engine; what comes back is one row per household and name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import ibis
import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.errors import BadInputError, MissingContractError
from offtake.measures.baskets import bought
from offtake.measures.scope import Filter, Scope
from offtake.models.kernels.arguments import Floats, Integers
from offtake.models.names import Names
from offtake.models.shoppers.customer_spec import CustomerSpec, CustomerUnit

if TYPE_CHECKING:
    import ibis.expr.types as ir

Days = NDArray[np.datetime64]
WEEK = 7


@dataclass(frozen=True, slots=True)
class Span:
    """What was observed, and where it is cut.

    Parameters
    ----------
    monday
        Of the first week.
    cut, end
        Last days of the weeks that models learn from, and of all weeks.
    """

    monday: date
    cut: date
    end: date

    @property
    def weeks(self) -> int:
        """Weeks observed."""
        return ((self.end - self.monday).days + 1) // WEEK

    @property
    def held_out(self) -> int:
        """Weeks after the cut."""
        return (self.end - self.cut).days // WEEK


@dataclass(frozen=True, slots=True)
class Histories:
    """The N customers of one name.

    Parameters
    ----------
    households
        (N,) ids.
    first, last
        (N,) days of the first and the last purchase.
    purchases
        (N,) how many there were.
    value
        (N,) what they came to.
    last_cut, purchases_cut
        (N,) the same up to the cut; 0 purchases where the first came later.
    """

    households: Names
    first: Days
    last: Days
    purchases: Integers
    value: Floats
    last_cut: Days
    purchases_cut: Integers

    @property
    def size(self) -> int:
        """N."""
        return self.purchases.size


@dataclass(frozen=True, slots=True)
class CategoryHistories:
    """Customers of all names of a category, counted in one unit.

    Parameters
    ----------
    span
        What was observed.
    unit
        In which purchases count once.
    of
        Name to its customers, the name with most customers first.
    repeats
        Name to (W,) repeat purchases by week, of those who were customers at the cut.
    left_out
        Names beyond those asked for.
    """

    span: Span
    unit: CustomerUnit
    of: dict[str, Histories]
    repeats: dict[str, Floats]
    left_out: int


def observed(store: Store, tables: Tables, spec: CustomerSpec) -> Span:
    """Return the weeks of the panel, and where they are cut.

    Raises
    ------
    MissingContractError
        When no baskets are loaded.
    BadInputError
        When there are too few weeks to cut.
    """
    if "basket_line" not in tables.filled:
        raise MissingContractError(
            "customer bases need baskets of households; nothing has been loaded into basket_line"
        )
    lines = tables["basket_line"]
    row = store.run(
        lines.aggregate(first=lines.week.min(), last=lines["date"].max())
    ).to_pylist()[0]  # fmt: skip
    monday = row["first"]
    # A week that the data do not hold whole is not counted: nobody knows who buys in the rest.
    count = ((row["last"] - monday).days + 1) // WEEK
    kept = count - max(1, round(spec.holdout * count))
    if kept < 4:
        raise BadInputError(f"weeks: got {count} of baskets, allowed: enough to learn from 4")
    cut = monday + timedelta(days=WEEK * kept - 1)
    return Span(monday, cut, monday + timedelta(days=WEEK * count - 1))


def category_histories(
    store: Store, tables: Tables, category: str, *, spec: CustomerSpec, unit: CustomerUnit
) -> CategoryHistories:
    """Return the customers of every name of a category.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    spec
        Whose customers, and how many names at most.
    unit
        In which purchases count once.

    Raises
    ------
    MissingContractError
        When no baskets are loaded.
    BadInputError
        When nobody bought anything of the category, or there are too few weeks.
    """
    span = observed(store, tables, spec)
    scope = Scope(tables, by=(spec.by,), where=(Filter("category", (category,)),))
    lines = bought(scope.facts("basket_line")).rename(name=spec.by)
    lines = lines.filter(lines["date"] <= span.end)
    found = store.run(
        histories(occasions(lines, unit), span.cut).order_by(["name", "household_id"])
    )
    if not found.num_rows:
        raise BadInputError(
            f"category: got {category!r}, which no household bought; "
            "see: offtake measure buyers --by category"
        )
    repeats = store.run(weekly_repeats(occasions(lines, unit), span.cut))
    columns = {name: found[name].to_numpy(zero_copy_only=False) for name in found.column_names}
    names, begins = np.unique(columns["name"].astype(np.str_), return_index=True)
    ends = np.append(begins[1:], found.num_rows)
    order = np.argsort(begins - ends, kind="stable")
    chosen = order[: spec.most_names]
    kept = {
        str(names[i]): _histories({k: v[begins[i] : ends[i]] for k, v in columns.items()})
        for i in chosen
    }
    weekly = {name: np.zeros(span.weeks) for name in kept}
    for row in repeats.to_pylist():
        if row["name"] in weekly:
            weekly[row["name"]][(row["week"] - span.monday).days // WEEK] = row["repeats"]
    return CategoryHistories(span, unit, kept, weekly, names.size - chosen.size)


def occasions(lines: ir.Table, unit: CustomerUnit) -> ir.Table:
    """Return purchases: one row per name, household and day (or week), whatever was in the baskets.

    Parameters
    ----------
    lines
        Basket lines with ``name``, ``household_id``, ``date``, ``week`` and ``value``.
    unit
        In which purchases count once.
    """
    on = lines.date if unit == "day" else lines.week
    # Exact sums: the engine adds up in any order, and the answer must not change with it.
    exact = lines["value"].cast("decimal(18, 6)")
    return lines.group_by(["name", "household_id", on.name("on")]).aggregate(
        value=exact.sum(), week=lines.week.min()
    )


def histories(purchases: ir.Table, cut: date) -> ir.Table:
    """Return one row per name and household: first and last purchase, how many, and their value."""
    before = purchases.on <= ibis.literal(cut)
    return purchases.group_by(["name", "household_id"]).aggregate(
        first=purchases.on.min(),
        last=purchases.on.max(),
        purchases=purchases.count(),
        value=purchases["value"].sum().cast("float64"),
        last_cut=purchases.on.max(where=before),
        purchases_cut=before.sum(),
    )


def kinds(found: ir.Table, end: date, *, days: int = 1) -> ir.Table:
    """Return customers of :func:`histories` counted by what models need to know of them.

    Parameters
    ----------
    found
        What :func:`histories` returns.
    end
        Last day observed.
    days
        In a unit of time.
    """
    whole = found.mutate(
        frequency=found.purchases - 1,
        recency=(found["last"] - found["first"]).cast("int64") // days,
        age=(ibis.literal(end) - found["first"]).cast("int64") // days,
    )
    return whole.group_by(["name", "frequency", "recency", "age"]).aggregate(
        customers=whole.count()
    )


def weekly_repeats(purchases: ir.Table, cut: date) -> ir.Table:
    """Return repeat purchases by name and week, of households that were customers at the cut."""
    first = purchases.on.min().over(ibis.window(group_by=["name", "household_id"]))
    marked = purchases.mutate(first=first)
    again = marked.filter(marked.on > marked["first"], marked["first"] <= ibis.literal(cut))
    return again.group_by(["name", "week"]).aggregate(repeats=again.count())


def _histories(columns: dict[str, np.ndarray]) -> Histories:
    days = {name: columns[name].astype("datetime64[D]") for name in ("first", "last", "last_cut")}
    return Histories(
        columns["household_id"].astype(np.str_),
        days["first"],
        days["last"],
        columns["purchases"].astype(np.int64),
        columns["value"].astype(np.float64),
        days["last_cut"],
        np.nan_to_num(columns["purchases_cut"].astype(np.float64)).astype(np.int64),
    )
