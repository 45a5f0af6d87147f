"""What is asked of the availability model: how demand wanders, how alarms are given."""

from __future__ import annotations

from dataclasses import dataclass, field

from offtake.errors import BadInputError
from offtake.models.availability.recovery import Recovery


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilitySpec:
    """How shelves are watched.

    Parameters
    ----------
    rounds
        Most rounds of estimating demand and states in turn.
    memory
        Days after which what sold counts for 1 / e in the level of a store-item around its mean.
    drift
        Relative standard deviation of that level: how far a store-item's demand wanders.
    false_alarms
        Share of the alarms given that may be false, expected. A longer list has more of them.
    usual
        Share of shopping that usually misses an item: what of it is not found, where nothing is
        recorded, is taken for gaps too short to show. 8.3 % by Gruen and others (2002).
    form
        Relative standard error of all that was lost where nothing is recorded, beyond what is
        drawn: the model is not the market. As large as in simulated ones; far less where time on
        the shelf is recorded.
    recovery
        What shoppers do who find the item missing.
    recovery_spread
        Standard deviation of what the brand, and the retailer, loses of it: four categories of the
        source, of which the brand loses 26 to 50 %, lie that far apart.
    draws
        Paths drawn for intervals of lost sales.
    seed
        Of the draws.

    Raises
    ------
    BadInputError
        When a number is out of range.

    References
    ----------
    Gruen, T. W., Corsten, D. S. and Bharadwaj, S. (2002). Retail out-of-stocks: a worldwide
    examination of extent, causes and consumer responses. Grocery Manufacturers of America.

    Examples
    --------
    >>> AvailabilitySpec(false_alarms=0.1).false_alarms
    0.1
    """

    rounds: int = 8
    memory: float = 10.0
    drift: float = 0.2
    false_alarms: float = 0.2
    usual: float = 0.083
    form: float = 0.15
    recovery: Recovery = field(default_factory=Recovery)
    recovery_spread: float = 0.1
    draws: int = 200
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("rounds", 1, 100), ("memory", 1.0, 1000.0), ("drift", 0.01, 2.0),
            ("false_alarms", 0.001, 0.9), ("usual", 0.0, 0.4), ("form", 0.0, 1.0),
            ("recovery_spread", 0.0, 0.5), ("draws", 20, 10_000), ("seed", 0, 2**63),
        ):  # fmt: skip
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")
