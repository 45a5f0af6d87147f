"""Pareto/NBD: customers buy at a rate of their own, and leave at any time.

Purchases are Poisson while a customer stays; rates differ as a gamma distribution (r, alpha). How
long customers stay is exponential, with rates that differ as another (s, beta). The likelihood
holds an integral over the time of leaving. It is worked out as such, on a scale of logs on which it
is smooth, and not as the difference of two hypergeometric functions, which overflow, and agree in
most digits where a customer bought just now.

References
----------
Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers: who are they and
what will they do next? Management Science 33, 1-24.
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
    [0.871]
    """

    names: tuple[str, ...] = ("r", "alpha", "s", "beta")
    times: tuple[str, ...] = ("alpha", "beta")
    starts: tuple[tuple[float, ...], ...] = ((0.5, 0.3, 0.5, 0.4), (1.0, 0.5, 0.5, 3.0))

    def each(self, point: Floats, states: CustomerStates) -> Floats:
        """Return the log-likelihood of every kind of customer, (N,)."""
        table = rising(point[0], int(states.frequency.max(initial=0))).log
        each, _, _ = _rows(point, states, (0, np.zeros(4), np.zeros((4, 4))))
        return each + table[states.frequency]

    def likelihood(self, states: CustomerStates) -> Callable[[Floats], Valued]:
        """Return the log-likelihood of all customers, with derivatives, as a function."""
        bought = more_than(states.frequency, states.customers)

        def of(point: Floats) -> Valued:
            slope, bend = np.zeros(4), np.zeros((4, 4))
            _, _, total = _rows(point, states, (1, slope, bend))
            value, first, second = weighted(float(point[0]), bought)
            slope[0] += first
            bend[0, 0] += second
            return value + total, slope, bend

        return of

    def alive(self, point: Floats, states: CustomerStates) -> Floats:
        """Return how likely every kind of customer still is one, (N,)."""
        return _rows(point, states, (0, np.zeros(4), np.zeros((4, 4))))[1]

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


def _rows(
    point: Floats, states: CustomerStates, into: tuple[int, Floats, Floats]
) -> tuple[Floats, Floats, float]:
    """Return log-likelihoods but for what depends on counts alone, chances of being alive, total."""
    each, alive = np.empty(states.size), np.empty(states.size)
    rows = (states.frequency.astype(np.float64), states.recency, states.age, states.customers)
    total = compiled(_add_rows)(point, rows, (NODES, WEIGHTS), each, alive, into)
    return each, alive, float(total)


def _add_rows(
    point: Floats,
    rows: tuple[Floats, Floats, Floats, Floats],
    rule: tuple[Floats, Floats],
    each: Floats,
    alive: Floats,
    into: tuple[int, Floats, Floats],
) -> float:
    """Fill in every row; add up derivatives where they are wanted; return the value.

    A likelihood is a sum of exponentials: of staying to the end, and of leaving at every node of
    the integral. Its derivatives are means of theirs.
    """
    r, alpha, s, beta = point
    frequency, recency, age, customers = rows
    wanted, slope, bend = into
    least = min(alpha, beta)
    d1, s1, s2 = np.zeros(4), np.zeros(4), np.zeros((4, 4))
    total = 0.0
    for i in range(frequency.size):
        x, last, end = frequency[i], recency[i], age[i]
        k = r + x
        at_last = k * log1p(last / alpha) + s * log1p(last / beta) + log1p(last / beta)
        stays = k * log1p(end / alpha) + s * log1p(end / beta)
        # Logs relative to that of leaving just after the last purchase, per unit of time.
        reach = log1p((end - last) / (least + last))
        fall = k * (least + last) / (alpha + last) + (s + 1.0) * (least + last) / (beta + last)
        if fall > 1.0 and REACH / (fall - 1.0) < reach:
            reach = REACH / (fall - 1.0)
        half = 0.5 * reach
        weight = exp(at_last - stays)
        sums = weight
        if wanted:
            for p in range(4):
                s1[p] = 0.0
                for q in range(4):
                    s2[p, q] = 0.0
        for node in range(-1, rule[0].size):
            if node < 0:
                y, one, leaves = end, 0.0, 0.0
            else:
                later = (least + last) * expm1(half * (1.0 + rule[0][node]))
                y, one, leaves = last + later, 1.0, 1.0 / s
                drop = k * log1p(later / (alpha + last))
                drop += (s + 1.0) * log1p(later / (beta + last))
                weight = half * rule[1][node] * (least + y) * exp(-drop) * s / beta
                sums += weight
            if wanted:
                u, v = 1.0 / (alpha + y), 1.0 / (beta + y)
                die = s + one
                d1[0], d1[1] = -log1p(y / alpha), (r * y / alpha - x) * u
                d1[2], d1[3] = leaves - log1p(y / beta), s / beta - die * v
                for p in range(4):
                    s1[p] += weight * d1[p]
                    for q in range(p, 4):
                        s2[p, q] += weight * d1[p] * d1[q]
                s2[0, 1] += weight * y / alpha * u
                s2[1, 1] += weight * (k * u * u - r / (alpha * alpha))
                s2[2, 2] -= weight * leaves * leaves
                s2[2, 3] += weight * (1.0 / beta - v)
                s2[3, 3] += weight * (die * v * v - s / (beta * beta))
        each[i] = log(sums) - at_last - x * log(alpha)
        alive[i] = exp(at_last - stays) / sums
        total += customers[i] * each[i]
        if wanted:
            for p in range(4):
                slope[p] += customers[i] * s1[p] / sums
                for q in range(p, 4):
                    more = customers[i] * (s2[p, q] - s1[p] * s1[q] / sums) / sums
                    bend[p, q] += more
                    if q > p:
                        bend[q, p] += more
    return total
