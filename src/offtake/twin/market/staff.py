"""The people: who covers which territory in which week, and why some of them leave.

A rep whose target is high for what the territory can give leaves sooner (a proportional hazard in
the log of target over potential); a territory then stands empty until a successor starts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Bools, Days, Floats, Ints, Texts
from offtake.twin.assumptions import Assumptions
from offtake.twin.market.stores import REGIONS, RETAILERS, Stores
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec

VACANT = -1
NOBODY = -1
WEEKS_PER_YEAR = 52
ROLES = ("rep", "sales lead", "key account manager", "brand manager")
REP, LEAD, ACCOUNTS, BRAND = range(len(ROLES))
HEAD_OFFICE, MARKETING = "Head office", "Marketing"
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Staff:
    """N persons, Q territories, T weeks; reps first, in order of territory and time.

    Parameters
    ----------
    ids
        (N,) person ids.
    role
        (N,) index into :data:`ROLES`.
    team
        (N,) the region for reps and leads, else the department.
    territory
        (N,) index of the territory, or -1.
    hired, left_on
        (N,) first and last day; the last is NaT while employed.
    left_how
        (N,) ``voluntary``, ``involuntary`` or empty.
    rep_of
        (Q, T) person that covers a territory, or -1 while it is vacant.
    unfairness, pressure
        (Q,) log of a territory's target over its fair target, and over its potential.
    hazard
        (Q, T) hazard per week of leaving by one's own will; 0 while vacant.
    lead, accounts, brand_managers
        (G,), (R,), (K,) persons: sales lead of each region, key account manager of each retailer,
        and the brand managers.
    """

    ids: Texts
    role: Ints
    team: Texts
    territory: Ints
    hired: Days
    left_on: Days
    left_how: Texts
    rep_of: Ints
    unfairness: Floats
    pressure: Floats
    hazard: Floats
    lead: Ints
    accounts: Ints
    brand_managers: Ints

    @property
    def reps(self) -> int:
        """How many of the persons are reps."""
        return int(np.count_nonzero(self.role == REP))


@dataclass(frozen=True, slots=True)
class _Service:
    """Q territories by T weeks: who started, was there, left, and how."""

    present: Bools
    starts: Bools
    leaves: Bools
    willing: Bools
    hazard: Floats


def draw_staff(spec: TwinSpec, assumed: Assumptions, stores: Stores) -> Staff:
    """Draw who works where and when.

    Parameters
    ----------
    spec, assumed, stores
        The world. Nothing here depends on sales.
    """
    unfairness = _unfairness(spec, assumed, stores)
    pressure = unfairness + np.log(assumed.over_assignment)
    draws = [stream(spec.seed, "staff", q) for q in range(len(pressure))]
    before = np.array([random.exponential() for random in draws])
    uniform = np.stack([random.random((3, spec.weeks)) for random in draws])
    before /= (assumed.leaving_per_year + assumed.dismissal_per_year) / WEEKS_PER_YEAR
    service = _serve(assumed, pressure, before, uniform)
    return _staff(spec, stores, service, (unfairness, pressure, before))


def potential_share(stores: Stores, assumed: Assumptions) -> Floats:
    """Return each territory's share of what can be sold in the market, shape (Q,)."""
    odds = assumed.listed / (1 - assumed.listed) * np.exp(assumed.size_on_listing * stores.size)
    sells = np.exp(stores.size) * odds / (1 + odds)
    weight = np.bincount(stores.territory, sells, minlength=len(stores.territories))
    share: Floats = weight / weight.sum()
    return share


def _unfairness(spec: TwinSpec, assumed: Assumptions, stores: Stores) -> Floats:
    """Draw it so that the targets of all territories still sum to what is assigned."""
    count = len(stores.territories)
    normal = np.array([stream(spec.seed, "unfairness", q).standard_normal() for q in range(count)])
    drawn = assumed.unfairness * normal
    centred: Floats = drawn - np.log(potential_share(stores, assumed) @ np.exp(drawn))
    return centred


