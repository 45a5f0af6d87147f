"""Who may say which word of a plan: agree, confirm, move, and let it pass a guardrail."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from offtake.decisions.planning.guardrails import Broken
from offtake_web.accounts.access import Permission, Side, may
from offtake_web.accounts.models import User
from offtake_web.plans.guardrails import guardrail_of
from offtake_web.plans.models import GateName, State

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
    """Whether it is somebody's to answer: the person whom a guardrail names, else its role."""
    guardrail = guardrail_of(broken)
    if guardrail.person is None:
        theirs = guardrail.approver == user.role
    else:
        theirs = guardrail.person == user.pk
    return theirs and may(user, "plan.approve")
