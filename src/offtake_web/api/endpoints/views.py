from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from offtake_web.accounts.access import signed_in
from offtake_web.api.endpoints.jobs import who
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Paged, link_pages, page_of
from offtake_web.api.frame.problems import Problem
from offtake_web.api.frame.versions import version_read, versioned
from offtake_web.api.schemas.base import Key, Number
from offtake_web.api.schemas.people import ViewChange, ViewSent, ViewShown
from offtake_web.dashboards import actions
from offtake_web.dashboards.models import SavedView
from offtake_web.dashboards.queries import own_view, saved_views

group = Group("Saved views")


@group.get("/markets/{market}/views", "views.save", gives=Page[ViewShown])
def list_views(
    request: HttpRequest, response: HttpResponse, market: Key, window: Paged
) -> dict[str, Any]:
    """Your saved views of a market, and those that others share."""
    found = saved_views(signed_in(request), market_at(market))
    total = found.count()
    link_pages(request, response, total, window)
    return page_of(found, total, window, _shown)


@group.post("/markets/{market}/views", "views.save", gives=ViewShown, status=201)
def save_view(
    request: HttpRequest, response: HttpResponse, market: Key, sent: ViewSent
) -> dict[str, Any]:
    """Save the address of a page of the market under a name."""
    view = actions.save_view(
        market_at(market), sent.name, sent.address, shared=sent.shared, by=signed_in(request)
    )
    response["Location"] = f"/api/v1/markets/{market}/views/{view.pk}"
    versioned(request, view.version)
    return _shown(view)


@group.get("/markets/{market}/views/{view_id}", "views.save", gives=ViewShown)
def get_view(request: HttpRequest, market: Key, view_id: Number) -> dict[str, Any]:
    """One saved view."""
    found = saved_views(signed_in(request), market_at(market)).filter(pk=view_id).first()
    if found is None:
        raise Http404
    versioned(request, found.version)
    return _shown(found)


@group.patch("/markets/{market}/views/{view_id}", "views.save", gives=ViewShown, changes=True)
def change_view(
    request: HttpRequest, market: Key, view_id: Number, sent: ViewChange
) -> dict[str, Any]:
    """Rename one of your views, share it, or keep it to yourself."""
    view = _own(request, market, view_id)
    try:
        changed = actions.change_view(
            view, version=version_read(request), by=signed_in(request), name=sent.name,
            shared=sent.shared,
        )  # fmt: skip
    except actions.StaleError as stale:
        etag = {"ETag": f'"{stale.current.version}"'}
        raise Problem("stale", more={"current": _shown(stale.current)}, headers=etag) from None
    except SavedView.DoesNotExist:
        raise Http404 from None
    versioned(request, changed.version)
    return _shown(changed)


@group.delete("/markets/{market}/views/{view_id}", "views.save", status=204)
def delete_view(request: HttpRequest, market: Key, view_id: Number) -> None:
    """Delete one of your views."""
    actions.delete_view(_own(request, market, view_id), by=signed_in(request))


def _own(request: HttpRequest, market: str, number: int) -> SavedView:
    found = own_view(signed_in(request), market_at(market), number)
    if found is None:
        raise Http404
    return found


def _shown(view: SavedView) -> dict[str, Any]:
    names = ("version", "name", "address", "shared")
    return {"id": view.pk, "owner": who(view.owner), **{n: getattr(view, n) for n in names}}
