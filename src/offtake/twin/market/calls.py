"""The calls: which store is visited in which week, by whom, and when in the week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.assumptions import Assumptions
from offtake.twin.market.staff import VACANT, Staff
from offtake.twin.market.stores import Stores
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec

WORKDAYS = 5
DAY_BEGINS = 8 * 60 + 15
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Calls:
    """V visits in S stores and T weeks, in order of store and week.

    Parameters
    ----------
    visited
        (S, T) whether a store was called on.
    store, week
        (V,) where and in which week.
    day
        (V,) day of the week, 0 Monday to 4 Friday.
    minute, duration
        (V,) arrival in minutes from midnight, and minutes spent.
    person
        (V,) who called.
    planned
        (V,) whether it stood in the plan; never for calls made for a vacant territory.
    first
        (S + 1,) visits of store s are `first[s]` up to `first[s + 1]`.
    """

    visited: Bools
    store: Ints
    week: Ints
    day: Ints
    minute: Ints
    duration: Ints
    person: Ints
    planned: Bools
    first: Ints

    def of(self, stores: Ints) -> Ints:
        """Return the numbers of the visits to some stores, in their order."""
        many = self.first[stores + 1] - self.first[stores]
        step = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        numbers: Ints = np.repeat(self.first[stores], many) + step
        return numbers


def draw_calls(spec: TwinSpec, assumed: Assumptions, stores: Stores, staff: Staff) -> Calls:
    """Draw the calls of all reps.

    A store is called on at most once a week. The expected number of calls in a territory is what
    its rep can do, less what the rep does for vacant neighbours of the region.

    Parameters
    ----------
    spec, assumed, stores, staff
        The world. Nothing here depends on sales.
    """
    stands_in = neighbours(staff.rep_of, stores.territory_region)
    stores_of = np.bincount(stores.territory, minlength=len(staff.rep_of))
    can_do = capacity(staff.rep_of, stands_in, workload(stores_of, assumed), assumed)
    visited = np.zeros((stores.count, spec.weeks), dtype=bool)
    details = np.zeros((stores.count, 2, spec.weeks), dtype=np.float32)
    order = np.argsort(stores.territory, kind="stable")
    edges = np.searchsorted(stores.territory[order], np.arange(len(can_do) + 1))
    for q in range(len(can_do)):
        here = order[edges[q] : edges[q + 1]]
        weight = np.exp(assumed.size_on_calls * stores.size[here])
        uniform = np.stack([_uniform(spec, int(s)) for s in here])
        visited[here] = uniform[:, 0] < chances(weight, can_do[q])
        details[here] = uniform[:, 1:]
    return _calls(spec, assumed, (visited, details), _callers(stores, staff, stands_in))


def _uniform(spec: TwinSpec, store: int) -> Floats:
    return stream(spec.seed, "calls", store).random((3, spec.weeks))


def neighbours(rep_of: Ints, region: Ints) -> Ints:
    """Return who stands in for each vacant territory and week.

    Parameters
    ----------
    rep_of
        (Q, T) persons, or -1.
    region
        (Q,) region of each territory; territories of a region stand together, from west to east.

    Returns
    -------
    ndarray
        (Q, T) the territory whose rep stands in: the nearest with a rep in the region, or -1.

    Examples
    --------
    >>> neighbours(np.array([[5], [-1], [-1], [7]]), np.array([0, 0, 0, 1])).ravel().tolist()
    [-1, 0, 0, -1]
    """
    count = len(rep_of)
    there = rep_of != VACANT
    number = np.arange(count)[:, None]
    west = np.maximum.accumulate(np.where(there, number, -1), axis=0)
    east = np.minimum.accumulate(np.where(there, number, count)[::-1], axis=0)[::-1]
    far = 2 * count
    to_west = np.where((west >= 0) & (region[west] == region[:, None]), number - west, far)
    inside = np.minimum(east, count - 1)
    to_east = np.where((east < count) & (region[inside] == region[:, None]), east - number, far)
    nearest = np.where(to_west <= to_east, west, inside)
    return np.where(there | (np.minimum(to_west, to_east) == far), VACANT, nearest)


def workload(stores: Ints, assumed: Assumptions) -> Floats:
    """Return the calls a week of a full-time rep, or of part of one in a small territory.

    Examples
    --------
    >>> workload(np.array([80, 40, 10]), Assumptions(calls_per_week=20, stores_per_rep=40)).tolist()
    [20.0, 20.0, 5.0]
    """
    full = np.minimum(stores / assumed.stores_per_rep, 1.0)
    calls: Floats = assumed.calls_per_week * full
    return calls


def capacity(rep_of: Ints, stands_in: Ints, calls: Floats, assumed: Assumptions) -> Floats:
    """Return the calls that each territory can expect in each week, shape (Q, T).

    Parameters
    ----------
    rep_of, stands_in
        (Q, T) persons, and the territories whose reps stand in.
    calls
        (Q,) calls a week that each territory's rep can make.
    assumed
        How much of a vacant territory's calls is made by neighbours.
    """
    covered = calls * assumed.vacancy_coverage
    given = np.zeros(rep_of.shape)
    q, week = np.nonzero(stands_in != VACANT)
    np.add.at(given, (stands_in[q, week], week), covered[q])
    own = np.maximum(calls[:, None] - given, 0.0)
    return np.where(rep_of != VACANT, own, covered[:, None])


def chances(weight: Floats, calls: Floats) -> Floats:
    """Return the chance of a call on each store, in proportion to weight as far as that goes.

    Parameters
    ----------
    weight
        (n,) weights above 0.
    calls
        (T,) expected calls.

    Returns
    -------
    ndarray
        (n, T) chances, at most 1, that sum to `calls` (or to n where that is less).

    Examples
    --------
    >>> chances(np.array([3.0, 1.0, 1.0]), np.array([2.0])).ravel().tolist()
    [1.0, 0.5, 0.5]
    """
    order = np.argsort(-weight, kind="stable")
    ranked = weight[order]
    left = np.cumsum(ranked[::-1])[::-1]
    sure = np.arange(len(weight))
    scale = (calls[None, :] - sure[:, None]) / left[:, None]
    fits = scale * ranked[:, None] <= 1
    chosen = scale[np.argmax(fits, axis=0), np.arange(len(calls))]
    chosen = np.where(fits.any(axis=0), chosen, np.inf)
    found: Floats = np.minimum(weight[:, None] * chosen[None, :], 1.0)
    return found


def _callers(stores: Stores, staff: Staff, stands_in: Ints) -> tuple[Ints, Bools]:
    """Return who calls, (S, T), and whether it is the territory's own rep.

    Where a region has no rep at all, its sales lead goes.
    """
    vacant = staff.rep_of == VACANT
    caller = np.where(vacant, staff.lead[stores.territory_region][:, None], staff.rep_of)
    q, week = np.nonzero(vacant & (stands_in != VACANT))
    caller[q, week] = staff.rep_of[stands_in[q, week], week]
    return caller[stores.territory], ~vacant[stores.territory]


def _calls(
    spec: TwinSpec,
    assumed: Assumptions,
    drawn: tuple[Bools, NDArray[np.float32]],
    callers: tuple[Ints, Bools],
) -> Calls:
    visited, details = drawn
    store, week = np.nonzero(visited)
    person, own = callers[0][store, week], callers[1][store, week]
    uniform = details[store, 0, week]
    many = visited.sum(axis=1)
    first = np.concatenate([[0], np.cumsum(many)])
    normal = [stream(spec.seed, "visit length", s).standard_normal(n) for s, n in enumerate(many)]
    minutes = assumed.visit_minutes * np.exp(0.35 * np.concatenate(normal))
    duration = np.clip(np.rint(minutes), 5, _LONGEST).astype(np.int64)
    day, minute = _diary(person * spec.weeks + week, uniform, duration, assumed.travel_minutes)
    planned = own & (details[store, 1, week] < assumed.calls_planned)
    return Calls(visited, store, week, day, minute, duration, person, planned, first)


def _diary(
    person_week: Ints, uniform: NDArray[np.float32], duration: Ints, travel: float
) -> tuple[Ints, Ints]:
    """Spread every person's calls of a week evenly over its days, one after the other."""
    order = np.lexsort((uniform, person_week))
    rank, many = _ranks(person_week[order])
    day = rank * WORKDAYS // many
    spent = np.cumsum(duration[order] + travel) - duration[order]
    _, first = np.unique(person_week[order] * WORKDAYS + day, return_index=True)
    begins = np.zeros(len(order), dtype=bool)
    begins[first] = True
    here = first[np.cumsum(begins) - 1] if len(first) else first
    minute = np.rint(DAY_BEGINS + spent - spent[here]).astype(np.int64)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return day[back], minute[back]


def _ranks(group: Ints) -> tuple[Ints, Ints]:
    """Return each row's place in its group and the group's size; groups are sorted."""
    _, first, many = np.unique(group, return_index=True, return_counts=True)
    return np.arange(len(group)) - np.repeat(first, many), np.repeat(many, many)
