"""Steps of a category's store-items from the store: what sold, what was reported of the shelf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.errors import BadInputError
from offtake.measures.ask import parse_filter
from offtake.measures.scope import Scope
from offtake.models.availability.series import Floats, Integers, Series
from offtake.models.names import Names, by_code, coded, joint

if TYPE_CHECKING:
    import ibis.expr.types as ir

PAIR = ("store_id", "product_id")
DAY, WEEK = 1, 7
LEAST_RATE = 0.5
"""Units a step below which an empty shelf and a quiet one look alike."""
LEAST_IN_CELL = 20
"""Store-items that a retailer needs for ups and downs of its own."""
FACTS = (
    "units", "value", "discount", "display", "feature", "share", "on_hand", "audit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AvailabilityRows:
    """A category's store-items, step by step.

    Parameters
    ----------
    category
        Its name.
    series
        Steps as the model takes them.
    store, item
        (S,) codes of every store-item.
    stores, retailers, regions, territories
        Names by store code.
    items, brands, makers
        Names by item code.
    price
        (S,) mean money per unit; NaN where no value is known.
    first_day
        Of step 0.
    reported
        What is loaded of the shelf: `flags`, `stock`, `audits`.
    """

    category: str
    series: Series
    store: Integers
    item: Integers
    stores: Names
    retailers: Names
    regions: Names
    territories: Names
    items: Names
    brands: Names
    makers: Names
    price: Floats
    first_day: np.datetime64
    reported: tuple[str, ...]

    def day(self, step: Integers) -> NDArray[np.datetime64]:
        """Return the first day of some steps."""
        days: NDArray[np.datetime64] = self.first_day + step * self.series.days
        return days


def availability_rows(
    store: Store, tables: Tables, category: str, *, where: Sequence[str] = ()
) -> AvailabilityRows:
    """Return every store-item of a category that sells, from its first day on the shelf on.

    Those that sell less than every other step are left out.

    It is on the shelf while it is listed, where there is a distribution list; elsewhere from its
    first sale to the end of the data. Steps are days where all sales of the category are by day,
    else weeks.

    Parameters
    ----------
    store, tables
        Where they are read from.
    category
        As the product table calls it.
    where
        Further filters on product and store dimensions.

    Raises
    ------
    BadInputError
        When nothing of the category sold, or all of it too slowly to tell an empty shelf.
    """
    filters = tuple(parse_filter(text) for text in (f"category={category}", *where))
    sales = Scope(tables, where=filters).facts("sales")
    days = DAY if _by_day(store, sales) else WEEK
    sold = _sold(sales, days)
    steps = _steps(tables, sold, days)
    joined = _with_reports(_with_support(_with_sales(steps, sold), tables), tables, days)
    found = store.run(_with_names(joined, tables).order_by([*PAIR, "date"]))
    if not found.num_rows:
        raise BadInputError(
            f"category: got {category!r}, in which no store-item sold {LEAST_RATE} units a step or "
            "more: too few to tell an empty shelf from a quiet one; see: offtake measure "
            "sales_units --by category"
        )
    columns = {name: found[name].to_numpy(zero_copy_only=False) for name in found.column_names}
    return _rows(category, columns, days, listed="distribution_list" in tables.filled)


def _by_day(store: Store, sales: ir.Table) -> bool:
    found = store.run(sales.aggregate(longest=sales.days.max()))
    return bool(found["longest"][0].as_py() == DAY)


def _sold(sales: ir.Table, days: int) -> ir.Table:
    dated = sales.mutate(date=sales.date if days == DAY else sales.week)
    return dated.group_by([*PAIR, "date"]).aggregate(
        units=dated.units.sum(), value=dated["value"].sum()
    )


def _steps(tables: Tables, sold: ir.Table, days: int) -> ir.Table:
    """Give every step from the first on the shelf to the last, store-item by store-item."""
    spans = sold.filter(sold.units > 0).group_by(list(PAIR)).aggregate(
        first=sold.date.min(), total=sold.units.sum()
    )  # fmt: skip
    end = sold.aggregate(end=sold.date.max()).end.as_scalar()
    spans = spans.mutate(last=end)
    if "distribution_list" in tables.filled:
        lists = tables["distribution_list"]
        listed = lists.group_by(list(PAIR)).aggregate(
            opens=lists.listed_from.min(),
            closes=lists.listed_to.max(),
            runs=lists.listed_to.isnull().any(),
        )
        unit = "W" if days == WEEK else "D"
        joined = spans.left_join(listed, list(PAIR))
        closes = (joined.closes - ibis.interval(days=days - 1)).truncate(unit).cast("date")
        opens = (joined.opens + ibis.interval(days=days - 1)).truncate(unit).cast("date")
        spans = joined.select(
            *PAIR,
            "total",
            first=ibis.greatest(joined["first"], opens).fill_null(joined["first"]),
            last=ibis.ifelse(
                joined.runs.fill_null(True),  # not on the list: to the end of the data
                joined["last"],
                ibis.least(joined["last"], closes).fill_null(joined["last"]),
            ),
        )
    spans = spans.filter(spans["first"] <= spans["last"])
    count = spans["last"].delta(spans["first"], unit="day") // days + 1
    spans = spans.filter(spans.total >= LEAST_RATE * count)
    numbered = spans.select(*PAIR, "first", step=ibis.range(0, count).unnest())
    date = numbered["first"] + (numbered.step * days).as_interval("D")
    return numbered.select(*PAIR, date=date.cast("date"))


def _with_sales(steps: ir.Table, sold: ir.Table) -> ir.Table:
    renamed = sold.rename({f"s_{name}": name for name in (*PAIR, "date")})
    on = [steps[name] == renamed[f"s_{name}"] for name in (*PAIR, "date")]
    joined = steps.left_join(renamed, on)
    found = joined.select(
        *PAIR,
        "date",
        units=ibis.greatest(joined.units.fill_null(0.0), 0.0),  # returns beyond sales sold nothing
        value=joined["value"],
    )
    return found.mutate(week=found.date.truncate("W").cast("date"))


def _with_support(steps: ir.Table, tables: Tables) -> ir.Table:
    promotions = tables["promotion"]
    seen = promotions.filter(promotions.status == "observed")
    named = seen.select(
        **{f"p_{name}": seen[name] for name in (*PAIR, "week")},
        discount=seen.discount,
        display=seen.display.cast("float64"),
        feature=seen.feature.cast("float64"),
    )
    joined = steps.left_join(named, [steps[n] == named[f"p_{n}"] for n in (*PAIR, "week")])
    return joined.drop(*(f"p_{n}" for n in (*PAIR, "week")))


def _with_reports(steps: ir.Table, tables: Tables, days: int) -> ir.Table:
    """Add flags and stock records, and what visits found, of each step."""
    stock = tables["stock"]
    dated = stock.mutate(date=stock.date if days == DAY else stock.week)
    by_step = dated.group_by([*PAIR, "date"]).aggregate(
        shopped=dated.shoppers_available.sum() / dated.shoppers.sum().nullif(0),
        opened=dated.hours_available.sum() / dated.hours_open.sum().nullif(0),
        on_hand=dated.on_hand.mean(),
    )
    joined = _joined(steps, by_step, "t")
    visits, lines = tables["visit"], tables["audit_line"]
    placed = lines.inner_join(visits.select("visit_id", "store_id"), "visit_id")
    found = placed.filter(placed.available.notnull())
    found = found.mutate(date=found.date if days == DAY else found.date.truncate("W").cast("date"))
    audits = found.group_by([*PAIR, "date"]).aggregate(audit=found.available.cast("float64").mean())
    joined = _joined(joined, audits, "a")
    return joined.mutate(share=ibis.coalesce(joined.shopped, joined.opened))


def _joined(steps: ir.Table, other: ir.Table, mark: str) -> ir.Table:
    keys = (*PAIR, "date")
    renamed = other.rename({f"{mark}_{name}": name for name in keys})
    joined = steps.left_join(renamed, [steps[n] == renamed[f"{mark}_{n}"] for n in keys])
    return joined.drop(*(f"{mark}_{n}" for n in keys))


def _with_names(steps: ir.Table, tables: Tables) -> ir.Table:
    products = tables["product"].select("product_id", brand_name="brand", maker="manufacturer")
    stores = tables["store"].select(
        "store_id", retailer_name="retailer", region_name="region", territory_name="territory"
    )
    named = steps.left_join(products, "product_id").left_join(stores, "store_id")
    texts = ("brand_name", "maker", "retailer_name", "region_name", "territory_name")
    return named.select(*PAIR, "date", *FACTS, *texts)


def _rows(
    category: str, columns: dict[str, NDArray[Any]], days: int, *, listed: bool
) -> AvailabilityRows:
    stores, store = coded(columns["store_id"])
    items, item = coded(columns["product_id"])
    date = columns["date"].astype("datetime64[D]")
    first_day = date.min()
    step = (date - first_day).astype(np.int64) // days
    pair = np.unique(store * items.size + item, return_inverse=True)[1]
    first = np.append(np.flatnonzero(np.diff(pair, prepend=-1)), pair.size)
    begin = first[:-1]
    facts = {name: columns[name].astype(np.float64) for name in FACTS}
    retailers = coded(columns["retailer_name"])[1]
    series = Series(
        units=facts["units"],
        first=first,
        step=step,
        days=days,
        regressors=_regressors(facts),
        cell=_cells(retailers, step, begin),
        listing=joint(retailers, item)[begin],
        share=np.clip(facts["share"], 0.0, 1.0),
        on_hand=facts["on_hand"],
        audit=facts["audit"],
        seen=np.ones(step.size, bool),
        may_end=not listed,
    )
    reported = [
        name for name, fact in (("flags", "share"), ("stock", "on_hand"), ("audits", "audit"))
        if np.isfinite(facts[fact]).any()
    ]  # fmt: skip
    value, units = (np.add.reduceat(np.nan_to_num(facts[n]), begin) for n in ("value", "units"))
    price = np.divide(
        value, units, out=np.full(begin.size, np.nan), where=(units > 0) & (value > 0)
    )

    retailer, region, territory = (
        by_code(columns[f"{name}_name"], store, stores.size)
        for name in ("retailer", "region", "territory")
    )
    brand, maker = (by_code(columns[n], item, items.size) for n in ("brand_name", "maker"))
    return AvailabilityRows(
        category=category,
        series=series,
        store=store[begin],
        item=item[begin],
        stores=stores,
        retailers=retailer,
        regions=region,
        territories=territory,
        items=items,
        brands=brand,
        makers=maker,
        price=price,
        first_day=first_day,
        reported=tuple(reported),
    )


def _regressors(facts: dict[str, Floats]) -> Floats:
    """Return price cut, display, feature, and both, (N, 4); nothing where none is known."""
    cut, display, feature = (
        np.nan_to_num(facts[name]) for name in ("discount", "display", "feature")
    )
    left = np.log1p(-np.clip(cut / 100, 0.0, 0.95))
    return np.column_stack([left, display, feature, display * feature])


def _cells(retailer: Integers, step: Integers, begin: Integers) -> Integers:
    """Return the codes of shared ups and downs, (N,): the retailer's step, or the market's.

    A retailer with few store-items is counted with all others like it.
    """
    many = np.bincount(retailer[begin], minlength=int(retailer.max()) + 1) >= LEAST_IN_CELL
    group = np.where(many[retailer], retailer + 1, 0)
    return group * (int(step.max()) + 1) + step
