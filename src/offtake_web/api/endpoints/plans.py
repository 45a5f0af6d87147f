from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from ninja import Query

from offtake_web.accounts.access import signed_in
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.endpoints.plan_shown import (
    current_shown,
    judgement,
    plan_shown,
    shown_again,
)
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Paged, link_pages, page_of_list
from offtake_web.api.frame.versions import version_read, versioned
from offtake_web.api.schemas.base import Key, Number
from offtake_web.api.schemas.plans import (
    CopySent,
    EventShown,
    Judgement,
    PlanChange,
    PlanLine,
    PlansAsked,
    PlanSent,
    PlanShown,
    WaitingShown,
)
from offtake_web.common.markets import Market
from offtake_web.plans import actions
from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.calendar_filters import Filters, read_filters
from offtake_web.plans.calendar_queries import entries
from offtake_web.plans.facts import known
from offtake_web.plans.models import Plan
from offtake_web.plans.plan_history import events
from offtake_web.plans.plan_page import PlanPage
from offtake_web.plans.queries import Waiting, waiting_for, whole
from offtake_web.plans.writing import StaleVersionError, demand_reach

group = Group("The plan")


def plan_at(request: HttpRequest, market: Market, number: int) -> Plan:
    """Return the plan of an address, where the one who asks may see it."""
    try:
        return whole(signed_in(request), market, number)
    except Plan.DoesNotExist:
        raise Http404 from None


@group.get("/markets/{market}/plans", "plan.view", gives=Page[PlanLine])
def list_plans(
    request: HttpRequest,
    response: HttpResponse,
    market: Key,
    asked: Annotated[PlansAsked, Query()],
) -> dict[str, Any]:
    """The plans of a market by their days, as far as they touch your part of the business."""
    found = _filters(asked).of(entries(signed_in(request), market_at(market)))
    link_pages(request, response, len(found), asked)
    return page_of_list(found, asked, _line)


def _filters(asked: PlansAsked) -> Filters:
    query = QueryDict(mutable=True)
    for name, wish in asked.dict(by_alias=True, exclude={"page", "size"}).items():
        if isinstance(wish, bool):
            query[name] = "1" if wish else ""
        else:
            query.setlist(name, wish if isinstance(wish, list) else [str(wish or "")])
    return read_filters(query)


def _line(plan: Entry) -> dict[str, Any]:
    names = (
        "version", "kind", "state", "side", "name", "first_day", "last_day", "reason",
        "conflicts", "cost",
    )  # fmt: skip
    return {
        "id": plan.pk,
        **{name: getattr(plan, name) for name in names},
        "retailers": list(plan.retailers),
        "brands": list(plan.brands),
        "ready": plan.light,
        "older_rules": [f"{rule}: {words}" for rule, words in plan.older],
    }


@group.post("/markets/{market}/plans", "plan.edit", gives=PlanShown, status=201)
def make_plan(
    request: HttpRequest, response: HttpResponse, market: Key, sent: PlanSent
) -> dict[str, Any]:
    """Make a plan, as a draft."""
    place = market_at(market)
    return _made(
        request, response, place, actions.create(place, _content(sent), by=signed_in(request))
    )


def _made(
    request: HttpRequest, response: HttpResponse, market: Market, plan: Plan
) -> dict[str, Any]:
    response["Location"] = f"/api/v1/markets/{market}/plans/{plan.pk}"
    return shown_again(request, market, plan)


def _content(sent: PlanChange) -> dict[str, Any]:
    return sent.dict(exclude_unset=True)


@group.post("/markets/{market}/plans/preview", "plan.view", gives=Judgement)
def preview_plan(request: HttpRequest, market: Key, sent: PlanSent) -> dict[str, Any]:
    """What the rules and the models say of a plan that is not saved.

    Nothing is kept. The base is the run's: a plan changes what comes on top of it.
    """
    user, place = signed_in(request), market_at(market)
    content = _content(sent)
    plan = Plan(market=place.key, created_by=user, updated_by=user, **content)
    plan.full_clean(exclude=("created_by", "updated_by"), validate_unique=False)
    demand_reach(plan, by=user)
    return judgement(PlanPage(plan, user, place))


