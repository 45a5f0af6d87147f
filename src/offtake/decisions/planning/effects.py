"""Units that a planned promotion moves, over draws: the fitted model's form taken forward.

At one retailer, with log gain S of every promoted item (its responses times the support)::

    item in week w     exp(S - sum over l of dip_l x S x share of week w - l  - pulls of the others)
    weeks after        exp(- sum over l of dip_l x S x share of week w - l)
    brand's others     exp(- sum of own_pull x weight x S)
    other brands       exp(- sum of rival_pull x weight x S)

each times what it sells without. The stores of a retailer fall into parts that do all, some or
nothing of what is agreed, by the retailer's usual rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import numpy as np

from offtake.decisions.planning.activity import Activity, weeks_of
from offtake.decisions.planning.facts import Pair, PlanningFacts, Usual
from offtake.decisions.planning.response import DRAWS, SEED, Floats, Integers, Response

PARTS = ("event_items", "own_other_items", "competitors", "other_weeks")
EVENT_ITEMS, OWN_OTHERS, COMPETITORS, OTHER_WEEKS = range(4)
PERCENT = 100.0
TAKEN_SD = 0.25
"""Error of the log of what is taken from own other items, from competitors and from other weeks,
beyond their parameters: how the weeks and shelves of a plan differ from those of the fit. Found by
holding forecasts to known truth (the trial plan-forecast), where without it the growth of the
category was in its 80 % interval in 58 % of cases."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """Units moved, over 1 + D draws of which the first is the estimate, for P pairs.

    Parameters
    ----------
    units
        (1 + D, P, 4) by part; what is taken from others is negative.
    margin
        (1 + D,) money; None where the margin of an item is not known.
    on_deal, subsidised
        (1 + D, P) units sold on it, and those of them that would have sold without.
    """

    units: Floats
    margin: Floats | None
    on_deal: Floats
    subsidised: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """An activity's effects as planned and as usual, and the (1 + D, P) base of its pairs."""

    pairs: tuple[Pair, ...]
    base: Floats
    planned: Cell
    usual: Cell


@dataclass(frozen=True, slots=True, eq=False)
class _Weeks:
    """W weeks of the activity and L after it.

    share: (W + L,) of the week that it is there; season: (W + L,) index times the days counted;
    after: (W + L,) whether it is over.
    """

    share: Floats
    season: Floats
    after: Integers


