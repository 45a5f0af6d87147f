"""Every campaign that touches a category, from the store to effects, checks and grades."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats
from offtake.models.names import Integers
from offtake.models.shoppers import campaign_query as query
from offtake.models.shoppers.campaign_checks import (
    Check,
    comparability,
    control_categories,
    placebo,
    pre_trend,
)
from offtake.models.shoppers.campaign_effects import (
    WEEKLY,
    ByWeek,
    Compared,
    Outcome,
    Totals,
    by_week,
    compared,
    measured,
    outcomes,
    totals,
)
from offtake.models.shoppers.campaign_grade import Grade, comparable, grade, unknown
from offtake.models.shoppers.campaign_plan import (
    Contacts,
    Plan,
    campaign_contacts,
    campaign_plan,
    columns,
    demand_contracts,
)
from offtake.models.shoppers.campaign_query import DAYS, Redeemed
from offtake.models.shoppers.campaign_spec import CampaignSpec, Windows, reference_weeks
from offtake.models.shoppers.campaign_study import Study, study

if TYPE_CHECKING:
    from offtake.data.store import Store, Tables

Progress = Callable[[str, float], None]
MAIN: Outcome = ("products", "units", "total")
SHORTEST = 2
"""Weeks of a placebo, at least."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What could be told of a campaign.

    Parameters
    ----------
    compared
        The households compared.
    outcomes, totals
        What is told, and how much of it.
    weeks
        The same by week.
    """

    compared: Compared
    outcomes: tuple[Outcome, ...]
    totals: Totals
    weeks: ByWeek


@dataclass(frozen=True, slots=True)
class CampaignFit:
    """One campaign.

    Parameters
    ----------
    campaign
        Its place in the plan.
    windows
        The weeks around its start; None where too little is loaded.
    contacted
        Households that it was sent to.
    redeemed
        Its coupons handed in on products of the category.
    effects
        None where the data cannot tell.
    checks
        What was checked.
    grade
        How far to trust it.
    """

    campaign: int
    windows: Windows | None
    contacted: int
    redeemed: Redeemed
    effects: Effects | None
    checks: tuple[Check, ...]
    grade: Grade


@dataclass(frozen=True, slots=True)
class CampaignFits:
    """All campaigns of a category: the plan, all households, what was asked, and each of them."""

    category: str
    plan: Plan
    contacts: Contacts
    spec: CampaignSpec
    fits: tuple[CampaignFit, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where campaigns are read from, and what is the same for all of them."""

    store: Store
    tables: Tables
    category: str
    plan: Plan
    contacts: Contacts
    known: dict[str, Integers]
    loaded: tuple[np.datetime64, np.datetime64]
    spec: CampaignSpec


def fit_campaigns(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: CampaignSpec | None = None,
    progress: Progress | None = None,
) -> CampaignFits:
    """Judge every campaign that is for products of a category.

    Parameters
    ----------
    store, tables, category
        Where the data are, and which category.
    spec
        How campaigns are judged.
    progress
        Called with what is being done and how far it is (0 to 100).

    Raises
    ------
    MissingContractError
        When baskets, products, campaigns or contacts are not loaded.
    BadInputError
        When the category does not exist.
    """
    spec = spec or CampaignSpec()
    demand_contracts(tables)
    products = tables["product"]
    if not store.run(products.filter(products.category == category).limit(1)).num_rows:
        raise BadInputError(
            f"category: got {category!r}, of which no product is loaded; "
            "see: offtake measure sales_units --by category"
        )
    plan = campaign_plan(store, tables, category)
    contacts = campaign_contacts(store, tables, plan)
    source = _Source(
        store, tables, category, plan, contacts,
        known=query.demographics(store, tables, contacts.households),
        loaded=query.loaded_days(store, tables), spec=spec,
    )  # fmt: skip
    mine = np.flatnonzero(plan.products > 0)
    fits = []
    for done, campaign in enumerate(mine):
        if progress is not None:
            progress(f"campaign {plan.ids[campaign]}", 100 * done / mine.size)
        fits.append(_one(source, int(campaign)))
    return CampaignFits(category, plan, contacts, spec, tuple(fits))


