"""BG/BB: customers who may buy once in every period, and leave between periods.

A customer who stays buys in a period with a chance that differs as a beta distribution (alpha,
beta), and leaves before a period with a chance that differs as another (gamma, delta). Frequency is
the number of periods with a purchase, recency the last of them, age the number of periods.

References
----------
Fader, P. S., Hardie, B. G. S. and Shang, J. (2010). Customer-base analysis in a discrete-time
noncontractual setting. Marketing Science 29, 1086-1108.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

import numpy as np

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, Integers
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.customer_law import Ahead
from offtake.models.kernels.customer_states import CustomerStates
from offtake.models.kernels.customer_sums import COLUMN, ROW, Rows, Sums
from offtake.models.kernels.newton import Valued
from offtake.models.kernels.rising import Rising, rising

Periods = tuple[Integers, Integers, Integers, Floats]


@dataclass(frozen=True, slots=True)
class BetaPeriods:
    """The BG/BB.

    Examples
    --------
    >>> from offtake.models.kernels.customer_states import customer_states
    >>> point = np.array([1.204, 0.750, 0.657, 2.783])
    >>> donor = customer_states([6], [6], [6])
    >>> (BG_BB.alive(point, donor) * BG_BB.ahead(point, donor, 5).mean).round(2).tolist()
    [3.75]
    """

    names: tuple[str, ...] = ("alpha", "beta", "gamma", "delta")
    times: tuple[str, ...] = ()
    starts: tuple[tuple[float, ...], ...] = (
        (1.0, 1.0, 1.0, 3.0), (0.5, 5.0, 0.5, 10.0), (0.5, 5.0, 0.5, 100.0),
    )  # fmt: skip

    def each(self, point: Floats, states: CustomerStates) -> Floats:
        """Return the log-likelihood of every kind of customer, (N,)."""
        return _rows(point, periods(states), Sums(0)).each

    def likelihood(self, states: CustomerStates) -> Callable[[Floats], Valued]:
        """Return the log-likelihood of all customers, with derivatives, as a function."""
        rows = periods(states)

        def of(point: Floats) -> Valued:
            found = _rows(point, rows, Sums(1))
            return found.total, found.sums.first, found.sums.whole_second

        return of

    def alive(self, point: Floats, states: CustomerStates) -> Floats:
        """Return how likely every kind of customer still is one in the next period, (N,).

        That the customer was one at the end of the last is a little likelier.
        """
        gamma, delta = point[2:]
        stays = (delta + states.age) / (gamma + delta + states.age)
        found: Floats = self.there(point, states) * stays
        return found

    def there(self, point: Floats, states: CustomerStates) -> Floats:
        """Return how likely every kind of customer was one in the last period, (N,)."""
        return _rows(point, periods(states), Sums(0)).stays

    def ahead(self, point: Floats, states: CustomerStates, horizon: float) -> Ahead:
        """Return what every kind of customer buys within a horizon if one in its first period.

        Raises
        ------
        BadInputError
            When the horizon is no whole number of periods.
        """
        if horizon != int(horizon):
            raise BadInputError(f"horizon: got {horizon}, allowed: whole periods")
        alpha, beta, gamma, delta = point
        age, count = states.age, states.frequency
        stays = np.ones(states.size)
        once, twice = np.zeros(states.size), np.zeros(states.size)
        for period in range(int(horizon)):
            once += stays
            twice += 2 * period * stays
            stays *= (delta + age + period + 1) / (gamma + delta + age + period + 1)
        chance = (alpha + count) / (alpha + beta + age)
        both = chance * (alpha + count + 1) / (alpha + beta + age + 1)
        mean: Floats = chance * once
        return Ahead(mean, mean + both * twice)


BG_BB = BetaPeriods()


def periods(states: CustomerStates) -> Periods:
    """Return what is known of customers in whole periods.

    Raises
    ------
    BadInputError
        When recency or age are no whole numbers, or somebody bought more often than there were
        periods.
    """
    last, age = states.recency.astype(np.int64), states.age.astype(np.int64)
    for name, whole, given in (("recency", last, states.recency), ("age", age, states.age)):
        if np.any(whole != given):
            wrong = given[whole != given][0]
            raise BadInputError(f"{name}: got {wrong:g}, allowed for bg_bb: whole periods")
    often = states.frequency > last
    if np.any(often):
        raise BadInputError(
            f"frequency: got {states.frequency[often][0]} purchases in {last[often][0]} periods, "
            "allowed for bg_bb: one in each at most"
        )
    return states.frequency, last, age, states.customers


def _rows(point: Floats, rows: Periods, sums: Sums) -> Rows:
    """Work out all rows."""
    most = int(rows[2].max(initial=0))
    alpha, beta, gamma, delta = (float(each) for each in point)
    tables = np.array([
        _stacked(rising(c, most)) for c in (alpha, beta, alpha + beta, delta, gamma + delta)
    ])  # fmt: skip
    each, there = np.empty(rows[0].size), np.empty(rows[0].size)
    into = (sums.wanted, sums.first, sums.second)
    total = compiled(_add_rows)(gamma, tables, rows, each, there, into)
    return Rows(each, there, float(total), sums)


def _stacked(found: Rising) -> Floats:
    return np.array([found.log, found.first, found.second])


def _add_rows(
    gamma: float,
    tables: Floats,
    rows: Periods,
    each: Floats,
    there: Floats,
    into: tuple[int, Floats, Floats],
) -> float:
    """Fill in every row; add up derivatives where they are wanted; return the value.

    A likelihood is a sum of exponentials: of leaving after each period since the last purchase, and
    of staying to the end. Its derivatives are means of theirs.
    """
    frequency, recency, age, customers = rows
    d, first, second = np.zeros(4), np.zeros(4), np.zeros(10)
    buys, skips, either, goes_on, either_way = tables[0], tables[1], tables[2], tables[3], tables[4]
    total = 0.0
    for i in range(frequency.size):
        x, last, end = frequency[i], recency[i], age[i]
        top = skips[0, end - x] - either[0, end] + goes_on[0, end] - either_way[0, end]
        sums = 0.0
        first[:] = 0.0
        second[:] = 0.0
        for node in range(last, end + 1):
            leaves = min(end - node, 1)
            after = node + leaves
            chance = skips[0, node - x] - either[0, node] + goes_on[0, node]
            w = exp(chance - either_way[0, after] + leaves * log(gamma) - top)
            sums += w
            if into[0] == 0:
                continue
            d[0] = buys[1, x] - either[1, node]
            d[1] = skips[1, node - x] - either[1, node]
            d[2] = leaves / gamma - either_way[1, after]
            d[3] = goes_on[1, node] - either_way[1, after]
            first += w * d
            for pair in range(10):
                second[pair] += w * d[ROW[pair]] * d[COLUMN[pair]]
            second[0] += w * (buys[2, x] - either[2, node])
            second[1] -= w * either[2, node]
            second[4] += w * (skips[2, node - x] - either[2, node])
            second[7] -= w * (leaves / (gamma * gamma) + either_way[2, after])
            second[8] -= w * either_way[2, after]
            second[9] += w * (goes_on[2, node] - either_way[2, after])
        each[i] = top + log(sums) + buys[0, x]
        there[i] = 1.0 / sums
        total += customers[i] * each[i]
        for pair in range(10):
            second[pair] -= first[ROW[pair]] * first[COLUMN[pair]] / sums
        into[1][:] += customers[i] / sums * first
        into[2][:] += customers[i] / sums * second
    return total
