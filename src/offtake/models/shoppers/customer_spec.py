"""What is asked of a customer base: whose customers, how far ahead, what a purchase is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.kernels.customer_law import CUSTOMER_MODELS, CustomerModel

CustomerUnit = Literal["day", "week"]
CustomersOf = Literal["brand", "manufacturer"]
UNITS: tuple[CustomerUnit, ...] = get_args(CustomerUnit)
GROUPINGS: tuple[CustomersOf, ...] = get_args(CustomersOf)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSpec:
    """What is asked of a category's customer bases.

    Parameters
    ----------
    by
        Whose customers: of each ``brand``, or of each ``manufacturer``.
    unit
        Purchases on one ``day`` (or in one ``week``) count once; times are counted in days (or
        whole weeks) and told in weeks. ``bg_bb`` always counts weeks.
    models
        To be tried. Of those that count alike, one is chosen; ``bg_bb`` stands beside them, and is
        chosen where it is the only one.
    holdout
        Share of the weeks, the last ones, that models must forecast before they are chosen.
    horizon
        Weeks ahead for which purchases are forecast.
    lifetime_weeks
        Weeks ahead over which a customer is worth something.
    discount
        What a year takes off money to come, as a share: 0.1 is ten per cent.
    margin
        Share of the value that is earned; None tells retail value.
    listed
        Names whose customers are told one by one; the three largest where none is given.
    most_listed
        Customers told at most of each name, those worth most.
    most_names
        Names at most, those with most customers.
    least_repeaters
        Customers who bought again, below which no model is fitted.

    Raises
    ------
    BadInputError
        When a number is out of range or no model is asked for.
    UnknownNameError
        When a name is none of those allowed.

    Examples
    --------
    >>> CustomerSpec(by="brand", horizon=26).horizon
    26
    """

    by: CustomersOf = "manufacturer"
    unit: CustomerUnit = "day"
    models: tuple[CustomerModel, ...] = CUSTOMER_MODELS
    holdout: float = 1 / 3
    horizon: int = 13
    lifetime_weeks: int = 156
    discount: float = 0.1
    margin: float | None = None
    listed: tuple[str, ...] = ()
    most_listed: int = 20_000
    most_names: int = 30
    least_repeaters: int = 30

    def __post_init__(self) -> None:
        for name, low, high in (
            ("holdout", 0.05, 0.8), ("horizon", 1, 520), ("lifetime_weeks", 1, 2600),
            ("discount", 0.0, 10.0), ("most_listed", 0, 10**7), ("most_names", 1, 10**5),
            ("least_repeaters", 5, 10**9), ("margin", 0.0, 1.0),
        ):  # fmt: skip
            got = getattr(self, name)
            if got is not None and not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")
        if not self.models:
            raise BadInputError(f"models: got none, allowed: some of {', '.join(CUSTOMER_MODELS)}")
        for kind, got, allowed in (
            ("grouping of customers", self.by, GROUPINGS), ("unit of purchases", self.unit, UNITS),
            *(("customer model", each, CUSTOMER_MODELS) for each in self.models),
        ):  # fmt: skip
            if got not in allowed:
                raise UnknownNameError(kind, got, allowed)
