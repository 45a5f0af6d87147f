"""What the buttons of a plan's page do: each calls one action and goes back to the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from offtake_web.accounts.access import Permission, needs, signed_in
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.plans import actions, actions_talk, actions_workflow
from offtake_web.plans.diff import differences
from offtake_web.plans.facts import known
from offtake_web.plans.forms import CommitmentForm, NamesField
from offtake_web.plans.mentions import not_told
from offtake_web.plans.models import Comment, Commitment, Plan
from offtake_web.plans.queries import owners, people
from offtake_web.plans.sight import visible
from offtake_web.plans.views import LONGEST_NUMBER
from offtake_web.plans.writing import StaleVersionError

Act = Callable[..., Plan | str | None]
MOVES = {
    "propose": actions_workflow.propose,
    "agree": actions_workflow.agree,
    "withdraw": actions_workflow.withdraw,
    "lock": actions_workflow.lock,
    "reopen": actions_workflow.reopen,
    "cancel": actions_workflow.cancel,
}


def asked_for(user: User, market: Market, pk: int) -> Plan:
    """Return a plan that somebody sees; for everybody else there is none."""
    found = visible(user, market).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def acting(permission: Permission) -> Callable[[Act], Callable[..., HttpResponse]]:
    """Make a view of an action: it says where on the page to go on, or gives another plan."""

    def decorate(act: Act) -> Callable[..., HttpResponse]:
        @needs(permission)
        @require_POST
        @wraps(act)
        def view(request: HttpRequest, market: Market, pk: int, **more: object) -> HttpResponse:
            plan = asked_for(signed_in(request), market, pk)
            try:
                to = act(request, plan, **more)
            except StaleVersionError as stale:
                return stale_page(request, market, stale)
            except ValidationError as wrong:
                for text in wrong.messages:
                    messages.error(request, text)
                to = None
            if isinstance(to, Plan):
                return redirect("plan", market, to.pk)
            back = redirect("plan", market, plan.pk)
            back["Location"] += f"#{to}" if to else ""
            return back

        return view

    return decorate


def stale_page(request: HttpRequest, market: Market, stale: StaleVersionError) -> HttpResponse:
    """Show what changed since somebody looked; nothing of theirs was done."""
    before = stale.plan.history.filter(version=stale.version).first()
    changes = differences(before, stale.plan, known(market)) if before else []
    context = {"plan": stale.plan, "changes": changes, "version": stale.version}
    return render(request, "plans/stale.html", context, status=409)


def version_in(request: HttpRequest) -> int:
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        raise ValidationError(_("The version that you saw is missing.")) from None


def day_in(request: HttpRequest, name: str) -> date:
    try:
        found = parse_date(request.POST.get(name, ""))
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(_("A day is needed, as 2026-03-02."))
    return found


@acting("plan.edit")
def move(request: HttpRequest, plan: Plan, move: str) -> None:
    if move not in MOVES:
        raise Http404
    MOVES[move](plan, version=version_in(request), by=signed_in(request))


@acting("plan.edit")
def review(request: HttpRequest, plan: Plan) -> str:
    actions_workflow.review(
        plan,
        request.POST.get("conclusions", ""),
        version=version_in(request),
        by=signed_in(request),
    )
    return "result"


@acting("plan.edit")
def link_result(request: HttpRequest, plan: Plan) -> str:
    promotion = request.POST.get("promotion_id", "")
    actions.link_result(plan, promotion, version=version_in(request), by=signed_in(request))
    return "result"


@acting("plan.edit")
def copy(request: HttpRequest, plan: Plan) -> Plan:
    return actions.copy(plan, by=signed_in(request))


@acting("plan.edit")
def undo(request: HttpRequest, plan: Plan) -> str:
    actions.undo(plan, version=version_in(request), by=signed_in(request))
    return "history"


@acting("plan.edit")
def gate(request: HttpRequest, plan: Plan, gate: str) -> str:
    if request.POST.get("word") == "back":
        actions_workflow.unconfirm(plan, gate, by=signed_in(request))
    else:
        units = request.POST.get("units") or "0"
        if not units.isdecimal() or len(units) > LONGEST_NUMBER:
            raise ValidationError(_("A whole number of units is needed."))
        note, version = request.POST.get("note", ""), version_in(request)
        actions_workflow.confirm(
            plan, gate, version=version, by=signed_in(request), note=note, units=int(units)
        )
    return "gates"


@acting("plan.approve")
def let_pass(request: HttpRequest, plan: Plan, gate: str) -> str:
    reason = request.POST.get("reason", "")
    actions_workflow.let_pass(
        plan, gate, reason, version=version_in(request), by=signed_in(request)
    )
    return "gates"


@acting("plan.approve")
def rule(request: HttpRequest, plan: Plan, rule: str) -> str:
    seen = request.POST.get("guardrail_version", "")
    actions_workflow.answer_guardrail(
        plan,
        rule,
        yes=request.POST.get("answer") == "yes",
        version=version_in(request),
        by=signed_in(request),
        note=request.POST.get("note", ""),
        guardrail_version=int(seen) if seen.isdecimal() else None,
    )
    return "rules"


@acting("plan.commit")
def commit(request: HttpRequest, plan: Plan) -> str:
    by = signed_in(request)
    form = CommitmentForm(request.POST, owners=owners(plan, by, people()))
    if not form.is_valid():
        raise ValidationError([str(text) for each in form.errors.values() for text in each])
    data = form.cleaned_data
    actions_talk.commit(plan, data["what"], due=data["due"], by=by, owner=data.get("owner"))
    return "promises"


@acting("plan.commit")
def commitment(request: HttpRequest, plan: Plan, promise: int) -> str:
    row = Commitment.objects.filter(plan=plan, pk=promise).first()
    if row is None:
        raise Http404
    version, what = version_in(request), request.POST.get("do")
    if what == "drop":
        actions_talk.drop(row, version=version, by=signed_in(request))
    else:
        actions_talk.finish(row, version=version, by=signed_in(request), done=what == "done")
    return "promises"


@acting("plan.comment")
def comment(request: HttpRequest, plan: Plan) -> str:
    above = request.POST.get("reply_to", "")
    asked = above.isdecimal() and len(above) <= LONGEST_NUMBER
    reply_to = Comment.objects.filter(plan=plan, pk=above).first() if asked else None
    said = actions_talk.comment(
        plan, request.POST.get("text", ""), by=signed_in(request), reply_to=reply_to
    )
    unknown = not_told(said)
    if unknown:
        names = ", ".join(f"@{name}" for name in unknown)
        messages.warning(
            request,
            _("Said, but nobody who sees this plan is called %(names)s.") % {"names": names},
        )
    return f"comment-{said.pk}"


@acting("plan.view")
def seen(request: HttpRequest, plan: Plan) -> str:
    actions_talk.read_mentions(plan, by=signed_in(request))
    return "comments"


@acting("plan.execute")
def record(request: HttpRequest, plan: Plan) -> str:
    stores = NamesField(required=False).clean(request.POST.get("store_ids", ""))
    actions_workflow.record_execution(
        plan,
        on=day_in(request, "on"),
        by=signed_in(request),
        store_ids=stores,
        note=request.POST.get("note", ""),
    )
    return "result"
