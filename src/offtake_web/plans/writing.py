"""What every change of a plan shares: who may, on which version, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from offtake.decisions.planning.workflow import FIXED
from offtake_web.accounts.access import Permission, Scope, demand, scope_of
from offtake_web.accounts.models import User
from offtake_web.plans.facts import Known
from offtake_web.plans.models import Plan
from offtake_web.plans.sight import known_of, touches, within


class StaleVersionError(Exception):
    """A plan has changed since its reader saw it, in what they want to change too.

    Parameters
    ----------
    plan
        As it is now.
    version
        What the reader saw.
    before
        Values of the fields that they saw, where these are still known.
    mine
        Values that they want.
    """

    def __init__(
        self,
        plan: Plan,
        version: int,
        *,
        before: Mapping[str, Any] | None = None,
        mine: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            _("The plan is at version %(now)s; the change was made to version %(then)s.")
            % {"now": plan.version, "then": version}
        )
        self.plan, self.version = plan, version
        self.before, self.mine = dict(before or {}), dict(mine or {})


class PlanRuleError(ValidationError):
    """What is asked does not fit where a plan stands."""


Reach = Callable[[Scope, Plan, Known], bool]


def opened(
    plan: Plan,
    permission: Permission,
    *,
    by: User,
    reach: Reach = within,
    version: int | None = None,
) -> Plan:
    """Return a plan as it is now, held until the transaction ends.

    Parameters
    ----------
    plan
        As somebody saw it.
    permission
        What they need.
    by
        Who they are.
    reach
        How much of the plan must be in their part of the business.
    version
        What they saw; None where it does not matter.

    Raises
    ------
    PermissionDenied
        If they may not, or the plan is outside their part of the business.
    StaleVersionError
        If it has changed since.
    """
    demand(by, permission)
    now = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    demand_reach(now, by=by, reach=reach)
    if version is not None and version != now.version:
        raise StaleVersionError(now, version)
    return now


def demand_reach(plan: Plan, *, by: User, reach: Reach = within) -> None:
    if not reach(scope_of(by), plan, known_of(plan)):
        if reach is touches:
            raise PermissionDenied(_("This plan is outside your part of the business."))
        raise PermissionDenied(_("Part of this plan is outside your part of the business."))


def demand_open(plan: Plan) -> None:
    """Refuse to change content that is fixed."""
    if plan.state in FIXED:
        raise PlanRuleError(
            _("A plan that is %(state)s stays as it is. Reopen it first, where that is possible.")
            % {"state": plan.get_state_display()}
        )


def keep(plan: Plan, *, by: User, what: str) -> None:
    """Save a plan as its next version, with who did what."""
    plan.version += 1
    plan.changes += 1
    plan.updated_by = by
    remember(plan, by=by, what=what)
    plan.save()


def remember(row: Model, *, by: User, what: str = "") -> None:
    """Tell the history of a row who is about to change it, and what they do."""
    row._history_user = by  # type: ignore[attr-defined]  # read by simple_history
    row._change_reason = what  # type: ignore[attr-defined]  # as above


def touch(plan: Plan) -> None:
    """Note that something that hangs on a plan changed; its version stays."""
    Plan.objects.filter(pk=plan.pk).update(changes=F("changes") + 1, updated=timezone.now())


def demand_words(text: str, field: str, most: int) -> str:
    """Return a text without spaces around it; one that is empty or too long is refused."""
    text = text.strip()
    if not text or len(text) > most:
        raise ValidationError({field: _("1 to %(most)s characters are needed.") % {"most": most}})
    return text
