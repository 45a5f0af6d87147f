"""One block of stores in one category: what was on the shelf, what was done, what was sold."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.assumptions import reaction
from offtake.twin.calibration import Outages as OutageFacts
from offtake.twin.kernels.demand import Response, later_dip, log_support
from offtake.twin.kernels.draws import poisson_quantile
from offtake.twin.kernels.outages import DAYS, lost_time, starts
from offtake.twin.market.distribution import Distribution
from offtake.twin.market.events import NONE
from offtake.twin.market.execution import Execution, days_on_display
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.spec import Effect


@dataclass(frozen=True, slots=True)
class Drivers:
    """What acts on demand in B stores, J items of one category, T weeks.

    Parameters
    ----------
    live
        (B, J, T) on the shelf, unless out of stock.
    cut
        (B, J, T) price cut at the till, a fraction.
    display_days
        (B, J, T) days on display.
    feature
        (B, J, T) 1 where in the leaflet.
    log_price
        (J, T) log of the regular price over that of the first week.
    level
        (B, J) log of units per week without season, trend or anybody's doing.
    busy
        (B, T) how busy the store is, in logs, season taken out.
    """

    live: Bools
    cut: Floats
    display_days: Ints
    feature: Floats
    log_price: Floats
    level: Floats
    busy: Floats


@dataclass(frozen=True, slots=True)
class Outages:
    """N out-of-stocks.

    Parameters
    ----------
    store, item
        (N,) places in the block.
    start, days
        (N,) in days from the first Monday.
    lost
        (B, J, T x 7) part of each day that the shelf was empty (single precision).
    lost_week
        (B, J, T) part of each week's shopping that found it empty.
    """

    store: Ints
    item: Ints
    start: Floats
    days: Floats
    lost: Floats
    lost_week: Floats


@dataclass(frozen=True, slots=True)
class Block:
    """B stores of one retailer in one category of J items.

    Parameters
    ----------
    category, of
        Number of the category, and (B,) numbers of the stores in the world.
    distribution
        Listings of the J items.
    which, execution, event
        (E,) numbers of the events of this retailer and category, what the stores did with them,
        and (J, T) which of these E an item is in, or -1.
    drivers, support, outages
        What acts on demand; (B, J, T) log lift of the items' own promotions; out-of-stocks.
    demand
        (B, J, T) expected units if never out of stock.
    received
        (B, J, T) expected units that come from shoppers who found something else missing, or who
        came back a week later.
    expected
        (B, J, T) expected units sold.
    push
        (B, J, T) what chance made of the week's demand, around 1: units are Poisson around
        push x expected.
    units
        (B, J, T) units sold.
    """

    category: int
    of: Ints
    distribution: Distribution
    which: Ints
    execution: Execution
    event: Ints
    drivers: Drivers
    support: Floats
    outages: Outages
    demand: Floats
    received: Floats
    expected: Floats
    push: Floats
    units: Ints


def log_demand(
    world: World, category: int, of: Ints, drivers: Drivers, without: frozenset[Effect]
) -> Floats:
    """Return log expected demand where live, (B, J, T), with some effects left out.

    Parameters
    ----------
    world, category, of, drivers
        Where and what.
    without
        Effects left out; with the spec's own and one more, the difference is that effect's truth.
    """
    response = world.responses[category]
    mine = world.of_category(category)
    support = own_support(world, category, drivers, without)
    moves = response.regular[:, None] * drivers.log_price
    moves = moves * _acting(world, category, without)[:, None] * ("regular_price" not in without)
    attraction = np.where(drivers.live, support + moves, 0.0)
    total = drivers.level[:, :, None] + drivers.busy[:, None, :] + attraction
    total -= pull_in_force(world, category, without) @ attraction
    if "stockpiling" not in without:
        total -= later_dip(support, response.dips)
    total += _by_time(world, category, without)
    if "media" not in without:
        effect = world.media.effect[world.items.brand[mine]].sum(axis=1)
        total += effect[:, world.stores.region[of]].transpose(1, 0, 2)
    return total


def own_support(
    world: World, category: int, drivers: Drivers, without: frozenset[Effect]
) -> Floats:
    """Return the log lift of the items' own promotions, (B, J, T)."""
    response = _left(world.responses[category], without)
    display = drivers.display_days / DAYS
    support = log_support(drivers.cut, display, drivers.feature, response)
    support *= _acting(world, category, without)[:, None]
    return np.where(drivers.live, support, 0.0)


