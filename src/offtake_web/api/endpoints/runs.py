from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

import pyarrow as pa
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Query

from offtake.errors import UnknownNameError
from offtake.pipeline.run import damaged_files, published_id
from offtake.report.page import PAGES
from offtake.report.run import Run
from offtake_web.accounts.access import demand_everything, scope_of, signed_in
from offtake_web.api.endpoints.jobs import job_started
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.paging import Page, Paged, link_pages, page_of_list
from offtake_web.api.frame.problems import Problem
from offtake_web.api.schemas.base import Key, RunName
from offtake_web.api.schemas.jobs import JobShown
from offtake_web.api.schemas.runs import (
    Checked,
    ComparisonShown,
    RefreshSent,
    RunLine,
    RunShown,
)
from offtake_web.common.markets import Market
from offtake_web.dashboards.scoped import ScopedRun
from offtake_web.runs import actions, queries
from offtake_web.runs.comparison import TableChange, compare
from offtake_web.runs.forms import model_names

group = Group("Runs")
PUBLISHED = "published"


def run_at(request: HttpRequest, market: Market, name: str) -> ScopedRun:
    """Return the run of an address, as far as the one who asks may see it."""
    wanted = published_id(market.runs) if name == PUBLISHED else name
    there = wanted is not None and (name == PUBLISHED or wanted in queries.all_ids(market))
    if wanted is None or not there:
        raise Http404
    found = queries.run_named(market, wanted)
    if found is None:
        raise Problem("damaged")
    return ScopedRun(found.folder, found.manifest, scope_of(signed_in(request)))


@group.get("/markets/{market}/runs", "figures.view", gives=Page[RunLine])
def list_runs(
    request: HttpRequest, response: HttpResponse, market: Key, window: Paged
) -> dict[str, Any]:
    """The runs of a market, newest first."""
    place = market_at(market)
    names, published = queries.all_ids(place), published_id(place.runs)
    link_pages(request, response, len(names), window)
    return page_of_list(names, window, lambda name: _line(place, name, published))


def _line(market: Market, name: str, published: str | None) -> dict[str, Any]:
    run = queries.run_named(market, name)
    line: dict[str, Any] = {
        "run_id": name,
        "published": name == published,
        "readable": run is not None,
        "created": run.manifest.created if run else None,
        "tables": len(run.manifest.tables) if run else 0,
    }
    names = ("category", "manufacturer", "first_week", "last_week", "simulated")
    return line | {each: getattr(run.manifest.frame, each) if run else None for each in names}


@group.get("/markets/{market}/runs/{run}", "figures.view", gives=RunShown)
def get_run(request: HttpRequest, market: Key, run: RunName) -> dict[str, Any]:
    """One run: what it rests on, what it holds, and what is missing."""
    place = market_at(market)
    found = run_at(request, place, run)
    manifest = found.manifest
    return {
        **_line(place, found.run_id, published_id(place.runs)),
        "code_version": manifest.code_version,
        "seeds": list(manifest.seeds),
        "frame": asdict(manifest.frame),
        "loads": [asdict(each) for each in manifest.loads],
        "gaps": [asdict(each) for each in manifest.gaps],
        "table_names": list(found.table_names),
        "charts": sorted(found.charts()),
        "pages": [name for name in PAGES if name in manifest.files],
    }


@group.get("/markets/{market}/runs/{run}/check", "figures.view", gives=Checked)
def check_run(request: HttpRequest, market: Key, run: RunName) -> dict[str, Any]:
    """Whether the files of a run are what its manifest says.

    Reads all of them, which takes a moment.
    """
    return {"damaged": list(damaged_files(run_at(request, market_at(market), run)))}


@group.get("/markets/{market}/runs/{run}/charts/{chart}", "figures.view",
           files=("application/json",))  # fmt: skip
