"""What customers will do: who still is one, what they will buy, and what that is worth today.

Intervals of single customers hold the uncertainty of the parameters (delta method, in logs, or log
odds for a chance). Intervals of totals also hold the chance of what customers do, and so are meant
to hold what comes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.customer_fit import LEVEL, CustomerFit, law
from offtake.models.kernels.customer_spend import SpendFit
from offtake.models.kernels.customer_states import CustomerStates, customer_states
from offtake.models.kernels.newton import FLAT
from offtake.models.kernels.normal_ends import normal_ends

NUDGE = 1e-4
"""Of a log, for a slope by differences."""
TINY = 1e-150
NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What N kinds of customer do within a horizon.

    Parameters
    ----------
    alive
        (N,) chance that a customer still is one.
    mean, variance
        (N,) of a customer's purchases.
    """

    alive: Floats
    mean: Floats
    variance: Floats


@dataclass(frozen=True, slots=True)
class Between:
    """Values with the ends of their intervals.

    Parameters
    ----------
    value, low, high
        Of any one shape.
    """

    value: Floats
    low: Floats
    high: Floats


def outlook(fit: CustomerFit, states: CustomerStates, horizon: float) -> Outlook:
    """Return what every kind of customer does within a horizon.

    Parameters
    ----------
    fit
        A fitted model.
    states
        Customers, as at the end of what was observed.
    horizon
        Time ahead, in the unit of the data.

    Raises
    ------
    BadInputError
        When the horizon is below 0.

    Examples
    --------
    >>> from offtake.models.kernels.customer_fit import fit_customers
    >>> states = customer_states([0, 2, 5], [0, 30, 20], [39] * 3, [60, 30, 10])
    >>> outlook(fit_customers("bg_nbd", states), states, 13.0).mean.round(2).tolist()
    [0.09, 0.52, 0.59]
    """
    if not horizon >= 0:
        raise BadInputError(f"horizon: got {horizon}, allowed: at least 0")
    found = law(fit.model)
    alive = found.alive(fit.point, states)
    ahead = found.ahead(fit.point, states, horizon)
    mean = alive * ahead.mean
    return Outlook(alive, mean, np.maximum(alive * ahead.square - mean**2, 0.0))


def newcomers(fit: CustomerFit, horizons: Floats) -> Floats:
    """Return the repeat purchases expected of a new customer by so long after the first, (H,)."""
    new = customer_states([0], [0.0], [0.0])
    return np.array([outlook(fit, new, float(horizon)).mean[0] for horizon in horizons])


def customers_between(
    fit: CustomerFit, states: CustomerStates, horizon: float, *, level: float = LEVEL
) -> tuple[Between, Between]:
    """Return chance of being a customer and expected purchases by kind, with intervals, (N,)."""
    found = outlook(fit, states, horizon)

    def alive(point: Floats) -> Floats:
        return law(fit.model).alive(point, states)

    def mean(point: Floats) -> Floats:
        return outlook(replace(fit, point=point), states, horizon).mean

    return chance_between(fit, alive, found.alive, level), mean_between(fit, mean, level=level)


def totals_between(
    fit: CustomerFit, states: CustomerStates, horizon: float, *, level: float = LEVEL
) -> tuple[Between, Between]:
    """Return how many are still customers, and what they all buy within a horizon.

    The intervals are meant to hold what comes: parameters are uncertain, and people differ.

    Parameters
    ----------
    fit, states, horizon
        As for :func:`outlook`.
    level
        Of the intervals.
    """
    now = outlook(fit, states, horizon)
    many = states.customers

    def of(point: Floats) -> Floats:
        found = outlook(replace(fit, point=point), states, horizon)
        return np.array([found.alive @ many, found.mean @ many])

    chance = np.array([(now.alive * (1 - now.alive)) @ many, now.variance @ many])
    both = mean_between(fit, of, chance=chance, level=level)
    alive, bought = (Between(*(each[i] for each in (both.value, both.low, both.high)))
                     for i in (0, 1))  # fmt: skip
    top = np.minimum(alive.high, many.sum())
    return Between(alive.value, np.minimum(alive.low, top), top), bought


def discounted(
    fit: CustomerFit, states: CustomerStates, horizon: float, *, discount: float
) -> Floats:
    """Return the purchases expected within a horizon, each worth less the later it comes, (N,).

    Parameters
    ----------
    fit, states, horizon
        As for :func:`outlook`.
    discount
        Per unit of time, continuous: a purchase after t counts ``exp(-discount * t)``. For
        ``bg_bb`` a purchase in a period counts as at the end of it.

    Raises
    ------
    BadInputError
        When the discount is below 0.
    """
    if not discount >= 0:
        raise BadInputError(f"discount: got {discount}, allowed: at least 0")

    def mean(after: float) -> Floats:
        return outlook(fit, states, after).mean

    total: Floats = np.exp(-discount * horizon) * mean(horizon)
    if discount == 0:
        return total
    if fit.model == "bg_bb":
        for period in range(1, int(horizon)):
            total = total + mean(period) * np.exp(-discount * period) * -np.expm1(-discount)
        return total
    # By parts: the integral of exp(-d t) times the rate of buying, without the rate; over the cube
    # root of that discount factor rather than over time, so that far ends need no more nodes.
    least = np.exp(-discount * horizon / 3)
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        root = least + (1 - least) * (1 + node) / 2
        after = -3 * np.log(root) / discount
        total = total + weight / 2 * (1 - least) * 3 * root**2 * mean(float(after))
    return total


