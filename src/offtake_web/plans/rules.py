"""Limits that hold until the company sets its own, and who may say yes to passing them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from offtake.decisions.planning.guardrails import Broken, Guardrail
from offtake_web.accounts.access import Permission, Side, may
from offtake_web.accounts.models import Role, User
from offtake_web.plans.models import GateName, State

STANDARD: tuple[Guardrail, ...] = (
    Guardrail(rule="deepest_price_cut", limit=33, approver=Role.SALES_LEAD.value),
    Guardrail(rule="least_roi", limit=-0.5, approver=Role.MARKETING.value, kinds=("promotion",)),
    Guardrail(rule="least_weeks_between", limit=2, approver=Role.SALES_LEAD.value),
    Guardrail(rule="most_days", limit=42, approver=Role.SALES_LEAD.value,
              kinds=("promotion", "display")),
)  # fmt: skip

AGREE: Mapping[Side, Permission] = MappingProxyType(
    {"marketing": "plan.agree_marketing", "sales": "plan.agree_sales"}
)
GATES_OF: Mapping[str, Permission] = MappingProxyType(
    {
        GateName.BRIEF: "plan.agree_sales",
        GateName.MATERIAL: "plan.agree_marketing",
        GateName.SLOT: "plan.agree_sales",
        GateName.STOCK_COVER: "plan.agree_sales",
    }
)
"""Gates that a person confirms, and who may; of stock, how much is on its way."""

UNDECIDED = frozenset((State.DRAFT, State.PROPOSED, State.AGREED))
"""States in which a guardrail's approver may still say yes or no."""

LOOKED_UP = frozenset((GateName.DISTRIBUTION.value, GateName.STOCK_COVER.value))
"""Gates that the data tell of; nobody is asked to confirm them."""
MOVE_NEEDS: Mapping[str, Permission] = MappingProxyType(
    {
        "propose": "plan.edit",
        "withdraw": "plan.edit",
        "lock": "plan.lock",
        "execute": "plan.execute",
        "review": "plan.edit",
        "reopen": "plan.lock",
        "cancel": "plan.edit",
    }
)
"""What each move needs; a yes needs that of one's own side."""


def is_approver(user: User, broken: Broken) -> bool:
    """Whether somebody is the one a guardrail names, by role or by user name."""
    return may(user, "plan.approve") and broken.approver in (user.role, user.get_username())
