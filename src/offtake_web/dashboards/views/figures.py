from __future__ import annotations

import logging
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from offtake.pipeline.run import published_id
from offtake_web.accounts.access import needs, signed_in
from offtake_web.common.markets import Market
from offtake_web.dashboards.queries import plans_of
from offtake_web.dashboards.reading import reading_of
from offtake_web.dashboards.scoped import EVENTS
from offtake_web.dashboards.subjects import (
    availability,
    home,
    passports,
    promotions,
    scoreboard,
    shoppers,
    tables,
)
from offtake_web.dashboards.views.show import DAMAGE, Page, nothing, show
from offtake_web.plans.queries import waiting_for
from offtake_web.runs.days import days_of
from offtake_web.runs.queries import all_ids, run_named

logger = logging.getLogger(__name__)
READ = needs("figures.view")
MOST_RUNS = 50


@READ
@require_safe
def home_page(request: HttpRequest, market: Market) -> HttpResponse:
    """Show today; it is never answered as unchanged, for what waits is of now."""
    waiting = waiting_for(signed_in(request), market)
    reading = reading_of(request, market)
    if reading is None:
        return nothing(request, market, waiting=waiting)
    try:
        context = {"reading": reading, "waiting": waiting, **home.home(reading)}
    except DAMAGE:
        logger.exception("run %s cannot be shown", reading.run.run_id)
        return nothing(request, market, waiting=waiting, status=503)
    return render(request, "dashboards/home.html", context)


@READ
@require_safe
def compare_with(request: HttpRequest, market: Market) -> HttpResponse:
    """Choose a run to set figures beside, and go back to the page with it in the address."""
    back = _inside(market, request.GET.get("next", ""))
    wanted = request.GET.get("against", "")
    if wanted and run_named(market, wanted):
        path, _mark, query = back.partition("?")
        asked = QueryDict(query, mutable=True)
        asked["against"] = wanted
        return redirect(f"{path}?{asked.urlencode()}")
    shown = published_id(market.runs)
    others = [name for name in all_ids(market) if name != shown][:MOST_RUNS]
    runs = [run for name in others if (run := run_named(market, name)) is not None]
    context = {"runs": [(run, days_of(run.manifest.frame)) for run in runs], "next": back}
    return render(request, "dashboards/compare_with.html", context)


def _inside(market: Market, address: str) -> str:
    """Return an address of the market, never one that leads elsewhere."""
    home = f"/{market}/"
    return address if address.startswith(home) else f"{home}scoreboard/"


@READ
@require_safe
def scoreboard_page(request: HttpRequest, market: Market) -> HttpResponse:
    page = Page(
        title=_("Scoreboard"),
        template="dashboards/scoreboard.html",
        make=scoreboard.scoreboard,
        export=lambda reading: ("scoreboard", scoreboard.as_table(reading)),
    )
    return show(request, market, page)


@READ
@require_safe
def promotions_page(request: HttpRequest, market: Market) -> HttpResponse:
    page = Page(
        title=_("Promotions"),
        template="dashboards/promotions.html",
        make=promotions.promotions,
        export=lambda reading: (EVENTS, promotions.events(reading).table),
    )
    return show(request, market, page)


@READ
@require_safe
def promotion_page(request: HttpRequest, market: Market, name: str) -> HttpResponse:
    page = Page(
        title=_("Promotion"),
        template="dashboards/promotion.html",
        make=partial(promotions.promotion, name=name),
        plans=plans_of(signed_in(request), market, name),
    )
    return show(request, market, page)


@READ
@require_safe
def availability_page(request: HttpRequest, market: Market) -> HttpResponse:
    page = Page(
        title=_("Availability"),
        template="dashboards/availability.html",
        make=availability.availability,
    )
    return show(request, market, page)


@READ
@require_safe
def availability_list(request: HttpRequest, market: Market, name: str) -> HttpResponse:
    if name not in availability.LISTS:
        raise Http404
    one = availability.LISTS[name]
    page = Page(
        title=_("Availability"),
        template="dashboards/availability_list.html",
        compares=False,
        make=partial(availability.availability_list, name=name),
        export=lambda reading: (one.table, availability.listed(reading, one).table),
    )
    return show(request, market, page)


@READ
@require_safe
def shoppers_page(request: HttpRequest, market: Market, subject: str = "") -> HttpResponse:
    page = Page(
        title=_("Shoppers and brand"),
        template="dashboards/shoppers.html",
        make=partial(shoppers.shoppers, subject=subject),
    )
    return show(request, market, page)


@READ
@require_safe
def tables_page(request: HttpRequest, market: Market) -> HttpResponse:
    page = Page(
        title=_("All tables"),
        template="dashboards/tables.html",
        compares=False,
        make=tables.tables,
    )
    return show(request, market, page)


@READ
@require_safe
def table_page(request: HttpRequest, market: Market, name: str) -> HttpResponse:
    page = Page(
        title=name,
        template="dashboards/table.html",
        make=partial(tables.table, name=name),
        export=lambda reading: (name, tables.rows_of(reading, name).table),
    )
    return show(request, market, page)


@READ
@require_safe
def passport_page(request: HttpRequest, market: Market, subject: str, key: str) -> HttpResponse:
    page = Page(
        title=_("Definition and source"),
        template="dashboards/passport.html",
        compares=False,
        make=partial(passports.passport, subject=subject, key=key),
    )
    return show(request, market, page)


@READ
@require_safe
def glossary_page(request: HttpRequest, market: Market) -> HttpResponse:
    page = Page(
        title=_("Glossary"),
        template="dashboards/glossary.html",
        compares=False,
        make=passports.glossary,
    )
    return show(request, market, page)
