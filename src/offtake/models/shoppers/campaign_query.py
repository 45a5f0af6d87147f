"""What households bought around a campaign, summed up in the engine by household and week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.measures.baskets import bought
from offtake.models.kernels.arguments import Floats
from offtake.models.names import Integers, Names
from offtake.models.shoppers.campaign_plan import Contacts, Plan, columns, promoted
from offtake.models.shoppers.campaign_spec import MEASURES, SCOPES, Windows

if TYPE_CHECKING:
    import ibis.expr.types as ir

DAYS = 7
HOUSEHOLD, WEEK = "household_id", "step"
COUNTED = tuple(
    (scope, measure)
    for scope in SCOPES
    for measure in MEASURES[1:]
    # Units of a whole store would add up fuel and yoghurt.
    if (scope, measure) != ("store", "units")
)
Levels = dict[tuple[str, str], Floats]


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Coupons of a campaign handed in on products of the category: how many, by whom.

    Parameters
    ----------
    coupons
        How many were handed in.
    households
        Ids of the households that did, each once.
    """

    coupons: int
    households: Names


def loaded_days(store: Store, tables: Tables) -> tuple[np.datetime64, np.datetime64]:
    """Return the first and the last day on which anybody bought anything."""
    lines = bought(tables["basket_line"])
    found = columns(store, lines.aggregate(first=lines.date.min(), last=lines.date.max()))
    first, last = (found[name].astype("datetime64[D]")[0] for name in ("first", "last"))
    return first, last


def purchases(
    store: Store,
    tables: Tables,
    category: str,
    *,
    of: tuple[Plan, int],
    within: tuple[Contacts, Windows],
) -> Levels:
    """Return what every household bought week by week around a campaign.

    Parameters
    ----------
    store, tables, category
        Where it is read from, and of which category.
    of
        The plan, and which of its campaigns.
    within
        The households, and the weeks around the start.

    Returns
    -------
    dict
        Scope and measure to (H, T): ``products`` it is for, their ``brand``, the ``category``, the
        ``store``; ``trips`` (baskets with any of it), ``units``, ``money``.
    """
    (plan, campaign), (contacts, windows) = of, within
    lines = _placed(tables, plan.start[campaign], windows)
    marked = lines.left_join(_marks(tables, category, plan, campaign), "product_id")
    marks = {scope: marked[scope].fill_null(False) for scope in SCOPES[:-1]}
    marks["store"] = ibis.literal(True)
    # Basket by basket first: counting different baskets over all lines takes several times as long.
    sums = {
        f"{scope}_{measure}": (
            marked.count(where=marks[scope]).clip(upper=1)
            if measure == "trips"
            else _total(marked[{"units": "units", "money": "value"}[measure]], marks[scope])
        )
        for scope, measure in COUNTED
    }
    baskets = marked.group_by([HOUSEHOLD, WEEK, "basket_id"]).aggregate(**sums)
    weekly = baskets.group_by([HOUSEHOLD, WEEK]).aggregate(
        **{name: baskets[name].sum().cast("float64") for name in sums}
    )
    found = columns(store, weekly)
    shape = contacts.households.size, windows.weeks
    row = np.searchsorted(contacts.households, found[HOUSEHOLD].astype(np.str_))
    week = found[WEEK].astype(np.int64)
    levels = {}
    for scope, measure in COUNTED:
        level = np.zeros(shape)
        level[row, week] = found[f"{scope}_{measure}"].astype(np.float64)
        levels[scope, measure] = level
    return levels


def control_categories(
    store: Store,
    tables: Tables,
    category: str,
    *,
    of: tuple[Plan, int],
    within: tuple[Contacts, Windows, int],
) -> dict[str, Floats]:
    """Return trips with categories that the campaign has nothing to do with.

    Parameters
    ----------
    store, tables, category, of
        As for :func:`purchases`.
    within
        The households, the weeks, and how many categories at most: those that most households
        bought before the start.

    Returns
    -------
    dict
        Category to (H, 3): trips in the weeks that households are known by, before, and from the
        start on.
    """
    (plan, campaign), (contacts, windows, most) = of, within
    lines = _placed(tables, plan.start[campaign], windows)
    products = tables["product"].select("product_id", "category", "brand")
    free = products.filter(products.category.notnull(), products.category != category)
    free = free.anti_join(_touched(tables, plan, campaign), "category")
    lines = lines.inner_join(free.select("product_id", "category"), "product_id")
    early = lines.filter(lines[WEEK] < windows.history)
    sizes = early.group_by("category").aggregate(many=early[HOUSEHOLD].nunique())
    largest = sizes.order_by([ibis.desc("many"), "category"]).limit(most).select("category")
    lines = lines.semi_join(largest, "category")
    part = (lines[WEEK] >= windows.before.start).cast("int64")
    lines = lines.mutate(part=part + (lines[WEEK] >= windows.history).cast("int64"))
    sums = lines.group_by([HOUSEHOLD, "category", "part"]).aggregate(
        trips=lines.basket_id.nunique()
    )
    return _by_category(columns(store, sums), contacts.households)


