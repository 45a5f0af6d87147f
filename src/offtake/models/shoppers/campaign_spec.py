"""How campaigns to chosen households are judged: windows, comparisons, and what is too little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from offtake.errors import BadInputError, UnknownNameError

Trend = Literal["proportional", "parallel"]
TRENDS: tuple[Trend, ...] = ("proportional", "parallel")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSpec:
    """How campaigns are judged.

    Parameters
    ----------
    after
        Weeks after a campaign's last day that are still counted.
    history
        Weeks before its start that are looked at, at most.
    least_history
        Weeks before its start without which it cannot be judged: half of them to compare with, half
        to know the households by.
    reference
        Weeks right before the start that purchases are compared with, at most.
    trend
        Without the campaign, purchases of the contacted would have moved in the same ratio
        (``proportional``) or by the same amount (``parallel``) as those of comparable households.
    least_contacted
        Contacted households with comparable ones beside them, without which it cannot be judged.
    least_controls
        Comparable households (effective number) without which it cannot be judged.
    least_units
        Units of the products, bought or to be expected, without which it cannot be judged.
    most_certain
        Contacted households whose contact was surer than this have nobody to compare with.
    control_categories
        Categories without any of the campaign's products that are tested for an effect, at most.
    level
        Chance that an interval holds what is estimated.
    draws, seed
        Of random signs for bands over weeks.

    Raises
    ------
    BadInputError
        When a number is out of range.
    UnknownNameError
        When there is no such trend.

    Examples
    --------
    >>> CampaignSpec(after=8).after
    8
    """

    after: int = 4
    history: int = 26
    least_history: int = 8
    reference: int = 13
    trend: Trend = "proportional"
    least_contacted: int = 40
    least_controls: float = 60.0
    least_units: float = 20.0
    most_certain: float = 0.9
    control_categories: int = 30
    level: float = 0.8
    draws: int = 1000
    seed: int = 7

    def __post_init__(self) -> None:
        for name, low, high in (
            ("after", 0, 52), ("history", 8, 260), ("least_history", 8, 260), ("reference", 4, 52),
            ("least_contacted", 10, 10**9), ("least_controls", 10, 1e9), ("least_units", 1, 1e9),
            ("most_certain", 0.5, 1.0), ("control_categories", 0, 1000), ("draws", 100, 10**6),
            ("seed", 0, 2**63 - 1),
        ):  # fmt: skip
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")
        if not 0 < self.level < 1:
            raise BadInputError(f"level: got {self.level}, allowed: between 0 and 1")
        if self.trend not in TRENDS:
            raise UnknownNameError("trend", self.trend, TRENDS)


@dataclass(frozen=True, slots=True)
class Windows:
    """Weeks of a campaign as places in an array that begins `history` weeks before its start.

    Parameters
    ----------
    history, running, after
        Weeks before the start, while it runs, and after it that are counted.
    reference
        Weeks right before the start that purchases are compared with; those before them tell what
        kind of household it is.
    fading
        Weeks after its last day in which any campaign may still act.
    placebo
        Weeks by which the start is put before the true one.
    """

    history: int
    running: int
    after: int
    reference: int
    fading: int = 4
    placebo: int = 0

    @property
    def weeks(self) -> int:
        """Weeks in all."""
        return self.history + self.post

    @property
    def post(self) -> int:
        """Weeks from the start on."""
        return self.running + self.after

    @property
    def known(self) -> slice:
        """The weeks that households are known by."""
        return slice(0, self.history - self.reference)

    @property
    def before(self) -> slice:
        """The weeks that purchases are compared with."""
        return slice(self.history - self.reference, self.history)

    def period(self, name: str) -> slice:
        """Return the weeks of ``during``, ``after`` or ``total``."""
        start, stop = {
            "during": (0, self.running),
            "after": (self.running, self.post),
            "total": (0, self.post),
        }[name]
        return slice(self.history + start, self.history + stop)

    def shifted(self, back: int) -> Windows:
        """Return a placebo that starts `back` weeks sooner and ends before the true start."""
        history = self.history - back
        reference = reference_weeks(history, back, self.reference)
        return Windows(history, back, 0, reference, self.fading, self.placebo + back)


def reference_weeks(history: int, post: int, most: int) -> int:
    """Return how many weeks before the start to compare with: as many as after it, if there are.

    At least four are left to know households by.

    Examples
    --------
    >>> reference_weeks(26, 9, 13), reference_weeks(10, 9, 13), reference_weeks(26, 3, 13)
    (9, 6, 8)
    """
    return min(max(post, 8), most, max(history - 4, history // 2))


PERIODS = ("during", "after", "total")
SCOPES = ("products", "brand", "category", "store")
MEASURES = ("households", "trips", "units", "money")
