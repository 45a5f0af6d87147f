"""Households and their purchases as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.shoppers.households import Households


@dataclass(frozen=True, slots=True)
class Shoppers:
    """H households that are worked on together.

    Parameters
    ----------
    number
        (H,) numbers among all households.
    place
        (H,) place of each one's store in the block.
    main_day
        (H,) usual shopping day.
    rate, preference
        (H, C) and (H, N), as in :class:`~offtake.twin.shoppers.households.Households`.
    """

    number: Ints
    place: Ints
    main_day: Ints
    rate: Floats
    preference: Floats

    @property
    def count(self) -> int:
        """How many households."""
        return len(self.number)


def shoppers_of(households: Households, number: Ints, place: Ints) -> Shoppers:
    """Take the households numbered `number`, in stores at `place` of the block."""
    return Shoppers(
        number,
        place,
        households.main_day[number],
        households.rate[number],
        households.preference[number],
    )


@dataclass(frozen=True, slots=True)
class Lines:
    """N purchases of one item each.

    Parameters
    ----------
    household
        (N,) place of the household among its :class:`Shoppers`.
    brand, item
        (N,) numbers in the world.
    day
        (N,) days from the first Monday.
    units
        (N,) units bought.
    regular, paid
        (N,) price of one unit, money.
    display, leaflet
        (N,) whether the item stood on a display that day, and whether it was in the leaflet.
    identity
        (N,) number that belongs to this purchase alone.
    """

    household: Ints
    brand: Ints
    item: Ints
    day: Ints
    units: Ints
    regular: Floats
    paid: Floats
    display: Bools
    leaflet: Bools
    identity: Ints

    @property
    def count(self) -> int:
        """How many purchases."""
        return len(self.household)

    def take(self, which: Ints | Bools) -> Lines:
        """Return some of the purchases, or all of them in another order."""
        return Lines(*(getattr(self, name)[which] for name in Lines.__slots__))


def joined(parts: Sequence[Lines]) -> Lines:
    """Put purchases one after the other."""
    return Lines(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Lines))
    )


def starts(key: Ints) -> Bools:
    """Return where a new group begins in sorted keys.

    Examples
    --------
    >>> starts(np.array([4, 4, 7])).tolist()
    [True, False, True]
    """
    new = np.ones(len(key), dtype=bool)
    new[1:] = key[1:] != key[:-1]
    return new
