"""A run's own pages, which hold their style, script and data: shown as strangers to the workspace.

They are sandboxed: their script runs with no origin, so it can reach neither cookies nor pages.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from offtake.pipeline.serving import PLACE
from offtake.report.page import PAGES
from offtake_web.accounts.access import demand_everything, needs
from offtake_web.common.markets import Market
from offtake_web.runs.queries import run_named

POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@needs("figures.view")
@require_safe
def run_page(request: HttpRequest, market: Market, run_id: str, page: str) -> HttpResponse:
    demand_everything(request.user)  # a page holds the figures of everybody
    run = run_named(market, run_id)
    if run is None or page not in PAGES or page not in run.manifest.files:
        raise Http404
    try:
        text = (run.folder / page).read_text(encoding="utf-8")
    except OSError as error:
        raise Http404 from error
    back = format_html(
        '<p class="elsewhere"><a href="{}">{}</a></p>',
        reverse("run", kwargs={"market": market, "run_id": run_id}),
        _("Back to the workspace"),
    )
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "private, max-age=600"}
    return HttpResponse(text.replace(PLACE, back, 1), headers=headers)
