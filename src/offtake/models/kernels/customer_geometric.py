"""NBD, BG/NBD and MBG/NBD: customers buy at a rate of their own, and may leave after a purchase.

Purchases are Poisson while a customer stays; rates differ as a gamma distribution (r, alpha). After
each repeat purchase (BG/NBD), or after each purchase, the first included (MBG/NBD), a customer
leaves with a chance that differs as a beta distribution (a, b). In the NBD nobody leaves.

References
----------
Ehrenberg, A. S. C. (1988). Repeat-buying, 2nd ed. Griffin.
Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way: an
alternative to the Pareto/NBD model. Marketing Science 24, 275-284.
Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and comparison of
models for customer base analysis. International Journal of Research in Marketing 24, 201-209.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt

import numpy as np

from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.customer_law import Ahead
from offtake.models.kernels.customer_states import CustomerStates
from offtake.models.kernels.newton import Valued
from offtake.models.kernels.rising import more_than, rising, weighted

NEGLIGIBLE = 1e-13
"""Share of a sum that its tail may miss."""


@dataclass(frozen=True, slots=True)
class Staying:
    """The NBD: every customer stays.

    Examples
    --------
    >>> from offtake.models.kernels.customer_states import customer_states
    >>> NBD.ahead(np.array([1.0, 2.0]), customer_states([3], [4.0], [6.0]), 4.0).mean.tolist()
    [2.0]
    """

    names: tuple[str, ...] = ("r", "alpha")
    times: tuple[str, ...] = ("alpha",)
    starts: tuple[tuple[float, ...], ...] = ((0.3, 0.2), (1.0, 0.5))

    def each(self, point: Floats, states: CustomerStates) -> Floats:
        """Return the log-likelihood of every kind of customer, (N,)."""
        r, alpha = point
        count = states.frequency
        table = rising(r, int(count.max(initial=0))).log
        base: Floats = -(r + count) * np.log1p(states.age / alpha) - count * np.log(alpha)
        return table[count] + base

    def likelihood(self, states: CustomerStates) -> Callable[[Floats], Valued]:
        """Return the log-likelihood of all customers, with derivatives, as a function."""
        whole = Leaving(0).likelihood(states, leaving=0)

        def of(point: Floats) -> Valued:
            value, slope, bend = whole(np.append(point, [1.0, 1.0]))
            return value, slope[:2], bend[:2, :2]

        return of

    def alive(self, point: Floats, states: CustomerStates) -> Floats:
        """Return 1 for every kind of customer, (N,)."""
        del point
        return np.ones(states.size)

    def ahead(self, point: Floats, states: CustomerStates, horizon: float) -> Ahead:
        """Return what every kind of customer buys within a horizon."""
        r, alpha = point
        shape, share = r + states.frequency, horizon / (alpha + states.age)
        mean: Floats = shape * share
        return Ahead(mean, mean + mean * (mean + share))


@dataclass(frozen=True, slots=True)
class Leaving:
    """BG/NBD or MBG/NBD.

    Parameters
    ----------
    first
        1 where customers may leave after their first purchase already (MBG/NBD), else 0.

    Examples
    --------
    >>> from offtake.models.kernels.customer_states import customer_states
    >>> point = np.array([0.243, 4.414, 0.793, 2.426])
    >>> customer = customer_states([2], [30.43], [38.86])
    >>> ahead = BG_NBD.ahead(point, customer, 39.0)
    >>> (BG_NBD.alive(point, customer) * ahead.mean).round(3).tolist()
    [1.226]
    """

    first: int
    names: tuple[str, ...] = ("r", "alpha", "a", "b")
    times: tuple[str, ...] = ("alpha",)
    starts: tuple[tuple[float, ...], ...] = (
        (0.3, 0.2, 0.8, 2.5), (1.0, 0.5, 0.3, 3.0), (0.5, 0.2, 1.0, 20.0),
    )  # fmt: skip

    def each(self, point: Floats, states: CustomerStates) -> Floats:
        """Return the log-likelihood of every kind of customer, (N,)."""
        r, alpha, a, b = point
        most = int(states.frequency.max(initial=0))
        stays = rising(b, most + 1).log - rising(a + b, most + 1).log
        table = rising(r, most).log + stays[self.first : most + 1 + self.first]
        count = states.frequency
        base = -(r + count) * np.log1p(states.age / alpha) - count * np.log(alpha)
        found: Floats = table[count] + base + np.logaddexp(0.0, self._left(point, states))
        return found

    def likelihood(
        self, states: CustomerStates, *, leaving: int = 1
    ) -> Callable[[Floats], Valued]:  # fmt: skip
        """Return the log-likelihood of all customers, with derivatives, as a function."""
        bought = more_than(states.frequency, states.customers)
        stayed = more_than(states.frequency + self.first, states.customers)
        rows = (states.frequency.astype(np.float64), states.recency, states.age, states.customers)

        def of(point: Floats) -> Valued:
            slope, bend = np.zeros(4), np.zeros((4, 4))
            value = compiled(_add_rows)(point, rows, self.first, leaving, slope, bend)
            _add(point[0], bought, (slope[:1], bend[:1, :1]))
            value += weighted(point[0], bought)[0]
            if leaving:
                value += _add_staying(point, stayed, slope, bend)
            return value, slope, bend

        return of

    def alive(self, point: Floats, states: CustomerStates) -> Floats:
        """Return how likely every kind of customer still is one, (N,)."""
        found: Floats = np.exp(-np.logaddexp(0.0, self._left(point, states)))
        return found

    def ahead(self, point: Floats, states: CustomerStates, horizon: float) -> Ahead:
        """Return what every kind of customer buys within a horizon if still a customer."""
        r, alpha, a, b = point
        mean, square = np.empty(states.size), np.empty(states.size)
        stays = b + states.frequency + self.first
        rates = (r + states.frequency, alpha + states.age)
        compiled(_thinned)(rates, float(a), stays.astype(np.float64), horizon, mean, square)
        return Ahead(mean, square)

    def _left(self, point: Floats, states: CustomerStates) -> Floats:
        """Return the log odds that a customer has left, (N,)."""
        r, alpha, a, b = point
        count = states.frequency
        quiet = np.log1p((states.age - states.recency) / (alpha + states.recency))
        if self.first:
            found: Floats = np.log(a) - np.log(b + count) + (r + count) * quiet
            return found
        odds = np.log(a) - np.log(b + np.maximum(count, 1) - 1) + (r + count) * quiet
        return np.where(count > 0, odds, -np.inf)


NBD = Staying()
BG_NBD = Leaving(0)
MBG_NBD = Leaving(1)


def _add(c: float, above: Floats, into: tuple[Floats, Floats]) -> None:
    """Add derivatives of a weighted sum of rising factorials where they belong."""
    _, first, second = weighted(c, above)
    into[0][...] += first
    into[1][...] += second


def _add_staying(point: Floats, stayed: Floats, slope: Floats, bend: Floats) -> float:
    """Add the log-likelihood of having stayed so often: of (b)_n / (a + b)_n."""
    a, b = float(point[2]), float(point[3])
    _add(b, stayed, (slope[3:], bend[3:, 3:]))
    both, first, second = weighted(a + b, stayed)
    slope[2:] -= first
    bend[2:, 2:] -= second
    return weighted(b, stayed)[0] - both


def _add_rows(
    point: Floats,
    rows: tuple[Floats, Floats, Floats, Floats],
    shift: int,
    leaving: int,
    slope: Floats,
    bend: Floats,
) -> float:
    """Add up what depends on times; return the value."""
    r, alpha, a, b = point
    frequency, recency, age, customers = rows
    z1 = np.zeros(4)
    total = 0.0
    for i in range(frequency.size):
        x, last, end, n = frequency[i], recency[i], age[i], customers[i]
        k = r + x
        whole = log1p(end / alpha)
        to_end, to_last = 1.0 / (alpha + end), 1.0 / (alpha + last)
        total -= n * (k * whole + x * log(alpha))
        slope[0] -= n * whole
        slope[1] += n * (r * end / alpha - x) * to_end
        bend[0, 1] += n * end / alpha * to_end
        bend[1, 1] += n * (k * to_end * to_end - r / (alpha * alpha))
        if leaving == 0 or (x == 0.0 and shift == 0):
            continue
        place = b + x - 1.0 + shift
        quiet = log1p((end - last) * to_last)
        z = log(a / place) + k * quiet
        gone = 1.0 / (1.0 + exp(-z)) if z > -700.0 else 0.0
        total += n * (z + log1p(exp(-z)) if z > 0.0 else log1p(exp(z)))
        fall = to_end - to_last
        z1[0], z1[1], z1[2], z1[3] = quiet, k * fall, 1.0 / a, -1.0 / place
        share, spread = n * gone, n * gone * (1.0 - gone)
        for p in range(4):
            slope[p] += share * z1[p]
            for q in range(p, 4):
                bend[p, q] += spread * z1[p] * z1[q]
        bend[0, 1] += share * fall
        bend[1, 1] -= share * k * fall * (to_end + to_last)
        bend[2, 2] -= share / (a * a)
        bend[3, 3] += share / (place * place)
    for p in range(4):
        for q in range(p):
            bend[p, q] = bend[q, p]
    return total


def _thinned(
    rates: tuple[Floats, Floats],
    a: float,
    stays: Floats,
    horizon: float,
    mean: Floats,
    square: Floats,
) -> None:
    """Fill in purchases to come of those who are still customers.

    Were nobody to leave, the purchases would be negative binomial; the n-th of them happens if the
    customer stayed after the n - 1 before it. Every term is positive, for any parameters.
    """
    shapes, scales = rates
    for i in range(shapes.size):
        k, chance = shapes[i], horizon / (scales[i] + horizon)
        odds = horizon / scales[i]
        centre, spread = k * odds, sqrt(k * odds * (1.0 + odds))
        start = -k * log1p(odds)
        n = 0
        if start < -600.0:
            n = max(0, int(centre - 15.0 * spread))
            start += lgamma(k + n) - lgamma(k) - lgamma(n + 1.0) + n * log(chance)
        weight = exp(start)
        stayed, once, twice = 1.0, 0.0, 0.0
        for j in range(n):
            once += stayed
            twice += (2.0 * j + 1.0) * stayed
            stayed *= (stays[i] + j) / (a + stays[i] + j)
        first, second = weight * once, weight * twice
        while True:
            once += stayed
            twice += (2.0 * n + 1.0) * stayed
            stayed *= (stays[i] + n) / (a + stays[i] + n)
            weight *= chance * (k + n) / (n + 1.0)
            n += 1
            first += weight * once
            second += weight * twice
            falls = chance * (k + n) / (n + 1.0)
            if n > centre and falls < 1.0 and weight * twice <= NEGLIGIBLE * (1.0 - falls) * second:
                break
        mean[i], square[i] = first, second