@group.get("/markets/{market}/plans/waiting", "plan.view", gives=Page[WaitingShown])
def list_waiting(
    request: HttpRequest, response: HttpResponse, market: Key, window: Paged
) -> dict[str, Any]:
    """What waits for you: plans to agree, gates to confirm, promises due, where you are named."""
    found = waiting_for(signed_in(request), market_at(market))
    link_pages(request, response, len(found), window)
    return page_of_list(found, window, _waiting)


def _waiting(each: Waiting) -> dict[str, Any]:
    names = ("matter", "text", "due", "late")
    return {
        "plan": each.plan.pk,
        "name": each.plan.name,
        **{name: getattr(each, name) for name in names},
    }


@group.get("/markets/{market}/plans/{plan_id}", "plan.view", gives=PlanShown)
def get_plan(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, Any]:
    """One plan with its commitments, confirmations, answers, comments and what was done."""
    plan = plan_at(request, market_at(market), plan_id)
    versioned(request, plan.version)
    return plan_shown(plan)


@group.patch("/markets/{market}/plans/{plan_id}", "plan.edit", gives=PlanShown, changes=True,
             problems=("conflict",))  # fmt: skip
def change_plan(
    request: HttpRequest, market: Key, plan_id: Number, sent: PlanChange
) -> dict[str, Any]:
    """Change what is planned.

    A change of content takes back every yes to it.
    """
    place = market_at(market)
    plan, version = plan_at(request, place, plan_id), version_read(request)
    with current_shown(), transaction.atomic():
        _demand_current(plan, version)
        actions.change(plan, _content(sent), version=version, by=signed_in(request))
    return shown_again(request, place, plan)


def _demand_current(plan: Plan, version: int) -> None:
    """Hold a plan, and refuse what was read before its last change; pages bring both together."""
    now = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if now.version != version:
        raise StaleVersionError(now, version)


@group.get("/markets/{market}/plans/{plan_id}/judgement", "plan.view", gives=Judgement)
def get_judgement(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, Any]:
    """What is expected of a plan, whether it is ready, what it collides with, what it breaks."""
    place = market_at(market)
    return judgement(PlanPage(plan_at(request, place, plan_id), signed_in(request), place))


@group.get("/markets/{market}/plans/{plan_id}/history", "plan.view", gives=Page[EventShown])
def list_history(
    request: HttpRequest, response: HttpResponse, market: Key, plan_id: Number, window: Paged
) -> dict[str, Any]:
    """What happened to a plan, the latest first: who did what, and what changed by it."""
    place = market_at(market)
    found = events(plan_at(request, place, plan_id), known(place))
    link_pages(request, response, len(found), window)
    return page_of_list(found, window, asdict)


@group.post("/markets/{market}/plans/{plan_id}/copy", "plan.edit", gives=PlanShown, status=201)
def copy_plan(
    request: HttpRequest, response: HttpResponse, market: Key, plan_id: Number, sent: CopySent
) -> dict[str, Any]:
    """Make a draft with the content of a plan."""
    place = market_at(market)
    plan = plan_at(request, place, plan_id)
    new = actions.copy(plan, by=signed_in(request), first_day=sent.first_day)
    return _made(request, response, place, new)


@group.post("/markets/{market}/plans/{plan_id}/undo", "plan.edit", gives=PlanShown, changes=True,
            problems=("conflict",))  # fmt: skip
def undo_change(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, Any]:
    """Take the last change of content back, as a new change."""
    place = market_at(market)
    plan = plan_at(request, place, plan_id)
    with current_shown():
        actions.undo(plan, version=version_read(request), by=signed_in(request))
    return shown_again(request, place, plan)
