"""How a brand funnel is smoothed."""

from __future__ import annotations

from dataclasses import dataclass

from offtake.errors import BadInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelSpec:
    """What is assumed, and how much is drawn.

    Parameters
    ----------
    draws
        Draws of every path, from which shares and their intervals follow.
    seed
        Of the draws.
    back
        Weeks ago with which the latest wave is compared.
    physical_weeks
        Latest weeks over which distribution is measured.
    house_spread
        Prior sd, in logits, of how much more readily people say yes to a house.
    level_spread
        Prior sd, in logits, of a brand's first wave around the category's mean.
    close
        Points within which a share in heads and a share in stores count as balanced.
    full
        Weighted distribution, in percent, from which there are hardly any stores left to win.
    sure
        Probability from which something is said as a finding.
    households
        Households in the country, to put people lost in numbers; None leaves them per hundred.

    Raises
    ------
    BadInputError
        When a number is out of its limits.
    """

    draws: int = 800
    seed: int = 1
    back: tuple[int, ...] = (13, 26, 52)
    physical_weeks: int = 13
    house_spread: float = 0.5
    level_spread: float = 2.0
    close: float = 2.0
    full: float = 95.0
    sure: float = 0.8
    households: float | None = None

    def __post_init__(self) -> None:
        limits = {
            "draws": (50, 100_000), "seed": (0, 2**63 - 1), "physical_weeks": (1, 520),
            "house_spread": (0.01, 5.0), "level_spread": (0.1, 10.0), "close": (0.0, 50.0),
            "full": (1.0, 100.0), "sure": (0.5, 0.999),
        }  # fmt: skip
        for name, (low, high) in limits.items():
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")
        if any(weeks < 1 for weeks in self.back):
            raise BadInputError(f"back: got {self.back}, allowed: weeks, 1 or more each")
        if self.households is not None and self.households <= 0:
            raise BadInputError(f"households: got {self.households}, allowed: above 0")
