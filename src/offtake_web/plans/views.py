"""The pages of one plan: to read it, to write it, and to settle two changes of it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offtake_web.accounts.access import needs, scope_of, side_of, signed_in
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.common.refusals import blame
from offtake_web.plans import actions
from offtake_web.plans.diff import in_words, label
from offtake_web.plans.facts import known
from offtake_web.plans.forms import (
    CommitmentForm,
    ExecutionForm,
    PlanForm,
    found_items,
    item_choices,
)
from offtake_web.plans.models import CONTENT, Plan
from offtake_web.plans.plan_history import events
from offtake_web.plans.plan_page import PlanPage
from offtake_web.plans.queries import owners, people, whole
from offtake_web.plans.sight import today, within
from offtake_web.plans.writing import StaleVersionError

LONGEST_NUMBER = 18
"""Digits; what is longer is no number of ours, and takes long to read."""
LOOKING = ("find_items", "look")
"""Buttons of the form that show more of it and save nothing."""


@needs("plan.view")
@require_safe
def plan(request: HttpRequest, market: Market, pk: int) -> HttpResponse:
    found = _whole(request, market, pk)
    page = PlanPage(found, signed_in(request), market)
    everybody = list(people()) if page.may("plan.comment") else []
    context = {
        "page": page,
        "plan": found,
        "people": everybody,
        "promise": CommitmentForm(owners=owners(found, page.user, everybody)),
        "record": ExecutionForm(initial={"on": today()}),
    }
    return render(request, "plans/plan.html", context)


@needs("plan.view")
@require_safe
def history(request: HttpRequest, market: Market, pk: int) -> HttpResponse:
    found = _whole(request, market, pk)
    page = PlanPage(found, signed_in(request), market)
    context = {"plan": found, "events": events(found, page.known), "page": page}
    return render(request, "plans/history.html", context)


@needs("plan.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, market: Market) -> HttpResponse:
    user = signed_in(request)
    blank = Plan(market=market.key, side=side_of(user) or "sales", kind="promotion")
    form = PlanForm(
        request.POST or None, instance=blank, known=known(market), user=user,
        initial=_from_address(request),
    )  # fmt: skip
    if _saves(request) and form.is_valid():
        try:
            made = actions.create(market, form.values, by=user)
        except ValidationError as wrong:
            blame(form, wrong)
        else:
            messages.success(request, _("The plan is made, as a draft."))
            return redirect("plan", market, made.pk)
    return _form_page(request, market, form)


@needs("plan.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, market: Market, pk: int) -> HttpResponse:
    found, user = _whole(request, market, pk), signed_in(request)
    form = PlanForm(
        request.POST or None, instance=found, known=known(market), user=user,
        initial={"version": found.version},
    )  # fmt: skip
    if _saves(request) and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            done = actions.change(found, form.values, version=version, by=user)
        except StaleVersionError as stale:
            return _settle_page(request, market, stale)
        except ValidationError as wrong:
            blame(form, wrong)
        else:
            _say(request, done)
            return redirect("plan", market, pk)
    return _form_page(request, market, form)


@needs("plan.edit")
@require_POST
def resolve(request: HttpRequest, market: Market, pk: int) -> HttpResponse:
    """Keep, field by field, somebody's own value or the one that stands."""
    found = _whole(request, market, pk)
    try:
        mine = json.loads(request.POST.get("mine", "{}"))
        version = int(request.POST.get("version", ""))
        kept = {
            name: value
            for name, value in dict(mine).items()
            if request.POST.get(f"keep_{name}", "mine") == "mine"
        }
        done = actions.change(found, kept, version=version, by=signed_in(request))
    except StaleVersionError as stale:
        return _settle_page(request, market, stale)
    except ValidationError as wrong:
        for text in wrong.messages:
            messages.error(request, text)
    except (ValueError, TypeError):
        messages.error(request, _("What you sent cannot be read."))
    else:
        _say(request, done)
    return redirect("plan", market, pk)


