"""What a planned promotion is expected to do, from the fitted promotion model, with intervals.

The model's own form is taken forward: an item's log gain acts on its base, later weeks lose a share
of it, the brand's other items and other brands lose shares weighed by size. The base comes from the
facts alone (:func:`expected_base` never sees price, display or leaflet), so that a plan can change
what comes on top and never the base.

Two views: *as planned* all stores do what is agreed, those that usually do not with the response
that the model gives them; *as usual* the retailer's stores do what they usually do of it.

Intervals are the 10th and 90th percentile over draws of the parameters, of the error of the base,
and of what single promotions do around what the responses say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from offtake.decisions.planning.activity import DEALS, Activity, weeks_of
from offtake.decisions.planning.effects import PARTS, Cell, Effects, effects
from offtake.decisions.planning.facts import Pair, PlanningFacts
from offtake.decisions.planning.response import LEVERS, Floats, Response
from offtake.decisions.planning.sentence import Sentence

LEVEL = 0.8
"""Probability that an interval holds the truth."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with both ends of its 80 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NotKnown:
    """There is no forecast, and why."""

    reason: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is expected of one item at one retailer; as :class:`Outcome`, in units."""

    product_id: str
    retailer: str
    base: Estimate
    incremental: Estimate
    from_own_other_items: Estimate
    from_competitors: Estimate
    from_other_weeks: Estimate
    category_growth: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is expected of an activity.

    Parameters
    ----------
    base
        Units of its items in its days without it.
    incremental
        Units on top. What came from own other items, competitors, other weeks, and the growth of
        the category add up to it.
    units
        Base and incremental together.
    from_own_other_items, from_competitors, from_other_weeks, category_growth
        Where the incremental units come from.
    subsidised
        Units that would have been sold anyway, and are sold on it: the base where it is done.
    incremental_margin
        Money, what others of our items lose taken off; None where no margin is known.
    cost
        Money; None where not planned.
    roi_gross, roi_net
        Margin over cost, and the same less 1; None where margin or cost is not known.
    lines
        By item and retailer.
    """

    base: Estimate
    incremental: Estimate
    units: Estimate
    from_own_other_items: Estimate
    from_competitors: Estimate
    from_other_weeks: Estimate
    category_growth: Estimate
    subsidised: Estimate
    incremental_margin: Estimate | None
    cost: Estimate | None
    roi_gross: Estimate | None
    roi_net: Estimate | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected as planned, and as the retailers' stores usually execute.

    Parameters
    ----------
    planned, usual
        The two views.
    caveats
        What it leaves out, and what it rests on little evidence for.
    """

    planned: Outcome
    usual: Outcome
    caveats: tuple[Sentence, ...] = field(default=())


def expected_base(activity: Activity, facts: PlanningFacts) -> dict[Pair, float]:
    """Return the units that would sell in the days and stores of an activity without it.

    It depends on items, places and days alone, never on what is planned there.

    Parameters
    ----------
    activity
        What is planned.
    facts
        From the published run.

    Returns
    -------
    dict
        Units by item and retailer; pairs of which no base is known are left out.
    """
    weeks = sum(share * facts.in_season(monday) for monday, share in weeks_of(activity))
    return {
        (item, where): facts.base[item, where].units
        * facts.share_of_stores(where, activity.store_ids)
        * weeks
        for where in activity.retailers
        for item in activity.product_ids
        if (item, where) in facts.base
    }


def forecast(activity: Activity, facts: PlanningFacts) -> Forecast | NotKnown:
    """Say what a planned activity is expected to do, or why that is not known.

    Parameters
    ----------
    activity
        What is planned.
    facts
        From the published run.

    Returns
    -------
    Forecast or NotKnown
        Never a number that the fitted model does not give.

    Examples
    --------
    >>> from datetime import date
    >>> day = date(2026, 1, 5)
    >>> launch = Activity(key="1", kind="launch", first_day=day, last_day=day)
    >>> str(forecast(launch, PlanningFacts()).reason)
    'No model tells what a launch sells; only promotions and displays have one.'
    """
    reason = _unanswerable(activity, facts)
    if reason is not None or facts.response is None:
        return NotKnown(reason or Sentence(_NO_MODEL))
    pairs, left_out = _pairs(activity, facts, facts.response)
    if not pairs:
        return NotKnown(left_out[0])
    found = effects(activity, facts, facts.response, pairs)
    caveats = [*left_out, *_caveats(activity, facts)]
    return Forecast(
        planned=_outcome(activity, found, found.planned),
        usual=_outcome(activity, found, found.usual),
        caveats=tuple(caveats),
    )


_NO_MODEL = (
    "No promotion model was fitted: load promotions and sales, and refresh with the model "
    "promotion."
)
_LEVER_WORDS = ("a price cut", "a display", "a leaflet")


def _unanswerable(activity: Activity, facts: PlanningFacts) -> Sentence | None:
    if activity.kind not in DEALS:
        words = {"kind": activity.kind.replace("_", " ")}
        return Sentence(
            "No model tells what a %(kind)s sells; only promotions and displays have one.", words
        )
    if not activity.supported:
        return Sentence("Neither a price cut, a display nor a leaflet is planned yet.")
    if not (activity.product_ids and activity.retailers):
        return Sentence("No item or no retailer is named yet.")
    if facts.response is None:
        return Sentence(_NO_MODEL)
    planned = (activity.price_cut > 0, activity.display, activity.feature)
    for words_of, used, known in zip(_LEVER_WORDS, planned, facts.response.known, strict=False):
        if used and not known:
            return Sentence(
                "The data do not tell what %(lever)s does in this category.", {"lever": words_of}
            )
    return None


def _pairs(
    activity: Activity, facts: PlanningFacts, response: Response
) -> tuple[tuple[Pair, ...], list[Sentence]]:
    """Return what can be forecast, and sentences about what cannot."""
    found, left_out = [], []
    for where in sorted(set(activity.retailers)):
        for item in sorted(set(activity.product_ids)):
            words = {"item": _named(item, facts), "retailer": where}
            if (item, where) not in facts.base or facts.base[item, where].units <= 0:
                left_out.append(Sentence(
                    "%(item)s does not sell at %(retailer)s now, so what it would sell is not "
                    "known.", words))  # fmt: skip
            elif (item, where) not in response.at:
                left_out.append(Sentence(
                    "No response of %(item)s at %(retailer)s is known.", words))  # fmt: skip
            elif facts.share_of_stores(where, activity.store_ids) <= 0:
                left_out.append(Sentence(
                    "None of the stores chosen is of %(retailer)s.", words))  # fmt: skip
            else:
                found.append((item, where))
    return tuple(found), left_out


def _named(item: str, facts: PlanningFacts) -> str:
    known = facts.items.get(item)
    return known.description or item if known else item


def _caveats(activity: Activity, facts: PlanningFacts) -> list[Sentence]:
    found = []
    if not facts.season:
        found.append(Sentence("Less than two years are loaded, so no season is in the base."))
    strange = [name for name in activity.retailers if name not in facts.execution]
    if strange:
        found.append(Sentence(
            "How %(retailer)s usually executes is not known; it is taken to do all that is agreed.",
            {"retailer": ", ".join(strange)}))  # fmt: skip
    return found


def _outcome(activity: Activity, found: Effects, view: Cell) -> Outcome:
    """Read estimates off draws, the first of which is the estimate itself."""
    parts = dict(zip(PARTS, np.moveaxis(view.units, 2, 0), strict=True))
    totals = {name: each.sum(axis=1) for name, each in parts.items()}
    base = found.base.sum(axis=1)
    incremental = totals["event_items"]
    margin = view.margin
    sold_on = view.on_deal.sum(axis=1)
    cost = None if activity.cost is None else activity.cost + activity.cost_per_unit * sold_on
    return Outcome(
        base=_estimate(base),
        incremental=_estimate(incremental),
        units=_estimate(base + incremental),
        from_own_other_items=_estimate(-totals["own_other_items"]),
        from_competitors=_estimate(-totals["competitors"]),
        from_other_weeks=_estimate(-totals["other_weeks"]),
        category_growth=_estimate(sum(totals.values())),
        subsidised=_estimate(view.subsidised.sum(axis=1)),
        incremental_margin=None if margin is None else _estimate(margin),
        cost=None if cost is None else _estimate(cost),
        roi_gross=_ratio(margin, cost, 0.0),
        roi_net=_ratio(margin, cost, 1.0),
        lines=tuple(_lines(found.pairs, found.base, view.units)),
    )


def _lines(pairs: Sequence[Pair], base: Floats, units: Floats) -> list[Line]:
    return [
        Line(
            product_id=item,
            retailer=where,
            base=_estimate(base[:, row]),
            incremental=_estimate(units[:, row, 0]),
            from_own_other_items=_estimate(-units[:, row, 1]),
            from_competitors=_estimate(-units[:, row, 2]),
            from_other_weeks=_estimate(-units[:, row, 3]),
            category_growth=_estimate(units[:, row].sum(axis=1)),
        )
        for row, (item, where) in enumerate(pairs)
    ]


def _ratio(margin: Floats | None, cost: Floats | None, less: float) -> Estimate | None:
    if margin is None or cost is None or (cost <= 0).any():
        return None
    with np.errstate(over="ignore"):
        drawn = margin / cost - less
    return _estimate(drawn) if np.isfinite(drawn).all() else None


def _estimate(drawn: Floats) -> Estimate:
    """Return the first, and the ends between which `LEVEL` of the others are."""
    value = float(drawn[0])
    low, high = np.quantile(drawn[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, min(value, float(low)), max(value, float(high)))


__all__ = [
    "LEVEL",
    "LEVERS",
    "Estimate",
    "Forecast",
    "Line",
    "NotKnown",
    "Outcome",
    "expected_base",
    "forecast",
]
