"""What every customer-base model answers, so that one fit and one forecast serve them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.customer_states import CustomerStates
from offtake.models.kernels.newton import Valued

CustomerModel = Literal["nbd", "bg_nbd", "mbg_nbd", "pareto_nbd", "bg_bb"]
CUSTOMER_MODELS: tuple[CustomerModel, ...] = get_args(CustomerModel)

SMALLEST, LARGEST = 1e-5, 1e5
"""Limits of parameters; of those that are times, in mean ages of customers."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What customers do in a time to come if they are still customers.

    Parameters
    ----------
    mean
        (N,) expected purchases.
    square
        (N,) expected square of the purchases.
    """

    mean: Floats
    square: Floats


class Law(Protocol):
    """A model of how customers buy and leave."""

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters, in the order of every array of them."""

    @property
    def times(self) -> tuple[str, ...]:
        """Those of them that are times."""

    @property
    def starts(self) -> tuple[tuple[float, ...], ...]:
        """Parameters to start a search from; times in mean ages of customers."""

    def each(self, point: Floats, states: CustomerStates) -> Floats:
        """Return the log-likelihood of every kind of customer, (N,)."""

    def likelihood(self, states: CustomerStates) -> Callable[[Floats], Valued]:
        """Return the log-likelihood of all customers, with derivatives, as a function."""

    def alive(self, point: Floats, states: CustomerStates) -> Floats:
        """Return how likely every kind of customer still is one, (N,)."""

    def ahead(self, point: Floats, states: CustomerStates, horizon: float) -> Ahead:
        """Return what every kind of customer buys within a horizon if still a customer."""
