"""Purchases and first purchases of a category from the store, as Ibis expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from offtake.data.store import Tables
from offtake.errors import MissingContractError
from offtake.measures.baskets import HOUSEHOLD, bought
from offtake.measures.first_purchases import WASHOUT_WEEKS, first_time_buyers
from offtake.measures.promotion import CELL, reporting_stores
from offtake.measures.scope import Filter, Scope

if TYPE_CHECKING:
    import ibis.expr.types as ir

DAYS = 7
LEAST_DEAL = 5.0
"""Percent below the regular price from which a purchase is on deal; less is rounding."""
LINE = (HOUSEHOLD, "date", "product_id", "store_id")


def scope_of(tables: Tables, category: str, grouping: str) -> Scope:
    """Return the scope of a category, by brand or manufacturer.

    Raises
    ------
    MissingContractError
        When no basket lines or products are loaded.
    """
    for name in ("basket_line", "product"):
        if name not in tables.filled:
            raise MissingContractError(
                f"how buyers were won needs basket_line, product; nothing has been loaded into "
                f"{name}. Load it with: offtake load FILE --as {name}"
            )
    return Scope(tables, by=(grouping,), where=(Filter("category", (category,)),))


def line_rows(scope: Scope) -> ir.Table:
    """Return what households bought of the category: household x day x product x store.

    ``regular`` is what it would have cost at the regular price, ``on_deal`` whether the retailer
    cut that by `LEAST_DEAL` percent or more, or reported a cut; ``coupon`` whether a coupon was
    taken off or handed in; ``display`` and ``leaflet`` whether such support of the item was
    observed there in that week, and ``known`` whether it would have been: an absent row says
    nothing where a store's promotions are not reported.
    """
    lines = bought(scope.facts("basket_line"))
    group = lines[scope.by[0]]
    lines = _with_support(scope, lines.mutate(group=group))
    discount = lines.retailer_discount.fill_null(0.0)
    matched = lines.coupon_match_discount.fill_null(0.0)
    lines = lines.mutate(
        regular=lines["value"] + discount + matched,
        off=discount,
        taken_off=lines.coupon_discount.fill_null(0.0) + matched,
    )
    sums = lines.group_by([*LINE, "group"]).aggregate(
        units=lines.units.sum(),
        value=lines["value"].sum(),
        regular=lines.regular.sum(),
        off=lines.off.sum(),
        coupon=(lines.taken_off > 0).any(),
        display=lines.display.any(),
        leaflet=lines.leaflet.any(),
        cut=lines.cut.any(),
        known=lines.known.any(),
    )
    deep = sums.off >= LEAST_DEAL / 100 * sums.regular
    found = sums.mutate(on_deal=((sums.off > 0) & deep) | sums.cut).drop("off", "cut")
    return _with_retailer(scope, _with_redeemed(scope, found)).order_by([*LINE, "group"])


def _with_retailer(scope: Scope, lines: ir.Table) -> ir.Table:
    master = scope.tables["store"].select("retailer", _store="store_id")
    return lines.left_join(master, lines.store_id == master["_store"]).drop("_store")


def _with_support(scope: Scope, lines: ir.Table) -> ir.Table:
    """Put observed support beside lines, and whether the store's promotions are reported."""
    seen = scope.facts("promotion")
    seen = seen.filter(seen.status == "observed")
    seen = seen.select(
        *(seen[name].name(f"_{name}") for name in CELL),
        seen.display,
        leaflet=seen.feature,
        cut=seen.price_cut.fill_null(False),
    )
    lines = lines.left_join(seen, [lines[name] == seen[f"_{name}"] for name in CELL])
    reported = reporting_stores(scope).select(_reporting="store_id").mutate(known=True)
    lines = lines.left_join(reported, lines.store_id == reported["_reporting"])
    flags = {name: lines[name].fill_null(False) for name in ("display", "leaflet", "cut", "known")}
    return lines.drop(*(f"_{name}" for name in CELL), "_reporting").mutate(**flags)


