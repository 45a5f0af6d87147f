from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path

from offtake.decisions.planning.activity import GateName
from offtake.decisions.planning.guardrails import Rule
from offtake_web.accounts.access import signed_in
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.endpoints.plan_shown import current_shown, execution_shown, shown_again
from offtake_web.api.endpoints.plans import plan_at
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.versions import version_read
from offtake_web.api.schemas.base import Key, Number
from offtake_web.api.schemas.plans import (
    AnswerSent,
    ExecutionSent,
    ExecutionShown,
    NoteSent,
    PlanShown,
    ReasonSent,
    ResultSent,
    ReviewSent,
)
from offtake_web.plans import actions, actions_workflow
from offtake_web.plans.models import Plan

group = Group("Agreeing a plan")
ONE = "/markets/{market}/plans/{plan_id}"
GateAt = Annotated[GateName, Path(description="The gate.", examples=["slot_confirmed"])]
RuleAt = Annotated[Rule, Path(description="The guardrail.", examples=["most_days"])]
Work = Callable[[Plan], object]


def _changed(request: HttpRequest, market: str, plan_id: int, work: Work) -> dict[str, Any]:
    """Do something to a plan and show it after."""
    place = market_at(market)
    plan = plan_at(request, place, plan_id)
    with current_shown():
        work(plan)
    return shown_again(request, place, plan)


def _moved(
    request: HttpRequest, market: str, plan_id: int, move: Callable[..., Plan]
) -> dict[str, Any]:
    version, by = version_read(request), signed_in(request)
    return _changed(request, market, plan_id, lambda plan: move(plan, version=version, by=by))


@group.post(f"{ONE}/propose", "plan.edit", gives=PlanShown, changes=True, problems=("conflict",))
def propose_plan(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, Any]:
    """Show a draft to the other side."""
    return _moved(request, market, plan_id, actions_workflow.propose)


@group.post(f"{ONE}/agree", "plan.view", gives=PlanShown, changes=True, problems=("conflict",))
def agree_plan(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, Any]:
    """Say your side's yes to the content as it is.

    Needs `plan.agree_marketing` or `plan.agree_sales`, by your side.
    """
    return _moved(request, market, plan_id, actions_workflow.agree)


@group.post(f"{ONE}/withdraw", "plan.edit", gives=PlanShown, changes=True, problems=("conflict",))
def withdraw_plan(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, Any]:
    """Take a proposal, or your side's yes, back."""
    return _moved(request, market, plan_id, actions_workflow.withdraw)


@group.post(f"{ONE}/lock", "plan.lock", gives=PlanShown, changes=True, problems=("conflict",))
def lock_plan(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, Any]:
    """Fix an agreed plan.

    Every gate is green or let pass, every broken guardrail is approved.
    """
    return _moved(request, market, plan_id, actions_workflow.lock)


@group.post(f"{ONE}/reopen", "plan.lock", gives=PlanShown, changes=True, problems=("conflict",))
def reopen_plan(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, Any]:
    """Open a locked plan for changes, or a cancelled one as a draft."""
    return _moved(request, market, plan_id, actions_workflow.reopen)


@group.post(f"{ONE}/cancel", "plan.edit", gives=PlanShown, changes=True, problems=("conflict",))
def cancel_plan(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, Any]:
    """Give a plan up; it stays to be read."""
    return _moved(request, market, plan_id, actions_workflow.cancel)


@group.post(f"{ONE}/review", "plan.edit", gives=PlanShown, changes=True, problems=("conflict",))
def review_plan(
    request: HttpRequest, market: Key, plan_id: Number, sent: ReviewSent
) -> dict[str, Any]:
    """Close an executed plan with what was learned."""
    version, by = version_read(request), signed_in(request)
    return _changed(
        request, market, plan_id,
        lambda plan: actions_workflow.review(plan, sent.conclusions, version=version, by=by),
    )  # fmt: skip


@group.put(f"{ONE}/result", "plan.edit", gives=PlanShown, changes=True, problems=("conflict",))
def link_result(
    request: HttpRequest, market: Key, plan_id: Number, sent: ResultSent
) -> dict[str, Any]:
    """Say which promotion of the data a plan became."""
    version, by = version_read(request), signed_in(request)
    return _changed(
        request, market, plan_id,
        lambda plan: actions.link_result(plan, sent.promotion_id, version=version, by=by),
    )  # fmt: skip


@group.put(f"{ONE}/gates/{{gate}}/confirmation", "plan.view", gives=PlanShown, changes=True,
           problems=("conflict",))  # fmt: skip
def confirm_gate(
    request: HttpRequest, market: Key, plan_id: Number, gate: GateAt, sent: NoteSent
) -> dict[str, Any]:
    """Give your word that a gate is met.

    The brief and the slot are sales' to confirm, material is marketing's.
    """
    version, by = version_read(request), signed_in(request)
    return _changed(
        request, market, plan_id,
        lambda plan: actions_workflow.confirm(plan, gate, version=version, by=by, note=sent.note),
    )  # fmt: skip


@group.delete(f"{ONE}/gates/{{gate}}/confirmation", "plan.view", gives=PlanShown,
              problems=("conflict",))  # fmt: skip
def unconfirm_gate(
    request: HttpRequest, market: Key, plan_id: Number, gate: GateAt
) -> dict[str, Any]:
    """Take a word that a gate is met back."""
    by = signed_in(request)
    return _changed(
        request, market, plan_id, lambda plan: actions_workflow.unconfirm(plan, gate, by=by)
    )


@group.put(f"{ONE}/gates/{{gate}}/override", "plan.approve", gives=PlanShown, changes=True,
           problems=("conflict",))  # fmt: skip
def let_gate_pass(
    request: HttpRequest, market: Key, plan_id: Number, gate: GateAt, sent: ReasonSent
) -> dict[str, Any]:
    """Let an agreed plan pass a gate that is not green, in your own name."""
    version, by = version_read(request), signed_in(request)
    return _changed(
        request, market, plan_id,
        lambda plan: actions_workflow.let_pass(plan, gate, sent.reason, version=version, by=by),
    )  # fmt: skip


@group.put(f"{ONE}/guardrails/{{rule}}/answer", "plan.approve", gives=PlanShown, changes=True,
           problems=("conflict",))  # fmt: skip
def answer_guardrail(
    request: HttpRequest, market: Key, plan_id: Number, rule: RuleAt, sent: AnswerSent
) -> dict[str, Any]:
    """Say yes or no to passing a guardrail that a plan breaks: its named approver only."""
    version, by = version_read(request), signed_in(request)
    return _changed(
        request, market, plan_id,
        lambda plan: actions_workflow.answer_guardrail(
            plan, rule, yes=sent.yes, version=version, by=by, note=sent.note,
            guardrail_version=sent.guardrail_version,
        ),
    )  # fmt: skip


@group.post(f"{ONE}/executions", "plan.execute", gives=ExecutionShown, status=201,
            problems=("conflict",))  # fmt: skip
def record_execution(
    request: HttpRequest,
    response: HttpResponse,
    market: Key,
    plan_id: Number,
    sent: ExecutionSent,
) -> dict[str, Any]:
    """Record what was done where; the first record makes a locked plan an executed one."""
    plan = plan_at(request, market_at(market), plan_id)
    record = actions_workflow.record_execution(
        plan, on=sent.on, by=signed_in(request), store_ids=sent.store_ids, note=sent.note
    )
    response["Location"] = f"/api/v1/markets/{market}/plans/{plan_id}"
    return execution_shown(record)
