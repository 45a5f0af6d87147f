"""Whether sales that have ceased are gone for good, and since when: a change point in closed form.

A pair of store and item sells at a rate of its own around what is expected of it, gamma
distributed; its weekly units are Poisson around that, their number and what is expected of them
both divided by the dispersion where they scatter more. After its last sale a pair may have stopped
for good, be off the shelf for a while, or be there and just not sell. The probability of a run of
nothing under each is a ratio of gamma integrals, so that no sampling is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from offtake.errors import BadInputError
from offtake.models.availability.histories import Histories
from offtake.models.availability.listing_rows import Floats, Integers

WEEKS_A_YEAR = 365.25 / 7
ROUNDS = 4
TAIL = 0.1
SHAPE = 1.0
SHAPES = np.array([0.15, 0.25, 0.4, 0.6, 0.8, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0])
SCALES = np.array([0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2])
HAZARDS = np.array([1 / 3, 1 / 2, 1 / 1.4, 1.0, 1.4, 2.0, 3.0])
"""Multiples of what is assumed. Data of slow pairs cannot tell a stop from a long pause."""
FIT_PAIRS = 3000
DISPERSIONS = (1.0, 100.0)
LEAST_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingSpec:
    """What is assumed of sales that cease.

    Parameters
    ----------
    stops_a_year
        Share of pairs that stop for good in a year, before the data are seen. They change it by a
        factor of three at most.
    outages_a_year
        Outages of a pair a year that last a week or longer. About 8 % of shelves are empty at any
        time in published audits, most of them for days only.
    outage_ends
        Probability that such an outage ends within another week.
    shape
        Of the gamma distribution of a pair's own rate around its mean over stores; None finds it.
    chain_stops_a_year
        Share of a retailer's items that it delists in a year.
    taking_part
        Share of a retailer's stores with the item that stop when it delists it.
    within
        Weeks before and after the retailer's date within which its stores stop.
    quiet
        Weeks without sales that a retailer's delisting needs before it is believed.
    least_stores
        Stores with the item that a retailer's delisting needs.

    Raises
    ------
    BadInputError
        When a number is out of range.

    Examples
    --------
    >>> StoppingSpec(quiet=6).quiet
    6
    """

    stops_a_year: float = 0.1
    outages_a_year: float = 0.5
    outage_ends: float = 0.5
    shape: float | None = None
    chain_stops_a_year: float = 0.05
    taking_part: float = 0.9
    within: int = 3
    quiet: int = 4
    least_stores: int = 3

    def __post_init__(self) -> None:
        for name, low, high in (
            ("stops_a_year", 1e-4, 5.0), ("outages_a_year", 1e-6, 20.0),
            ("outage_ends", 0.01, 0.99), ("chain_stops_a_year", 1e-4, 5.0),
            ("taking_part", 0.5, 0.999), ("within", 0, 26), ("quiet", 1, 52),
            ("least_stores", 1, 10_000),
        ):  # fmt: skip
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")


@dataclass(frozen=True, slots=True)
class Stops:
    """What is believed of P pairs after their last sale.

    Parameters
    ----------
    gone
        (P,) probability that the pair has stopped for good.
    away
        (P,) probability that it is off the shelf, but not for good.
    week
        (P,) likeliest first week without the item, were it gone.
    early, late
        (P,) ends of the 80 % interval of that week.
    pace
        (P,) the pair's own rate as a multiple of what is expected of it.
    sold
        (P,) units that count, divided by the dispersion: what `pace` rests on.
    dispersion
        (P,) variance of weekly units around the pair's own rate, over their mean.
    shape
        Of the gamma distribution of a pair's own rate around its mean.
    scale
        That mean, as a multiple of what pairs sold between their first and last sale.
    hazard
        Probability that a pair stops in a week.
    log
        (P, T) log integral of each last week on the shelf, minus infinity before the last sale.
    log_all
        (P,) log of the sum over everything that may have happened.
    """

    gone: Floats
    away: Floats
    week: Integers
    early: Integers
    late: Integers
    pace: Floats
    sold: Floats
    dispersion: Floats
    shape: float
    scale: float
    hazard: float
    log: Floats = field(repr=False)
    log_all: Floats = field(repr=False)


def stops(found: Histories, spec: StoppingSpec | None = None) -> Stops:
    """Return whether each pair has stopped for good, and since when.

    Parameters
    ----------
    found
        Sales beside what is expected.
    spec
        What is assumed.

    Examples
    --------
    Ten weeks of three units, then ten of none: gone. A pair that sold to the end is not.

    >>> units = np.array([[3.0] * 10 + [0.0] * 10, [3.0] * 20])
    >>> two = Histories(np.zeros(2, np.int64), np.array([9, 19]), units, np.full((2, 20), 3.0))
    >>> told = stops(two)
    >>> np.round(told.gone, 2).tolist(), int(told.week[0])
    ([1.0, 0.0], 10)
    """
    spec = spec or StoppingSpec()
    scatter = dispersion(found)
    evidence = _Evidence.of(found, scatter)
    known = _fitted(evidence, spec)
    log = evidence.log(known)
    gone, away, log_all = _weigh(log, known.hazard, spec)
    own = (known.shape + evidence.sold) / (known.shape + known.scale * evidence.on_shelf)
    week, early, late = dates(gone, found.last)
    return Stops(
        gone=np.exp(gone).sum(axis=1),
        away=np.exp(away).sum(axis=1),
        week=week,
        early=early,
        late=late,
        pace=known.scale * own,
        sold=evidence.sold,
        dispersion=scatter,
        shape=known.shape,
        scale=known.scale,
        hazard=known.hazard,
        log=log,
        log_all=log_all,
    )


def dispersion(found: Histories) -> Floats:
    """Return how much each pair's weekly units scatter, over a Poisson count of their mean, (P,).

    A part is the same for all, as shoppers buy several at once; another grows with a pair's own
    rate, as promotions and seasons multiply it. Both are found from the pairs together.

    Parameters
    ----------
    found
        Weekly sales beside what is expected.

    Examples
    --------
    Three, none, three, none ...: a variance of 2.25 over a mean of 1.5.

    >>> units = np.array([[3.0, 0.0] * 20 + [3.0]])
    >>> one = Histories(np.zeros(1, np.int64), np.array([40]), units, np.full((1, 41), 1.5))
    >>> np.round(dispersion(one), 1).tolist()
    [1.5]
    """
    alive = found.alive
    units, expected = found.units * alive, found.expected * alive
    pace = (1.0 + units.sum(axis=1)) / (1.0 + expected.sum(axis=1))
    mean = pace[:, None] * expected
    total, weeks = mean.sum(axis=1), np.maximum(alive.sum(axis=1), 1)
    ratio = ((units - mean) ** 2).sum(axis=1) / np.maximum(total, 1e-9)
    rate = total / weeks
    told = (total > 0) & (weeks >= LEAST_WEEKS)
    constant, slope = _line(rate[told], ratio[told], weeks[told] * np.minimum(rate[told], 1.0))
    own = pace * found.expected.mean(axis=1)
    scatter: Floats = np.clip(constant + slope * np.where(told, rate, own), *DISPERSIONS)
    return scatter


def _line(rate: Floats, ratio: Floats, weight: Floats) -> tuple[float, float]:
    """Return constant, at least 1, and slope, at least 0, of scatter over a Poisson count."""
    constant, slope = 1.0, 0.0
    for _ in range(ROUNDS):
        fair = weight / (constant + slope * rate) ** 2
        whole = max(fair.sum(), 1e-9)
        x, y = (fair @ each / whole for each in (rate, ratio))
        spread = (fair * (rate - x) ** 2).sum()
        if spread > 1e-9:
            slope = max(float((fair * (rate - x) * (ratio - y)).sum() / spread), 0.0)
        constant = max(float(y - slope * x), 1.0) if rate.size else 1.0
    return constant, slope


@dataclass(frozen=True, slots=True)
class _Known:
    """What all pairs share: hazard a week, shape, and scale of what is expected."""

    hazard: float
    shape: float
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Units of P pairs, (P,), what was expected up to each week, (P, T), and to the last sale."""

    sold: Floats
    exposed: Floats
    last: Integers

    @staticmethod
    def of(found: Histories, scatter: Floats) -> _Evidence:
        return _Evidence(
            sold=(found.units * found.counted).sum(axis=1) / scatter,
            exposed=np.cumsum(found.expected * found.counted, axis=1) / scatter[:, None],
            last=found.last,
        )

    @property
    def on_shelf(self) -> Floats:
        return self.exposed[np.arange(self.last.size), self.last]

    def log(self, known: _Known) -> Floats:
        """Return the log probability of what sold, were each week the last on the shelf, (P, T).

        Up to what all weeks share; minus infinity before the last sale.
        """
        log = -(known.shape + self.sold)[:, None] * np.log(known.shape + known.scale * self.exposed)
        log[np.arange(log.shape[1]) < self.last[:, None]] = -np.inf
        return log

    def likelihood(self, known: _Known, spec: StoppingSpec) -> float:
        """Return the log probability of all that sold, beside the weeks' own shares."""
        from scipy.special import gammaln

        log_all = _weigh(self.log(known), known.hazard, spec)[2]
        shared = known.shape * np.log(known.shape) - gammaln(known.shape)
        own = gammaln(known.shape + self.sold) + self.sold * np.log(known.scale)
        return float((log_all + shared + own).sum())

    def some(self, most: int) -> _Evidence:
        """Return every n-th pair, so that few are more than `most`."""
        step = slice(None, None, -(-self.last.size // most) or 1)
        return _Evidence(self.sold[step], self.exposed[step], self.last[step])


def _fitted(evidence: _Evidence, spec: StoppingSpec) -> _Known:
    """Return what makes all that sold likeliest, each number in turn on its grid.

    What is expected is found from pairs between their first and last sale, which sold more than
    pairs do: the scale takes that back.
    """
    few = evidence.some(FIT_PAIRS)
    known = _Known(spec.stops_a_year / WEEKS_A_YEAR, spec.shape or SHAPE)
    grids = {"hazard": HAZARDS * spec.stops_a_year / WEEKS_A_YEAR, "scale": SCALES, "shape": SHAPES}
    if spec.shape is not None:
        del grids["shape"]
    for _ in range(ROUNDS):
        before = known
        for name, grid in grids.items():
            tried = [replace(known, **{name: float(value)}) for value in grid]
            known = max(tried, key=lambda each: few.likelihood(each, spec))
        if known == before:
            break
    return known


def _weigh(log: Floats, hazard: float, spec: StoppingSpec) -> tuple[Floats, Floats, Floats]:
    """Return log probabilities of having gone, and of being away, since each week; and log sums."""
    weeks = log.shape[1]
    t = np.arange(weeks)
    gone = log + np.log(hazard) + t * np.log1p(-hazard)
    onset = spec.outages_a_year / WEEKS_A_YEAR
    stay = weeks * np.log1p(-hazard)
    away = log + stay + np.log(onset) + (weeks - 2 - t) * np.log1p(-spec.outage_ends)
    gone[:, -1], away[:, -1] = -np.inf, -np.inf
    total = np.logaddexp(log_sum(gone), np.logaddexp(log_sum(away), log[:, -1] + stay))
    return gone - total[:, None], away - total[:, None], total


def log_sum(values: Floats) -> Floats:
    """Return the logs of the sums over columns of what are logs, (N,)."""
    top = np.maximum(values.max(axis=1), -1e300)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(np.exp(values - top[:, None]).sum(axis=1)))


def dates(gone: Floats, last: Integers) -> tuple[Integers, Integers, Integers]:
    """Return the likeliest first week without the item and the ends of its 80 % interval."""
    chance = np.exp(gone - np.maximum(gone.max(axis=1), -1e300)[:, None])
    total = np.cumsum(chance, axis=1)
    total /= np.maximum(total[:, -1:], 1e-300)
    likely = np.maximum(np.argmax(chance, axis=1), last) + 1
    early = np.argmax(total >= TAIL, axis=1) + 1
    late = np.argmax(total >= 1 - TAIL, axis=1) + 1
    known = np.isfinite(gone.max(axis=1))
    return likely, np.where(known, early, likely), np.where(known, late, likely)
