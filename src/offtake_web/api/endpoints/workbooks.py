from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Form, Query, UploadedFile

from offtake_web.accounts.access import signed_in
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.frame.group import FORM, Group
from offtake_web.api.frame.problems import Problem
from offtake_web.api.schemas.base import Key
from offtake_web.api.schemas.plans import PlanFilters, WorkbookSent, WorkbookTaken
from offtake_web.feeds.uploads import path_of
from offtake_web.plans.actions_exchange import Result, apply_rows, preview_rows
from offtake_web.plans.calendar_page import seen
from offtake_web.plans.exchange_read import WorkbookError, read_workbook
from offtake_web.plans.exchange_views import XLSX, exported
from offtake_web.plans.exchange_write import workbook

group = Group("The plan as a workbook")


@group.get("/markets/{market}/plans/workbook", "plan.view", files=(XLSX,))
def get_workbook(
    request: HttpRequest, market: Key, asked: Annotated[PlanFilters, Query()]
) -> HttpResponse:
    """The plans that are asked for, and what was promised for them, as Excel."""
    place = market_at(market)
    found = exported(seen(request, place), place, address=request.build_absolute_uri())
    name = f"{market}-plan-{timezone.localdate().isoformat()}.xlsx"
    return HttpResponse(
        workbook(found),
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@group.post("/markets/{market}/plans/workbook", "plan.edit", gives=WorkbookTaken, takes=FORM)
def take_workbook(
    request: HttpRequest,
    market: Key,
    file: Annotated[UploadedFile, File(description="A workbook as it was exported, changed.")],
    sent: Annotated[WorkbookSent, Form()],
) -> dict[str, Any]:
    """Take plans and promises over from a workbook, each row for itself.

    Rows that are stale or not allowed change nothing, and say why. Taking the same workbook twice
    changes nothing the second time.
    """
    try:
        with path_of(file).open("rb") as handle:
            rows = read_workbook(handle, (file.name or "")[:100])
    except WorkbookError as error:
        raise Problem("wrong-type", str(error)) from None
    take = preview_rows if sent.preview else apply_rows
    results = take(rows, market_at(market), by=signed_in(request))
    return {
        "preview": sent.preview,
        "rows": [_result(each) for each in results],
        "faults": [asdict(each) for each in rows.faults],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        **{name: getattr(result, name) for name in ("sheet", "number", "outcome", "name")},
        "plan": result.pk,
        "changes": [
            {"field": field, "before": before, "after": after}
            for field, before, after in result.changes
        ],
        "faults": [asdict(each) for each in result.faults],
    }
