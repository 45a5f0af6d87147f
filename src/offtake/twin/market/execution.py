"""Execution: what of the agreed promotions reaches the floor, and where it does not by chance.

A published study of 15,000 displays found 29 % that never reached the floor; the rest stood 62 %
of the agreed time. Which ones is no accident: better managers and visited stores comply more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtri

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.assumptions import Assumptions
from offtake.twin.market.events import NONE, Events
from offtake.twin.market.stores import Stores
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec

DAYS = 7
_GRID = ndtri((np.arange(200) + 0.5) / 200)


@dataclass(frozen=True, slots=True)
class Compliance:
    """How likely displays reach the floor of S stores, and how long they stand.

    Parameters
    ----------
    reach
        (S,) log-odds of reaching the floor of a store that is not visited.
    visit
        What a visit adds to them.
    visited
        (S, T) whether a store is called on in a week.
    days, days_spread
        Mean and standard deviation of the logit of the part of the agreed days.
    till
        Share of store-events in which the till has the agreed price.
    """

    reach: Floats
    visit: float
    visited: Bools
    days: float
    days_spread: float
    till: float


@dataclass(frozen=True, slots=True)
class Execution:
    """What S stores did with the E events of their retailer.

    Parameters
    ----------
    reached
        (S, E) whether the display ever stood (where one was planned).
    chance
        (S, E) the probability it had.
    stood, offset
        (S, E) days on the floor, and days after the start at which it was put up.
    till
        (S, E) whether the till had the agreed price.
    """

    reached: Bools
    chance: Floats
    stood: Ints
    offset: Ints
    till: Bools


def compliance(spec: TwinSpec, stores: Stores, visited: Bools, assumed: Assumptions) -> Compliance:
    """Find the intercepts at which the published shares hold over all stores.

    Parameters
    ----------
    spec, stores, assumed
        The world.
    visited
        (S, T) whether a store was called on in a week.
    """
    selective = spec.has("selective_execution")
    by_manager = assumed.manager_on_execution * selective * stores.manager
    visit = assumed.visit_on_execution * selective
    share = (visited[:, :-1] | visited[:, 1:]).mean(axis=1)

    def reached(intercept: float) -> float:
        base = intercept + by_manager
        return float((share * expit(base + visit) + (1 - share) * expit(base)).mean())

    def stood(intercept: float) -> float:
        return float(expit(intercept + assumed.display_days_spread * _GRID).mean())

    return Compliance(
        reach=_solved(reached, 1 - assumed.display_never) + by_manager,
        visit=visit,
        visited=visited,
        days=_solved(stood, assumed.display_days),
        days_spread=assumed.display_days_spread,
        till=assumed.price_cut_executed,
    )


def _solved(rising: Callable[[float], float], wanted: float) -> float:
    return float(brentq(lambda intercept: rising(intercept) - wanted, -20, 20))


def draw_execution(
    seed: int, rule: Compliance, events: Events, *, of: Ints, which: Ints
) -> Execution:
    """Draw what the stores numbered `of` did with the events numbered `which`."""
    draws = np.stack([_draws(seed, int(store), len(which)) for store in of])
    reach, stand, place, till = (draws[:, column] for column in range(4))
    called = _called(rule.visited[of], events.start[which])
    chance = expit(rule.reach[of, None] + rule.visit * called)
    reached = (reach < chance) & events.display[which]
    agreed = DAYS * events.weeks[which]
    part = expit(rule.days + rule.days_spread * stand)
    stood = np.where(reached, np.maximum(np.rint(part * agreed), 1), 0).astype(np.int64)
    offset = np.floor(place * (agreed - stood + 1)).astype(np.int64)
    return Execution(reached, chance, stood, offset, till < rule.till)


def _draws(seed: int, store: int, events: int) -> Floats:
    random = stream(seed, "execution", store)
    uniform = random.random((3, events))
    return np.stack([uniform[0], random.standard_normal(events), uniform[1], uniform[2]])


def _called(visited: Bools, start: Ints) -> Bools:
    """Return whether a store was called on in the first week of an event or the week before."""
    before = np.maximum(start - 1, 0)
    called: Bools = visited[:, start] | visited[:, before]
    return called


def days_on_display(done: Execution, start: Ints, local: Ints) -> Ints:
    """Return the days on display of every item and week.

    Parameters
    ----------
    done
        What S stores did with E events.
    start
        (E,) first week of each event.
    local
        (J, T) number of the event among the E, or -1.

    Returns
    -------
    ndarray
        (S, J, T) days from 0 to 7.
    """
    days = np.zeros((len(done.stood), *local.shape), dtype=np.int64)
    item, week = np.nonzero(local != NONE)
    event = local[item, week]
    opens = DAYS * (week - start[event])
    from_day = np.maximum(done.offset[:, event], opens)
    to_day = np.minimum(done.offset[:, event] + done.stood[:, event], opens + DAYS)
    days[:, item, week] = np.maximum(to_day - from_day, 0)
    return days
