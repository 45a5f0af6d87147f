"""What the timeline asks while a plan is moved, and what it is told."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from offtake_web.accounts.access import needs
from offtake_web.common.markets import Market
from offtake_web.plans.actions import change
from offtake_web.plans.calendar_page import reader
from offtake_web.plans.models import Plan
from offtake_web.plans.sight import visible
from offtake_web.plans.writing import StaleVersionError


class DaysForm(forms.Form):
    version = forms.IntegerField(min_value=1)
    first_day = forms.DateField(input_formats=["%Y-%m-%d"])
    last_day = forms.DateField(input_formats=["%Y-%m-%d"])


@needs("plan.edit")
@require_POST
def plan_days(request: HttpRequest, market: Market, pk: int) -> JsonResponse:
    """Give a plan other days, from the version that the page showed."""
    user = reader(request)
    plan = visible(user, market).filter(pk=pk).first()
    if plan is None:
        raise Http404
    form = DaysForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"reason": _in_one(ValidationError(form.errors.as_data()))}, status=400)
    days = {name: form.cleaned_data[name] for name in ("first_day", "last_day")}
    try:
        done = change(plan, days, version=form.cleaned_data["version"], by=user)
    except StaleVersionError as error:
        return JsonResponse(_stale(error, days), status=409)
    except PermissionDenied as error:
        return JsonResponse({"reason": str(error)}, status=403)
    except ValidationError as error:
        return JsonResponse({"reason": _in_one(error)}, status=409)
    return JsonResponse(_days(done.plan) | {"theirs": list(done.theirs)})


def _days(plan: Plan) -> dict[str, Any]:
    days = {"first_day": plan.first_day.isoformat(), "last_day": plan.last_day.isoformat()}
    return days | {"version": plan.version}


def _stale(error: StaleVersionError, mine: dict[str, date]) -> dict[str, Any]:
    now = error.plan
    who = {"who": now.updated_by, "when": date_format(now.updated, "SHORT_DATETIME_FORMAT")}
    wanted = {name: day.isoformat() for name, day in mine.items()}
    return {
        "stale": True,
        "reason": _(
            "Somebody else gave this plan other days meanwhile. Yours are not saved; "
            "look at both and move it again if yours shall hold."
        ),
        "versions": [
            wanted | {"label": _("Yours, from version %(number)s") % {"number": error.version}},
            _days(now)
            | {"label": _("Now, version %(number)s") % {"number": now.version}}
            | {"by": _("%(who)s, %(when)s") % who},
        ],
    }


def _in_one(error: ValidationError) -> str:
    return " ".join(error.messages)
