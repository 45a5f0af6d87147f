from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Schema, UploadedFile
from pydantic import Field

from offtake_web.accounts.access import demand_everything, signed_in
from offtake_web.api.endpoints.jobs import job_started
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.frame.group import FORM, Group
from offtake_web.api.frame.paging import Page, Paged, Window, link_pages, page_of
from offtake_web.api.frame.problems import Problem
from offtake_web.api.schemas.base import Key, Number
from offtake_web.api.schemas.jobs import FaultShown, JobShown, LoadShown
from offtake_web.common.markets import Market
from offtake_web.feeds import actions, queries, uploads
from offtake_web.feeds.forms import LoadForm
from offtake_web.feeds.models import Fault, LoadRecord
from offtake_web.jobs.models import Job

group = Group("Loads")


class LoadSent(Schema):
    """What a file is to be loaded as."""

    contract: str = Field(
        "", max_length=60, description="Which facts it holds; empty where the profile says.",
        examples=["sales"],
    )  # fmt: skip
    dry_run: bool = Field(False, description="Only check and count, load nothing.")


class LoadsAsked(Window):
    contract: str | None = Field(None, max_length=60, description="Only loads of one contract.")


@group.get("/markets/{market}/loads", "feeds.view", gives=Page[LoadShown])
def list_loads(
    request: HttpRequest,
    response: HttpResponse,
    market: Key,
    asked: Annotated[LoadsAsked, Query()],
) -> dict[str, Any]:
    """What was loaded into the store of a market, newest first.

    As the ledger was when work last ended.
    """
    found = queries.loads_of(market_at(market))
    if asked.contract:
        found = found.filter(contract=asked.contract)
    total = found.count()
    link_pages(request, response, total, asked)
    return page_of(found, total, asked, _load_shown)


@group.post("/markets/{market}/loads", "feeds.load", gives=JobShown, status=201, takes=FORM)
def start_load(
    request: HttpRequest,
    response: HttpResponse,
    market: Key,
    file: Annotated[UploadedFile, File(description="CSV, Excel, Parquet, X12 852 or EANCOM.")],
    sent: Annotated[LoadSent, Form()],
    profile: Annotated[UploadedFile | None, File(description="A mapping profile (TOML).")] = None,
) -> dict[str, Any]:
    """Send a file to be loaded.

    Loading the same file twice changes nothing. Rows with faults are set aside with the reason and
    can be had to be mended.
    """
    place = market_at(market)
    form = LoadForm(sent.dict(), request.FILES)
    if not form.is_valid():
        raise Problem("not-valid", more={"errors": _faults(form)})
    return job_started(response, market, _kept(lambda: _start(request, place, form)))


def _start(request: HttpRequest, place: Market, form: LoadForm) -> Job:
    data = form.cleaned_data
    file = uploads.keep(data["file"])
    profile = uploads.keep(data["profile"], ".toml") if data["profile"] else None
    return actions.ask_for_load(
        place, file, contract=data["contract"], profile=profile, dry_run=data["dry_run"],
        by=signed_in(request),
    )  # fmt: skip


def _kept(work: Callable[[], Job]) -> Job:
    try:
        return work()
    except uploads.WrongTypeError:
        raise Problem("wrong-type", _("This file is none of the types that can be read.")) from None
    except uploads.TooLargeError:
        raise Problem("too-large") from None


def _faults(form: LoadForm) -> list[dict[str, str]]:
    return [
        {"field": f"form.{name}", "allowed": str(text)}
        for name, texts in form.errors.items()
        for text in texts
    ]


@group.get("/markets/{market}/loads/{load_id}", "feeds.view", gives=LoadShown)
def get_load(request: HttpRequest, market: Key, load_id: Number) -> dict[str, Any]:
    """One load."""
    return _load_shown(_load(market, load_id))


@group.get("/markets/{market}/loads/{load_id}/set-aside", "feeds.view", gives=Page[FaultShown])
def list_set_aside(
    request: HttpRequest, response: HttpResponse, market: Key, load_id: Number, window: Paged
) -> dict[str, Any]:
    """What is wrong with the rows that a load set aside.

    The first 2,000 faults; all of the rows are in the file to be mended.
    """
    demand_everything(signed_in(request))
    found = queries.faults_of(_load(market, load_id))
    total = found.count()
    link_pages(request, response, total, window)
    return page_of(found, total, window, _fault_shown)


@group.get("/markets/{market}/loads/{load_id}/mend.csv", "feeds.view", files=("text/csv",))
def get_mend_file(request: HttpRequest, market: Key, load_id: Number) -> FileResponse:
    """The rows that a load set aside, as a file to be mended and loaded again."""
    demand_everything(signed_in(request))
    path = queries.mend_path(_load(market, load_id))
    if path is None:
        raise Http404
    name = f"mend-{market}-{load_id}.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv")


def _load(market: str, load_id: int) -> LoadRecord:
    found = queries.load_numbered(market_at(market), load_id)
    if found is None:
        raise Http404
    return found


def _load_shown(load: LoadRecord) -> dict[str, Any]:
    return {name: getattr(load, name) for name in LoadShown.model_fields}


def _fault_shown(fault: Fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in FaultShown.model_fields}
