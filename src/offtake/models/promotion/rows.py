"""One category of a store as arrays: what sold, at which price, with which support, as planned.

The price of a week in which nothing sold is that of the same item and week in the retailer's other
stores, then of neighbouring weeks; never the item's own average, which would tie low prices to
sales.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis
import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.errors import BadInputError
from offtake.models.kernels.medians import medians
from offtake.models.kernels.regular_price import price_cut, regular_price
from offtake.models.kernels.shelf_price import OWN, shelf_price
from offtake.models.names import UNNAMED, Names, by_code, coded, joint, texts
from offtake.models.panel import ROW, panel

if TYPE_CHECKING:
    import ibis.expr.types as ir

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Cut = Literal["stated", "derived"]
Prices = Literal["store", "retailer"]

DAYS = 7
SPARSE = 0.5
"""Share of rows with a sale below which prices are taken for the retailer as a whole."""
PERCENT = 100.0
LEAST_DISCOUNT = 1.0
"""Percent: where no discount reaches it, they are shares and not percent."""
LEAST_UNITS = {True: 1.0, False: 4.0}
"""Units a pair must have sold in all, by whether it is listed."""


@dataclass(frozen=True, slots=True)
class Support:
    """What was done for N rows.

    Parameters
    ----------
    cut
        (N,) temporary price cut, a share of the regular price.
    display
        (N,) part of the week on display.
    feature
        (N,) whether in a leaflet, 0 or 1.
    """

    cut: Floats
    display: Floats
    feature: Floats

    @property
    def columns(self) -> Floats:
        """(N, 4): log of what is left of the price, display, feature, display with feature."""
        return np.column_stack(
            [np.log1p(-self.cut), self.display, self.feature, self.display * self.feature]
        )

    @property
    def any(self) -> Bools:
        """(N,) whether there was any."""
        found: Bools = (self.cut > 0) | (self.display > 0) | (self.feature > 0)
        return found


@dataclass(frozen=True, slots=True)
class Named:
    """What the codes stand for: item names with their brand and maker, stores with their retailer.

    Parameters
    ----------
    items, brands, makers
        (J,) product ids, brands, manufacturers.
    stores, retailers, regions
        (S,) store ids, retailers, regions.
    promotions
        (P,) promotion ids.
    """

    items: Names
    brands: Names
    makers: Names
    stores: Names
    retailers: Names
    regions: Names
    promotions: Names


@dataclass(frozen=True, slots=True)
class PromotionRows:
    """N store-item-weeks of one category, sold or not; sorted by store, item, week.

    Parameters
    ----------
    category
        Its name.
    units, value
        (N,) units and money sold, 0 where nothing was.
    regular
        (N,) regular price, money per unit.
    seen
        (N,) support as observed.
    planned
        (N,) support as planned; nothing where no plan is known.
    agreed
        (N,) whether a plan names the row.
    counted
        (N,) whether the row is evidence. A pair without a listing is known from its first to its
        last sale, so these two weeks sold by selection, and only those between them count.
    available
        (N,) share of the week's shopping that found the item on the shelf; 1 where nothing is
        known.
    promotion
        (N,) code of the promotion that the source names, or -1.
    store, item, pair, brand, retailer
        (N,) codes 0, 1, ...; a pair is a store and an item; a brand is what competes, see
        :func:`competing_sides`.
    week
        (N,) whole weeks since `first_week`.
    imputed
        (N,) whether the price was not seen in the row itself.
    names
        What the codes stand for.
    first_week
        Monday of week 0.
    cut_from, prices_of, has_plan, has_stock
        Whether price cuts were stated or derived from prices, whose prices count, and whether any
        plan and any stock record is there.
    left_out
        Rows left out because the item was off the shelf all week, or no price of it is known, or
        it was given away.
    """

    category: str
    units: Floats
    value: Floats
    regular: Floats
    seen: Support
    planned: Support
    agreed: Bools
    counted: Bools
    available: Floats
    promotion: Integers
    store: Integers
    item: Integers
    pair: Integers
    brand: Integers
    retailer: Integers
    week: Integers
    imputed: Bools
    names: Named
    first_week: np.datetime64
    cut_from: Cut
    prices_of: Prices
    has_plan: bool
    has_stock: bool
    left_out: int

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.units.size

    @property
    def monday(self) -> NDArray[np.datetime64]:
        """(N,) Monday of every row."""
        mondays: NDArray[np.datetime64] = self.first_week + DAYS * self.week
        return mondays


def promotion_rows(
    store: Store, tables: Tables, category: str, *, where: Sequence[str] = ()
) -> PromotionRows:
    """Return the weeks of every pair of store and item of a category that sold at all.

    Weeks are those on the distribution list where there is one, else those between the first and
    the last sale of the pair.

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
        When no row is left.
    UnknownNameError
        When a filter names what sales cannot be filtered by.
    """
    expression = panel(
        tables,
        where=[f"category={category}", *where],
        min_units=LEAST_UNITS[_listed(tables)],
        weeks="listed" if _listed(tables) else "sold",
    )
    rows = _with_names(_with_stock(_with_plan(expression, tables), tables), tables)
    found = store.run(rows.order_by(list(ROW)))
    if not found.num_rows:
        raise BadInputError(
            f"category: got {category!r}, in which nothing sold where promotions are known; "
            "see: offtake measure sales_units --by category"
        )
    columns = {name: found[name].to_numpy(zero_copy_only=False) for name in found.column_names}
    return _rows(category, columns, tables)


def _listed(tables: Tables) -> bool:
    return "distribution_list" in tables.filled


def _counted(pair: Integers, tables: Tables) -> Bools:
    """Return which rows, sorted by pair and week, are evidence."""
    if _listed(tables):
        return np.ones(pair.size, bool)
    change = np.diff(pair) != 0
    first, last = np.concatenate([[True], change]), np.concatenate([change, [True]])
    inside: Bools = ~(first | last)
    return inside


def _with_plan(rows: ir.Table, tables: Tables) -> ir.Table:
    plan = tables["promotion"]
    plan = plan.filter(plan.status == "planned")
    nothing = (
        plan.promotion_id.isnull()
        & ~(plan.display | plan.feature | plan.price_cut.fill_null(True))  # a value, not a flag
        & (plan.discount == 0)
    )
    plan = plan.filter(~nothing.fill_null(False))  # taken back: planned once, and no more
    named = plan.select(
        **{f"q_{name}": plan[name] for name in ROW},
        plan_display=plan.display,
        plan_days=plan.display_days,
        plan_feature=plan.feature,
        plan_discount=plan.discount,
        plan_id=plan.promotion_id,
    )
    joined = rows.left_join(named, [rows[n] == named[f"q_{n}"] for n in ROW])
    return joined.mutate(agreed=joined.q_week.notnull()).drop(*(f"q_{n}" for n in ROW))


def _with_stock(rows: ir.Table, tables: Tables) -> ir.Table:
    """Add how much of the week's shopping, or else of its hours, found the item on the shelf."""
    stock = tables["stock"]
    weekly = stock.group_by(list(ROW)).aggregate(
        shopped=stock.shoppers_available.sum() / stock.shoppers.sum().nullif(0),
        opened=stock.hours_available.sum() / stock.hours_open.sum().nullif(0),
    )
    renamed = weekly.rename({f"t_{name}": name for name in ROW})
    joined = rows.left_join(renamed, [rows[n] == renamed[f"t_{n}"] for n in ROW])
    available = ibis.coalesce(joined.shopped, joined.opened)
    return joined.mutate(available=available).drop("shopped", "opened", *(f"t_{n}" for n in ROW))


