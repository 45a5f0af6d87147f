"""Moves of a plan from draft to reviewed, and the words that they need: gates and guardrails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from offtake.decisions.planning.workflow import Move, Possible, moved, moves
from offtake_web.accounts.access import Permission, scope_of, side_of
from offtake_web.accounts.models import User
from offtake_web.plans.guardrails import guardrail_of
from offtake_web.plans.models import (
    LOCKED_IT,
    Approval,
    Confirmation,
    Execution,
    Override,
    Plan,
    State,
)
from offtake_web.plans.queries import judged, standing
from offtake_web.plans.rules import AGREE, GATES_OF, MOVE_NEEDS, UNDECIDED, is_approver
from offtake_web.plans.sight import known_of, today, touches
from offtake_web.plans.wording import coded, in_words
from offtake_web.plans.writing import (
    PlanRuleError,
    demand_words,
    keep,
    opened,
    remember,
    touch,
)

LATEST_RECORD = timedelta(days=14)
WHAT: Mapping[Move, str] = {
    "propose": gettext_noop("proposed it"),
    "agree": gettext_noop("said yes"),
    "withdraw": gettext_noop("withdrew it"),
    "lock": LOCKED_IT,
    "execute": gettext_noop("recorded what was done"),
    "review": gettext_noop("reviewed it"),
    "reopen": gettext_noop("reopened it"),
    "cancel": gettext_noop("cancelled it"),
}


def propose(plan: Plan, *, version: int, by: User) -> Plan:
    """Show a draft to the other side."""
    return _move(plan, "propose", version=version, by=by)


def agree(plan: Plan, *, version: int, by: User) -> Plan:
    """Say one's side's yes to the content as it is; with both it is agreed."""
    return _move(plan, "agree", version=version, by=by)


def withdraw(plan: Plan, *, version: int, by: User) -> Plan:
    """Take a proposal, or one's side's yes, back."""
    return _move(plan, "withdraw", version=version, by=by)


def lock(plan: Plan, *, version: int, by: User) -> Plan:
    """Fix an agreed plan: every gate is green or let pass, every broken guardrail approved."""
    return _move(plan, "lock", version=version, by=by)


def cancel(plan: Plan, *, version: int, by: User) -> Plan:
    """Give a plan up; it stays to be read."""
    return _move(plan, "cancel", version=version, by=by)


def reopen(plan: Plan, *, version: int, by: User) -> Plan:
    """Open a locked plan for changes, or a cancelled one as a draft."""
    return _move(plan, "reopen", version=version, by=by)


def review(plan: Plan, conclusions: str, *, version: int, by: User) -> Plan:
    """Close an executed plan with what was learned."""
    words = demand_words(conclusions, "conclusions", 2000)
    with transaction.atomic():
        now = opened(plan, MOVE_NEEDS["review"], by=by, version=version)
        now.conclusions = words
        return _make(now, "review", by=by)


def record_execution(
    plan: Plan, *, on: date, by: User, store_ids: list[str] | None = None, note: str = ""
) -> Execution:
    """Record what was done where; the first record makes a locked plan an executed one.

    Raises
    ------
    PermissionDenied
        If somebody may not, or the plan or a store is outside their part of the business.
    ValidationError
        If the day is outside of the plan's, or a store is none of its.
    PlanRuleError
        If the plan is not locked.
    """
    with transaction.atomic():
        now = opened(plan, "plan.execute", by=by, reach=touches)
        if now.state not in (State.LOCKED, State.EXECUTED):
            raise PlanRuleError(_("Only a locked plan can be carried out."))
        _demand_day(now, on)
        _demand_stores(now, store_ids or [], by=by)
        record = Execution(plan=now, by=by, on=on, store_ids=store_ids or [], note=note.strip())
        record.full_clean(exclude=("plan", "by"))
        record.save()
        if now.state == State.LOCKED:
            _make(now, "execute", by=by)
        else:
            touch(now)
        return record


def _demand_day(plan: Plan, on: date) -> None:
    if plan.first_day > today():
        raise PlanRuleError(_("Its first day has not come."))
    last = min(plan.last_day + LATEST_RECORD, today())
    if not plan.first_day <= on <= last:
        raise ValidationError(
            {"on": _("A day from %(first)s to %(last)s is needed.")
             % {"first": plan.first_day, "last": last}}
        )  # fmt: skip


def _demand_stores(plan: Plan, store_ids: list[str], *, by: User) -> None:
    known, scope = known_of(plan), scope_of(by)
    for store in store_ids:
        shop = known.facts.stores.get(store)
        mine = plan.store_ids is None or store in plan.store_ids
        if shop is None or not mine or (plan.retailers and shop.retailer not in plan.retailers):
            raise ValidationError(
                {"store_ids": _("%(store)s is none of its stores.") % {"store": store}}
            )
        if not (scope.has_retailer(shop.retailer) and scope.has_territory(shop.territory)):
            raise PermissionDenied(
                _("Store %(store)s is outside your part of the business.") % {"store": store}
            )


def _move(plan: Plan, move: Move, *, version: int, by: User) -> Plan:
    with transaction.atomic():
        permission = MOVE_NEEDS.get(move) or _agree_permission(by)
        now = opened(plan, permission, by=by, version=version)
        return _make(now, move, by=by)


def _agree_permission(by: User) -> Permission:
    side = side_of(by)
    if side is None:
        raise PermissionDenied(_("Only marketing and sales agree a plan."))
    return AGREE[side]


def _make(plan: Plan, move: Move, *, by: User) -> Plan:
    """Make a move, where it exists, is this side's, and lacks nothing."""
    side = side_of(by)
    if side is None:
        raise PermissionDenied(_("Only marketing and sales move a plan."))
    stands = standing(plan, judged(plan))
    demand_move(plan, next((each for each in moves(stands) if each.move == move), None), side)
    after = moved(stands, move, side)
    plan.state = after.state
    plan.marketing_yes, plan.sales_yes = after.yes.get("marketing"), after.yes.get("sales")
    keep(plan, by=by, what=WHAT[move])
    return plan


