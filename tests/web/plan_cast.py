"""What tests of plans start from: contents, and plans brought to a state through the actions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from offtake_web.accounts.models import User
from offtake_web.common.markets import markets
from offtake_web.plans import actions, actions_workflow
from offtake_web.plans.models import GateName, Plan
from offtake_web.plans.queries import judged


def day(ahead: int) -> date:
    return timezone.localdate() + timedelta(days=ahead)


def content(**more: Any) -> dict[str, Any]:
    return {
        "kind": "promotion",
        "name": "Summer deal",
        "side": "sales",
        "first_day": day(60),
        "last_day": day(73),
        "retailers": ["Korner"],
        "product_ids": ["P1"],
        "price_cut": 20,
        "message": "Share the summer",
        "audience": "families",
    } | more


def draft(by: User, **more: Any) -> Plan:
    return actions.create(markets()[0], content(**more), by=by)


def fresh(plan: Plan) -> Plan:
    return Plan.objects.get(pk=plan.pk)


def bring(plan: Plan, state: str, *, marketing: User, sales: User) -> Plan:
    """Bring a draft to a state as the two sides would, whatever the gates say."""
    steps = ("proposed", "agreed", "locked", "executed", "reviewed")
    if state == "cancelled":
        return actions_workflow.cancel(plan, version=plan.version, by=marketing)
    for step in steps[: steps.index(state) + 1 if state in steps else 0]:
        plan = _step(fresh(plan), step, marketing, sales)
    return fresh(plan)


def _step(plan: Plan, step: str, marketing: User, sales: User) -> Plan:
    if step == "proposed":
        return actions_workflow.propose(plan, version=plan.version, by=marketing)
    if step == "agreed":
        plan = actions_workflow.agree(plan, version=plan.version, by=marketing)
        return actions_workflow.agree(plan, version=plan.version, by=sales)
    if step == "locked":
        ready(plan, marketing=marketing, sales=sales)
        return actions_workflow.lock(plan, version=plan.version, by=sales)
    if step == "executed":
        Plan.objects.filter(pk=plan.pk).update(first_day=day(-3))
        actions_workflow.record_execution(plan, on=day(-1), by=sales)
        return fresh(plan)
    return actions_workflow.review(plan, "Again next year.", version=plan.version, by=sales)


def ready(plan: Plan, *, marketing: User, sales: User) -> None:
    """Confirm what people confirm, let the rest pass, and approve what is broken."""
    for gate, who in (("brief_acknowledged", sales), ("material_delivered", marketing),
                      ("slot_confirmed", sales)):  # fmt: skip
        actions_workflow.confirm(plan, gate, version=plan.version, by=who)
    for each in judged(fresh(plan)).gates:
        if each.name in (GateName.DISTRIBUTION, GateName.STOCK_COVER) and each.status != "green":
            actions_workflow.let_pass(plan, each.name, "As agreed.", version=plan.version, by=sales)
    for each in judged(fresh(plan)).broken:
        who = marketing if each.approver == "marketing" else sales
        actions_workflow.answer_guardrail(
            plan, each.guardrail.rule, yes=True, version=plan.version, by=who
        )
