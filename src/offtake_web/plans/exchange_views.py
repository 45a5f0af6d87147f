from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from offtake_web.accounts.access import needs
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.plans.actions_exchange import OUTCOMES, Result, apply_rows, preview_rows
from offtake_web.plans.calendar_page import Seen, reader, seen
from offtake_web.plans.exchange_read import Row, Rows, WorkbookError, read_workbook
from offtake_web.plans.exchange_write import Exported, workbook
from offtake_web.plans.facts import known
from offtake_web.plans.models import Commitment, Plan

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HOUR = 3600


class WorkbookForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        widget=forms.FileInput(attrs={"accept": f".xlsx,{XLSX}"}),
    )


@needs("plan.view")
@require_safe
def plan_export(request: HttpRequest, market: Market) -> HttpResponse:
    """Give the plans that the address asks for as a workbook."""
    found = seen(request, market)
    body = workbook(exported(found, market, address=request.build_absolute_uri()))
    response = HttpResponse(body, content_type=XLSX)
    name = f"{market.key}-plan-{timezone.localdate().isoformat()}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def exported(found: Seen, market: Market, *, address: str) -> Exported:
    """Gather what a workbook of plans holds."""
    by_pk = Plan.objects.in_bulk([entry.pk for entry in found.plans])
    promises = Commitment.objects.filter(plan__in=by_pk).select_related("plan", "owner")
    facts = known(market)
    words = [
        (_("Market"), market.title),
        (_("Made"), date_format(timezone.localtime(), "SHORT_DATETIME_FORMAT")),
        (_("Address"), address),
        (_("Figures from run"), facts.run_id or _("none")),
    ]
    if facts.simulated:
        words.append((_("Simulated data"), facts.simulated))
    plans = [(by_pk[entry.pk], entry) for entry in found.plans if entry.pk in by_pk]
    return Exported(plans, list(promises), facts.currency, words)


@needs("plan.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_import(request: HttpRequest, market: Market) -> HttpResponse:
    """Take a workbook, and say what each of its rows would do."""
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, {"form": form}, status=400 if request.method == "POST" else 200)
    user, given = reader(request), form.cleaned_data["file"]
    try:
        rows = read_workbook(given.file, (given.name or "")[:100])
    except WorkbookError as error:
        form.add_error("file", str(error))
        return _page(request, {"form": form}, status=400)
    results = preview_rows(rows, market, by=user)
    values = _told(rows, results) | {"form": form}
    if any(each.outcome in ("new", "changed") for each in results):
        values["packed"] = _packed(rows, market, user)
    return _page(request, values)


@needs("plan.edit")
@require_POST
def plan_import_apply(request: HttpRequest, market: Market) -> HttpResponse:
    """Do what the preview said, as far as it is still so."""
    user = reader(request)
    try:
        rows = _unpacked(request.POST.get("packed", ""), market, user)
    except (signing.BadSignature, RequestDataTooBig):
        form = WorkbookForm()
        words = _("The preview is too old. Choose the workbook again.")
        return _page(request, {"form": form, "refusal": words}, status=400)
    return _page(request, _told(rows, apply_rows(rows, market, by=user)) | {"done": True})


def _page(request: HttpRequest, values: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "plans/calendar_import.html", values, status=status)


def _told(rows: Rows, results: list[Result]) -> dict[str, Any]:
    counted = Counter(each.outcome for each in results)
    return {
        "rows": rows,
        "results": [each for each in results if each.outcome in ("new", "changed")],
        "faults": [*rows.faults, *(fault for each in results for fault in each.faults)],
        "counts": {outcome: counted[outcome] for outcome in OUTCOMES},
    }


def _salt(market: Market, user: User) -> str:
    return f"plans.import:{market.key}:{user.pk}"


def _packed(rows: Rows, market: Market, user: User) -> str:
    """Write rows so that the same person can give them back unchanged within the hour."""
    plain = [
        (
            row.sheet,
            row.title,
            row.number,
            {name: _as_json(cell) for name, cell in row.cells.items()},
        )
        for row in rows.rows
        if not row.faults
    ]
    return signing.dumps([rows.file, plain], salt=_salt(market, user), compress=True)


def _unpacked(text: str, market: Market, user: User) -> Rows:
    file, plain = signing.loads(text, salt=_salt(market, user), max_age=HOUR)
    return Rows(
        file,
        tuple(
            Row(sheet, title, number, {name: _from_json(cell) for name, cell in cells.items()})
            for sheet, title, number, cells in plain
        ),
    )


def _as_json(cell: object) -> object:
    return {"day": cell.isoformat()} if isinstance(cell, date) else cell


def _from_json(cell: Any) -> Any:  # noqa: ANN401  # what JSON holds
    return date.fromisoformat(cell["day"]) if isinstance(cell, dict) else cell
