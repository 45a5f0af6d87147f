"""What world is asked for: its size, its seed, and which effects are switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from offtake.data.contracts.contract import WEEKS
from offtake.errors import BadInputError, UnknownNameError

Effect = Literal[
    "regular_price",
    "promoted_price",
    "display",
    "feature",
    "display_feature",
    "cannibalisation",
    "switching",
    "stockpiling",
    "media",
    "season",
    "holidays",
    "trend",
    "competitor_actions",
    "distribution_changes",
    "out_of_stock",
    "selective_execution",
    "campaigns",
]
EFFECTS: tuple[Effect, ...] = get_args(Effect)
Detail = Literal["events", "rows"]
DETAILS: tuple[Detail, ...] = get_args(Detail)

_LIMITS: Mapping[str, tuple[int, int]] = {
    "stores": (5, 200_000),
    "weeks": (8, 1040),
    "seed": (0, 2**63 - 1),
    "items": (6, 2_000),
    "households": (0, 10_000_000),
    "respondents": (0, 1_000_000),
    "stock_weeks": (0, 1040),
    "campaign_every": (0, 520),
}


def _near(day: date) -> bool:
    """Whether a day is far enough from the end of the calendar to count weeks from it."""
    return day <= WEEKS[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinSpec:
    """A world to be made. The same spec gives the same bytes on one machine.

    Parameters
    ----------
    stores, weeks, seed
        Size and seed.
    items
        Items in each category, ours and competitors'.
    categories
        Names as calibrated; empty takes all of them.
    households
        Households in the panel.
    respondents
        People asked in each wave of the brand survey (a wave is four weeks).
    stock_weeks
        How many of the last weeks have daily stock records (of our items).
    first_week
        Monday of the first week.
    daily
        Whether sales are by day; else by week. The weeks are the same.
    without
        Effects switched off; every other draw stays as it is.
    heterogeneity
        Scale of the calibrated spread of responses between items: 0 gives every item of a
        category the same response.
    campaign_every
        Weeks from the start of one household campaign to the next; 0 takes the assumed ones.
    truth
        ``events``: truth by item, event, outage, region; ``rows``: also by store, item and week,
        and the total of every effect by switching it off.

    Raises
    ------
    BadInputError
        When a size is out of its limits, the first week does not begin on a Monday or the last is
        beyond the calendar, or a category is named twice.
    UnknownNameError
        When `without` or `truth` names what does not exist.

    Examples
    --------
    >>> TwinSpec(stores=10, weeks=52, seed=7).cells(categories=10)
    62400
    """

    stores: int = 100
    weeks: int = 104
    seed: int = 7
    items: int = 12
    categories: tuple[str, ...] = ()
    households: int = 1000
    respondents: int = 400
    stock_weeks: int = 8
    first_week: date = date(2024, 1, 1)
    daily: bool = False
    without: frozenset[Effect] = frozenset()
    heterogeneity: float = 1.0
    campaign_every: int = 0
    truth: Detail = "events"

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")
        if self.first_week.weekday() != 0:
            raise BadInputError(f"first_week: got {self.first_week}, allowed: a Monday")
        last = self.first_week + timedelta(weeks=self.weeks - 1) if _near(self.first_week) else None
        if last is None or not WEEKS[0] <= self.first_week <= last <= WEEKS[1]:
            raise BadInputError(
                f"first_week: got {self.first_week} and {self.weeks} weeks, allowed: weeks from "
                f"{WEEKS[0]} to {WEEKS[1]}"
            )
        if len(set(self.categories)) < len(self.categories):
            raise BadInputError(f"categories: got {', '.join(self.categories)}, allowed: each once")
        if not 0.0 <= self.heterogeneity <= 3.0:
            raise BadInputError(f"heterogeneity: got {self.heterogeneity}, allowed: 0 to 3")
        for effect in self.without:
            if effect not in EFFECTS:
                raise UnknownNameError("effect", effect, EFFECTS)
        if self.truth not in DETAILS:
            raise UnknownNameError("truth", self.truth, DETAILS)

    def has(self, effect: Effect) -> bool:
        """Whether an effect is part of the world."""
        return effect not in self.without

    def cells(self, categories: int) -> int:
        """Count store x item x week cells, sold or not."""
        return self.stores * self.items * self.weeks * categories

    def as_words(self) -> dict[str, object]:
        """Return the spec as JSON can carry it."""
        words = asdict(self)
        words["first_week"] = self.first_week.isoformat()
        words["without"] = sorted(self.without)
        words["categories"] = list(self.categories)
        return words
