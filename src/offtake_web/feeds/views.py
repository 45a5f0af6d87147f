from __future__ import annotations

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offtake_web.accounts.access import demand_everything, may, needs, scope_of, signed_in
from offtake_web.common.markets import Market
from offtake_web.common.paging import paged
from offtake_web.feeds import actions, queries, uploads
from offtake_web.feeds.forms import LoadForm
from offtake_web.feeds.models import LoadRecord

ROOM_FOR_FIELDS = 2**20


@needs("feeds.view")
@require_safe
def load_list(request: HttpRequest, market: Market) -> HttpResponse:
    context = {
        "page": paged(request, queries.loads_of(market)),
        "may_load": may(signed_in(request), "feeds.load"),
    }
    return render(request, "feeds/list.html", context)


@needs("feeds.view")
@require_safe
def load(request: HttpRequest, market: Market, load_id: int) -> HttpResponse:
    found, whole = _load(market, load_id), scope_of(request.user).everything
    context = {
        "load": found,
        "page": paged(request, queries.faults_of(found)) if whole else None,
        "can_mend": whole and queries.mend_path(found) is not None,
        "most": actions.FAULTS_KEPT,
    }
    return render(request, "feeds/load.html", context)


@needs("feeds.view")
@require_safe
def mend(request: HttpRequest, market: Market, load_id: int) -> FileResponse:
    """Send the rows that a load set aside, to be mended and loaded again."""
    demand_everything(request.user)
    path = queries.mend_path(_load(market, load_id))
    if path is None:
        raise Http404
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"mend-{market}-{load_id}.csv",
        content_type="text/csv",
    )


@needs("feeds.load")
@require_POST
def read_ledger(request: HttpRequest, market: Market) -> HttpResponse:
    job = actions.ask_for_ledger(market, by=signed_in(request))
    return redirect("job", market=market, job_id=job.pk)


# The way a file is received is chosen before anything is read of what was sent; the form's token
# is read with it, so it is checked inside.
@needs("feeds.load")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, market: Market) -> HttpResponse:
    """Show the form of a load, and take a file."""
    sent = int(request.META.get("CONTENT_LENGTH") or 0)
    if sent > settings.OFFTAKE_UPLOAD_BYTES + ROOM_FOR_FIELDS:
        return _form(request, LoadForm(), status=413)
    request.upload_handlers = [uploads.StreamedUpload(request)]
    try:
        return _new(request, market)
    except uploads.NoRoomError:
        return _form(request, LoadForm(), status=507)
    finally:
        uploads.drop_parts(request)


@csrf_protect
def _new(request: HttpRequest, market: Market) -> HttpResponse:
    if request.method != "POST":
        return _form(request, LoadForm())
    form = LoadForm(request.POST, request.FILES)
    try:
        return _taken(request, market, form) if form.is_valid() else _form(request, form, 422)
    except uploads.WrongTypeError:
        form.add_error("file", _("This file is none of the types that can be read."))
        return _form(request, form, 415)
    except uploads.TooLargeError:
        return _form(request, form, 413)
    finally:
        for each in request.FILES.values():
            _discard(each)


def _taken(request: HttpRequest, market: Market, form: LoadForm) -> HttpResponse:
    data = form.cleaned_data
    file = uploads.keep(data["file"])
    profile = uploads.keep(data["profile"], ".toml") if data["profile"] else None
    job = actions.ask_for_load(
        market, file, contract=data["contract"], profile=profile, dry_run=data["dry_run"],
        by=signed_in(request),
    )  # fmt: skip
    return redirect("job", market=market, job_id=job.pk)


def _discard(upload: object) -> None:
    if isinstance(upload, UploadedFile):
        uploads.discard(upload)


def _form(request: HttpRequest, form: LoadForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "megabytes": settings.OFFTAKE_UPLOAD_BYTES // 2**20,
        "too_large": status == 413,
        "no_room": status == 507,
    }
    return render(request, "feeds/new.html", context, status=status)


def _load(market: Market, load_id: int) -> LoadRecord:
    found = queries.load_numbered(market, load_id)
    if found is None:
        raise Http404
    return found