@dataclass(frozen=True, slots=True, eq=False)
class _Neighbours:
    """G groups of items that are not promoted: a brand each.

    base: (G,) units a week; log_sd: (G,) error of its log; margin: (G,) money a week that the maker
    earns on them; mates: (G,) whether the brand has promoted items; same: (P, G) whether a promoted
    item is of the brand.
    """

    base: Floats
    log_sd: Floats
    margin: Floats
    mates: Integers
    same: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One retailer: its P promoted items, their draws and neighbours.

    rows: (P,) of the response; base, sold: (1 + D, P) a week, without it and as sold lately;
    margin: (P,) money per unit, NaN where not known; event: (1 + D, 1) what the promotion does
    around its responses; beside: (1 + D, G) factors of the bases of its neighbours;
    taken: (1 + D, 3) factors of what is taken from own others, competitors and other weeks.
    """

    rows: Integers
    base: Floats
    sold: Floats
    margin: Floats
    event: Floats
    beside: Floats
    taken: Floats
    near: _Neighbours


@dataclass(frozen=True, slots=True, eq=False)
class _Moved:
    """units: (1 + D, P, 4); margin: (1 + D,); deal, free: (1 + D, P) sold on it, of which base."""

    units: Floats
    margin: Floats
    deal: Floats
    free: Floats

    def times(self, factor: float | Floats) -> _Moved:
        each = np.asarray(factor, dtype=np.float64).reshape(-1)
        return _Moved(
            self.units * each[:, None, None],
            self.margin * each,
            self.deal * each[:, None],
            self.free * each[:, None],
        )

    def plus(self, other: _Moved) -> _Moved:
        return _Moved(
            self.units + other.units,
            self.margin + other.margin,
            self.deal + other.deal,
            self.free + other.free,
        )


def effects(
    activity: Activity, facts: PlanningFacts, response: Response, pairs: Sequence[Pair]
) -> Effects:
    """Work out what an activity moves.

    Parameters
    ----------
    activity
        A promotion or display with support.
    facts, response
        From the published run.
    pairs
        Its items and retailers with a base and a response, retailer by retailer.
    """
    weeks = _weeks(activity, facts, response.after)
    retailers = sorted({where for _, where in pairs})
    errors = _errors(facts, response, pairs, len(retailers))
    planned, usual, base = [], [], []
    for number, where in enumerate(retailers):
        mine = [row for row, pair in enumerate(pairs) if pair[1] == where]
        drawn = replace(errors, own=errors.own[:, mine], event=errors.event[:, number : number + 1])
        place = _place(activity, facts, response, [pairs[row] for row in mine], drawn)
        done, full = _views(activity, facts.execution.get(where), (place, weeks, response))
        usual.append(done)
        # What stores that do not execute would gain is `ratio` of what the others gain.
        planned.append(done.plus(full.plus(done.times(-1.0)).times(response.ratio)))
        base.append(place.base * weeks.season[weeks.after == 0].sum())
    known = all(facts.base[pair].margin is not None for pair in pairs)
    return Effects(
        tuple(pairs),
        np.concatenate(base, axis=1),
        _cell(planned, margin_known=known),
        _cell(usual, margin_known=known),
    )


def _cell(found: Sequence[_Moved], *, margin_known: bool) -> Cell:
    margin = np.sum([each.margin for each in found], axis=0)
    return Cell(
        units=np.concatenate([each.units for each in found], axis=1),
        margin=margin if margin_known else None,
        on_deal=np.concatenate([each.deal for each in found], axis=1),
        subsidised=np.concatenate([each.free for each in found], axis=1),
    )


def _weeks(activity: Activity, facts: PlanningFacts, after: int) -> _Weeks:
    during = weeks_of(activity)
    monday = during[-1][0]
    later = [monday + timedelta(weeks=week) for week in range(1, after + 1)]
    share = np.array([part for _, part in during] + [0.0] * after)
    season = [part * facts.in_season(day) for day, part in during]
    season += [facts.in_season(day) for day in later]
    over = np.array([0] * len(during) + [1] * after)
    return _Weeks(share, np.array(season), over)


@dataclass(frozen=True, slots=True, eq=False)
class _Errors:
    """Errors in logs, 0 first.

    own: (1 + D, P); common: (1 + D, 1); event: (1 + D, R); taken: (1 + D, 3).
    """

    own: Floats
    common: Floats
    event: Floats
    taken: Floats


def _errors(
    facts: PlanningFacts, response: Response, pairs: Sequence[Pair], retailers: int
) -> _Errors:
    scale = response.errors
    alone = np.array([facts.base[pair].log_sd for pair in pairs])
    rng = np.random.default_rng(SEED + 2)
    common, own, event, taken = (
        sd * rng.standard_normal((DRAWS, count))
        for sd, count in (
            (scale.base_common, 1), (alone, len(pairs)), (scale.event, retailers), (TAKEN_SD, 3)
        )
    )  # fmt: skip
    return _Errors(*(
        np.concatenate([np.zeros((1, each.shape[1])), each])
        for each in (own, common, event, taken)
    ))  # fmt: skip


def _place(
    activity: Activity,
    facts: PlanningFacts,
    response: Response,
    pairs: Sequence[Pair],
    drawn: _Errors,
) -> _Place:
    where = pairs[0][1]
    own, common = drawn.own, drawn.common
    rows = np.array([response.at[pair] for pair in pairs])
    known = [facts.base[pair] for pair in pairs]
    part = facts.share_of_stores(where, activity.store_ids)
    units = part * np.array([each.units for each in known])
    near = _neighbours(facts, response, pairs, part)
    return _Place(
        rows=rows,
        base=units * np.exp(own + common),
        sold=part * np.array([each.sold for each in known]) * np.exp(own + common),
        margin=np.array([np.nan if each.margin is None else each.margin for each in known]),
        event=drawn.event,
        taken=np.exp(drawn.taken),
        beside=np.exp(common + _alone(near, where)),
        near=near,
    )


def _alone(near: _Neighbours, where: str) -> Floats:
    """Return what the logs of the neighbours' bases err by, each by itself, (1 + D, G)."""
    rng = np.random.default_rng([SEED + 3, *where.encode()])
    drawn = near.log_sd * rng.standard_normal((DRAWS, near.base.size))
    return np.concatenate([np.zeros((1, near.base.size)), drawn])


def _neighbours(
    facts: PlanningFacts, response: Response, pairs: Sequence[Pair], part: float
) -> _Neighbours:
    where, chosen = pairs[0][1], set(pairs)
    brands = [response.brands[response.at[pair]] for pair in pairs]
    maker = response.makers[response.at[pairs[0]]]
    units: dict[str, float] = {}
    off: dict[str, float] = {}
    margin: dict[str, float] = {}
    for pair, base in facts.base.items():
        if pair[1] != where or pair in chosen or pair not in response.at:
            continue
        row = response.at[pair]
        brand = response.brands[row]
        units[brand] = units.get(brand, 0.0) + part * base.sold
        off[brand] = float(np.hypot(off.get(brand, 0.0), part * base.sold * base.log_sd))
        earned = base.margin if base.margin is not None and response.makers[row] == maker else 0.0
        margin[brand] = margin.get(brand, 0.0) + part * base.sold * earned
    names = sorted(units)
    return _Neighbours(
        base=np.array([units[name] for name in names]),
        log_sd=np.array([off[name] / max(units[name], 1e-12) for name in names]),
        margin=np.array([margin[name] for name in names]),
        mates=np.array([name in brands for name in names], dtype=np.int64),
        same=np.array([[brand == name for name in names] for brand in brands], dtype=np.float64),
    )


