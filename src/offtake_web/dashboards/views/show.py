"""How every page of figures is answered: unchanged, from memory, or made now."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pyarrow as pa
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers

from offtake.errors import BadInputError, OfftakeError
from offtake_web.common.markets import Market
from offtake_web.dashboards import files
from offtake_web.dashboards.reading import Context, Reading, body, etag, reading_of
from offtake_web.runs.queries import published_run

logger = logging.getLogger(__name__)
Make = Callable[[Reading], Context | None]
Export = Callable[[Reading], tuple[str, pa.Table]]


def show(
    request: HttpRequest,
    market: Market,
    template: str,
    make: Make,
    *,
    title: str,
    export: Export | None = None,
) -> HttpResponse:
    """Answer with a page of the published run, or with the file of it that the address asks for."""
    reading = reading_of(request, market)
    if reading is None:
        return nothing(request, market)
    try:
        if export is not None and files.wanted(reading):
            return _file(reading, export)
        return _page(reading, template, make, title=title, exported=export is not None)
    except (OfftakeError, KeyError, TypeError, pa.ArrowException):
        # Whatever a damaged table is missing shows here; the run is at fault, not the reader.
        logger.exception("run %s cannot be shown", reading.run.run_id)
        return nothing(request, market, status=503)


def nothing(request: HttpRequest, market: Market, status: int = 200) -> HttpResponse:
    """Say that there is no run to show, or that it cannot be read."""
    found = published_run(market)
    context = {"run": found, "damaged": found is not None}
    return render(request, "dashboards/none.html", context, status=status)


def _file(reading: Reading, export: Export) -> HttpResponse:
    try:
        return files.file_of(reading, *export(reading))
    except BadInputError as error:
        return render(reading.request, "dashboards/too_large.html", {"error": error}, status=413)


def _page(
    reading: Reading, template: str, make: Make, *, title: str, exported: bool
) -> HttpResponse:
    request, tag = reading.request, etag(reading)
    told = len(get_messages(request)) > 0
    if not told:
        unchanged = get_conditional_response(request, etag=tag)
        if unchanged is not None:
            return _tagged(unchanged, tag)
    context = {
        "title": title,
        "reading": reading,
        "content": body(reading, template, lambda: _made(reading, make)),
        "exported": exported,
        "here": request.get_full_path(),
    }
    response = render(request, "dashboards/page.html", context)
    return response if told else _tagged(response, tag)


def _made(reading: Reading, make: Make) -> Context:
    context = make(reading)
    if context is None:
        raise Http404
    return context


def _tagged(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response
