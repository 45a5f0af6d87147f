"""What customers are worth: purchases to come, times what they spend, less what waiting costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.customer_fit import CustomerFit
from offtake.models.kernels.customer_forecast import (
    Between,
    customers_between,
    discounted,
    mean_between,
    outlook,
    totals_between,
    widened,
)
from offtake.models.kernels.customer_spend import (
    Independence,
    SpendFit,
    expected_spend,
    fit_spend,
    independence,
)
from offtake.models.kernels.customer_states import CustomerStates, counted
from offtake.models.shoppers.customer_query import Histories
from offtake.models.shoppers.customer_spec import CustomerSpec

WEEKS = 52.1775
"""In a year."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What the N customers of a name spend at a purchase.

    Parameters
    ----------
    fit
        The Gamma-Gamma model.
    expected
        (N,) spend expected at a later purchase.
    mean, purchases
        (N,) what it was so far.
    independence
        How it hangs together with how often customers buy.
    """

    fit: SpendFit
    expected: Floats
    mean: Floats
    purchases: Floats
    independence: Independence


@dataclass(frozen=True, slots=True)
class Worth:
    """What the N customers of a name are worth; totals first, with intervals.

    Parameters
    ----------
    alive, purchases
        Customers that still are, and what they buy within the horizon.
    value
        Of those purchases; None where spend is not known.
    lifetime_purchases, lifetime_value
        Discounted, over the lifetime that is looked at.
    each_alive, each_purchases
        (N,) the same by customer.
    each_lifetime
        (N,) discounted purchases.
    """

    alive: Between
    purchases: Between
    value: Between | None
    lifetime_purchases: Between
    lifetime_value: Between | None
    each_alive: Between
    each_purchases: Between
    each_lifetime: Floats


def spending(found: Histories) -> Spending | None:
    """Fit what customers spend at a purchase; None where too few are known to spend anything."""
    purchases = found.purchases.astype(np.float64)
    mean = found.value / purchases
    paid = mean > 0
    if paid.sum() < 3:
        return None
    fit = fit_spend(mean[paid], purchases[paid])
    expected = expected_spend(fit.point, mean, purchases)
    if not fit.converged or not np.isfinite(expected).all():
        return None
    return Spending(fit, expected, mean, purchases, independence(mean[paid], purchases[paid]))


def worth(
    fit: CustomerFit,
    states: CustomerStates,
    spend: Spending | None,
    spec: CustomerSpec,
    *,
    allowance: float = 0.0,
) -> Worth:
    """Return what customers will buy and are worth.

    Parameters
    ----------
    fit
        How they buy.
    states
        (N,) customers, one by one.
    spend
        What they spend.
    spec
        How far ahead, and what money to come is worth.
    allowance
        By how much totals of purchases may be off for what moves all customers at once, as a
        standard deviation in logs.
    """
    kinds, place = counted(states)
    alive, purchases = totals_between(fit, kinds, spec.horizon)
    still, mean = customers_between(fit, kinds, spec.horizon)
    discount = float(np.log1p(spec.discount)) / WEEKS
    life = discounted(fit, kinds, spec.lifetime_weeks, discount=discount)

    def lifetime(point: Floats, weight: Floats) -> Floats:
        found = discounted(
            replace(fit, point=point), kinds, spec.lifetime_weeks, discount=discount
        )  # fmt: skip
        return np.array([found @ kinds.customers, found @ weight])

    paid = np.zeros(place.size) if spend is None else spend.expected
    weight: Floats = np.bincount(place, paid).astype(np.float64)
    value = None
    if spend is not None:
        value = _value(fit, kinds, place, spend, spec)
    chance = _lifetime_chance(fit, kinds, place, spend, spec, life)
    both = mean_between(fit, lambda point: lifetime(point, weight), chance=chance)
    count, money = (Between(*(each[i] for each in (both.value, both.low, both.high)))
                    for i in (0, 1))  # fmt: skip
    rate = 1.0 if spec.margin is None else spec.margin
    if spend is not None:
        money = widened(money, _of_spend(spend, life[place]), allowance=allowance)
    return Worth(
        alive,
        widened(purchases, allowance=allowance),
        None if value is None else _times(widened(value, allowance=allowance), rate),
        widened(count, allowance=allowance),
        None if spend is None else _times(money, rate),
        _at(still, place),
        _at(mean, place),
        life[place],
    )


def _lifetime_chance(
    fit: CustomerFit,
    kinds: CustomerStates,
    place: np.ndarray,
    spend: Spending | None,
    spec: CustomerSpec,
    life: Floats,
) -> Floats:  # fmt: skip
    """Return the variance, by chance alone, of lifetime purchases and of what they come to.

    Discounting takes as much off the spread of a customer's purchases as off their mean.
    """
    ever = outlook(fit, kinds, spec.lifetime_weeks)
    taken = np.divide(life, ever.mean, out=np.zeros_like(life), where=ever.mean > 0)
    spread = ever.variance * taken**2
    paid = np.zeros(place.size) if spend is None else spend.expected
    squared = np.bincount(place, paid**2)
    at_once = 0.0 if spend is None else life * taken / spend.fit.point[0]
    return np.array([spread @ kinds.customers, (spread + at_once) @ squared])


def _value(
    fit: CustomerFit,
    kinds: CustomerStates,
    place: np.ndarray,
    spend: Spending,
    spec: CustomerSpec,
) -> Between:  # fmt: skip
    """Return what customers pay within the horizon, with what chance does to it."""
    weight = np.bincount(place, spend.expected)
    squared = np.bincount(place, spend.expected**2)
    now = outlook(fit, kinds, spec.horizon)
    chance = now.variance @ squared + now.mean @ squared / spend.fit.point[0]

    def of(point: Floats) -> Floats:
        return np.array([outlook(replace(fit, point=point), kinds, spec.horizon).mean @ weight])

    bought = mean_between(fit, of, chance=chance)
    return _first(widened(bought, _of_spend(spend, now.mean[place])))


def _of_spend(spend: Spending, purchases: Floats) -> Between:
    """Return the value of purchases, with the uncertainty of what is spent at one."""

    def of(point: Floats) -> Floats:
        return np.array([purchases @ expected_spend(point, spend.mean, spend.purchases)])

    return mean_between(spend.fit, of)


def _first(between: Between) -> Between:
    return Between(between.value[0], between.low[0], between.high[0])


def _times(between: Between, rate: float) -> Between:
    return Between(
        *(
            np.asarray(end).reshape(-1)[0] * rate
            for end in (between.value, between.low, between.high)
        )
    )


def _at(between: Between, place: np.ndarray) -> Between:
    return Between(between.value[place], between.low[place], between.high[place])
