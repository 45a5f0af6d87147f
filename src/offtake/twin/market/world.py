"""A world: everything that is drawn once, before any store sells anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Days, Floats, Ints
from offtake.twin.assumptions import ASSUMPTIONS, Assumptions
from offtake.twin.calibration import Calibration, calibration
from offtake.twin.kernels.demand import Response, pull_matrix
from offtake.twin.kernels.outages import DAYS, starts_per_week
from offtake.twin.label import TWIN, Label
from offtake.twin.market.calls import Calls, draw_calls
from offtake.twin.market.distribution import delisting_weeks
from offtake.twin.market.events import NONE, Events, draw_events, only_own
from offtake.twin.market.execution import Compliance, compliance
from offtake.twin.market.items import Brands, Items, draw_items
from offtake.twin.market.media import Media, draw_media
from offtake.twin.market.prices import regular_prices
from offtake.twin.market.season import holiday_uplift, season, weeks_of
from offtake.twin.market.staff import Staff, draw_staff
from offtake.twin.market.stores import Stores, draw_stores
from offtake.twin.spec import TwinSpec


@dataclass(frozen=True, slots=True)
class World:
    """Everything drawn once for a spec: C categories, S stores, P items, T weeks, E events.

    Parameters
    ----------
    spec, assumed, measured, label
        What was asked for, what is assumed, what is measured, and the label of every row.
    names
        (C,) categories.
    weeks
        (T,) Mondays.
    stores, brands, items, events, media, staff, calls
        What there is, and who does what when.
    prices
        (R, P, T) regular prices by retailer.
    delisted
        (R, P) last week of a listing at a retailer.
    season, holidays
        (C, T) log indices.
    responses
        (C,) how the items of each category respond.
    rule
        Intercepts and slopes of display compliance.
    outage_hazard
        (C,) starts of an out-of-stock per week where nothing is on promotion.
    """

    spec: TwinSpec
    assumed: Assumptions
    measured: Calibration
    label: Label
    names: tuple[str, ...]
    weeks: Days
    stores: Stores
    brands: Brands
    items: Items
    events: Events
    media: Media
    staff: Staff
    calls: Calls
    prices: Floats
    delisted: Ints
    season: Floats
    holidays: Floats
    responses: tuple[Response, ...]
    rule: Compliance
    outage_hazard: Floats

    @property
    def visited(self) -> Bools:
        """Whether each store was called on in each week, (S, T)."""
        return self.calls.visited

    def own_items(self, category: int) -> Ints:
        """Return the places of our items among those of a category."""
        return np.flatnonzero(self.items.own[self.of_category(category)])

    def of_category(self, category: int) -> slice:
        """Return the items of a category."""
        return slice(category * self.spec.items, (category + 1) * self.spec.items)


def make_world(
    spec: TwinSpec, assumed: Assumptions = ASSUMPTIONS, measured: Calibration | None = None
) -> World:
    """Draw a world.

    Parameters
    ----------
    spec
        What is asked for.
    assumed, measured
        Numbers to use in place of the built-in ones.

    Raises
    ------
    UnknownNameError
        When the spec names a category that has not been calibrated.

    Examples
    --------
    >>> world = make_world(TwinSpec(stores=6, weeks=20, categories=("COFFEE",)))
    >>> world.prices.shape
    (5, 12, 20)
    """
    measured = calibration() if measured is None else measured
    names = spec.categories or tuple(sorted(measured.categories))
    stores = draw_stores(spec, assumed, measured)
    brands, items = draw_items(spec, names, assumed, measured)
    known = [measured.category(name) for name in names]
    plans = draw_events(spec, brands, items, known, assumed)
    events = plans if spec.has("competitor_actions") else only_own(plans, brands)
    staff = draw_staff(spec, assumed, stores)
    calls = draw_calls(spec, assumed, stores, staff)
    responses = tuple(_response(items, c, spec, assumed) for c in range(len(names)))
    return World(
        spec=spec,
        assumed=assumed,
        measured=measured,
        label=Label(TWIN, spec.seed),
        names=names,
        weeks=weeks_of(spec),
        stores=stores,
        brands=brands,
        items=items,
        events=events,
        media=draw_media(spec, brands, items, stores, assumed),
        staff=staff,
        calls=calls,
        prices=regular_prices(spec, items, assumed),
        delisted=delisting_weeks(spec, items, assumed),
        season=np.stack([season(spec, each) for each in known]),
        holidays=np.stack([holiday_uplift(spec, each) for each in known]),
        responses=responses,
        rule=compliance(spec, stores, calls.visited, assumed),
        outage_hazard=_hazards(spec, items, plans, assumed, measured),
    )


def _response(items: Items, category: int, spec: TwinSpec, assumed: Assumptions) -> Response:
    mine = slice(category * spec.items, (category + 1) * spec.items)
    return Response(
        regular=items.elasticity_regular[mine],
        promoted=items.elasticity_promoted[mine],
        display=items.display[mine],
        feature=items.feature[mine],
        display_feature=items.display_feature[mine],
        pull=pull_matrix(
            items.share_of_brand[mine],
            items.share_of_category[mine],
            items.brand[mine],
            assumed.cannibalisation,
            assumed.switching,
        ),
        dips=np.array([assumed.stockpiling_1, assumed.stockpiling_2, assumed.stockpiling_3]),
    )


def _hazards(
    spec: TwinSpec, items: Items, events: Events, assumed: Assumptions, measured: Calibration
) -> Floats:
    """Return the hazard of every category at which the mean over all weeks is as published."""
    outages = measured.outages
    mean_days = float(np.exp(outages.mu + outages.sigma**2 / 2))
    plain = starts_per_week(assumed.out_of_stock, mean_days)
    busy = (outages.busy_slope * assumed.shop_week_noise) ** 2 / 2
    raised = np.exp(assumed.promotion_on_outage * _planned_support(items, events, assumed))
    mean = raised.mean(axis=(0, 2)).reshape(-1, spec.items).mean(axis=1)
    # An outage that runs past the last week is cut short; so is the time before the first.
    held: Floats = plain / mean * np.exp(-busy) * (1 + mean_days / DAYS / spec.weeks)
    return held


def _planned_support(items: Items, events: Events, assumed: Assumptions) -> Floats:
    """Return log support as planned, with displays as far as they usually stand, (R, P, T)."""
    cut = np.append(np.log1p(-events.cut), 0.0)[events.of]
    stands = (1 - assumed.display_never) * assumed.display_days
    display = np.append(events.display * stands, 0.0)[events.of]
    feature = np.append(events.feature * 1.0, 0.0)[events.of]
    support: Floats = (
        items.elasticity_promoted[:, None] * cut
        + items.display[:, None] * display
        + items.feature[:, None] * feature
        + items.display_feature[:, None] * display * feature
    )
    assert NONE == -1  # noqa: S101  # the appended zero stands at the index of "no event"
    return support
