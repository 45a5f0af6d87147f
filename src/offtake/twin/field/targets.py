"""Targets: what the company plans, what it asks of its people, and how fairly.

The plan is made bottom up from what is known beforehand: the sizes of the stores, the season, and
the promotions and media as agreed. Nobody's target depends on what was sold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import expit, logit

from offtake.twin.arrays import Bools, Floats, Ints, Texts
from offtake.twin.kernels.outages import DAYS
from offtake.twin.market.block import Drivers, log_demand, pair_spread
from offtake.twin.market.events import NONE
from offtake.twin.market.items import OWN
from offtake.twin.market.staff import VACANT, WEEKS_PER_YEAR
from offtake.twin.market.stores import REGIONS, RETAILERS
from offtake.twin.market.world import World
from offtake.twin.tables import Made, coded, days_array

_THURSDAY = 3


@dataclass(frozen=True, slots=True)
class _Owed:
    """Targets of one level: H rows.

    Parameters
    ----------
    level
        ``person``, ``team`` or ``company``.
    owner, team
        (H,) whose.
    first, last
        (H,) first and last week.
    target, actual
        (H,) money.
    """

    level: str
    owner: Texts
    team: Texts
    first: Ints
    last: Ints
    target: Floats
    actual: Floats


def targets(world: World, sales: Floats) -> Made:
    """Return the targets of persons, teams and the company, and the truth ``target``.

    A quarter takes the weeks whose Thursday it holds. A rep who comes or leaves within it is asked
    for the weeks in between; weeks of a vacant territory are asked of the region's lead.

    Parameters
    ----------
    world
        The world.
    sales
        (Q, T) value that our brands sold, by territory and week.
    """
    could = potential(world)
    asked = could * np.exp(world.staff.pressure)[:, None]
    quarter = quarters(world)
    rows = [_row(world, owed) for owed in _levels(world, quarter, asked, sales)]
    return Made(
        {"target": pa.concat_tables(rows).unify_dictionaries()},
        {"target": _truth(world, quarter, could, asked)},
    )


def quarters(world: World) -> Ints:
    """Return the quarter of every week, counted from the first one, (T,)."""
    months = (world.weeks + _THURSDAY).astype("datetime64[M]").astype(np.int64)
    quarter: Ints = months // 3 - months[0] // 3
    return quarter


def potential(world: World) -> Floats:
    """Return what each territory can be expected to sell in each week as planned, (Q, T) money."""
    stores, assumed = world.stores, world.assumed
    growth = np.exp(assumed.plan_growth * np.arange(world.spec.weeks) / WEEKS_PER_YEAR)
    total = np.zeros((len(stores.territories), world.spec.weeks))
    place = stores.territory * len(RETAILERS) + stores.retailer
    for category in range(len(world.names)):
        shoppers = _shoppers(world, category)
        planned = _planned(world, category)
        for own in range(shoppers.shape[1]):
            by_place = np.bincount(place, shoppers[:, own], minlength=total.shape[0] * len(planned))
            total += by_place.reshape(-1, len(planned)) @ planned[:, own]
    return total * growth * (1 - assumed.out_of_stock) * (1 - assumed.voids)


def _shoppers(world: World, category: int) -> Floats:
    """Return the expected size of every store for each of our items, (S, own items)."""
    items, mine = world.items, world.of_category(category)
    strength = np.log(items.share_of_category[mine] * world.spec.items)[world.own_items(category)]
    size = world.stores.size
    chance = logit(world.assumed.listed) + world.assumed.size_on_listing * size
    noise = pair_spread(world, category) ** 2 / 2
    shoppers: Floats = expit(chance[:, None] + strength) * np.exp(size + noise)[:, None]
    return shoppers


def _planned(world: World, category: int) -> Floats:
    """Return the money our items bring per week in a store of size 0, (R, own items, T)."""
    own, mine = world.own_items(category), world.of_category(category)
    planned = []
    for retailer in range(len(RETAILERS)):
        drivers = _as_agreed(world, category, retailer)
        of = np.flatnonzero(world.stores.retailer == retailer)[:1]
        units = np.exp(log_demand(world, category, of, drivers, world.spec.without))[0]
        paid = world.prices[retailer, mine] * (1 - drivers.cut[0])
        planned.append((units * paid)[own])
    return np.stack(planned)


def _as_agreed(world: World, category: int, retailer: int) -> Drivers:
    """Return one store of size 0 that has every item and does what stores usually do."""
    events, assumed, mine = world.events, world.assumed, world.of_category(category)
    event = events.of[retailer, mine][None]
    there = event != NONE
    usual = DAYS * (1 - assumed.display_never) * assumed.display_days
    prices = world.prices[retailer, mine]
    launched = np.arange(world.spec.weeks) >= world.items.launched[mine, None]
    return Drivers(
        live=(launched & (np.arange(world.spec.weeks) <= world.delisted[retailer, mine, None]))[
            None
        ],
        cut=np.where(there, np.append(events.cut, 0.0)[event], 0.0),
        display_days=np.rint(usual * np.append(events.display, False)[event]).astype(np.int64),
        feature=np.append(events.feature, False)[event].astype(np.float64),
        log_price=np.log(prices / prices[:, :1]),
        level=world.items.log_rate[None, mine],
        busy=np.zeros((1, world.spec.weeks)),
    )


def _levels(world: World, quarter: Ints, asked: Floats, sales: Floats) -> Iterator[_Owed]:
    """Yield the targets of every level; above the persons, the over-assignment is taken out."""
    staff, stores, over = world.staff, world.stores, world.assumed.over_assignment
    region = np.broadcast_to(stores.territory_region[:, None], asked.shape)
    holder = np.where(staff.rep_of == VACANT, staff.lead[region], staff.rep_of)
    persons = _gathered(world, quarter, holder, asked, sales)
    teams = _gathered(world, quarter, region, asked / over, sales)
    company = _gathered(world, quarter, np.zeros_like(region), asked / over, sales)
    yield _owed("person", staff.ids, staff.team, persons)
    yield _owed("team", np.array(REGIONS), np.array(REGIONS), teams)
    yield _owed("company", np.array([OWN]), np.array([OWN]), company)


def _gathered(
    world: World, quarter: Ints, group: Ints, asked: Floats, sales: Floats
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Add up by group and quarter: group, first and last week, asked, sold."""
    week = np.broadcast_to(np.arange(world.spec.weeks), group.shape).ravel()
    many = int(quarter[-1]) + 1
    key, place = np.unique(group.ravel() * many + quarter[week], return_inverse=True)
    first = np.full(len(key), len(quarter))
    last = np.full(len(key), -1)
    np.minimum.at(first, place, week)
    np.maximum.at(last, place, week)
    target = np.bincount(place, asked.ravel()).astype(np.float64)
    return key // many, first, last, target, np.bincount(place, sales.ravel()).astype(np.float64)


