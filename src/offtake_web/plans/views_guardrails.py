"""The page of a market's guardrails, and the form of one of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from offtake.decisions.planning.guardrails import Rule, check_rule
from offtake.errors import UnknownNameError
from offtake_web.accounts.access import may, needs, signed_in
from offtake_web.accounts.signin import fresh
from offtake_web.common.markets import Market
from offtake_web.plans.actions_guardrails import StaleGuardrailError, change_guardrail
from offtake_web.plans.facts import known
from offtake_web.plans.guardrail_forms import GuardrailForm
from offtake_web.plans.guardrail_page import differences, lines, past
from offtake_web.plans.guardrails import TERMS, one_of
from offtake_web.plans.models import MarketGuardrail

SHOWN = 100
"""Changes that the page shows; the API gives all of them."""


@needs("plan.view")
@require_safe
def rules(request: HttpRequest, market: Market) -> HttpResponse:
    """Show the guardrails of a market and what changed of them."""
    currency = known(market).currency
    context = {
        "lines": lines(market.key, currency),
        "past": past(market.key, currency)[:SHOWN],
        "may_change": may(signed_in(request), "plan.rules"),
    }
    return render(request, "plans/guardrails.html", context)


@needs("plan.rules")
@require_http_methods(["GET", "HEAD", "POST"])
@fresh
def change(request: HttpRequest, market: Market, rule: str) -> HttpResponse:
    """Set one guardrail."""
    name = _rule(rule)
    row, currency = one_of(market.key, name), known(market).currency
    form = GuardrailForm(request.POST or None, row=row, currency=currency)
    if request.method == "POST" and form.is_valid():
        by, version = signed_in(request), form.cleaned_data["version"]
        try:
            change_guardrail(market, name, form.values, version=version, by=by)
        except StaleGuardrailError as stale:
            return _stale(request, form, stale.current, currency)
        except ValidationError as wrong:
            _put(form, wrong)
        else:
            messages.success(
                request,
                _("The guardrail is saved. Plans are held to it now; what is locked stays locked."),
            )
            return redirect("plan-rules", market)
    return _page(request, form, name)


def _rule(name: str) -> Rule:
    try:
        return check_rule(name)
    except UnknownNameError:
        raise Http404 from None


def _put(form: GuardrailForm, wrong: ValidationError) -> None:
    for name, texts in wrong.message_dict.items():
        for text in texts:
            form.add_error(name, text)


def _stale(
    request: HttpRequest, form: GuardrailForm, current: MarketGuardrail, currency: str
) -> HttpResponse:
    """Show what somebody wrote beside what is kept now; saving again replaces that."""
    wanted = MarketGuardrail(market=current.market, rule=current.rule, **form.values)
    data = request.POST.copy()
    data["version"] = str(current.version)
    again = GuardrailForm(data, row=current, currency=currency)
    both = differences(wanted, current, currency)
    return _page(request, again, check_rule(current.rule), status=409, both=both, stale=True)


def _page(
    request: HttpRequest, form: GuardrailForm, rule: Rule, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"form": form, "label": TERMS[rule].label, "rule": rule, **more}
    return render(request, "plans/guardrail_form.html", context, status=status)
