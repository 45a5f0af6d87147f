"""How far a campaign's effect can be trusted, as one letter, or that the data cannot tell.

The letter is about the width of the interval of the lift. It is held down by checks that failed and
by what the comparison rests on. Where there is nobody to compare with, there is no letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from offtake.models.shoppers.campaign_checks import FALSE, SHARED, Check
from offtake.models.shoppers.campaign_effects import Compared
from offtake.models.shoppers.campaign_spec import CampaignSpec

CANNOT_TELL = "cannot tell"
GRADES = ("A", "B", "C", "D")
WIDTHS = (0.05, 0.10, 0.20)
"""Half the interval of the lift up to which an answer is an A, a B, a C."""
IN_HALF = 0.5
FAR = 0.25
"""Standard deviations between the groups from which weighting has failed."""
SOME = 0.1
MANY_FALSE = 2.0
"""Times that effects on control categories may be found as often as chance would have it."""
ENOUGH_CATEGORIES = 10

UNKNOWN: Mapping[str, str] = MappingProxyType({
    "history": "too few weeks are loaded before it began to know its households by: load earlier "
    "baskets",
    "ended": "the data end before a week of it had passed: load later baskets",
    "few": "too few of its households can be compared: judge it with others of its kind",
    "alone": "nearly everybody like its households was sent it too: hold out a random part of them "
    "next time",
    "outside": "most of its households have nobody like them who was not sent it: hold out a "
    "random part of them next time",
    "unbalanced": "even weighted, those who were not sent it bought differently before: hold out a "
    "random part next time",
    "unsent": "nobody is recorded as sent it: load campaign_contact",
    "unsold": "hardly anybody compared bought any of its products",
    "none": "none of them can be told",
})  # fmt: skip
"""Why the data cannot tell."""
REASONS: Mapping[str, str] = MappingProxyType({
    "placebo": "the same comparison finds an effect before it began",
    "pre_trend": "its households were already moving apart from the others before it began",
    "controls": "the same comparison finds effects on categories that it has nothing to do with",
    "shared": "most of its households were sent another campaign for the category at the time, so "
    "that effects cannot be told apart well",
    "wide": "the interval is wide: more households or longer history narrow it",
    "partly": "some of its households have nobody to compare with: the figures are of the others",
    "cut": "the data end before its weeks were over",
})  # fmt: skip
"""What holds a letter down, the weightiest first."""
LEAST = MappingProxyType({
    "placebo": 3, "pre_trend": 3, "controls": 3, "shared": 2, "partly": 1, "cut": 1,
})  # fmt: skip
"""Best grade possible under a reason: 0 is A, 3 is D."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A letter or `CANNOT_TELL`, and the names of the reasons."""

    letter: str
    reasons: tuple[str, ...]

    @property
    def told(self) -> bool:
        """Whether there is an answer."""
        return self.letter != CANNOT_TELL

    @property
    def sentence(self) -> str:
        """The reasons in words."""
        return "; ".join({**UNKNOWN, **REASONS}[name] for name in self.reasons)


def unknown(reason: str) -> Grade:
    """Return that the data cannot tell, and why."""
    return Grade(CANNOT_TELL, (reason,))


def comparable(one: Compared | None, sent: int, spec: CampaignSpec) -> Grade | None:
    """Return why there is nobody to compare with; None where there is.

    Parameters
    ----------
    one
        The households compared.
    sent
        How many were sent it.
    spec
        How campaigns are judged.
    """
    if one is None:
        return unknown("alone" if sent else "unsent")
    if one.outside > IN_HALF * (one.outside + one.many):
        return unknown("outside")
    if one.many < spec.least_contacted:
        return unknown("few")
    if one.effective < spec.least_controls:
        return unknown("alone")
    if one.after.size and np.abs(one.after).max() > FAR:
        return unknown("unbalanced")
    return None


def grade(
    one: Compared,
    sold: tuple[float, float, float],
    checks: list[Check],
    spec: CampaignSpec,
    *,
    cut: bool,
) -> Grade:
    """Grade an effect that can be told.

    Parameters
    ----------
    one
        The households compared.
    sold
        Units of the products that the contacted bought, those they would have bought anyway, and
        how far the interval of the lift reaches to either side.
    checks
        What was checked.
    spec
        How campaigns are judged.
    cut
        Whether the data end before its weeks were over.
    """
    bought, anyway, off = sold
    if max(bought, anyway) < spec.least_units:
        return unknown("unsold")
    # Of what nobody bought before, the lift says nothing.
    half = off if anyway >= spec.least_units else np.inf
    wide = int(np.searchsorted(WIDTHS, half))
    held = {name for name in ("placebo", "pre_trend") if _failed(checks, name)}
    held |= {"controls"} if _often(checks, spec) else set()
    held |= {"shared"} if _shared(checks) else set()
    held |= {"partly"} if one.outside > SOME * (one.outside + one.many) else set()
    held |= {"cut"} if cut else set()
    place = max([wide, *(LEAST[name] for name in held)])
    held |= {"wide"} if wide == place and wide > 0 else set()
    return Grade(GRADES[place], tuple(name for name in REASONS if name in held))


def _failed(checks: list[Check], kind: str) -> bool:
    """Whether any test of a kind fails, though there are several (Bonferroni)."""
    values = [check.p_value for check in checks if check.kind == kind]
    return bool(values) and min(values) * len(values) < FALSE


def _often(checks: list[Check], spec: CampaignSpec) -> bool:
    values = [check.p_value for check in checks if check.kind == "control_category"]
    false = float(np.mean([each < 1 - spec.level for each in values])) if values else 0.0
    return len(values) >= ENOUGH_CATEGORIES and false > MANY_FALSE * (1 - spec.level)


def _shared(checks: list[Check]) -> bool:
    return any(check.item == SHARED and check.value > 100 * IN_HALF for check in checks)
