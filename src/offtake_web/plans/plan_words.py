"""Names that the page of a plan gives to moves, conflicts and figures of a forecast."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from offtake.decisions.planning.activity import ConflictKind
from offtake.units import Unit

MOVES: Mapping[str, Promise] = MappingProxyType(
    {
        "propose": _("Propose"),
        "agree": _("Agree"),
        "withdraw": _("Withdraw"),
        "lock": _("Lock"),
        "reopen": _("Reopen"),
        "cancel": _("Cancel the plan"),
    }
)
CONFLICTS: Mapping[ConflictKind, Promise] = MappingProxyType(
    {
        "media_before_listing": _("media before the shelf"),
        "own_overlap": _("two of our own at once"),
        "cannibalising": _("takes from our own"),
        "too_soon": _("too soon after another"),
        "missing_supply": _("too little stock"),
        "contradicting_message": _("messages contradict"),
    }
)
LINES: Mapping[str, tuple[Promise, Unit, float]] = MappingProxyType(
    {
        "base": (_("Sold without it (the base)"), "units", 1),
        "incremental": (_("Sold on top"), "units", 1),
        "from_own_other_items": (_("from our other items"), "units", 1),
        "from_competitors": (_("from competitors"), "units", 1),
        "from_other_weeks": (_("from other weeks"), "units", 1),
        "category_growth": (_("growth of the category"), "units", 1),
        "subsidised": (_("Sold on it that would have sold anyway"), "units", 1),
        "incremental_margin": (_("Margin on top"), "money", 1),
        "cost": (_("Cost"), "money", 1),
        "roi_gross": (_("Gross return on cost"), "percent", 100),
        "roi_net": (_("Net return on cost"), "percent", 100),
    }
)
PARTS = frozenset(LINES) & {
    "from_own_other_items",
    "from_competitors",
    "from_other_weeks",
    "category_growth",
}
"""Figures that add up to what is sold on top."""
VERDICTS: Mapping[str, Promise] = MappingProxyType(
    {
        "paid": _("it paid"),
        "badly_executed": _("would have paid, was badly executed"),
        "bad_idea": _("does not pay even fully executed"),
        "open": _("cannot be told apart from breaking even"),
        "no_cost": _("its cost is not known"),
        "no_margin": _("its margin is not known"),
    }
)
