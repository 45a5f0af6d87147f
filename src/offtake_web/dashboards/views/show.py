"""How every page of figures is answered: unchanged, from memory, or made now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers

from offtake.errors import BadInputError, OfftakeError
from offtake_web.accounts.access import may
from offtake_web.common.markets import Market
from offtake_web.dashboards import files
from offtake_web.dashboards.beside import beside_of, missing
from offtake_web.dashboards.reading import Context, Reading, body, etag, reading_of
from offtake_web.plans.models import Plan
from offtake_web.plans.queries import Waiting
from offtake_web.runs.queries import published_run

logger = logging.getLogger(__name__)
# Whatever a damaged table lacks shows as one of these; the run is at fault, not the reader.
DAMAGE = (OfftakeError, KeyError, TypeError, pa.ArrowException)
Make = Callable[[Reading], Context | None]
Export = Callable[[Reading], tuple[str, pa.Table]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of figures.

    Parameters
    ----------
    title, template
        What it is called, and what its figures are written with.
    make
        What works out its figures; None from it means that there is no such page.
    export
        The table, with its name, that the page is as a file; None where it is not one table.
    plans
        Plans that it is the result of; they stand beside the figures.
    compares
        Whether it can be set against another run.
    """

    title: str
    template: str
    make: Make
    export: Export | None = None
    plans: Sequence[Plan] = ()
    compares: bool = True

    @property
    def is_file(self) -> bool:
        """Whether it can be had as a file; a template would call what makes the table."""
        return self.export is not None


def show(request: HttpRequest, market: Market, page: Page) -> HttpResponse:
    """Answer with a page of the published run, or with the file of it that the address asks for."""
    reading = reading_of(request, market)
    if reading is None:
        return nothing(request, market)
    try:
        if page.export is not None and files.wanted(reading):
            return _file(reading, page.export)
        return _page(reading, page)
    except DAMAGE:
        logger.exception("run %s cannot be shown", reading.run.run_id)
        return nothing(request, market, status=503)


def nothing(
    request: HttpRequest,
    market: Market,
    *,
    status: int = 200,
    waiting: Sequence[Waiting] | None = None,
) -> HttpResponse:
    """Say that there is no run to show, or that it cannot be read."""
    found = published_run(market)
    context = {
        "run": found,
        "damaged": found is not None,
        "waiting": waiting,
        "may_load": may(request.user, "feeds.load") and may(request.user, "runs.refresh"),
    }
    return render(request, "dashboards/none.html", context, status=status)


def _file(reading: Reading, export: Export) -> HttpResponse:
    try:
        return files.file_of(reading, *export(reading))
    except BadInputError as error:
        return render(
            reading.request, "dashboards/too_large.html", {"error": str(error)}, status=413
        )


def _page(reading: Reading, page: Page) -> HttpResponse:
    request = reading.request
    tag = etag(reading, *((plan.pk, plan.name) for plan in page.plans))
    told = len(get_messages(request)) > 0
    if not told:
        unchanged = get_conditional_response(request, etag=tag)
        if unchanged is not None:
            return _tagged(unchanged, tag)
    context = {
        "page": page,
        "reading": reading,
        "content": body(reading, page.template, lambda: _made(reading, page.make)),
        "here": request.get_full_path(),
        "beside": beside_of(reading) if page.compares else None,
        "other_missing": page.compares and missing(reading),
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