def _serve(assumed: Assumptions, pressure: Floats, before: Floats, uniform: Floats) -> _Service:
    """Walk through the weeks, all territories at once; `uniform` is (Q, 3, T)."""
    shape = (len(pressure), uniform.shape[2])
    made = _Service(
        present=np.zeros(shape, dtype=bool),
        starts=np.zeros(shape, dtype=bool),
        leaves=np.zeros(shape, dtype=bool),
        willing=np.zeros(shape, dtype=bool),
        hazard=np.zeros(shape),
    )
    ordinary = assumed.leaving_per_year / WEEKS_PER_YEAR
    dismissal = assumed.dismissal_per_year / WEEKS_PER_YEAR
    settled = ordinary * np.exp(assumed.pressure_on_leaving * pressure)
    empty = (settled + dismissal) * assumed.vacancy_weeks
    present = uniform[:, 1, 0] >= empty / (1 + empty)
    tenure = before.copy()
    made.starts[:, 0] = present
    just_left = np.zeros(len(pressure), dtype=bool)
    for week in range(shape[1]):
        if week:
            fills = ~present & ~just_left & (uniform[:, 1, week] * assumed.vacancy_weeks < 1)
            made.starts[:, week] = fills
            tenure = np.where(fills, 0.0, tenure + 1)
            present = present | fills
        newcomer = tenure < WEEKS_PER_YEAR
        hazard = settled * np.exp(assumed.newcomer_on_leaving * newcomer) * present
        total = hazard + dismissal * present
        just_left = uniform[:, 0, week] < -np.expm1(-total)
        made.present[:, week] = present
        made.hazard[:, week] = hazard
        made.leaves[:, week] = just_left
        made.willing[:, week] = uniform[:, 2, week] * total < hazard
        present = present & ~just_left
    return made


def _staff(
    spec: TwinSpec, stores: Stores, service: _Service, by_territory: tuple[Floats, Floats, Floats]
) -> Staff:
    unfairness, pressure, before = by_territory
    reps = int(service.starts.sum())
    number = np.cumsum(service.starts.ravel()).reshape(service.starts.shape) - 1
    rep_of = np.where(service.present, number, VACANT)
    territory, _ = np.nonzero(service.starts)
    hired, left_on, left_how = _dates(spec, service, number, before)
    office = _office(spec)
    regions = np.array(REGIONS)
    return Staff(
        ids=np.array([*_rep_ids(territory), *office.ids]),
        role=np.concatenate([np.full(reps, REP), office.role]),
        team=np.concatenate([regions[stores.territory_region[territory]], office.team]),
        territory=np.concatenate([territory, np.full(len(office.ids), NOBODY)]),
        hired=np.concatenate([hired, office.hired]),
        left_on=np.concatenate([left_on, np.full(len(office.ids), np.datetime64("NaT", "D"))]),
        left_how=np.concatenate([left_how, np.full(len(office.ids), "")]),
        rep_of=rep_of,
        unfairness=unfairness,
        pressure=pressure,
        hazard=service.hazard,
        lead=reps + np.flatnonzero(office.role == LEAD),
        accounts=reps + np.flatnonzero(office.role == ACCOUNTS),
        brand_managers=reps + np.flatnonzero(office.role == BRAND),
    )


def _rep_ids(territory: Ints) -> list[str]:
    """Return ids that say the territory and the how-manieth rep of it somebody is."""
    first = np.searchsorted(territory, territory)
    order = np.arange(len(territory)) - first + 1
    return [f"R{q + 1:05d}-{k}" for q, k in zip(territory, order, strict=True)]


def _dates(
    spec: TwinSpec, service: _Service, number: Ints, before: Floats
) -> tuple[Days, Days, Texts]:
    """Return first day, last day and manner of leaving of every rep."""
    first = np.datetime64(spec.first_week, "D")
    territory, week = np.nonzero(service.starts)
    earlier = np.where(week == 0, np.ceil(7 * before[territory]), 0).astype(np.int64)
    left_on = np.full(len(week), np.datetime64("NaT", "D"))
    left_how = np.full(len(week), "", dtype="U11")
    q, when = np.nonzero(service.leaves)
    left_on[number[q, when]] = first + 7 * when + _FRIDAY
    left_how[number[q, when]] = np.where(service.willing[q, when], "voluntary", "involuntary")
    return first + 7 * week - earlier, left_on, left_how


@dataclass(frozen=True, slots=True)
class _Office:
    ids: list[str]
    role: Ints
    team: Texts
    hired: Days


def _office(spec: TwinSpec) -> _Office:
    """Return the few persons who answer notes: they stay for the whole time."""
    rows = [
        *((f"L{g + 1:02d}", LEAD, name) for g, name in enumerate(REGIONS)),
        *((f"K{r + 1:02d}", ACCOUNTS, HEAD_OFFICE) for r in range(len(RETAILERS))),
        *((f"M{b + 1:02d}", BRAND, MARKETING) for b in range(BRAND_MANAGERS)),
    ]
    ids, role, team = zip(*rows, strict=True)
    years = stream(spec.seed, "office").uniform(1, 9, len(rows))
    first = np.datetime64(spec.first_week, "D")
    return _Office(list(ids), np.array(role), np.array(team), first - (365 * years).astype(int))


BRAND_MANAGERS = 3
"""Own brands are shared out among so many."""
