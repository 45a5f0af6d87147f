"""What is asked about how buyers were won, and the rules that tell kinds of buyers apart."""

from __future__ import annotations

from dataclasses import dataclass

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.shoppers.won_rows import GROUPINGS

LEVEL = 0.8
"""Level of all intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WonSpec:
    """What is asked about how buyers were won.

    Parameters
    ----------
    by
        ``brand`` or ``manufacturer``: what households are won for.
    least
        First-time buyers, won by a trigger and won at full price each, from which a group's own
        difference is worked out; below it, what other groups show stands in.
    scale
        Scale of the prior of how much differences vary between groups, as a share of buyers.
    loyal
        Share of requirements from which a buyer is loyal.
    loading_units
        A pantry loader buys so many times as much of the category on days on which the group was
        bought on deal as on other days ...
    loading_wait
        ... and then waits so many times as long before buying of the category again.
    loading_days
        Days of either kind that it takes to tell.
    shuffles
        Times that days are dealt out again by chance, to count those who would be called pantry
        loaders without being any.
    seed
        Of the random numbers.

    Raises
    ------
    UnknownNameError
        When the grouping is another.
    BadInputError
        When a number is out of its range.

    Examples
    --------
    >>> WonSpec(by="manufacturer").loyal
    0.5
    """

    by: str = "brand"
    least: int = 5
    scale: float = 0.1
    loyal: float = 0.5
    loading_units: float = 1.5
    loading_wait: float = 1.25
    loading_days: int = 3
    shuffles: int = 20
    seed: int = 1

    def __post_init__(self) -> None:
        if self.by not in GROUPINGS:
            raise UnknownNameError("grouping of items", self.by, GROUPINGS)
        for name, low, high in (
            ("least", 2, 10**6), ("scale", 1e-6, 1.0), ("loyal", 0.01, 1.0),
            ("loading_units", 1.0, 100.0), ("loading_wait", 1.0, 100.0),
            ("loading_days", 1, 10**4), ("shuffles", 0, 10**4),
        ):  # fmt: skip
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")