def _with_names(rows: ir.Table, tables: Tables) -> ir.Table:
    products = tables["product"].select("product_id", brand_name="brand", maker="manufacturer")
    stores = tables["store"].select("store_id", retailer_name="retailer", region_name="region")
    named = rows.left_join(products, "product_id").left_join(stores, "store_id")
    texts = ("brand_name", "maker", "retailer_name", "region_name")
    return named.select(*rows.columns, *texts)


def _rows(category: str, columns: dict[str, NDArray[Any]], tables: Tables) -> PromotionRows:
    store_names, store = coded(columns["store_id"])
    item_names, item = coded(columns["product_id"])
    retailer = coded(columns["retailer_name"])[1]
    available = _numbers(columns["available"], 1.0)
    first = columns["week"].astype("datetime64[D]").min()
    week = (columns["week"].astype("datetime64[D]") - first).astype(np.int64) // DAYS
    series = joint(retailer, item)
    units = columns["units"].astype(np.float64)
    prices_of: Prices = "retailer" if np.mean(units > 0) < SPARSE else "store"
    price = _Price.of(columns, units, (series, week), prices_of)
    kept = (available > 0) & np.isfinite(price.regular) & np.isfinite(price.cut)
    # What is given away has no price that a response could be to.
    kept &= (price.cut < 1) & ~(columns["plan_discount"].astype(np.float64) >= PERCENT)
    if not kept.any():
        raise BadInputError(f"category: got {category!r}, in which no price is known")
    _demand_evidence(category, units[kept], _counted(joint(store, item), tables)[kept])
    brands, makers = (by_code(columns[n], item, item_names.size) for n in ("brand_name", "maker"))
    promotion_names, promotion = _promotions(columns)
    brand_code = coded(competing_sides(brands, makers))[1]
    names = Named(
        items=item_names,
        brands=brands,
        makers=makers,
        stores=store_names,
        retailers=by_code(columns["retailer_name"], store, store_names.size),
        regions=by_code(columns["region_name"], store, store_names.size),
        promotions=promotion_names,
    )
    seen = Support(price.cut, _display(columns, "display"), _numbers(columns["feature"], 0.0))
    planned = Support(
        _numbers(columns["plan_discount"], 0.0) / 100,
        _display(columns, "plan_display", "plan_days"),
        _numbers(columns["plan_feature"], 0.0),
    )
    return PromotionRows(
        category=category,
        units=units[kept],
        value=columns["value"].astype(np.float64)[kept],
        regular=price.regular[kept],
        seen=_kept(seen, kept),
        planned=_kept(planned, kept),
        agreed=columns["agreed"].astype(bool)[kept],
        counted=_counted(joint(store, item), tables)[kept],
        available=available[kept],
        promotion=promotion[kept],
        store=store[kept],
        item=item[kept],
        pair=joint(store, item)[kept],
        brand=brand_code[item][kept],
        retailer=retailer[kept],
        week=week[kept],
        imputed=price.imputed[kept],
        names=names,
        first_week=first,
        cut_from=price.cut_from,
        prices_of=prices_of,
        has_plan=bool(columns["agreed"].any()),
        has_stock="stock" in tables.filled,
        left_out=int((~kept).sum()),
    )


