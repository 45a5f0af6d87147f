"""How the norms of buying are asked for: stated choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from offtake.errors import BadInputError, UnknownNameError
from offtake.measures.baskets import HOUSEHOLD_DIMENSIONS, is_item

Weights = Literal["household", "equal"]
Method = Literal["zeros", "likelihood"]
Switch = Literal["penetrations", "likelihood"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NormSpec:
    """What is compared, over which weeks, and how the market is fitted.

    Parameters
    ----------
    by
        What counts as a brand: a grouping of items, such as ``brand`` or ``manufacturer``.
    period
        Weeks, as measures take them; unless given, the latest 52, or all where fewer are loaded.
    where
        Further filters on stores, households and parts of the category.
    weights
        ``household``: each counts as the households it stands for; ``equal``: as one.
    exponent
        How K is fitted: ``likelihood`` by how often all households bought; ``zeros`` by the share
        that never did, so that the category's penetration is met, as in most published norms.
    switching
        How S is fitted: ``penetrations`` so that those of the brands add up; ``likelihood`` by how
        often every household bought every brand.
    least_buyers
        Brands with fewer buying households are taken together as other brands.
    false_discoveries
        Share of false ones that is accepted among the deviations told.
    least_deviation
        Deviations that are smaller, relative to the norm, are not told however sure they are: in a
        large panel everything is.

    Raises
    ------
    UnknownNameError
        When a choice does not exist.
    BadInputError
        When a number is out of range.

    Examples
    --------
    >>> NormSpec(by="manufacturer", period="2017").least_buyers
    50
    """

    by: str = "brand"
    period: str | None = None
    where: tuple[str, ...] = ()
    weights: Weights = "household"
    exponent: Method = "likelihood"
    switching: Switch = "penetrations"
    least_buyers: int = 50
    false_discoveries: float = 0.05
    least_deviation: float = 0.05

    def __post_init__(self) -> None:
        items = sorted(filter(is_item, HOUSEHOLD_DIMENSIONS))
        for name, allowed in (
            ("by", items), ("weights", get_args(Weights)), ("exponent", get_args(Method)),
            ("switching", get_args(Switch)),
        ):  # fmt: skip
            if getattr(self, name) not in allowed:
                raise UnknownNameError(f"{name} of norms", getattr(self, name), allowed)
        if self.least_buyers < 1:
            raise BadInputError(f"least_buyers: got {self.least_buyers}, allowed: 1 and more")
        for name, low in (("false_discoveries", 1e-9), ("least_deviation", 0.0)):
            got = getattr(self, name)
            if not low <= got < 1:
                raise BadInputError(f"{name}: got {got}, allowed: {low:g} and more, below 1")
