from __future__ import annotations

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from offtake.pipeline.run import published_id
from offtake_web.accounts.access import needs
from offtake_web.common.markets import Market
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
from offtake_web.dashboards.views.show import nothing, show
from offtake_web.runs.queries import all_ids, run_named

READ = needs("figures.view")
MOST_RUNS = 50


@READ
@require_safe
def home_page(request: HttpRequest, market: Market) -> HttpResponse:
    """Show today; it is never answered as unchanged, for what waits is of now."""
    reading = reading_of(request, market)
    if reading is None:
        return nothing(request, market)
    return render(request, "dashboards/home.html", {"reading": reading, **home.home(reading)})


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
    return render(request, "dashboards/compare_with.html", {"runs": runs, "next": back})


def _inside(market: Market, address: str) -> str:
    """Return an address of the market, never one that leads elsewhere."""
    home = f"/{market}/"
    return address if address.startswith(home) else f"{home}scoreboard/"


@READ
@require_safe
def scoreboard_page(request: HttpRequest, market: Market) -> HttpResponse:
    return show(
        request,
        market,
        "dashboards/scoreboard.html",
        scoreboard.scoreboard,
        title=_("Scoreboard"),
        export=lambda reading: ("scoreboard", scoreboard.as_table(reading)),
    )


@READ
@require_safe
def promotions_page(request: HttpRequest, market: Market) -> HttpResponse:
    return show(
        request,
        market,
        "dashboards/promotions.html",
        promotions.promotions,
        title=_("Promotions"),
        export=lambda reading: (EVENTS, promotions.events(reading).table),
    )


@READ
@require_safe
def promotion_page(request: HttpRequest, market: Market, name: str) -> HttpResponse:
    return show(
        request,
        market,
        "dashboards/promotion.html",
        partial(promotions.promotion, name=name),
        title=_("Promotion"),
    )


@READ
@require_safe
def availability_page(request: HttpRequest, market: Market) -> HttpResponse:
    return show(
        request,
        market,
        "dashboards/availability.html",
        availability.availability,
        title=_("Availability"),
    )


@READ
@require_safe
def availability_list(request: HttpRequest, market: Market, name: str) -> HttpResponse:
    if name not in availability.LISTS:
        raise Http404
    one = availability.LISTS[name]
    return show(
        request,
        market,
        "dashboards/availability_list.html",
        partial(availability.availability_list, name=name),
        title=_("Availability"),
        export=lambda reading: (one.table, availability.listed(reading, one).table),
    )


@READ
@require_safe
def shoppers_page(request: HttpRequest, market: Market, subject: str = "") -> HttpResponse:
    return show(
        request,
        market,
        "dashboards/shoppers.html",
        partial(shoppers.shoppers, subject=subject),
        title=_("Shoppers and brand"),
    )


@READ
@require_safe
def tables_page(request: HttpRequest, market: Market) -> HttpResponse:
    return show(request, market, "dashboards/tables.html", tables.tables, title=_("All tables"))


@READ
@require_safe
def table_page(request: HttpRequest, market: Market, name: str) -> HttpResponse:
    return show(
        request,
        market,
        "dashboards/table.html",
        partial(tables.table, name=name),
        title=name,
        export=lambda reading: (name, tables.rows_of(reading, name).table),
    )


@READ
@require_safe
def passport_page(request: HttpRequest, market: Market, subject: str, key: str) -> HttpResponse:
    return show(
        request,
        market,
        "dashboards/passport.html",
        partial(passports.passport, subject=subject, key=key),
        title=_("Definition and source"),
    )


@READ
@require_safe
def glossary_page(request: HttpRequest, market: Market) -> HttpResponse:
    return show(
        request, market, "dashboards/glossary.html", passports.glossary, title=_("Glossary")
    )