def _left(response: Response, without: frozenset[Effect]) -> Response:
    return Response(
        regular=response.regular,
        promoted=response.promoted * ("promoted_price" not in without),
        display=response.display * ("display" not in without),
        feature=response.feature * ("feature" not in without),
        display_feature=response.display_feature * ("display_feature" not in without),
        pull=response.pull,
        dips=response.dips,
    )


def _acting(world: World, category: int, without: frozenset[Effect]) -> Bools:
    own = world.items.own[world.of_category(category)]
    return own | ("competitor_actions" not in without)


def pull_in_force(world: World, category: int, without: frozenset[Effect] | None = None) -> Floats:
    """Return what the items of a category take from each other, (J, J); see :class:`Response`."""
    left_out = world.spec.without if without is None else without
    brand = world.items.brand[world.of_category(category)]
    same = brand[:, None] == brand[None, :]
    kept = np.where(same, "cannibalisation" not in left_out, "switching" not in left_out)
    return world.responses[category].pull * kept


def _by_time(world: World, category: int, without: frozenset[Effect]) -> Floats:
    """Return what the calendar does to every item and week, (J, T)."""
    mine = world.of_category(category)
    year = np.arange(world.spec.weeks) / 52
    trend = world.items.trend[mine, None] * year * ("trend" not in without)
    season = world.season[category] * ("season" not in without)
    together: Floats = trend + season + world.holidays[category] * ("holidays" not in without)
    return together


def simulate(
    world: World, category: int, of: Ints, distribution: Distribution, execution: Execution
) -> Block:
    """Simulate one category in a block of stores of one retailer.

    Parameters
    ----------
    world, category, of
        Where.
    distribution, execution
        Of all P items and of all events of the retailer (see :mod:`offtake.twin.market.shelf`).
    """
    mine = world.of_category(category)
    listings = Distribution(
        *(getattr(distribution, name)[:, mine] for name in Distribution.__slots__)
    )
    which, event, done = _events_here(world, category, int(of[0]), execution)
    drivers = _drivers(world, category, of, (listings, done, which, event))
    without = world.spec.without
    support = own_support(world, category, drivers, without)
    demand = np.exp(log_demand(world, category, of, drivers, without)) * drivers.live
    outages = _outages(world, category, of, drivers, support)
    received = _received(world, category, demand, drivers.live, outages.lost_week)
    expected = (demand + received) * (1 - outages.lost_week)
    push, units = _units(world, category, of, expected)
    return Block(
        category=category,
        of=of,
        distribution=listings,
        which=which,
        execution=done,
        event=event,
        drivers=drivers,
        support=support,
        outages=outages,
        demand=demand,
        received=received,
        expected=expected,
        push=push,
        units=units,
    )


def _events_here(
    world: World, category: int, store: int, execution: Execution
) -> tuple[Ints, Ints, Execution]:
    """Return the events of a retailer in a category: which, where, and what was done."""
    events, retailer = world.events, int(world.stores.retailer[store])
    all_here = np.flatnonzero(events.retailer == retailer)
    chosen = events.category[all_here] == category
    which = all_here[chosen]
    number = np.full(events.count + 1, NONE, dtype=np.int64)
    number[which] = np.arange(len(which))
    local = number[events.of[retailer, world.of_category(category)]]
    done = Execution(*(getattr(execution, name)[:, chosen] for name in Execution.__slots__))
    return which, local, done


def _drivers(
    world: World,
    category: int,
    of: Ints,
    parts: tuple[Distribution, Execution, Ints, Ints],
) -> Drivers:
    listings, done, which, event = parts
    spec, events, mine = world.spec, world.events, world.of_category(category)
    live = listings.live(spec.weeks)
    retailer = int(world.stores.retailer[of[0]])
    prices = world.prices[retailer, mine]
    cut = np.zeros(live.shape)
    feature = np.zeros(live.shape)
    item, week = np.nonzero(event != NONE)
    here = event[item, week]
    cut[:, item, week] = events.cut[which][here] * done.till[:, here]
    feature[:, item, week] = events.feature[which][here]
    days = days_on_display(done, events.start[which], event)
    pair = np.stack([_normal(spec.seed, "pair", int(s), world.spec.items, category) for s in of])
    busy = np.stack([stream(spec.seed, "busy", int(s)).standard_normal(spec.weeks) for s in of])
    return Drivers(
        live=live,
        cut=cut * live,
        display_days=days * live,
        feature=feature * live,
        log_price=np.log(prices / prices[:, :1]),
        level=world.stores.size[of, None]
        + world.items.log_rate[mine]
        + pair_spread(world, category) * pair,
        busy=world.assumed.shop_week_noise * busy,
    )