def discounted_for_ever(fit: CustomerFit, states: CustomerStates, *, discount: float) -> Floats:
    """Return the discounted purchases expected without end, (N,), in closed form.

    Parameters
    ----------
    fit
        A fitted ``pareto_nbd`` or ``bg_bb``.
    states
        Customers.
    discount
        As for :func:`discounted`, above 0.

    Raises
    ------
    BadInputError
        When the model is another, which has no closed form, or the discount is not above 0.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves for
    customer base analysis. Journal of Marketing Research 42, 415-430.
    Fader, Hardie and Shang (2010), as for the BG/BB.
    """
    from scipy.special import hyp2f1, hyperu

    if not discount > 0:
        raise BadInputError(f"discount: got {discount}, allowed: above 0")
    if fit.model == "pareto_nbd":
        r, alpha, s, beta = fit.point
        lives = beta + states.age
        rate = (r + states.frequency) / (alpha + states.age)
        ahead: Floats = rate * lives * hyperu(1.0, 2.0 - s, discount * lives)
    elif fit.model == "bg_bb":
        alpha, beta, gamma, delta = fit.point
        left, factor = delta + states.age + 1, np.exp(-discount)
        chance = (alpha + states.frequency) / (alpha + beta + states.age)
        ahead = chance * factor * hyp2f1(1.0, left, gamma + left, factor)
    else:
        raise BadInputError(f"model: got {fit.model}, allowed: pareto_nbd, bg_bb")
    return law(fit.model).alive(fit.point, states) * ahead


def mean_between(
    fit: CustomerFit | SpendFit,
    of: Callable[[Floats], Floats],
    *,
    chance: Floats | float = 0.0,
    level: float = LEVEL,
) -> Between:
    """Return positive functions of the parameters with intervals, by the delta method in logs.

    Where the standard deviation in logs is above :data:`offtake.models.kernels.newton.FLAT`, hardly
    anything is known of a value, and the ends are NaN.

    Parameters
    ----------
    fit
        Whose parameters are uncertain.
    of
        Takes (K,) parameters, returns (M,) values.
    chance
        (M,) variance of what comes around its expectation.
    level
        Of the intervals.
    """
    value = of(fit.point)
    slope = _slope(fit.point, lambda point: np.log(np.maximum(of(point), TINY)))
    variance = np.einsum("km,kl,lm->m", slope, fit.covariance, slope)
    variance = variance + (np.sqrt(chance) / np.maximum(value, TINY)) ** 2
    return _around(value, normal_ends(level) * np.sqrt(np.maximum(variance, 0.0)), level)


def widened(
    between: Between, *more: Between, allowance: float = 0.0, level: float = LEVEL
) -> Between:
    """Return an interval that also holds further, independent uncertainty.

    Parameters
    ----------
    between
        Positive values.
    more
        The same values with intervals for something else that is uncertain.
    allowance
        Standard deviation, in logs, of anything else.
    level
        Of the intervals.

    Examples
    --------
    >>> one = Between(np.array(4.0), np.array(2.0), np.array(8.0))
    >>> [round(float(end), 2) for end in (widened(one, one).low, widened(one, one).high)]
    [1.5, 10.66]
    """
    value = np.maximum(between.value, TINY)
    squares = sum(np.log(np.maximum(each.high, TINY) / value) ** 2 for each in (between, *more))
    wide = np.sqrt(squares + (normal_ends(level) * allowance) ** 2)
    return _around(between.value, wide, level)


def _around(value: Floats, wide: Floats, level: float) -> Between:
    """Return values with ends so far off in logs; none where that tells nothing of the value."""
    told = np.where(wide > normal_ends(level) * FLAT, np.nan, wide)
    return Between(value, value * np.exp(-told), value * np.exp(told))


def chance_between(
    fit: CustomerFit, of: Callable[[Floats], Floats], value: Floats, level: float
) -> Between:
    """Return chances with intervals, by the delta method in log odds."""

    def odds(point: Floats) -> Floats:
        chance = np.clip(of(point), TINY, 1 - 1e-16)
        found: Floats = np.log(chance) - np.log1p(-chance)
        return found

    slope, middle = _slope(fit.point, odds), odds(fit.point)
    variance = np.einsum("km,kl,lm->m", slope, fit.covariance, slope)
    wide = normal_ends(level) * np.sqrt(np.maximum(variance, 0.0))
    ends = (1 / (1 + np.exp(-np.clip(middle + sign * wide, -700, 700))) for sign in (-1, 1))
    low, high = (np.where(value >= 1, 1.0, end) for end in ends)
    return Between(value, low, high)


def _slope(point: Floats, of: Callable[[Floats], Floats]) -> Floats:
    """Return the slopes of M values in the logs of K parameters, (K, M)."""
    rows = []
    for place in range(point.size):
        up, down = point.copy(), point.copy()
        up[place] *= np.exp(NUDGE)
        down[place] *= np.exp(-NUDGE)
        rows.append((of(up) - of(down)) / (2 * NUDGE))
    return np.array(rows)