def _by_category(found: dict[str, NDArray[Any]], households: Names) -> dict[str, Floats]:
    row = np.searchsorted(households, found[HOUSEHOLD].astype(np.str_))
    part, trips = found["part"].astype(np.int64), found["trips"].astype(np.float64)
    named = found["category"].astype(np.str_)
    levels = {}
    for name in np.unique(named):
        mine = named == name
        level = np.zeros((households.size, 3))
        level[row[mine], part[mine]] = trips[mine]
        levels[str(name)] = level
    return levels


def redemptions(store: Store, tables: Tables, category: str, *, of: tuple[Plan, int]) -> Redeemed:
    """Return the coupons handed in on products of the category.

    A coupon counts if its household bought a product of the category that it is valid for on the
    day: many are valid in several categories.
    """
    plan, campaign = of
    name = str(plan.ids[campaign])
    products = tables["product"]
    products = products.filter(products.category == category).select("product_id")
    coupon = tables["coupon"]
    valid = coupon.filter(coupon.campaign_id == name).select("coupon_id", "product_id")
    valid = valid.semi_join(products, "product_id")
    handed = tables["redemption"]
    handed = handed.filter(handed.campaign_id == name)
    keys = [HOUSEHOLD, "date"]
    lines = bought(tables["basket_line"]).semi_join(handed.select(*keys).distinct(), keys)
    lines = lines.semi_join(valid, "product_id").select(*keys, "product_id").distinct()
    bought_on = lines.inner_join(valid, "product_id").select(*keys, "coupon_id").distinct()
    found = columns(store, handed.semi_join(bought_on, [*keys, "coupon_id"]).select(HOUSEHOLD))
    ids = found[HOUSEHOLD].astype(np.str_)
    return Redeemed(int(ids.size), np.unique(ids))


def demographics(store: Store, tables: Tables, households: Names) -> dict[str, Integers]:
    """Return what is known of households as codes, (H,) each; 0 where it is not known."""
    names = ("age", "income", "size")
    found = columns(store, tables["household"].select(HOUSEHOLD, *names))
    ids = found[HOUSEHOLD].astype(np.str_)
    row = np.searchsorted(households, ids)
    there = row < households.size
    there[there] &= households[row[there]] == ids[there]
    known = {}
    for name in names:
        values = np.array(["" if each is None else str(each) for each in found[name]], np.str_)
        levels = np.unique(values[values != ""])
        code = np.zeros(households.size, np.int64)
        some = there & (values != "")
        code[row[some]] = np.searchsorted(levels, values[some]) + 1
        known[name] = code
    return known


def _placed(tables: Tables, start: np.datetime64, windows: Windows) -> ir.Table:
    """Return the lines around a day, with the week counted from `history` weeks before it."""
    origin = start - np.timedelta64(DAYS * windows.history, "D")
    end = origin + np.timedelta64(DAYS * windows.weeks - 1, "D")
    lines = bought(tables["basket_line"])
    lines = lines.filter(lines.date >= ibis.date(str(origin)), lines.date <= ibis.date(str(end)))
    days = lines.date.delta(ibis.date(str(origin)), unit="day")
    lines = lines.mutate(step=(days / DAYS).floor().cast("int64"))
    return lines.select(HOUSEHOLD, WEEK, "product_id", "basket_id", "units", "value")


def _marks(tables: Tables, category: str, plan: Plan, campaign: int) -> ir.Table:
    """Return the products of the category: whether the campaign is for them, and for their brand.

    A campaign that speaks for no brand is taken to speak for the makers of its products.
    """
    chosen = promoted(tables, category)
    chosen = chosen.filter(chosen.campaign_id == str(plan.ids[campaign])).select("product_id")
    rows = tables["product"]
    rows = rows.filter(rows.category == category).select("product_id", "brand", "manufacturer")
    marks = rows.left_join(chosen.distinct().mutate(products=True), "product_id")
    marks = marks.drop("product_id_right").mutate(category=True)
    if plan.brands[campaign]:
        mine = marks.brand == str(plan.brands[campaign])
    else:
        makers = rows.semi_join(chosen, "product_id").manufacturer
        mine = marks.manufacturer.isin(makers)
    marks = marks.mutate(products=marks.products.fill_null(False))
    return marks.mutate(brand=mine.fill_null(False) | marks.products).drop("manufacturer")


def _touched(tables: Tables, plan: Plan, campaign: int) -> ir.Table:
    """Return the categories in which a campaign has products."""
    coupon, products = tables["coupon"], tables["product"]
    chosen = coupon.filter(coupon.campaign_id == str(plan.ids[campaign])).select("product_id")
    touched = products.semi_join(chosen, "product_id").select("category")
    if plan.brands[campaign]:
        touched = touched.union(
            products.filter(products.brand == str(plan.brands[campaign])).select("category")
        )
    return touched.filter(touched.category.notnull()).distinct()


def _total(column: ir.NumericColumn, where: ir.BooleanValue) -> ir.NumericScalar:
    # Exact: the engine adds up in any order, and the answer must not change with it.
    return column.cast("decimal(18, 6)").sum(where=where).fill_null(0)
