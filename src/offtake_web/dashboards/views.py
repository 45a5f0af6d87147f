from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from offtake_web.accounts.access import needs
from offtake_web.common.markets import Market
from offtake_web.runs.queries import published_run


@needs("figures.view")
@require_safe
def home(request: HttpRequest, market: Market) -> HttpResponse:
    return render(request, "dashboards/home.html", {"run": published_run(market)})