def support_rows(scope: Scope) -> ir.Table:
    """Return how often groups were chosen with support and without: store x group x kind.

    An occasion is a household's day with a purchase of the category in a store whose promotions are
    reported. ``kind`` is what the best supported item of the group had there in that week:
    ``display``, ``leaflet``, ``deal``; none in the rows of all ``occasions`` of the store, at which
    the group was ``chosen``.
    """
    lines = bought(scope.facts("basket_line"))
    lines = lines.mutate(group=lines[scope.by[0]]).semi_join(reporting_stores(scope), "store_id")
    place = ("store_id", "week")
    days = lines.select(*place, HOUSEHOLD, "date").distinct()
    occasions = days.group_by(place).aggregate(occasions=days.count())
    picks = lines.select(*place, "group", HOUSEHOLD, "date").distinct()
    chosen = picks.group_by([*place, "group"]).aggregate(chosen=picks.count())
    where = ["store_id", "group"]
    whole = chosen.group_by(where).aggregate(chosen=chosen.chosen.sum())
    stores = occasions.group_by("store_id").aggregate(occasions=occasions.occasions.sum())
    whole = whole.inner_join(stores, "store_id").mutate(kind=ibis.null("string"))
    held = _supported_weeks(scope).inner_join(occasions, place)
    held = held.left_join(chosen, [*place, "group"])
    held = held.select(*where, "kind", "occasions", chosen=held.chosen.fill_null(0))
    held = held.semi_join(whole, where).group_by([*where, "kind"])
    with_support = held.aggregate(chosen=ibis._.chosen.sum(), occasions=ibis._.occasions.sum())
    columns = (*where, "kind", "chosen", "occasions")
    return whole.select(*columns).union(with_support.select(*columns)).order_by([*where, "kind"])


def _supported_weeks(scope: Scope) -> ir.Table:
    """Return store x week x group with the best support that any item had."""
    seen = scope.facts("promotion")
    seen = seen.filter(seen.status == "observed").mutate(group=seen[scope.by[0]])
    sums = seen.group_by(["store_id", "week", "group"]).aggregate(
        display=seen.display.any(), leaflet=seen.feature.any(),
        cut=seen.price_cut.fill_null(False).any(),
    )  # fmt: skip
    kind = ibis.cases(
        (sums.display, "display"), (sums.leaflet, "leaflet"), (sums.cut, "deal"), else_=None
    )
    return sums.mutate(kind=kind).filter(kind.notnull()).select("store_id", "week", "group", "kind")


def _with_redeemed(scope: Scope, lines: ir.Table) -> ir.Table:
    """Count a purchase as won by coupon where a coupon on the item was handed in that day."""
    handed = scope.tables["redemption"].select("campaign_id", "coupon_id", HOUSEHOLD, "date")
    covered = scope.tables["coupon"].select("campaign_id", "coupon_id", "product_id")
    redeemed = handed.inner_join(covered, ["campaign_id", "coupon_id"])
    redeemed = redeemed.select(
        _home=redeemed[HOUSEHOLD], _day=redeemed["date"], _item=redeemed.product_id
    ).distinct()
    redeemed = redeemed.mutate(redeemed=True)
    joined = lines.left_join(
        redeemed,
        [
            lines[HOUSEHOLD] == redeemed["_home"],
            lines["date"] == redeemed["_day"],
            lines.product_id == redeemed["_item"],
        ],
    )
    coupon = joined.coupon | joined.redeemed.fill_null(False)
    return joined.mutate(coupon=coupon).drop("_home", "_day", "_item", "redeemed")


def trial_rows(scope: Scope) -> ir.Table:
    """Return first purchases by group and household, with trips in the weeks before.

    What a first purchase is, :func:`offtake.measures.first_purchases.first_time_buyers` says.
    """
    firsts = first_time_buyers(scope, 1)
    firsts = firsts.select(
        HOUSEHOLD, "first_day", "repeat_1", "first_loaded_day", "last_loaded_day",
        group=firsts[scope.by[0]],
    )  # fmt: skip
    trips = _trips_before(scope, firsts)
    found = firsts.left_join(
        trips,
        [firsts[HOUSEHOLD] == trips["_home"], firsts.first_day == trips["_day"]],
    )
    found = found.mutate(trips=found.trips.fill_null(0)).drop("_home", "_day")
    return _with_demographics(scope, found).order_by(["group", HOUSEHOLD])


def _trips_before(scope: Scope, firsts: ir.Table) -> ir.Table:
    """Count shopping days of all kinds in the washout before a household's first purchases."""
    homes = firsts.select(_home=HOUSEHOLD, _day="first_day").distinct()
    lines = scope.tables["basket_line"]
    days = lines.semi_join(homes, lines[HOUSEHOLD] == homes["_home"])
    days = days.select(HOUSEHOLD, "date").distinct()
    before = homes.inner_join(
        days,
        [
            homes["_home"] == days[HOUSEHOLD],
            days["date"] < homes["_day"],
            days["date"] + ibis.interval(days=DAYS * WASHOUT_WEEKS) >= homes["_day"],
        ],
    )
    return before.group_by(["_home", "_day"]).aggregate(trips=before.count())


def _with_demographics(scope: Scope, firsts: ir.Table) -> ir.Table:
    homes = scope.tables["household"]
    told = homes.age.notnull() | homes.income.notnull() | homes["size"].notnull()
    homes = homes.select(_home=homes[HOUSEHOLD], described=told)
    found = firsts.left_join(homes, firsts[HOUSEHOLD] == homes["_home"])
    return found.mutate(described=found.described.fill_null(False)).drop("_home")