def _owed(
    level: str, names: Texts, teams: Texts, found: tuple[Ints, Ints, Ints, Floats, Floats]
) -> _Owed:
    who, first, last, target, actual = found
    return _Owed(level, names[who], teams[who], first, last, target, actual)


def _row(world: World, owed: _Owed) -> pa.Table:
    rows = len(owed.owner)
    return pa.table(
        {
            "level": coded(np.array([owed.level]), np.zeros(rows, dtype=np.int64)),
            "owner": pa.array(owed.owner),
            "team": pa.array(owed.team),
            "metric": coded(np.array(["value"]), np.zeros(rows, dtype=np.int64)),
            "first_day": days_array(world.weeks[owed.first]),
            "last_day": days_array(world.weeks[owed.last] + DAYS - 1),
            "target": pa.array(np.round(owed.target, 2)),
            "actual": pa.array(np.round(owed.actual, 2)),
        }
    )


def _truth(world: World, quarter: Ints, could: Floats, asked: Floats) -> pa.Table:
    """Return what would have been fair, by territory and quarter."""
    stores, staff = world.stores, world.staff
    count = int(quarter[-1]) + 1
    in_quarter: Bools = quarter[:, None] == np.arange(count)
    first = np.argmax(in_quarter, axis=0)
    territory, number = (each.ravel() for each in np.indices((len(asked), count)))
    fair = (could @ in_quarter).ravel()
    return pa.table(
        {
            "territory": coded(stores.territories, territory),
            "first_day": days_array(world.weeks[first][number]),
            "potential": pa.array(fair),
            "fair_target": pa.array(fair * world.assumed.over_assignment),
            "target": pa.array((asked @ in_quarter).ravel()),
            "unfairness": pa.array(staff.unfairness[territory]),
            "pressure": pa.array(staff.pressure[territory]),
        }
    )
