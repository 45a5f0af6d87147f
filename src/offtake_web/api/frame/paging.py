"""Lists, page by page: how many there are, and where the pages before and after are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Generic, Protocol, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field

MOST = 500
USUAL = 50
LAST_PAGE = 1_000_000
Row = TypeVar("Row")


class Window(Schema):
    """Which part of a list is asked for."""

    page: int = Field(1, ge=1, le=LAST_PAGE, description="Which page, counted from 1.")
    size: int = Field(USUAL, ge=1, le=MOST, description="Rows on a page.")


Paged = Annotated[Window, Query()]


class Page(Schema, Generic[Row]):
    """One page of a list."""

    items: list[Row] = Field(description="The rows of this page.")
    total: int = Field(description="Rows on all pages.", examples=[120])
    page: int = Field(description="Which page this is, counted from 1.", examples=[1])
    size: int = Field(description="Rows on a full page.", examples=[USUAL])


class Sliced(Protocol):
    """What a page is cut from: a list, or a query of the database."""

    def __getitem__(self, part: slice, /) -> Iterable[Any]: ...


def page_of(
    rows: Sliced, total: int, window: Window, show: Callable[[Any], object]
) -> dict[str, Any]:
    """Return a page of rows, each as it is shown."""
    start = (window.page - 1) * window.size
    found = rows[start : start + window.size] if start < total else ()
    return {
        "items": [show(each) for each in found],
        "total": total,
        "page": window.page,
        "size": window.size,
    }


def page_of_list(
    rows: Sequence[Any], window: Window, show: Callable[[Any], object]
) -> dict[str, Any]:
    return page_of(rows, len(rows), window, show)


def link_pages(request: HttpRequest, response: HttpResponse, total: int, window: Window) -> None:
    """Say in the header Link where the other pages are (RFC 8288)."""
    last = max(1, math.ceil(total / window.size))
    places = {"first": 1, "prev": window.page - 1, "next": window.page + 1, "last": last}
    links = [
        f'<{_address(request, page)}>; rel="{name}"'
        for name, page in places.items()
        if 1 <= page <= last
    ]
    response["Link"] = ", ".join(links)


def _address(request: HttpRequest, page: int) -> str:
    query = request.GET.copy()
    query["page"] = str(page)
    return f"{request.path}?{query.urlencode()}"
