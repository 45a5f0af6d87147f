"""What counts as a gap, for which reasons, and what closing it is worth: stated assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Literal, get_args

from offtake.errors import BadInputError
from offtake.models.availability.recovery import Recovery
from offtake.models.availability.similar import DIMENSIONS, NEIGHBOURS
from offtake.models.availability.stopping import StoppingSpec

Reason = Literal["listed_not_selling", "listed_never_sold", "lost", "void"]
REASONS: tuple[Reason, ...] = get_args(Reason)
MEANINGS: Mapping[Reason, str] = MappingProxyType({
    "listed_not_selling": "on the list and sold before, nothing in the latest weeks",
    "listed_never_sold": "on the list, but never sold since it was listed",
    "lost": "sold before and has stopped for good, though nobody took it off the list",
    "void": "not on the list or never sold, but similar stores sell it",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingShares:
    """Share of gaps and empty shelves that a visit or call closes: an assumption, to be replaced.

    No public figures are known to us; these are round numbers to start from. What the field's own
    visits close should take their place.

    Parameters
    ----------
    listed_not_selling
        The store has agreed to the item and sold it: often an order, a label or a place is all.
    listed_never_sold
        The store has agreed, but never took it in: there may be no place for it.
    lost
        Somebody gave the place to something else, and must be won back. Also for an empty shelf
        whose item looks gone.
    void
        Nothing is agreed: the item must be sold to the store, or to its head office.
    phantom_stock
        An empty shelf whose record says that it is there: counted, and the record put right.
    store
        An empty shelf in one store: filled from the back, or ordered.
    promotion
        One that ran empty on promotion: filled from the back, or there is no more.
    supply
        One of many at once: a store can do little about it.

    Raises
    ------
    BadInputError
        When a share is not within 0 and 1.

    Examples
    --------
    >>> ClosingShares(void=0.1).of("void")
    0.1
    """

    listed_not_selling: float = 0.6
    listed_never_sold: float = 0.5
    lost: float = 0.4
    void: float = 0.15
    phantom_stock: float = 0.7
    store: float = 0.5
    promotion: float = 0.3
    supply: float = 0.1

    def __post_init__(self) -> None:
        for each in fields(self):
            got = getattr(self, each.name)
            if not 0 <= got <= 1:
                raise BadInputError(f"{each.name}: got {got}, allowed: 0 to 1")

    def of(self, reason: str) -> float:
        """Return the share for the reason of a gap, or the guessed cause of an alarm."""
        return float(getattr(self, "lost" if reason == "gone" else reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class GapSpec:
    """What counts as a gap, and what closing it is worth.

    Parameters
    ----------
    settle
        Weeks that a new listing may take to reach the shelf.
    least_share
        Share of similar stores that must sell an item for its absence from a store to be a void.
    least_probability
        Gaps less likely than this are not told.
    least_units
        Nor those that are expected to miss fewer units over the horizon.
    closing
        Share of gaps that a visit or call closes.
    recovery
        What shoppers do who find the item missing: the brand gains what they do not already buy of
        it elsewhere or later.
    horizon
        Weeks over which a closed gap is worth something.
    neighbours, dimensions
        How similar stores are found, see :mod:`offtake.models.availability.similar`.
    stopping
        What is assumed of sales that cease.

    Raises
    ------
    BadInputError
        When a number is out of range.

    Examples
    --------
    >>> GapSpec(closing=ClosingShares(lost=0.5), horizon=26).closing.of("lost")
    0.5
    """

    settle: int = 4
    least_share: float = 0.5
    least_probability: float = 0.1
    least_units: float = 1.0
    closing: ClosingShares = field(default_factory=ClosingShares)
    recovery: Recovery = field(default_factory=Recovery)
    horizon: int = 13
    neighbours: int = NEIGHBOURS
    dimensions: int = DIMENSIONS
    stopping: StoppingSpec = field(default_factory=StoppingSpec)

    def __post_init__(self) -> None:
        for name, low, high in (
            ("settle", 0, 52), ("least_share", 0.0, 1.0), ("least_probability", 0.0, 1.0),
            ("least_units", 0.0, 1e9), ("horizon", 1, 520), ("neighbours", 1, 1000),
            ("dimensions", 1, 1000),
        ):  # fmt: skip
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")
