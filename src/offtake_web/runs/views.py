from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offtake.data.contracts.simulated import origin_words
from offtake.errors import OfftakeError, UnknownNameError, UnreadableFileError
from offtake.pipeline.run import damaged_files, published_id
from offtake.report.page import PAGES
from offtake.report.run import Run
from offtake_web.accounts.access import may, needs, scope_of, signed_in
from offtake_web.common.markets import Market
from offtake_web.common.paging import paged
from offtake_web.runs import actions, exports, queries
from offtake_web.runs.comparison import compare
from offtake_web.runs.days import days_of
from offtake_web.runs.forms import RefreshForm, form_of, model_names
from offtake_web.runs.tables import column_names

RUNS_PER_PAGE = 20
OFFERED = 50
SHORT = exports.MOST_CELLS // 200


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list of runs; `run` is None where it cannot be read."""

    run_id: str
    run: Run | None
    published: bool
    first: bool

    @property
    def days(self) -> str:
        return days_of(self.run.manifest.frame) if self.run else ""


@needs("figures.view")
@require_safe
def run_list(request: HttpRequest, market: Market) -> HttpResponse:
    published = published_id(market.runs)
    names = queries.all_ids(market)
    page = paged(request, names, RUNS_PER_PAGE)
    lines = [
        Listed(each, queries.run_named(market, each), each == published, each == names[-1])
        for each in page
    ]
    context = {"page": page, "lines": lines, "refresh": queries.refresh_under_way(market)}
    return render(request, "runs/list.html", context | _rights(request))


@needs("figures.view")
@require_safe
def run(request: HttpRequest, market: Market, run_id: str) -> HttpResponse:
    found = _run(request, market, run_id)
    earlier = queries.run_before(market, run_id)
    context = {
        "run": found,
        "published": published_id(market.runs) == run_id,
        "origin": origin_words(found.manifest.frame.simulated),
        "before": earlier.run_id if earlier else None,
        "pages": [name for name in PAGES if _sees_all(request) and name in found.manifest.files],
        "tables": [(each, _fits_excel(found, each.name)) for each in found.manifest.tables],
        "checked": "check" in request.GET,
        "damaged": damaged_files(found) if "check" in request.GET else (),
        **_rights(request),
    }
    return render(request, "runs/run.html", context)


def _fits_excel(run: Run, name: str) -> bool:
    """Say whether a table can be had as Excel; a short one can without a look at its columns."""
    rows = run.entry(name).rows
    return rows <= SHORT or exports.fits_excel(rows, _columns(run, name))


def _columns(run: Run, name: str) -> int:
    try:
        return len(column_names(run, name))
    except UnreadableFileError:
        return exports.MOST_CELLS + 1


@needs("figures.view")
@require_safe
def comparison(request: HttpRequest, market: Market, run_id: str) -> HttpResponse:
    """Show what differs from an earlier run: the one named, else the one before."""
    after = _run(request, market, run_id)
    earlier = queries.run_before(market, run_id)
    named = request.GET.get("with") or (earlier.run_id if earlier else "")
    before = _run(request, market, named) if named else None
    context: dict[str, Any] = {
        "after": after,
        "before": before,
        "origin": origin_words(after.manifest.frame.simulated),
        "others": [each for each in _latest(market) if each.run_id != run_id],
        "found": None if before is None else compare(before, after, _read),
    }
    return render(request, "runs/comparison.html", context)


def _read(run: Run, name: str) -> pa.Table:
    return run.table(name)


def _latest(market: Market) -> list[Run]:
    """Return the runs that are offered to be compared with."""
    found = [queries.run_named(market, each) for each in queries.all_ids(market)[:OFFERED]]
    return [run for run in found if run is not None]


@needs("runs.publish")
@require_POST
def publish(request: HttpRequest, market: Market, run_id: str) -> HttpResponse:
    try:
        actions.publish_run(market, run_id, by=signed_in(request))
        messages.success(request, _("This run is the published one now."))
    except UnknownNameError:
        raise Http404 from None
    except OfftakeError as error:
        messages.error(request, str(error))
    return redirect("run", market=market, run_id=run_id)


@needs("runs.refresh")
@require_http_methods(["GET", "HEAD", "POST"])
def refresh(request: HttpRequest, market: Market) -> HttpResponse:
    usual = actions.view_of(market, queries.current(market), model_names())
    form = RefreshForm(request.POST) if request.method == "POST" else form_of(usual)
    if form.is_valid():
        job = actions.ask_for_refresh(
            market, form.view(usual), by=signed_in(request),
            plans_first=form.cleaned_data["plans_first"],
        )  # fmt: skip
        return redirect("job", market=market, job_id=job.pk)
    context = {"form": form, "refresh": queries.refresh_under_way(market)}
    return render(request, "runs/refresh.html", context, status=422 if form.errors else 200)


@needs("figures.view")
@require_safe
def download(
    request: HttpRequest, market: Market, run_id: str, name: str, ending: str
) -> HttpResponseBase:
    """Send a table as a file: of it, the rows of the reader's part of the business."""
    found = _run(request, market, run_id)
    try:
        return _table_file(request, found, name, ending)
    except (UnknownNameError, UnreadableFileError, FileNotFoundError) as error:
        raise Http404(str(error)) from error


def _table_file(request: HttpRequest, found: Run, name: str, ending: str) -> HttpResponseBase:
    file_name = exports.file_name(found, name, ending)
    if ending == "parquet" and _sees_all(request):
        path = found.folder / "tables" / f"{found.entry(name).name}.parquet"
        return FileResponse(path.open("rb"), as_attachment=True, filename=file_name)
    rows = exports.labelled(found, found.table(name))
    if ending == "parquet":
        return _file(_as_parquet(rows), file_name, PARQUET)
    if ending == "csv":
        return _file(exports.as_csv(rows), file_name, "text/csv; charset=utf-8")
    if not exports.fits_excel(rows.num_rows, rows.num_columns):
        return render(request, "runs/too_large.html", {"run": found, "name": name}, status=413)
    return _file(exports.as_excel(rows, exports.about(found, name)), file_name, EXCEL)


def _as_parquet(rows: pa.Table) -> bytes:
    target = io.BytesIO()
    pq.write_table(rows, target)
    return target.getvalue()


PARQUET = "application/vnd.apache.parquet"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})


def _run(request: HttpRequest, market: Market, run_id: str) -> Run:
    """Return a run as far as the reader's account goes."""
    found = queries.run_named(market, run_id)
    if found is None:
        raise Http404
    seen: Run = import_string(settings.OFFTAKE_RUN_SEEN_BY)(found, signed_in(request))
    return seen


def _sees_all(request: HttpRequest) -> bool:
    return scope_of(request.user).everything


def _rights(request: HttpRequest) -> dict[str, bool]:
    return {
        "may_refresh": may(request.user, "runs.refresh"),
        "may_publish": may(request.user, "runs.publish"),
    }