def get_chart(
    request: HttpRequest,
    market: Key,
    run: RunName,
    chart: Annotated[str, Path(examples=["weekly_sales"])],
) -> HttpResponse:
    """One chart of a run as Vega-Lite.

    The same picture as on the pages; its figures are those of the whole market.
    """
    found = run_at(request, market_at(market), run).charts().get(chart)
    if found is None:
        raise Http404
    return HttpResponse(found, content_type="application/json")


@group.get("/markets/{market}/runs/{run}/pages/{page}", "figures.view", files=("text/html",))
def get_page(
    request: HttpRequest,
    market: Key,
    run: RunName,
    page: Annotated[str, Path(examples=["scoreboard.html"])],
) -> HttpResponse:
    """One page of a run as a file that holds all it needs."""
    demand_everything(signed_in(request))
    found = run_at(request, market_at(market), run)
    path = found.folder / page
    if page not in PAGES or page not in found.manifest.files or not path.is_file():
        raise Http404
    name = f'attachment; filename="{found.run_id}-{page}"'
    return HttpResponse(
        path.read_bytes(), content_type="text/html", headers={"Content-Disposition": name}
    )


@group.get("/markets/{market}/runs/{run}/comparison", "figures.view", gives=ComparisonShown)
def compare_runs(
    request: HttpRequest,
    market: Key,
    run: RunName,
    against: Annotated[
        str | None, Query(max_length=100, description="The earlier run; else the one before.")
    ] = None,
) -> dict[str, Any]:
    """What differs from an earlier run, and whether it was the world or the data."""
    place = market_at(market)
    after = run_at(request, place, run)
    earlier = against or _before(place, after)
    before = run_at(request, place, earlier)
    found = compare(before, after, _read)
    tables = [_table_change(each) for each in found.tables]
    return {**asdict(found), "before": before.run_id, "after": after.run_id, "tables": tables}


def _table_change(table: TableChange) -> dict[str, Any]:
    figures = [{**asdict(each), "change": each.change} for each in table.figures]
    return {**asdict(table), "figures": figures}


def _before(market: Market, run: Run) -> str:
    found = queries.run_before(market, run.run_id)
    if found is None:
        raise Problem("not-found", _("There is no run before this one."))
    return found.run_id


def _read(run: Run, name: str) -> pa.Table:
    return run.table(name)


@group.post("/markets/{market}/runs/{run}/publish", "runs.publish", gives=RunLine,
            problems=("conflict",))  # fmt: skip
def publish_run(request: HttpRequest, market: Key, run: RunName) -> dict[str, Any]:
    """Make a run the one that pages show."""
    place = market_at(market)
    found = run_at(request, place, run)
    try:
        actions.publish_run(place, found.run_id, by=signed_in(request))
    except UnknownNameError:
        raise Http404 from None
    return _line(place, found.run_id, published_id(place.runs))


@group.post("/markets/{market}/refreshes", "runs.refresh", gives=JobShown, status=201)
def start_refresh(
    request: HttpRequest, response: HttpResponse, market: Key, sent: RefreshSent
) -> dict[str, Any]:
    """Start a refresh: data to measures to models to a published run.

    It waits for other work on the same store, works out only what changed, and can be stopped.
    """
    place = market_at(market)
    usual = actions.view_of(place, queries.current(place), model_names())
    wishes = {name: wish for name, wish in sent.dict().items() if wish is not None}
    plans_first = wishes.pop("plans_first")
    if "models" in wishes:
        wishes["models"] = tuple(dict.fromkeys(wishes["models"]))
    view = replace(usual, **wishes)
    missing = [name for name in ("category", "manufacturer") if not getattr(view, name)]
    if missing:
        faults = [{"field": f"body.{name}", "allowed": _("a value is needed")} for name in missing]
        raise Problem("not-valid", more={"errors": faults})
    job = actions.ask_for_refresh(place, view, by=signed_in(request), plans_first=plans_first)
    return job_started(response, market, job)