def _demand_evidence(category: str, units: Floats, counted: Bools) -> None:
    if not (units[counted] > 0).any():
        raise BadInputError(
            f"category: got {category!r}, with too few weeks of sales to tell anything; allowed: "
            "three weeks or more, as the first and the last week of an item in a store are no "
            "evidence, unless distribution_list is loaded"
        )


def _demand_percent(discount: Floats) -> None:
    """Refuse discounts, shares of one, that were stated as shares where percent are wanted."""
    most = np.nanmax(discount, initial=0.0) * PERCENT
    if 0 < most < LEAST_DISCOUNT:
        raise BadInputError(
            f"promotion, discount: got {most:g} percent at most, allowed: percent of the regular "
            "price, such as 20 for a fifth off; load the promotions again with discounts in percent"
        )


def _kept(support: Support, kept: Bools) -> Support:
    return Support(support.cut[kept], support.display[kept], support.feature[kept])


def _display(columns: dict[str, NDArray[Any]], flag: str, days: str = "display_days") -> Floats:
    """Return the part of the week on display; a display without a count of days stood all week."""
    on = _numbers(columns[flag], 0.0) > 0
    part = columns[days].astype(np.float64) / DAYS
    return np.where(on, np.where(np.isnan(part), 1.0, part), 0.0)