def _views(
    activity: Activity, usual: Usual | None, known: tuple[_Place, _Weeks, Response]
) -> tuple[_Moved, _Moved]:
    """Return what the retailer's stores do as usual, and what they did if all executed."""
    planned = (activity.price_cut > 0, activity.display, activity.feature)
    rates = _rates(usual)
    done: _Moved | None = None
    full = _moved(activity, planned, known)
    for does in product(*((True, False) if each else (False,) for each in planned)):
        weight = 1.0
        for lever, is_planned, rate in zip(does, planned, rates, strict=True):
            weight *= (rate if lever else 1 - rate) if is_planned else 1.0
        if weight:
            each = full if does == planned else _moved(activity, does, known)
            done = each.times(weight) if done is None else done.plus(each.times(weight))
    return (full if done is None else done), full


def _rates(usual: Usual | None) -> tuple[float, float, float]:
    if usual is None:
        return 1.0, 1.0, 1.0
    found = (usual.price_cut, usual.display, usual.feature)
    cut, display, feature = (1.0 if each is None else each / PERCENT for each in found)
    return cut, display, feature


def _moved(
    activity: Activity, does: Sequence[bool], known: tuple[_Place, _Weeks, Response]
) -> _Moved:
    """Return what a part of the stores moves, as if all stores were in it."""
    place, weeks, response = known
    cut, display, feature = does
    left = np.log1p(-activity.price_cut / PERCENT) if cut else 0.0
    support = np.array([left, display, feature, display and feature], dtype=np.float64)
    gain = response.levers[:, place.rows] @ support
    if any(does):
        gain = gain + place.event
    own, later = _own(place, weeks, response, gain)
    later = later * place.taken[:, [2]]
    others, split = _others(place, response, gain)
    base = place.base * weeks.season[weeks.after == 0].sum()
    during = weeks.season[weeks.after == 0].sum() * place.beside
    near = place.near
    mates, rivals = near.mates == 1, near.mates == 0
    lost = np.expm1(others) * during * np.where(mates, place.taken[:, [0]], place.taken[:, [1]])
    moved = lost * near.base
    units = np.stack(
        [
            own,
            np.einsum("dg,dpg->dp", moved[:, mates], split[:, :, mates]),
            np.einsum("dg,dpg->dp", moved[:, rivals], split[:, :, rivals]),
            later,
        ],
        axis=2,
    )
    margin = ((own + later) * np.nan_to_num(place.margin)).sum(axis=1)
    margin = margin + (lost * near.margin).sum(axis=1)
    free = base if any(does) else np.zeros_like(base)
    return _Moved(units, margin, free + (own if any(does) else 0.0), free)


def _own(place: _Place, weeks: _Weeks, response: Response, gain: Floats) -> tuple[Floats, Floats]:
    """Return what promoted items gain in its weeks and lose after them, (1 + D, P) each."""
    pulled = _pulled_by_promoted(place, response, gain)
    own, later = np.zeros_like(gain), np.zeros_like(gain)
    for week in range(weeks.share.size):
        change = np.zeros_like(gain)
        for lag in range(1, min(week, response.after) + 1):
            change = change - response.dips[:, [lag - 1]] * gain * weeks.share[week - lag]
        if weeks.after[week]:
            later += place.sold * weeks.season[week] * np.expm1(change)
        else:
            own += place.base * weeks.season[week] * np.expm1(gain + change - pulled)
    return own, later


def _pulls(place: _Place, response: Response, gain: Floats) -> tuple[Floats, Floats]:
    """Return how strongly each promoted item pulls on its brand's, and on other brands' items."""
    rows = place.rows
    own = response.own_pulls[:, rows] * (response.mates * response.beside_mates)[rows]
    rival = response.rival_pulls[:, rows] * (response.rivals * response.beside_rivals)[rows]
    return own * gain, rival * gain


def _pulled_by_promoted(place: _Place, response: Response, gain: Floats) -> Floats:
    """Return what promoted items take from each other, (1 + D, P)."""
    own, rival = _pulls(place, response, gain)
    brands = [response.brands[row] for row in place.rows]
    same = np.array([[one == other for other in brands] for one in brands], dtype=np.float64)
    found: Floats = own @ (same - np.eye(len(brands))) + rival @ (1 - same)
    return found


def _others(place: _Place, response: Response, gain: Floats) -> tuple[Floats, Floats]:
    """Return the log change of each group, (1 + D, G), and each item's share of it, (., P, G)."""
    own, rival = _pulls(place, response, gain)
    same = place.near.same
    each = own[:, :, None] * same + rival[:, :, None] * (1 - same)
    whole = each.sum(axis=1)
    split = np.divide(each, whole[:, None], out=np.zeros_like(each), where=whole[:, None] != 0)
    return -whole, split