def without_changes(world: World, block: Block) -> Drivers:
    """Return what would act on demand were there neither launches nor delistings."""
    listings = block.distribution
    steady = replace(
        listings,
        listed=listings.wanted,
        first=np.zeros_like(listings.first),
        last=np.full_like(listings.last, world.spec.weeks - 1),
    )
    parts = (steady, block.execution, block.which, block.event)
    return _drivers(world, block.category, block.of, parts)


def pair_spread(world: World, category: int) -> float:
    """Return the standard deviation of store-item effects, in logs."""
    return world.assumed.unselected_spread * world.measured.category(world.names[category]).pair_sd


def _normal(seed: int, purpose: str, store: int, count: int, category: int) -> Floats:
    return stream(seed, purpose, category, store).standard_normal(count)


def day_weights(measured: OutageFacts) -> Floats:
    """Return what part of a week's starts falls on each day, busy days more, (7,)."""
    raised = np.asarray(measured.weekday) ** measured.busy_slope
    weights: Floats = raised / raised.sum()
    return weights


def _outages(world: World, category: int, of: Ints, drivers: Drivers, support: Floats) -> Outages:
    measured, spec = world.measured.outages, world.spec
    shape = drivers.live.shape
    draws = [stream(spec.seed, "outages", category, int(store)) for store in of]
    uniform = np.stack([random.random((*shape[1:], DAYS)) for random in draws])
    raised = world.outage_hazard[category] * np.exp(
        measured.busy_slope * drivers.busy[:, None, :] + world.assumed.promotion_on_outage * support
    )
    raised *= drivers.live * spec.has("out_of_stock")
    (store, item, week, weekday), time = starts(uniform, raised[..., None] * day_weights(measured))
    start = DAYS * week + weekday + time
    normal = np.stack([random.standard_normal((*shape[1:], DAYS), np.float32) for random in draws])
    days = np.exp(measured.mu + measured.sigma * normal[store, item, week, weekday])
    pairs = shape[0] * shape[1]
    lost = lost_time(store * shape[1] + item, start, days, (pairs, DAYS * spec.weeks))
    lost = lost.reshape(*shape, DAYS)
    traffic = np.asarray(measured.weekday)
    return Outages(
        store=store,
        item=item,
        start=start,
        days=days,
        lost=lost.reshape(*shape[:2], -1).astype(np.float32),
        lost_week=np.minimum(lost @ (traffic / traffic.sum()), 1.0),
    )


def _received(
    world: World, category: int, demand: Floats, live: Bools, lost_week: Floats
) -> Floats:
    """Return what shoppers who found an item missing bring to other items and to later weeks."""
    mine = world.of_category(category)
    reacted, brand = reaction(world.names[category]), world.items.brand[mine]
    missed = demand * lost_week
    rate = np.exp(world.items.log_rate[mine])
    same = brand[:, None] == brand[None, :]
    received = np.zeros_like(demand)
    received[..., 1:] = reacted.delay * missed[..., :-1] * live[..., 1:]
    for share, among in ((reacted.same_brand, same), (reacted.other_brand, ~same)):
        weights = np.where(among, rate[:, None], 0.0)  # to item (row) from item (column)
        np.fill_diagonal(weights, 0.0)
        # Shoppers turn to what the store has; where there is nothing, they go.
        on_offer = weights.T @ live.astype(float)
        flow = np.divide(missed, on_offer, out=np.zeros_like(missed), where=on_offer > 0)
        received += share * live * (weights @ flow)
    return received


def store_dispersion(world: World, category: int) -> float:
    """Return the size k of the negative binomial of a whole store's weekly sales.

    A store's sales add up those of many times the panel's households. Sums of n independent
    NB(mean, k) are NB(n mean, n k); what a store has of its own comes on top.
    """
    panel = world.measured.category(world.names[category]).dispersion / world.assumed.panel_share
    return 1 / (1 / panel + 1 / world.assumed.store_dispersion)


def _units(world: World, category: int, of: Ints, expected: Floats) -> tuple[Floats, Ints]:
    """Draw the push of every week and units sold: negative binomial around what is expected."""
    spec = world.spec
    size = store_dispersion(world, category)
    uniform, push = np.empty(expected.shape), np.empty(expected.shape)
    for place, store in enumerate(of):
        random = stream(spec.seed, "units", category, int(store))
        uniform[place] = random.random(expected.shape[1:])
        push[place] = random.standard_gamma(size, expected.shape[1:]) / size
    mean = push * expected
    return push, poisson_quantile(uniform.ravel(), mean.ravel()).reshape(expected.shape)