def _one(source: _Source, campaign: int) -> CampaignFit:
    contacted = int(source.contacts.of(campaign).sum())
    redeemed = query.redemptions(
        source.store, source.tables, source.category, of=(source.plan, campaign)
    )
    windows = _windows(source, campaign)
    if isinstance(windows, Grade):
        return CampaignFit(campaign, None, contacted, redeemed, None, (), windows)
    place = source.plan, campaign
    levels = query.purchases(
        source.store, source.tables, source.category, of=place, within=(source.contacts, windows)
    )
    earlier = _earlier_redemptions(source, campaign)

    def looked_at(through: Windows) -> Study:
        return study(
            levels, through, of=(*place, source.contacts), known=source.known, redeemed=earlier
        )

    main = looked_at(windows)
    one = compared(main, source.spec)
    held = comparable(one, contacted, source.spec)
    if held is not None or one is None:
        alike = tuple(comparability(main, one)) if one is not None else ()
        why = held or unknown("alone")
        return CampaignFit(campaign, windows, contacted, redeemed, None, alike, why)
    effects = _effects(main, one, source.spec)
    checks = _checks(source, campaign, windows, (main, effects))
    back = min(windows.post, windows.history - source.spec.least_history)
    if back >= SHORTEST:
        checks += placebo(looked_at(windows.shifted(back)), source.spec)
    sold = _sold(effects, source.spec.level)
    letter = grade(one, sold, checks, source.spec, cut=_is_cut(source, campaign))
    told = effects if letter.told else None
    return CampaignFit(campaign, windows, contacted, redeemed, told, tuple(checks), letter)


def _sold(effects: Effects, level: float) -> tuple[float, float, float]:
    """Return units bought, those bought anyway, and how far the interval of the lift reaches."""
    at, totals = effects.outcomes.index(MAIN), effects.totals
    off = float(totals.reach(level)[at] * totals.lift_errors[at])
    return float(totals.bought[at]), float(totals.baseline[at]), off


def _windows(source: _Source, campaign: int) -> Windows | Grade:
    """Return the weeks around the start; why there are too few of them, where there are."""
    plan, spec = source.plan, source.spec
    first, last = source.loaded
    history = min(_weeks(first, plan.start[campaign]), spec.history)
    seen = _weeks(plan.start[campaign], last + np.timedelta64(1, "D"))
    running = min(_running(plan, campaign), seen)
    if history < spec.least_history:
        return unknown("history")
    if running < 1:
        return unknown("ended")
    after = min(spec.after, seen - running)
    reference = reference_weeks(history, running + after, spec.reference)
    return Windows(history, running, after, reference, spec.after)


def _running(plan: Plan, campaign: int) -> int:
    """Return the weeks that a campaign runs, a begun one counted."""
    end = plan.stop[campaign] + np.timedelta64(DAYS, "D")
    return max(_weeks(plan.start[campaign], end), 1)


def _is_cut(source: _Source, campaign: int) -> bool:
    _, last = source.loaded
    seen = _weeks(source.plan.start[campaign], last + np.timedelta64(1, "D"))
    return seen < _running(source.plan, campaign) + source.spec.after


def _weeks(begin: np.datetime64, end: np.datetime64) -> int:
    return int((end - begin).astype(np.int64) // DAYS)


def _effects(main: Study, one: Compared, spec: CampaignSpec) -> Effects:
    named = outcomes(main.windows)
    after, before = measured(main, named)
    found = totals(one, after[one.within], before[one.within], spec.trend)
    return Effects(one, named, found, by_week(main, one, spec))


def _checks(
    source: _Source, campaign: int, windows: Windows, done: tuple[Study, Effects]
) -> list[Check]:
    main, effects = done
    one, spec = effects.compared, source.spec
    categories = query.control_categories(
        source.store, source.tables, source.category, of=(source.plan, campaign),
        within=(source.contacts, windows, spec.control_categories),
    )  # fmt: skip
    return [
        *comparability(main, one),
        *pre_trend(effects.weeks, WEEKLY),
        *control_categories(one, categories, windows.post / windows.reference, spec),
    ]


def _earlier_redemptions(source: _Source, campaign: int) -> Floats:
    """Return coupons handed in before the weeks compared with, (H,)."""
    rows = source.tables["redemption"].select(query.HOUSEHOLD, "date")
    found = columns(source.store, rows)
    windows = _windows(source, campaign)
    back = windows.reference if isinstance(windows, Windows) else 0
    day = source.plan.start[campaign] - np.timedelta64(2 * DAYS * back, "D")
    early = found["date"].astype("datetime64[D]") < day
    ids = found[query.HOUSEHOLD].astype(np.str_)[early]
    households = source.contacts.households
    row = np.searchsorted(households, ids)
    there = row < households.size
    there[there] &= households[row[there]] == ids[there]
    return np.bincount(row[there], minlength=households.size).astype(np.float64)
