from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Path

from offtake.decisions.planning.guardrails import Rule, check_rule
from offtake_web.accounts.access import signed_in
from offtake_web.accounts.models import User
from offtake_web.api.endpoints.jobs import who
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Paged, link_pages, page_of_list
from offtake_web.api.frame.problems import Problem
from offtake_web.api.frame.versions import version_read, versioned
from offtake_web.api.schemas.base import Key
from offtake_web.api.schemas.guardrails import GuardrailChange, GuardrailEvent, GuardrailShown
from offtake_web.plans.actions_guardrails import StaleGuardrailError, change_guardrail
from offtake_web.plans.facts import known
from offtake_web.plans.guardrail_page import past
from offtake_web.plans.guardrails import TERMS, approver_of, nameable, one_of, set_of
from offtake_web.plans.models import MarketGuardrail

group = Group("Guardrails")
ALL = "/markets/{market}/guardrails"
RuleAt = Annotated[Rule, Path(description="The guardrail.", examples=["most_days"])]


@group.get(ALL, "plan.view", gives=list[GuardrailShown])
def list_guardrails(request: HttpRequest, market: Key) -> list[dict[str, Any]]:
    """The limits that plans of a market pass only with somebody's yes."""
    return [_shown(each) for each in set_of(market_at(market).key)]


@group.get(f"{ALL}/history", "plan.view", gives=Page[GuardrailEvent])
def list_guardrail_history(
    request: HttpRequest, response: HttpResponse, market: Key, window: Paged
) -> dict[str, Any]:
    """What changed of the guardrails, the latest first: who did what when."""
    place = market_at(market)
    found = past(place.key, known(place).currency)
    link_pages(request, response, len(found), window)
    return page_of_list(found, window, asdict)


@group.get(f"{ALL}/{{rule}}", "plan.view", gives=GuardrailShown)
def get_guardrail(request: HttpRequest, market: Key, rule: RuleAt) -> dict[str, Any]:
    """One guardrail."""
    row = one_of(market_at(market).key, rule)
    versioned(request, row.version)
    return _shown(row)


@group.patch(f"{ALL}/{{rule}}", "plan.rules", gives=GuardrailShown, changes=True,
             sensitive=True)  # fmt: skip
def set_guardrail(
    request: HttpRequest, market: Key, rule: RuleAt, sent: GuardrailChange
) -> dict[str, Any]:
    """Set a guardrail.

    Every plan that is not locked is held to it at once; a yes given under a looser limit is needed
    again. A locked plan stays locked, and says so where it breaks the new limit.
    """
    try:
        row = change_guardrail(
            market_at(market), rule, _values(sent), version=version_read(request),
            by=signed_in(request),
        )  # fmt: skip
    except StaleGuardrailError as stale:
        etag = {"ETag": f'"{stale.current.version}"'}
        more = {"current": _shown(stale.current)}
        raise Problem("stale", str(stale), more=more, headers=etag) from None
    versioned(request, row.version)
    return _shown(row)


def _values(sent: GuardrailChange) -> dict[str, Any]:
    values = sent.dict(exclude_unset=True)
    if values.get("person") is not None:
        values["person"] = _named(values["person"])
    return values


def _named(username: str) -> User:
    for each in nameable():
        if each.get_username() == username:
            return each
    words = _("%(who)s may not approve every plan.") % {"who": username}
    raise ValidationError({"person": [words]})


def _shown(row: MarketGuardrail) -> dict[str, Any]:
    rule = check_rule(row.rule)
    term = TERMS[rule]
    return {
        "rule": rule,
        "label": str(term.label),
        **{name: getattr(row, name) for name in ("version", "on", "limit", "kinds", "role")},
        "unit": term.unit,
        "low": term.low,
        "high": term.high,
        "person": who(row.person) if row.person else None,
        "person_may": approver_of(row) is not None,
    }
