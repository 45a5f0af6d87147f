"""Pareto/NBD: customers buy at a rate of their own, and leave at any time.

Purchases are Poisson while a customer stays; rates differ as a gamma distribution (r, alpha). How
long customers stay is exponential, with rates that differ as another (s, beta). The likelihood
holds an integral over the time of leaving. It is worked out as such, on a scale of logs on which it
is smooth, and not as the difference of two hypergeometric functions, which overflow, and agree in
most digits where a customer bought just now.

References
----------
Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers: who are they
and what will they do next? Management Science 33, 1-24.
Fader, P. S. and Hardie, B. G. S. (2005). A note on deriving the Pareto/NBD model and related
expressions. https://www.brucehardie.com/notes/009/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, expm1, log, log1p

import numpy as np

from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.customer_law import Ahead
from offtake.models.kernels.customer_states import CustomerStates
from offtake.models.kernels.customer_sums import COLUMN, ROW, Rows, Sums
from offtake.models.kernels.newton import Valued
from offtake.models.kernels.rising import more_than, rising, weighted

NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)
REACH = 45.0
"""Logs by which the integrand may fall before the rest of it is left out."""


@dataclass(frozen=True, slots=True)
class Pareto:
    """The Pareto/NBD.

    Examples
    --------
    >>> from offtake.models.kernels.customer_states import customer_states
    >>> point = np.array([0.553, 10.578, 0.606, 11.669])
    >>> PARETO_NBD.alive(point, customer_states([2], [30.43], [38.86])).round(3).tolist()
    [0.869]
    """

    names: tuple[str, ...] = ("r", "alpha", "s", "beta")
    times: tuple[str, ...] = ("alpha", "beta")
    starts: tuple[tuple[float, ...], ...] = ((0.5, 0.3, 0.5, 0.4), (1.0, 0.5, 0.5, 3.0))

    def each(self, point: Floats, states: CustomerStates) -> Floats:
        """Return the log-likelihood of every kind of customer, (N,)."""
        table = rising(point[0], int(states.frequency.max(initial=0))).log
        each: Floats = _rows(point, states, Sums(0)).each + table[states.frequency]
        return each

    def likelihood(self, states: CustomerStates) -> Callable[[Floats], Valued]:
        """Return the log-likelihood of all customers, with derivatives, as a function."""
        bought = more_than(states.frequency, states.customers)

        def of(point: Floats) -> Valued:
            found = _rows(point, states, Sums(1))
            value, first, second = weighted(float(point[0]), bought)
            slope, bend = found.sums.first, found.sums.whole_second
            slope[0] += first
            bend[0, 0] += second
            return value + found.total, slope, bend

        return of

    def alive(self, point: Floats, states: CustomerStates) -> Floats:
        """Return how likely every kind of customer still is one, (N,)."""
        return _rows(point, states, Sums(0)).stays

    def ahead(self, point: Floats, states: CustomerStates, horizon: float) -> Ahead:
        """Return what every kind of customer buys within a horizon if still a customer."""
        r, alpha, s, beta = point
        shape, scale, lives = r + states.frequency, alpha + states.age, beta + states.age
        reach = np.log1p(horizon / lives)
        rate = shape / scale
        stay = lives * _power(1 - s, reach)
        stay_squared = 2 * lives**2 * (_power(2 - s, reach) - _power(1 - s, reach))
        mean: Floats = rate * stay
        return Ahead(mean, mean + rate * (shape + 1) / scale * np.maximum(stay_squared, 0.0))


PARETO_NBD = Pareto()


def _power(power: float, reach: Floats) -> Floats:
    """Return (q**power - 1) / power for the logs of q, also where the power is 0."""
    if abs(power) < 1e-12:
        return reach
    found: Floats = np.expm1(power * reach) / power
    return found


def _rows(point: Floats, states: CustomerStates, sums: Sums) -> Rows:
    """Work out all rows; likelihoods but for what depends on counts alone."""
    each, alive = np.empty(states.size), np.empty(states.size)
    rows = (states.frequency.astype(np.float64), states.recency, states.age, states.customers)
    into = (sums.wanted, sums.first, sums.second)
    total = compiled(_add_rows)(point, rows, (NODES, WEIGHTS), each, alive, into)
    return Rows(each, alive, float(total), sums)


def _add_rows(
    point: Floats,
    rows: tuple[Floats, Floats, Floats, Floats],
    rule: tuple[Floats, Floats],
    each: Floats,
    alive: Floats,
    into: tuple[int, Floats, Floats],
) -> float:
    """Fill in every row; add up derivatives where they are wanted; return the value.

    A likelihood is a sum of exponentials: of leaving at every node of the integral, and, as the
    last of them, of staying to the end. Its derivatives are means of theirs.
    """
    r, alpha, s, beta = point
    frequency, recency, age, customers = rows
    least, count, total = min(alpha, beta), rule[0].size, 0.0
    at, weight, leaves = np.empty(count + 1), np.empty(count + 1), np.ones(count + 1)
    leaves[count] = 0.0
    d, first, second = np.zeros(4), np.zeros(4), np.zeros(10)
    for i in range(frequency.size):
        x, last, end = frequency[i], recency[i], age[i]
        k = r + x
        # Logs, relative to that of leaving just after the last purchase, per unit of time.
        top = k * log1p(last / alpha) + (s + 1.0) * log1p(last / beta)
        fall = k * (least + last) / (alpha + last) + (s + 1.0) * (least + last) / (beta + last)
        half = 0.5 * min(log1p((end - last) / (least + last)), REACH / max(fall - 1.0, 1e-9))
        at[count] = end
        weight[count] = exp(top - k * log1p(end / alpha) - s * log1p(end / beta))
        sums = weight[count]
        for node in range(count):
            later = (least + last) * expm1(half * (1.0 + rule[0][node]))
            drop = k * log1p(later / (alpha + last)) + (s + 1.0) * log1p(later / (beta + last))
            at[node] = last + later
            weight[node] = half * rule[1][node] * (least + at[node]) * exp(-drop) * s / beta
            sums += weight[node]
        each[i] = log(sums) - top - x * log(alpha)
        alive[i] = weight[count] / sums
        total += customers[i] * each[i]
        if into[0] == 0:
            continue
        first[:] = 0.0
        second[:] = 0.0
        for node in range(count + 1):
            y, w, gone = at[node], weight[node] / sums, leaves[node]
            u, v = 1.0 / (alpha + y), 1.0 / (beta + y)
            d[0], d[1] = -log1p(y / alpha), (r * y / alpha - x) * u
            d[2], d[3] = gone / s - log1p(y / beta), s / beta - (s + gone) * v
            first += w * d
            for pair in range(10):
                second[pair] += w * d[ROW[pair]] * d[COLUMN[pair]]
            second[1] += w * y / alpha * u
            second[4] += w * (k * u * u - r / (alpha * alpha))
            second[7] -= w * gone / (s * s)
            second[8] += w * (1.0 / beta - v)
            second[9] += w * ((s + gone) * v * v - s / (beta * beta))
        for pair in range(10):
            second[pair] -= first[ROW[pair]] * first[COLUMN[pair]]
        into[1][:] += customers[i] * first
        into[2][:] += customers[i] * second
    return total
