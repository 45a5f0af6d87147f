from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from offtake_web.accounts.access import needs
from offtake_web.common.markets import Market
from offtake_web.dashboards.charts import picture
from offtake_web.dashboards.reading import Reading, etag, reading_of
from offtake_web.dashboards.subjects import availability, promotions, scoreboard, shoppers
from offtake_web.dashboards.subjects.behind import charts_behind
from offtake_web.dashboards.views.show import DAMAGE

Specs = Callable[[Reading], Mapping[str, str]]
OF: Mapping[str, Specs] = {
    "scoreboard": lambda reading: charts_behind(reading, scoreboard.charts_of).specs,
    "availability": lambda reading: charts_behind(reading, availability.specs).specs,
    "shoppers": lambda reading: charts_behind(reading, shoppers.specs).specs,
    "promotion": lambda reading: (
        charts_behind(
            reading,
            lambda run: promotions.promotion_specs(run, _promotion(reading)),
        ).specs
    ),
}


@needs("figures.view")
@require_safe
def picture_of(request: HttpRequest, market: Market, subject: str, name: str) -> HttpResponse:
    """Answer with a chart as PNG, drawn here."""
    reading = reading_of(request, market)
    if reading is None or subject not in OF:
        raise Http404
    tag = etag(reading)
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        return unchanged
    mark = "simulated-" if reading.simulated else ""
    response = HttpResponse(
        picture(
            reading.run,
            f"{subject} {name}?{urlencode(_asked(reading, subject))}",
            lambda: _chart(reading, subject, name),
            _title(reading, subject, name) or _named(reading, subject, name),
        ),
        content_type="image/png",
    )
    response["Content-Disposition"] = (
        f'attachment; filename="{mark}{subject}-{name}-{reading.run.run_id}.png"'
    )
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response


def _chart(reading: Reading, subject: str, name: str) -> str:
    text = OF[subject](reading).get(name)
    if text is None:
        raise Http404
    return text


def _title(reading: Reading, subject: str, name: str) -> str:
    """Return what the page calls a chart; a chart is drawn whatever else of a run is damaged."""
    try:
        return scoreboard.titles_of(reading.run).get(name, "") if subject == "scoreboard" else ""
    except DAMAGE:
        return ""


def _named(reading: Reading, subject: str, name: str) -> str:
    return " ".join([subject, name, *([_promotion(reading)] if subject == "promotion" else [])])


def _asked(reading: Reading, subject: str) -> dict[str, str]:
    """Return what a picture depends on beside its run, its reader's scope and its name."""
    asked = {"promotion": _promotion(reading)} if subject == "promotion" else {}
    return asked | ({"against": str(reading.against.folder)} if reading.against else {})


def _promotion(reading: Reading) -> str:
    return str(reading.request.GET.get("promotion", ""))
