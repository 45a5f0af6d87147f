"""What shoppers do who find an item missing: how much of a lost sale comes back, and to whom."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offtake.errors import BadInputError

if TYPE_CHECKING:
    from offtake.data.store import Store, Tables

Floats = NDArray[np.float64]
EVERY_CATEGORY = "all"
PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Shares of the units missed, an assumption to be changed where a category is known better.

    Parameters
    ----------
    same_brand
        Another item of the brand, in the same store.
    other_brand
        Another brand's item, in the same store.
    other_store
        The same item, in another store.
    later
        The same item, later in the same store.
    given_up
        Nothing.

    Raises
    ------
    BadInputError
        When a share is below 0, or they do not add up to 1.

    References
    ----------
    Corsten, D. and Gruen, T. (2003). Desperately seeking shelf availability: an examination of the
    extent, the causes, and the efforts to address retail out-of-stocks. International Journal of
    Retail and Distribution Management 31, 605-617: world-wide means over packaged goods, the values
    here.

    Examples
    --------
    >>> round(Recovery().brand_loses, 2), round(Recovery().retailer_loses, 2)
    (0.35, 0.4)
    """

    same_brand: float = 0.19
    other_brand: float = 0.26
    other_store: float = 0.31
    later: float = 0.15
    given_up: float = 0.09

    def __post_init__(self) -> None:
        shares = {each.name: getattr(self, each.name) for each in fields(self)}
        for name, share in shares.items():
            if not 0 <= share <= 1:
                raise BadInputError(f"{name}: got {share}, allowed: 0 to 1")
        if abs(sum(shares.values()) - 1) > 1e-9:
            raise BadInputError(
                f"recovery: got shares that add up to {sum(shares.values()):.3f}, allowed: 1"
            )

    @property
    def brand_loses(self) -> float:
        """Share of the units missed that the brand does not sell elsewhere or later."""
        return self.other_brand + self.given_up

    @property
    def retailer_loses(self) -> float:
        """Share of the units missed in whose place the retailer sells nothing."""
        return self.other_store + self.given_up


def drawn_share(share: float, spread: float, random: np.random.Generator, draws: int) -> Floats:
    """Return draws of a share around what is assumed, (D,): beta, with a standard deviation.

    Parameters
    ----------
    share, spread
        Its mean and standard deviation. A share of 0 or 1 is taken as known.
    random, draws
        Source of random numbers, and how many.

    Examples
    --------
    >>> found = drawn_share(0.35, 0.1, np.random.default_rng(1), 10_000)
    >>> round(float(found.mean()), 2), round(float(found.std()), 2)
    (0.35, 0.1)
    """
    variance = share * (1 - share)
    if variance < 1e-9 or spread == 0:
        return np.full(draws, share)
    weight = max(variance / spread**2 - 1, 0.1)
    return random.beta(share * weight, (1 - share) * weight, draws)


def loaded_recovery(store: Store, tables: Tables, category: str) -> Recovery | None:
    """Return what is loaded for a category, or else for all of them; None where nothing is.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    """
    table = tables["stockout_response"]
    rows = store.run(table.filter(table.category.isin([category, EVERY_CATEGORY]))).to_pylist()
    for name in (category, EVERY_CATEGORY):
        for row in rows:
            if row["category"] == name:
                shares = {each.name: row[each.name] / PERCENT for each in fields(Recovery)}
                # The contract lets a tenth of a percent be rounded away.
                total = sum(shares.values())
                return Recovery(**{each: share / total for each, share in shares.items()})
    return None
