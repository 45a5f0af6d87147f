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
from offtake.measures.scope import Scope
from offtake.models.availability.series import Floats, Integers, Series
from offtake.models.availability.support import cuts, promoted, regressors
from offtake.models.names import Names, by_code, coded, joint
from offtake.models.panel import sales_filters

if TYPE_CHECKING:
    import ibis.expr.types as ir

PAIR = ("store_id", "product_id")
DAY, WEEK = 1, 7
LEAST_RATE = 0.5
"""Units a step below which an empty shelf and a quiet one look alike."""
LEAST_STEPS = 6
"""Steps below which nothing is known of what a store-item usually sells."""
MANY_ITEMS = 5
"""Items of which a store must sell for its last sale of any to be the end of its data."""
LEAST_IN_CELL = 20
"""Store-items that a retailer needs for ups and downs of its own."""
FACTS = (
    "units", "value", "valued", "regular_price", "discount", "display", "feature", "share",
    "on_hand", "audit",
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
    silent
        Stores that sold nothing at all in the last steps of the data.
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
    silent: int

    def day(self, step: Integers) -> NDArray[np.datetime64]:
        """Return the first day of some steps."""
        days: NDArray[np.datetime64] = self.first_day + step * self.series.days
        return days


def availability_rows(
    store: Store, tables: Tables, category: str, *, where: Sequence[str] = ()
) -> AvailabilityRows:
    """Return every store-item of a category that sells, from its first day on the shelf on.

    A store is watched to its last sale of anything, where that is many items: one that has closed,
    or whose data have not come, has no empty shelves.

    Those that sell less than every other step are left out, and those that began a few steps ago.

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
    filters = sales_filters((f"category={category}", *where), "steps")
    sales = Scope(tables, where=filters).facts("sales")
    days = DAY if _by_day(store, sales) else WEEK
    sold = _sold(sales, days)
    steps = _steps(tables, sold, days)
    joined = _with_reports(_with_support(_with_sales(steps, sold), tables), tables, days)
    found = store.run(_with_names(joined, tables).order_by([*PAIR, "date"]))
    if not found.num_rows:
        raise BadInputError(
            f"category: got {category!r}, in which no store-item sold {LEAST_RATE} units a step or "
            f"more over {LEAST_STEPS} steps: too few to tell an empty shelf from a quiet one; see: "
            "offtake measure sales_units --by category"
        )
    columns = {name: found[name].to_numpy(zero_copy_only=False) for name in found.column_names}
    return _rows(category, columns, days)


def _by_day(store: Store, sales: ir.Table) -> bool:
    found = store.run(sales.aggregate(longest=sales.days.max()))
    return bool(found["longest"][0].as_py() == DAY)


def _sold(sales: ir.Table, days: int) -> ir.Table:
    dated = sales.mutate(date=sales.date if days == DAY else sales.week)
    return dated.group_by([*PAIR, "date"]).aggregate(
        units=dated.units.sum(),
        value=dated["value"].sum(),
        valued=dated.units.sum(where=dated["value"].notnull()),
        regular_price=dated.regular_price.max(),
    )


def _steps(tables: Tables, sold: ir.Table, days: int) -> ir.Table:
    """Give every step from the first on the shelf to the last, store-item by store-item.

    With ``on_list``, whether the store-item is on the distribution list at all, and ``offered``,
    whether it was to be there at the step: always where it is not on the list.
    """
    spans = sold.filter(sold.units > 0).group_by(list(PAIR)).aggregate(
        first=sold.date.min(), total=sold.units.sum()
    )  # fmt: skip
    spans = spans.inner_join(_ends(tables, days), "store_id")
    lists, unit = _lists(tables, days), "W" if days == WEEK else "D"
    whole = lists.group_by(list(PAIR)).aggregate(opens=lists.opens.min(), closes=lists.closes.max())
    joined = spans.left_join(whole, list(PAIR))
    spans = joined.select(
        *PAIR,
        "total",
        on_list=joined.opens.notnull(),
        first=ibis.greatest(joined["first"], joined.opens).fill_null(joined["first"]),
        last=ibis.least(joined["last"], joined.closes).fill_null(joined["last"]),
    )
    spans = spans.filter(spans["first"] <= spans["last"])
    count = spans["last"].delta(spans["first"], unit="day") // days + 1
    spans = spans.filter((spans.total >= LEAST_RATE * count) & (count >= LEAST_STEPS))
    numbered = spans.select(*PAIR, "on_list", "first", step=ibis.range(0, count).unnest())
    date = numbered["first"] + (numbered.step * days).as_interval("D")
    steps = numbered.select(*PAIR, "on_list", date=date.truncate(unit).cast("date"))
    return _offered(steps, lists)


def _ends(tables: Tables, days: int) -> ir.Table:
    """Return the last step of every store in which it sold anything, and was open."""
    sales, stores = tables["sales"], tables["store"]
    dated = sales.mutate(date=sales.date if days == DAY else sales.week)
    sold = dated.filter(dated.units > 0)
    end = dated.aggregate(end=dated.date.max()).end.as_scalar()
    last = sold.group_by("store_id").aggregate(
        # The last sale of many items is the store's end; that of a few may be an empty shelf.
        last=ibis.ifelse(sold.product_id.nunique() >= MANY_ITEMS, sold.date.max(), end)
    )
    joined = last.left_join(stores.select("store_id", "closed"), "store_id")
    closed = joined.closed if days == DAY else joined.closed.truncate("W").cast("date")
    return joined.select(
        "store_id", last=ibis.least(joined["last"], closed).fill_null(joined["last"])
    )


def _lists(tables: Tables, days: int) -> ir.Table:
    """Return every listing with its first and its last whole step; one that runs has no last."""
    lists, unit = tables["distribution_list"], "W" if days == WEEK else "D"
    opens = (lists.listed_from + ibis.interval(days=days - 1)).truncate(unit).cast("date")
    closes = (lists.listed_to - ibis.interval(days=days - 1)).truncate(unit).cast("date")
    far = ibis.date(9999, 12, 27)
    return lists.select(*PAIR, opens=opens, closes=closes.fill_null(far))


def _offered(steps: ir.Table, lists: ir.Table) -> ir.Table:
    renamed = lists.rename({f"l_{name}": name for name in PAIR})
    inside = steps.inner_join(
        renamed,
        [
            *(steps[name] == renamed[f"l_{name}"] for name in PAIR),
            steps.date >= renamed.opens,
            steps.date <= renamed.closes,
        ],
    )
    inside = inside.select(*PAIR, "date").distinct()
    named = inside.rename({f"o_{name}": name for name in (*PAIR, "date")})
    joined = steps.left_join(named, [steps[n] == named[f"o_{n}"] for n in (*PAIR, "date")])
    return joined.select(
        *PAIR, "date", "on_list", offered=~joined.on_list | joined.o_date.notnull()
    )


def _with_sales(steps: ir.Table, sold: ir.Table) -> ir.Table:
    renamed = sold.rename({f"s_{name}": name for name in (*PAIR, "date")})
    on = [steps[name] == renamed[f"s_{name}"] for name in (*PAIR, "date")]
    joined = steps.left_join(renamed, on)
    found = joined.select(
        *PAIR,
        "date",
        "on_list",
        "offered",
        units=ibis.greatest(joined.units.fill_null(0.0), 0.0),  # returns beyond sales sold nothing
        value=joined["value"],
        valued=joined.valued,
        regular_price=joined.regular_price,
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
    dated = stock.mutate(day=stock.date, date=stock.date if days == DAY else stock.week)
    by_step = dated.group_by([*PAIR, "date"]).aggregate(
        shopped=dated.shoppers_available.sum() / dated.shoppers.sum().nullif(0),
        opened=dated.hours_available.sum() / dated.hours_open.sum().nullif(0),
        on_hand=dated.on_hand.argmax(dated.day, where=dated.on_hand.notnull()),
    )
    joined = _joined(steps, by_step, "t")
    visits, lines = tables["visit"], tables["audit_line"]
    placed = lines.inner_join(visits.select("visit_id", "store_id"), "visit_id")
    found = placed.filter(placed.available.notnull())
    step = found.date if days == DAY else found.date.truncate("W").cast("date")
    found = found.mutate(day=found.date, date=step)
    audits = found.group_by([*PAIR, "date"]).aggregate(
        audit=found.available.cast("float64").argmax(found.day)
    )
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
    return named.select(*PAIR, "date", *FACTS, "on_list", "offered", *texts)


def _rows(category: str, columns: dict[str, NDArray[Any]], days: int) -> AvailabilityRows:
    stores, store = coded(columns["store_id"])
    items, item = coded(columns["product_id"])
    date = columns["date"].astype("datetime64[D]")
    first_day = date.min()
    step = (date - first_day).astype(np.int64) // days
    pair = np.unique(store * items.size + item, return_inverse=True)[1]
    first = np.append(np.flatnonzero(np.diff(pair, prepend=-1)), pair.size)
    begin = first[:-1]
    facts = {name: columns[name].astype(np.float64) for name in FACTS}
    retailers, offered = coded(columns["retailer_name"])[1], columns["offered"].astype(bool)
    listing = joint(retailers, item)
    cut = cuts(facts, listing * (int(step.max()) + 1) + step)
    series = Series(
        units=facts["units"],
        first=first,
        step=step,
        days=days,
        regressors=regressors(cut, facts),
        promoted=promoted(cut, facts),
        cell=_cells(retailers, step, begin),
        listing=listing[begin],
        # Between two listings it is not for sale: nothing is known, and nothing is missing.
        share=np.where(offered, np.clip(facts["share"], 0.0, 1.0), 1.0),
        on_hand=facts["on_hand"],
        audit=facts["audit"],
        seen=offered,
        may_end=~columns["on_list"].astype(bool)[begin],
    )
    reported = [
        name for name, fact in (("flags", "share"), ("stock", "on_hand"), ("audits", "audit"))
        if np.isfinite(facts[fact]).any()
    ]  # fmt: skip
    value, units = (np.add.reduceat(np.nan_to_num(facts[n]), begin) for n in ("value", "valued"))
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
        silent=_silent(step, store),
    )


def _silent(step: Integers, store: Integers) -> int:
    """Return how many stores end before the last step of all."""
    last = np.zeros(int(store.max()) + 1, np.int64)
    np.maximum.at(last, store, step)
    return int((last < step.max()).sum())


def _cells(retailer: Integers, step: Integers, begin: Integers) -> Integers:
    """Return the codes of shared ups and downs, (N,): the retailer's step, or the market's.

    A retailer with few store-items is counted with all others like it.
    """
    many = np.bincount(retailer[begin], minlength=int(retailer.max()) + 1) >= LEAST_IN_CELL
    group = np.where(many[retailer], retailer + 1, 0)
    return group * (int(step.max()) + 1) + step
