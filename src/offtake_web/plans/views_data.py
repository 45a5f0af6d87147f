from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from offtake_web.accounts.access import needs
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.plans.actions_data import ask_for_plans


@needs("feeds.load")
@require_POST
def take_in(request: HttpRequest, market: Market) -> HttpResponse:
    """Have the firm plans of a market taken into its data."""
    job = ask_for_plans(market, by=cast("User", request.user))
    return redirect("job", market=market, job_id=job.pk)
