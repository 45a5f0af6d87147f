"""What customer-base models need to know of customers: how often, how recently, since when.

Customers with the same three numbers count together, so that a million of them are a few thousand
rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, Integers, codes, vector

MOST = 10**7
"""Repeat purchases of one customer beyond which something is wrong."""


@dataclass(frozen=True, slots=True)
class CustomerStates:
    """N kinds of customer.

    Parameters
    ----------
    frequency
        (N,) repeat purchases: all but the first.
    recency
        (N,) time from the first purchase to the last; 0 where there was no repeat.
    age
        (N,) time from the first purchase to the end of what is observed.
    customers
        (N,) how many customers there are of each kind.
    """

    frequency: Integers
    recency: Floats
    age: Floats
    customers: Floats

    @property
    def size(self) -> int:
        """N."""
        return self.frequency.size


def customer_states(
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    customers: ArrayLike | None = None,
) -> CustomerStates:
    """Check what is known of customers; the order stays.

    Parameters
    ----------
    frequency
        (N,) repeat purchases, integers.
    recency, age
        (N,) times since the first purchase, in any unit: of the last purchase, and of the end.
    customers
        (N,) customers of each kind; 1 each where it is not given.

    Raises
    ------
    BadInputError
        When shapes disagree or nothing like it can happen: a repeat without time, a last purchase
        after the end, fewer than 0 customers.

    Examples
    --------
    >>> customer_states([2, 0], [30.4, 0.0], [38.9, 38.9]).customers.tolist()
    [1.0, 1.0]
    """
    ages = vector("age", age)
    recent = vector("recency", recency, ages.size)
    count = codes("frequency", frequency, ages.size)
    if count.max(initial=0) > MOST:
        raise BadInputError(f"frequency: got {count.max()}, allowed: 0 to {MOST}")
    many = np.ones(ages.size) if customers is None else vector("customers", customers, ages.size)
    _demand("recency", recent, (recent < 0) | (recent > ages), "0 to the age of the customer")
    _demand("recency", recent, (count == 0) & (recent > 0), "0 where nothing was bought again")
    _demand("customers", many, many < 0, "numbers of at least 0")
    return CustomerStates(count, recent, ages, many)


def counted(states: CustomerStates) -> tuple[CustomerStates, Integers]:
    """Count customers with the same numbers together.

    Returns
    -------
    tuple
        The distinct kinds, in order of frequency, recency and age; and (N,) the place among them
        of each given one.

    Examples
    --------
    >>> kinds, place = counted(customer_states([0, 1, 0], [0, 2, 0], [5, 5, 5]))
    >>> kinds.customers.tolist(), place.tolist()
    ([2.0, 1.0], [0, 1, 0])
    """
    order = np.lexsort((states.age, states.recency, states.frequency))
    count, recency, age = states.frequency[order], states.recency[order], states.age[order]
    new = np.ones(order.size, bool)
    if order.size:
        new[1:] = np.any([each[1:] != each[:-1] for each in (count, recency, age)], axis=0)
    place = np.empty(order.size, np.int64)
    place[order] = np.cumsum(new) - 1
    weight = np.bincount(place, states.customers, minlength=int(new.sum())).astype(np.float64)
    return CustomerStates(count[new], recency[new], age[new], weight), place


def _demand(name: str, values: Floats, wrong: np.ndarray, allowed: str) -> None:
    if np.any(wrong):
        raise BadInputError(f"{name}: got {values[wrong][0]:g}, allowed: {allowed}")