def _promotions(columns: dict[str, NDArray[Any]]) -> tuple[Names, Integers]:
    """Return the promotion of every row: as seen, else as planned; -1 without one."""
    seen, planned = (texts(columns[name]) for name in ("promotion_id", "plan_id"))
    names, code = np.unique(np.where(seen != UNNAMED, seen, planned), return_inverse=True)
    if names.size and names[0] == UNNAMED:
        return names[1:], code.astype(np.int64) - 1
    return names, code.astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Price:
    """Prices of all rows: regular, temporary cut, whether not the row's own, and how found."""

    regular: Floats
    cut: Floats
    imputed: Bools
    cut_from: Cut

    @staticmethod
    def of(
        columns: dict[str, NDArray[Any]],
        units: Floats,
        at: tuple[Integers, Integers],
        prices_of: Prices,
    ) -> _Price:
        series, week = at
        price, stated = (
            np.where(units > 0, columns[name].astype(np.float64), np.nan)
            for name in ("price", "regular_price")
        )
        price[~(price > 0)] = np.nan
        discount = columns["discount"].astype(np.float64) / PERCENT
        for stated_as in (discount, columns["plan_discount"].astype(np.float64) / PERCENT):
            _demand_percent(stated_as)
        supported = (_numbers(columns["display"], 0.0) + _numbers(columns["feature"], 0.0)) > 0
        said = bool(np.isfinite(discount).any())
        flagged = columns["price_cut"].astype(bool)
        regular = regular_price(
            price, series, week, promoted=supported | flagged | (discount > 0), stated=stated
        ).price
        shelf = shelf_price(price, series, week)
        imputed = shelf.origin != OWN
        if prices_of == "retailer":
            regular, paid = (_alike(each, series, week) for each in (regular, shelf.price))
        else:
            paid = shelf.price
        derived = price_cut(paid, regular)
        if not said:
            return _Price(regular, derived, imputed, "derived")
        # A cut of which nobody says how deep it was is as deep as the prices show.
        unsaid = np.where(flagged, derived, 0.0)
        return _Price(regular, np.where(np.isnan(discount), unsaid, discount), imputed, "stated")


def _alike(price: Floats, series: Integers, week: Integers) -> Floats:
    """Return the median over a retailer's stores in the week, for every row alike.

    Where few rows sell, a store's own price in rows with a sale beside others' in rows without one
    would err differently in the two, and what differs looks like a response.
    """
    cell = series * (int(week.max()) + 1) + week
    return medians(price, cell).at(cell)


def _numbers(values: NDArray[Any], missing: float) -> Floats:
    numbers = values.astype(np.float64)
    return np.where(np.isnan(numbers), missing, numbers)


def competing_sides(brands: Names, makers: Names) -> Names:
    """Return what items compete as, (J,): their brand, or else their manufacturer.

    A brand belongs to one manufacturer. Where most items are of "brands" that several share, such
    as national and private, these are kinds of brand, and the manufacturers compete.

    Examples
    --------
    >>> competing_sides(np.array(["National", "National"]), np.array(["103", "1208"])).tolist()
    ['103', '1208']
    """
    of_brand = np.unique(brands, return_inverse=True)[1]
    pairs = np.unique(
        np.column_stack([of_brand, np.unique(makers, return_inverse=True)[1]]), axis=0
    )
    shared = (np.bincount(pairs[:, 0]) > 1)[of_brand]
    first, second = (makers, brands) if shared.mean() > 0.5 else (brands, makers)
    return np.where(first != UNNAMED, first, second)
