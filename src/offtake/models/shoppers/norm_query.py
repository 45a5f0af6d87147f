"""What every household bought of every brand, from the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from offtake.calendars import Period, parse_period
from offtake.data.store import Store, Tables
from offtake.errors import BadInputError, MissingContractError
from offtake.measures.ask import ask, parse_filter
from offtake.measures.baskets import HOUSEHOLD, bought
from offtake.measures.dimensions import NOT_STATED
from offtake.measures.scope import Filter, Scope, beside
from offtake.models.names import Names
from offtake.models.shoppers.norm_purchases import OTHER, Bools, BrandPurchases, Floats, Integers
from offtake.models.shoppers.norm_spec import NormSpec

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

YEAR = 52
HALVES = ("first", "second")
NEEDS = ("basket_line", "product")


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows are looked at.

    Parameters
    ----------
    where
        Filters, that on the category among them.
    period
        The weeks.
    spec
        All that was asked.
    """

    where: tuple[Filter, ...]
    period: Period
    spec: NormSpec

    @property
    def half(self) -> int:
        """Weeks of one half; of an odd number of weeks the first is left out."""
        return self.period.weeks // 2


def question(tables: Tables, category: str, spec: NormSpec) -> Question:
    """Return what is asked of the store.

    Raises
    ------
    MissingContractError
        When there are no baskets or products.
    BadInputError
        When the period or a filter cannot be read.
    """
    missing = [name for name in NEEDS if name not in tables.filled]
    if missing or tables.basket_span is None:
        raise MissingContractError(
            f"norms need {' and '.join(NEEDS)}; nothing has been loaded into "
            f"{', '.join(missing)}. Load it with: offtake load FILE --as {missing[0]}"
        )
    first, last = tables.basket_span
    loaded = (last - first).days // 7 + 1
    text = spec.period or (f"latest {YEAR} weeks" if loaded >= YEAR else "all")
    filters = (Filter("category", (category,)), *(parse_filter(each) for each in spec.where))
    return Question(filters, parse_period(text, loaded=tables.basket_span), spec)


def brand_purchases(store: Store, tables: Tables, asked: Question) -> BrandPurchases:
    """Return what every household bought of every brand, small brands together.

    A purchase is a basket with at least one unit, and the households are all with any basket in
    the same stores and weeks, as in the measures ``trips`` and ``penetration``. A basket with two
    small brands is two purchases of small brands.

    Parameters
    ----------
    store, tables
        Where the data are.
    asked
        Which rows.

    Raises
    ------
    BadInputError
        When nobody bought anything of the category.
    """
    import pyarrow as pa

    scope = Scope(tables, (asked.spec.by,), asked.where, asked.period)
    rows = store.run(_rows(scope, asked))
    households = store.run(_households(scope, asked))
    code = _codes(rows, households[HOUSEHOLD])
    rows, code = rows.filter(pa.array(code >= 0)), code[code >= 0]
    if not rows.num_rows:
        filters = "; ".join(f"{each.dimension}={'|'.join(each.values)}" for each in asked.where)
        raise BadInputError(
            f"norms: got {filters} in {asked.period.label}, of which nobody bought anything; "
            "see: offtake measure buyers --by category"
        )
    trips = store.run(ask(tables, "trips", where=asked.where, period=asked.period))
    found = _arrays(rows, (code, _numbers(households, "weight").astype(np.float64)), asked)
    baskets = int(trips["value"][0].as_py())
    return replace(found, baskets=baskets, weeks=asked.period.label)


def _rows(scope: Scope, asked: Question) -> ir.Table:
    """Return one row per brand and household that bought it."""
    lines = bought(scope.facts("basket_line"))
    name = lines[asked.spec.by].cast("string").fill_null(NOT_STATED)
    lines = lines.mutate(brand_name=name)
    middle = asked.period.last_week - timedelta(weeks=asked.half - 1)
    start = middle - timedelta(weeks=asked.half)
    return lines.group_by(["brand_name", HOUSEHOLD]).aggregate(
        purchases=lines.basket_id.nunique(),
        units=lines.units.sum(),
        first=((lines.week >= start) & (lines.week < middle)).any(),
        second=(lines.week >= middle).any(),
    )


def _households(scope: Scope, asked: Question) -> ir.Table:
    """Return all households with any basket that count for something, and for how much."""
    everybody = scope.universe("basket_line").select(HOUSEHOLD).distinct()
    known = scope.tables["household"].select(HOUSEHOLD, "weight")
    found = beside(everybody, known, (HOUSEHOLD,))
    found = found.mutate(weight=found.weight.fill_null(1.0)).order_by(HOUSEHOLD)
    return found.filter(found.weight > 0) if asked.spec.weights == "household" else found


def _arrays(rows: pa.Table, households: tuple[Integers, Floats], asked: Question) -> BrandPurchases:
    household, weight = households
    names, brand = coded_texts(rows["brand_name"])
    counts = np.bincount(brand, minlength=names.size)
    single = (counts >= asked.spec.least_buyers) & (names != NOT_STATED)
    brands = np.append(names[single], OTHER) if not single.all() else names
    # Where small brands go is after the single ones, which keep their order.
    place = np.where(single, np.cumsum(single) - 1, np.count_nonzero(single))[brand]
    key, row = np.unique(place * weight.size + household, return_inverse=True)
    first, second = (np.bincount(row, _flags(rows, name), key.size) > 0 for name in HALVES)
    return BrandPurchases(
        brands=brands.astype(np.str_),
        listed=np.arange(brands.size) < np.count_nonzero(single),
        weight=np.ones(weight.size) if asked.spec.weights == "equal" else weight,
        household=key % weight.size,
        brand=key // weight.size,
        purchases=np.bincount(row, _numbers(rows, "purchases"), key.size).astype(np.int64),
        units=np.bincount(row, _numbers(rows, "units"), key.size).astype(np.float64),
        baskets=0,
        halves=asked.half / asked.period.weeks,
        first=first,
        second=second,
    )


def coded_texts(column: pa.ChunkedArray) -> tuple[Names, Integers]:
    """Return the distinct texts of a column in order, and the code of each row, (R,)."""
    encoded = column.combine_chunks().dictionary_encode()
    names, order = np.unique(
        np.array(encoded.dictionary.to_pylist(), dtype=np.str_), return_inverse=True
    )
    return names, order[encoded.indices.to_numpy(zero_copy_only=False)].astype(np.int64)


def _codes(table: pa.Table, homes: pa.ChunkedArray) -> Integers:
    """Return the place of each row's household, (R,); -1 for one that is not there."""
    import pyarrow.compute as pc

    found = pc.index_in(table[HOUSEHOLD], value_set=homes.combine_chunks())
    codes: Integers = found.fill_null(-1).to_numpy().astype(np.int64)
    return codes


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    values: np.ndarray = table[name].to_numpy(zero_copy_only=False)
    return values


def _flags(table: pa.Table, name: str) -> Bools:
    values: Bools = table[name].fill_null(False).to_numpy(zero_copy_only=False).astype(bool)
    return values
