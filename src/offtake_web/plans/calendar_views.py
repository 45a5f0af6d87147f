from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from offtake_web.accounts.access import may, needs, scope_of
from offtake_web.common.markets import Market
from offtake_web.common.paging import paged
from offtake_web.plans.calendar_account import account_year
from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.calendar_layout import Rows, month, timeline
from offtake_web.plans.calendar_page import context, reader, seen
from offtake_web.plans.calendar_queries import promises
from offtake_web.plans.facts import known
from offtake_web.plans.sight import today

SORTS: MappingProxyType[str, Callable[[Entry], Any]] = MappingProxyType(
    {
        "days": lambda plan: (plan.first_day, plan.last_day),
        "name": lambda plan: plan.name.casefold(),
        "kind": lambda plan: plan.kind_label,
        "state": lambda plan: plan.state_label,
        "cost": lambda plan: plan.cost or 0,
        "gain": lambda plan: plan.gain or (0.0, 0.0, 0.0),
        "ready": lambda plan: ("red", "amber", "green", "").index(plan.light),
        "conflicts": lambda plan: (plan.serious, plan.conflicts),
    }
)


def _soonest(plan: Entry) -> tuple[bool, int, int]:
    """What is on or to come first, by its days; then what is over, the latest first."""
    over = plan.last_day < today()
    first, last = plan.first_day.toordinal(), plan.last_day.toordinal()
    return (over, -last, -first) if over else (over, first, last)


@needs("plan.view")
@require_safe
def plan_list(request: HttpRequest, market: Market) -> HttpResponse:
    found = seen(request, market)
    rows = sorted(found.plans, key=lambda plan: plan.pk)
    wanted = request.GET.get("sort", "")
    key = SORTS.get(wanted.removeprefix("-"), _soonest)
    rows.sort(key=key, reverse=wanted.startswith("-"))
    more = {"page": paged(request, rows), "sort": wanted, "currency": known(market).currency}
    return _page(request, market, "list", context(request, market, found) | more)


@needs("plan.view")
@require_safe
def plan_timeline(request: HttpRequest, market: Market) -> HttpResponse:
    found = seen(request, market)
    rows: Rows = "brand" if request.GET.get("rows") == "brand" else "account"
    more = {"rows": rows, "timeline": timeline(found.plans, rows, today())}
    return _page(request, market, "timeline", context(request, market, found) | more)


@needs("plan.view")
@require_safe
def plan_month(request: HttpRequest, market: Market) -> HttpResponse:
    found = seen(request, market)
    first = _month(request.GET.get("month", "")) or today().replace(day=1)
    more = {"month": month(found.plans, first), "today": today()}
    return _page(request, market, "month", context(request, market, found) | more)


@needs("plan.view")
@require_safe
def plan_account(request: HttpRequest, market: Market) -> HttpResponse:
    found = seen(request, market)
    promised = promises(reader(request), market, found.plans)
    mine = (*found.filters.retailer, *sorted(scope_of(request.user).retailers), "")
    asked = request.GET.get("account", "") or mine[0], request.GET.get("year", "")
    more = {
        "account": account_year(found.plans, promised, asked, today()),
        "today": today(),
        "currency": known(market).currency,
    }
    return _page(request, market, "account", context(request, market, found) | more)


def _page(request: HttpRequest, market: Market, view: str, values: dict[str, Any]) -> HttpResponse:
    facts = known(market)
    more = {
        "may_edit": may(request.user, "plan.edit"),
        "simulated": facts.simulated,
        "run_id": facts.run_id,
    }
    return render(request, f"plans/calendar_{view}.html", values | more)


def _month(text: str) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if 1900 < found.year < 2200 else None
