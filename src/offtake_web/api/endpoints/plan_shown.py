"""Plans as the API shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest

from offtake.decisions.planning.forecast import Forecast, Outcome
from offtake_web.accounts.access import signed_in
from offtake_web.api.endpoints.jobs import who
from offtake_web.api.frame.problems import Problem
from offtake_web.api.frame.versions import versioned
from offtake_web.common.markets import Market
from offtake_web.plans.guardrails import guardrail_of
from offtake_web.plans.models import (
    CONTENT,
    Approval,
    Comment,
    Commitment,
    Confirmation,
    Execution,
    Override,
    Plan,
)
from offtake_web.plans.plan_page import PlanPage
from offtake_web.plans.queries import whole
from offtake_web.plans.wording import in_words
from offtake_web.plans.writing import StaleVersionError

Shown = dict[str, Any]
Signed = Approval | Confirmation | Execution | Override
_OWN = ("version", "content_version", "state", "promotion_id", "conclusions", "created", "updated")


def plan_shown(plan: Plan) -> Shown:
    """Show a plan with all that hangs on it."""
    return {
        "id": plan.pk,
        **{name: getattr(plan, name) for name in (*CONTENT, *_OWN)},
        "marketing_agrees": plan.yes_of("marketing"),
        "sales_agrees": plan.yes_of("sales"),
        "created_by": who(plan.created_by),
        "updated_by": who(plan.updated_by),
        "commitments": [commitment_shown(each) for each in plan.commitments.all()],
        "confirmations": [_signed(each, "gate", "note") for each in plan.confirmations.all()],
        "overrides": [_signed(each, "gate", "reason") for each in _now(plan)],
        "approvals": [
            _signed(each, "rule", "yes", "note", "content_version", "limit")
            for each in plan.approvals.all()
        ],
        "comments": [comment_shown(each) for each in plan.comments.all()],
        "executions": [execution_shown(each) for each in plan.executions.all()],
    }


def _now(plan: Plan) -> list[Override]:
    found = plan.overrides.all()
    return [each for each in found if each.content_version == plan.content_version]


def _signed(row: Signed, *names: str) -> Shown:
    return {"by": who(row.by), "on": row.on, **{name: getattr(row, name) for name in names}}


def commitment_shown(row: Commitment) -> Shown:
    names = ("side", "what", "due", "done_on", "version")
    return {"id": row.pk, "owner": who(row.owner), **{name: getattr(row, name) for name in names}}


def comment_shown(row: Comment) -> Shown:
    return {
        "id": row.pk,
        "author": who(row.author),
        "text": row.text,
        "created": row.created,
        "reply_to": row.reply_to_id,
        "mentions": [who(each.user) for each in row.mentions.all()],
    }


def execution_shown(row: Execution) -> Shown:
    return {"id": row.pk, **_signed(row, "store_ids", "note")}


def judgement(page: PlanPage) -> Shown:
    """Show what the rules and the models say of a plan."""
    expected = page.judged.forecast
    known = expected if isinstance(expected, Forecast) else None
    return {
        "run_id": page.known.run_id,
        "simulated": page.known.simulated,
        "planned": _outcome(known.planned) if known else None,
        "usual": _outcome(known.usual) if known else None,
        "not_known": page.not_known,
        "caveats": page.caveats,
        "ready": page.ready,
        "gates": [
            {**_named(each, "name", "status", "owner", "due"), "reason": in_words(each.reason)}
            for each in page.judged.gates
        ],
        "conflicts": [
            {
                **_named(each.conflict, "kind", "severity"),
                "other": each.other.pk if each.other else None,
                "reason": each.reason,
            }
            for each in page.conflicts
        ],
        "unseen": page.unseen,
        "guardrails": list(_guardrails(page)),
        "moves": [
            {"move": each.name, "missing": list(each.missing)}
            for each in (page.moves if page.plan.pk else ())
        ],
    }


def _guardrails(page: PlanPage) -> Iterator[Shown]:
    for each in page.rules:
        guardrail = guardrail_of(each.broken)
        then = page.judged.older.get(guardrail.rule)
        yield {
            **_named(guardrail, "rule", "version", "approver"),
            "limit": guardrail.given,
            "reason": each.reason,
            "answer": each.answer.yes if each.answer and not each.outdated else None,
            "outdated": bool(each.outdated),
            "may_answer": each.may_answer,
            "locked_under": _named(then, "on", "limit") if then else None,
        }


def _named(row: object, *names: str) -> Shown:
    return {name: getattr(row, name) for name in names}


def _outcome(found: Outcome) -> Shown:
    return {name: value for name, value in asdict(found).items() if name != "lines"}


def shown_again(request: HttpRequest, market: Market, plan: Plan) -> Shown:
    """Show a plan as it is after a change, with its new version."""
    found = whole(signed_in(request), market, plan.pk)
    versioned(request, found.version)
    return plan_shown(found)


@contextmanager
def current_shown() -> Iterator[None]:
    """Tell a caller whose version is stale what the plan is now, and what both wanted."""
    try:
        yield
    except StaleVersionError as stale:
        current = plan_shown(stale.plan)
        more = {"current": current, "before": stale.before, "mine": stale.mine}
        raise Problem(
            "stale", str(stale), more=more, headers={"ETag": f'"{stale.plan.version}"'}
        ) from None
