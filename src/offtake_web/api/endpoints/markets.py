from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Path

from offtake.errors import UnknownNameError
from offtake.measures.catalogue import CATALOGUE, measure
from offtake.measures.measure import Measure
from offtake.pipeline.run import published_id
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Paged, link_pages, page_of_list
from offtake_web.api.schemas.about import MarketShown, MeasureShown
from offtake_web.api.schemas.base import Key
from offtake_web.common.markets import Market, market_named, markets

group = Group("Markets and measures")


def market_at(key: str) -> Market:
    """Return the market of an address."""
    found = market_named(key)
    if found is None:
        raise Http404
    return found


@group.get("/markets", "figures.view", gives=list[MarketShown])
def list_markets(request: HttpRequest) -> list[dict[str, Any]]:
    """The markets of this workspace."""
    return [_market(each) for each in markets()]


@group.get("/markets/{market}", "figures.view", gives=MarketShown)
def get_market(request: HttpRequest, market: Key) -> dict[str, Any]:
    """One market."""
    return _market(market_at(market))


def _market(market: Market) -> dict[str, Any]:
    names = ("key", "title", "simulated", "category", "manufacturer", "currency")
    shown = {name: getattr(market, name) for name in names}
    return {**shown, "published": published_id(market.runs)}


@group.get("/measures", "figures.view", gives=Page[MeasureShown])
def list_measures(request: HttpRequest, response: HttpResponse, window: Paged) -> dict[str, Any]:
    """The catalogue of measures: what each figure means."""
    link_pages(request, response, len(CATALOGUE), window)
    return page_of_list(list(CATALOGUE.values()), window, _measure)


@group.get("/measures/{measure_id}", "figures.view", gives=MeasureShown)
def get_measure(
    request: HttpRequest, measure_id: Annotated[str, Path(examples=["sales_units"])]
) -> dict[str, Any]:
    """One measure of the catalogue."""
    try:
        return _measure(measure(measure_id))
    except UnknownNameError:
        raise Http404 from None


def _measure(each: Measure) -> dict[str, Any]:
    words = ("id", "title", "definition", "formula", "unit", "variant", "trap")
    lists = ("needs", "dimensions", "additive_over")
    return {
        **{name: getattr(each, name) for name in words},
        **{name: sorted(getattr(each, name)) for name in lists},
    }
