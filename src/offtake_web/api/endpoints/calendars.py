from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from offtake_web.accounts.access import demand, signed_in
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Paged, link_pages, page_of_list
from offtake_web.api.schemas.base import Key, Number
from offtake_web.api.schemas.calendars import CalendarMade, CalendarSent, CalendarShown
from offtake_web.plans import actions_feed
from offtake_web.plans.calendar_queries import feed_links
from offtake_web.plans.models import FeedLink

group = Group("Calendars of the plan")


@group.get("/markets/{market}/calendars", "plan.view", gives=Page[CalendarShown])
def list_calendars(
    request: HttpRequest, response: HttpResponse, market: Key, window: Paged
) -> dict[str, Any]:
    """The secret addresses at which calendar programs find your plans."""
    found = feed_links(signed_in(request), market_at(market))
    link_pages(request, response, len(found), window)
    return page_of_list(found, window, _shown)


@group.post("/markets/{market}/calendars", "plan.view", gives=CalendarMade, status=201,
            secret=True)  # fmt: skip
def make_calendar(
    request: HttpRequest, response: HttpResponse, market: Key, sent: CalendarSent
) -> dict[str, Any]:
    """Make a secret address for a calendar program; it shows what you may see."""
    demand(signed_in(request), "account.own")  # the address outlives the token
    link, secret = actions_feed.make_feed_link(market_at(market), sent.name, by=signed_in(request))
    response["Cache-Control"] = "private, no-store"
    place = reverse("plan-feed", kwargs={"market": market, "secret": secret})
    return {**_shown(link), "address": request.build_absolute_uri(place)}


@group.delete("/markets/{market}/calendars/{calendar_id}", "plan.view", status=204)
def revoke_calendar(request: HttpRequest, market: Key, calendar_id: Number) -> None:
    """Make one of your secret addresses worthless."""
    links = feed_links(signed_in(request), market_at(market))
    found = next((each for each in links if each.pk == calendar_id), None)
    if found is None:
        raise Http404
    actions_feed.revoke_feed_link(found, by=signed_in(request))


def _shown(link: FeedLink) -> dict[str, Any]:
    return {"id": link.pk, "name": link.name, "created": link.created, "last_used": link.last_used}