def demand_move(plan: Plan, found: Possible | None, side: str) -> None:
    if found is None:
        raise PlanRuleError(
            _("That is not possible for a plan that is %(state)s.")
            % {"state": plan.get_state_display()}
        )
    if side not in found.sides:
        raise PlanRuleError(_("Your side has said its word already, or it is the other's."))
    if found.missing:
        raise PlanRuleError([in_words(each) for each in found.missing])


def confirm(
    plan: Plan, gate: str, *, version: int, by: User, note: str = "", units: int = 0
) -> Confirmation:
    """Give one's word that a gate is met; the brief and the slot are sales', material marketing's.

    Of stock it is said how many units are on their way; the gate is green where they suffice.

    Raises
    ------
    PermissionDenied
        If it is not theirs to confirm.
    StaleVersionError
        If the plan has changed since they saw it: a word is for what was read.
    PlanRuleError
        If the gate is looked up, not confirmed, or the plan is past it.
    """
    if not 0 <= units < 2**31:
        raise ValidationError({"units": _("0 or more units are needed.")})
    with transaction.atomic():
        now = _at_gate(plan, gate, by=by, version=version)
        word = now.confirmations.filter(gate=gate).first()
        if word is None:
            word = Confirmation(
                plan=now, gate=gate, by=by, on=today(), note=note.strip()[:300], units=units
            )
            remember(word, by=by, what=gettext_noop("word given"))
            word.save()
            touch(now)
        return word


def unconfirm(plan: Plan, gate: str, *, by: User) -> None:
    """Take a word that a gate is met back."""
    with transaction.atomic():
        now = _at_gate(plan, gate, by=by)
        for word in now.confirmations.filter(gate=gate):
            remember(word, by=by, what=gettext_noop("word taken back"))
            word.delete()
            touch(now)


def _at_gate(plan: Plan, gate: str, *, by: User, version: int | None = None) -> Plan:
    if gate not in GATES_OF:
        raise PlanRuleError(
            _("Got %(got)s; allowed: %(allowed)s.") % {"got": gate, "allowed": ", ".join(GATES_OF)}
        )
    now = opened(plan, GATES_OF[gate], by=by, version=version)
    if now.state in (State.EXECUTED, State.REVIEWED, State.CANCELLED):
        raise PlanRuleError(
            _("That is not possible for a plan that is %(state)s.")
            % {"state": now.get_state_display()}
        )
    return now


def let_pass(plan: Plan, gate: str, reason: str, *, version: int, by: User) -> Override:
    """Let an agreed plan pass a gate that is not green, in one's own name and with the reason.

    Raises
    ------
    PermissionDenied, StaleVersionError
        As everywhere.
    PlanRuleError
        If the plan is not agreed, or the gate is green.
    ValidationError
        If no reason is given.
    """
    words = demand_words(reason, "reason", 300)
    with transaction.atomic():
        now = opened(plan, "plan.approve", by=by, version=version)
        status = {each.name: each.status for each in judged(now).gates}.get(gate)  # type: ignore[call-overload]
        if now.state != State.AGREED or status in (None, "green"):
            raise PlanRuleError(_("Only a gate of an agreed plan that is not green is let pass."))
        found, _made = Override.objects.update_or_create(
            plan=now,
            gate=gate,
            content_version=now.content_version,
            defaults={"by": by, "on": today(), "reason": words},
        )
        touch(now)
        return found


def answer_guardrail(  # noqa: PLR0913  # an answer to two things, each on a version
    plan: Plan,
    rule: str,
    *,
    yes: bool,
    version: int,
    by: User,
    note: str = "",
    guardrail_version: int | None = None,
) -> Approval:
    """Say yes or no to passing a guardrail that a plan breaks: its named approver only.

    The answer is to this content and to the limit as it is; a tighter one asks again.

    Raises
    ------
    PermissionDenied
        If they are not the approver that the guardrail names.
    PlanRuleError
        If the plan does not break it, is locked or past it, or it is no longer the version that
        they saw.
    """
    with transaction.atomic():
        now = opened(plan, "plan.approve", by=by, version=version)
        if now.state not in UNDECIDED:
            raise PlanRuleError(
                _("That is not possible for a plan that is %(state)s.")
                % {"state": now.get_state_display()}
            )
        hit = next((each for each in judged(now).broken if each.guardrail.rule == rule), None)
        if hit is None:
            raise PlanRuleError(_("The plan does not break this guardrail."))
        if not is_approver(by, hit):
            raise PermissionDenied(
                _("Only %(approver)s may say yes to this.") % {"approver": coded(hit.approver)}
            )
        guardrail = guardrail_of(hit)
        if guardrail_version not in (None, guardrail.version):
            raise PlanRuleError(_("The guardrail has changed since you saw it. Look at it again."))
        touch(now)
        return Approval.objects.create(
            plan=now, rule=rule, limit=guardrail.given, content_version=now.content_version, by=by,
            on=today(), yes=yes, note=note.strip()[:300],
        )  # fmt: skip
