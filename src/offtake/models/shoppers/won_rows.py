"""Purchases and first purchases of a category as arrays, and windows of days over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.margins import COLUMNS, Coded, margins_in_force
from offtake.models.names import Names, coded, texts
from offtake.models.shoppers.won_query import line_rows, scope_of, support_rows, trial_rows

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from offtake.data.store import Store, Tables

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Columns = dict[str, NDArray[Any]]

GROUPINGS = ("brand", "manufacturer")


@dataclass(frozen=True, slots=True)
class Lines:
    """N purchases: household x day x product x store, in order of household and day.

    Parameters
    ----------
    household, group, item, retailer
        (N,) codes; a group is a brand or a manufacturer.
    day
        (N,) days since the first loaded day.
    units, value, regular
        (N,) units, money paid to the retailer, and money at the regular price.
    margin
        (N,) money the manufacturer earned, NaN where no margin is known.
    coupon, display, leaflet, on_deal
        (N,) how it was supported.
    known
        (N,) whether display and leaflet of the store are reported.
    """

    household: Integers
    group: Integers
    item: Integers
    retailer: Integers
    day: Integers
    units: Floats
    value: Floats
    regular: Floats
    margin: Floats
    coupon: Flags
    display: Flags
    leaflet: Flags
    on_deal: Flags
    known: Flags


@dataclass(frozen=True, slots=True)
class Trials:
    """T first purchases of a group by a household, in order of group.

    Parameters
    ----------
    household, group
        (T,) codes.
    day
        (T,) day of the first purchase.
    again
        (T,) days until the next purchase of the group; -1 where there is none yet.
    trips
        (T,) shopping days of any kind in the washout before.
    described
        (T,) whether anything is known of who the household is.
    """

    household: Integers
    group: Integers
    day: Integers
    again: Integers
    trips: Integers
    described: Flags

    @property
    def size(self) -> int:
        """Return T."""
        return int(self.day.size)


@dataclass(frozen=True, slots=True)
class SupportRows:
    """How often groups were chosen in stores whose promotions are reported, in R rows.

    Parameters
    ----------
    place
        (R,) codes of store and group.
    kind
        (R,) ``display``, ``leaflet`` or ``deal``; empty for all days of the place.
    chosen, occasions
        (R,) households' days with a purchase of the group, and of anything of the category.
    """

    place: Integers
    kind: Names
    chosen: Floats
    occasions: Floats


@dataclass(frozen=True, slots=True)
class WonRows:
    """What is known of how the buyers of a category were won.

    Parameters
    ----------
    category, grouping
        Which category, and whether groups are brands or manufacturers.
    lines, trials
        Purchases and first purchases.
    support
        How often groups were chosen with support and without.
    groups, households, items
        Names by code.
    first_day
        Day 0: the first loaded day.
    last
        The last loaded day.
    has_promotions
        Whether any promotions are loaded.
    """

    category: str
    grouping: str
    lines: Lines
    trials: Trials
    support: SupportRows
    groups: Names
    households: Names
    items: Names
    first_day: np.datetime64
    last: int
    has_promotions: bool


def won_rows(store: Store, tables: Tables, category: str, *, grouping: str = "brand") -> WonRows:
    """Return purchases and first purchases of a category.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    grouping
        ``brand`` or ``manufacturer``: what households are won for.

    Raises
    ------
    MissingContractError
        When no basket lines or products are loaded.
    BadInputError
        When no household bought anything of the category.
    UnknownNameError
        When the grouping is another.
    """
    if grouping not in GROUPINGS:
        raise UnknownNameError("grouping of items", grouping, GROUPINGS)
    scope = scope_of(tables, category, grouping)
    found = _columns(store, line_rows(scope))
    if not found["units"].size:
        raise BadInputError(
            f"category: got {category!r}, of which no household bought anything; "
            "see: offtake measure household_sales_units --by category"
        )
    firsts = _columns(store, trial_rows(scope))
    support = _support(_columns(store, support_rows(scope)))
    everything = tables["basket_line"]
    first, last = (
        np.datetime64(value, "D")
        for value in store.run(
            everything.aggregate(first=everything["date"].min(), last=everything["date"].max())
        )
        .to_pylist()[0]
        .values()
    )
    groups, group = coded(found["group"])
    households, household = coded(found["household_id"])
    items, item = coded(found["product_id"])
    retailers, retailer = coded(found["retailer"])
    margin = _margins(store, tables, found, ((items, item), (retailers, retailer)))
    return WonRows(
        category=category,
        grouping=grouping,
        lines=_lines(found, (household, group, item, retailer), first, margin),
        trials=_trials(firsts, households, groups, first),
        support=support,
        groups=groups,
        households=households,
        items=items,
        first_day=first,
        last=int(_days(np.array([last]), first)[0]),
        has_promotions="promotion" in tables.filled,
    )


def _support(found: Columns) -> SupportRows:
    (_, store), (groups, group) = coded(found["store_id"]), coded(found["group"])
    place = np.unique(store * groups.size + group, return_inverse=True)[1]
    return SupportRows(
        place=place.astype(np.int64),
        kind=texts(found["kind"]),
        chosen=found["chosen"].astype(np.float64),
        occasions=found["occasions"].astype(np.float64),
    )


def _columns(store: Store, rows: ir.Table) -> Columns:
    table = store.run(rows)
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def _days(values: NDArray[Any], first: np.datetime64) -> Integers:
    found: Integers = (values.astype("datetime64[D]") - first).astype(np.int64)
    return found


def _lines(
    found: Columns, codes: tuple[Integers, ...], first: np.datetime64, margin: Floats
) -> Lines:
    household, group, item, retailer = codes
    day = _days(found["date"], first)
    order = np.lexsort((item, day, household))

    def numbers(name: str) -> Floats:
        return found[name].astype(np.float64)[order]

    def flags(name: str) -> Flags:
        return found[name].astype(np.bool_)[order]

    return Lines(
        household=household[order],
        group=group[order],
        item=item[order],
        retailer=retailer[order],
        day=day[order],
        units=numbers("units"),
        value=numbers("value"),
        regular=numbers("regular"),
        margin=margin[order],
        coupon=flags("coupon"),
        display=flags("display"),
        leaflet=flags("leaflet"),
        on_deal=flags("on_deal"),
        known=flags("known"),
    )


def _trials(found: Columns, households: Names, groups: Names, first: np.datetime64) -> Trials:
    day = _days(found["first_day"], first)
    second = found["repeat_1"].astype("datetime64[D]")
    again = np.where(np.isnat(second), first, second) - first
    return Trials(
        household=np.searchsorted(households, texts(found["household_id"])).astype(np.int64),
        group=np.searchsorted(groups, texts(found["group"])).astype(np.int64),
        day=day,
        again=np.where(np.isnat(second), -1, again.astype(np.int64) - day),
        trips=found["trips"].astype(np.int64),
        described=found["described"].astype(np.bool_),
    )


def _margins(store: Store, tables: Tables, found: Columns, places: tuple[Coded, Coded]) -> Floats:
    """Return the margin earned on every line, (N,); NaN where none is known."""
    rows = tables["unit_margin"]
    known = store.run(rows.select(*COLUMNS).order_by(["valid_from", *COLUMNS[:2]])).to_pylist()
    each = margins_in_force(known, *places, found["date"].astype("datetime64[D]"))
    earned: Floats = each * found["units"]
    return earned


def within(
    lines: Lines, household: Integers, start: Integers, stop: Integers
) -> tuple[Integers, Integers]:
    """Return pairs of a window and a purchase of its household that lies in it.

    Parameters
    ----------
    lines
        Purchases, in order of household and day.
    household
        (T,) whose.
    start, stop
        (T,) days, the first in the window and the first after it.

    Returns
    -------
    tuple
        (M,) place of the window, and (M,) place of the purchase, in order.
    """
    span = int(max(lines.day.max(initial=0), start.max(initial=0), stop.max(initial=0))) + 2
    key = lines.household * span + lines.day
    low = np.searchsorted(key, household * span + np.maximum(start, 0))
    high = np.searchsorted(key, household * span + np.maximum(stop, 0))
    many = np.maximum(high - low, 0)
    window = np.repeat(np.arange(household.size), many)
    turn = np.arange(window.size) - np.repeat(np.cumsum(many) - many, many)
    return window, low[window] + turn