@needs("plan.edit")
@require_POST
def preview(request: HttpRequest, market: Market) -> HttpResponse:
    """Say what a plan that is not saved is expected to do, and where it collides."""
    user = signed_in(request)
    number = request.POST.get("plan", "")
    named = number.isdecimal() and len(number) <= LONGEST_NUMBER
    existing = _whole(request, market, int(number)) if named else None
    blank = existing or Plan(market=market.key, side=side_of(user) or "sales")
    form = PlanForm(request.POST, instance=blank, known=known(market), user=user)
    context = {"page": _looked_at(form, user, market)}
    return render(request, "plans/preview.html", context)


@needs("plan.edit")
@require_safe
def items(request: HttpRequest, market: Market) -> HttpResponse:
    """Offer items for the form, as boxes to tick."""
    user, facts = signed_in(request), known(market)
    found = found_items(facts, request.GET.get("find", ""), scope_of(user).brands)
    ticked = set(request.GET.getlist("product_ids"))
    choices = item_choices(facts, [*request.GET.getlist("product_ids"), *found])
    context = {"choices": choices, "ticked": ticked, "asked": request.GET.get("find", "")}
    return render(request, "plans/items.html", context)


def _whole(request: HttpRequest, market: Market, pk: int) -> Plan:
    try:
        return whole(signed_in(request), market, pk)
    except Plan.DoesNotExist:
        raise Http404 from None


def _saves(request: HttpRequest) -> bool:
    return request.method == "POST" and not any(name in request.POST for name in LOOKING)


def _from_address(request: HttpRequest) -> dict[str, Any]:
    """Take from the address what a link suggests for a new plan."""
    lists = ("retailers", "product_ids", "brands", "touchpoints")
    return {
        name: request.GET.getlist(name) if name in lists else request.GET[name]
        for name in CONTENT
        if name in request.GET
    }


def _say(request: HttpRequest, done: actions.Changed) -> None:
    messages.success(request, _("The plan is saved."))
    if done.theirs:
        names = ", ".join(label(name) for name in done.theirs)
        messages.warning(
            request,
            _("Others had changed it meanwhile; their changes stay too: %(names)s.")
            % {"names": names},
        )


def _form_page(request: HttpRequest, market: Market, form: PlanForm) -> HttpResponse:
    user = signed_in(request)
    context = {"form": form, "plan": form.instance if form.instance.pk else None}
    if form.is_bound:
        context["page"] = _looked_at(form, user, market)
    elif form.instance.pk:
        context["page"] = PlanPage(form.instance, user, market)
    return render(request, "plans/form.html", context)


def _looked_at(form: PlanForm, user: User, market: Market) -> PlanPage | None:
    """Return what is written in a form as a page shows it.

    None where it is no plan yet, or reaches beyond somebody's part of the business.
    """
    form.is_valid()
    plan = form.instance
    shown = _complete(plan) and within(scope_of(user), plan, known(market))
    return PlanPage(plan, user, market) if shown else None


def _complete(found: Plan) -> bool:
    days = None not in (found.first_day, found.last_day) and found.first_day <= found.last_day
    return bool(found.kind and days and 0 <= (found.price_cut or 0) < 100)


def _settle_page(request: HttpRequest, market: Market, stale: StaleVersionError) -> HttpResponse:
    """Show both versions side by side, with a way to keep either for each field."""
    facts = known(market)
    fields = [
        {
            "name": name,
            "label": label(name),
            "before": in_words(name, stale.before[name], facts) if name in stale.before else "",
            "theirs": in_words(name, getattr(stale.plan, name), facts),
            "mine": in_words(name, mine, facts),
            "differs": stale.before.get(name) != getattr(stale.plan, name),
        }
        for name, mine in stale.mine.items()
        if mine != getattr(stale.plan, name)
    ]
    mine = json.dumps({each["name"]: stale.mine[str(each["name"])] for each in fields},
                      cls=DjangoJSONEncoder)  # fmt: skip
    context = {"plan": stale.plan, "fields": fields, "mine": mine}
    return render(request, "plans/settle.html", context, status=409)
