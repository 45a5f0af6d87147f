"""Charts of a run: as pages draw them, the figures in them, and as pictures for a slide."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from offtake.report.exhibits import source_line
from offtake.report.promotion_charts import promotion_charts
from offtake.report.promotion_words import units
from offtake_web.common.kept import Kept
from offtake_web.common.said import worded
from offtake_web.dashboards.chart_words import in_words
from offtake_web.dashboards.scoped import ScopedRun

WIDTH = 760
"""Of a picture, in points; it is drawn with twice as many dots."""
MOST_ROWS = 300
_HELPERS = ("next", "middle", "label", "text", "whole", "column", "row", "start")
_PICTURES: Kept[bytes] = Kept(24 * 2**20, size=len)
# The drawing engine takes much memory for each picture at work.
_ONE_AT_A_TIME = threading.Lock()
Rows = list[dict[str, Any]]


def for_page(specs: Mapping[str, str]) -> dict[str, SafeString]:
    """Return charts in the reader's language, as JSON that cannot end the element it stands in."""
    return {
        name: mark_safe(in_words(text).replace("<", "\\u003c"))  # noqa: S308  # JSON without a <
        for name, text in specs.items()
    }


def filled(run: ScopedRun, rows: Mapping[str, Rows]) -> dict[str, str]:
    """Return the charts of one promotion, with its rows in them."""
    found = {}
    for name, text in promotion_charts(run.manifest.frame.simulated).items():
        spec = json.loads(text)
        wanted = (name, "regions") if name == "stores" else (name,)
        spec["datasets"] = spec.get("datasets", {}) | {each: rows[each] for each in wanted}
        if name == "stores":
            spec["height"] *= max([1, *(row["row"] + 1 for row in rows["stores"])])
        found[name] = json.dumps(spec, ensure_ascii=False)
    return found


def figures_in(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the rows that a chart draws as a table of text: its headings and its lines."""
    rows: Rows = max(json.loads(text).get("datasets", {}).values(), key=len, default=[])
    names = [name for name in (rows[0] if rows else {}) if name not in _HELPERS]
    columns = [name for name in names if any(row.get(name) not in ("", None) for row in rows)]
    return columns, [[_cell(row.get(name)) for name in columns] for row in rows[:MOST_ROWS]]


def _cell(value: object) -> str:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return units(value)
    return str(value).removesuffix("T00:00:00")


def picture(run: ScopedRun, name: str, make: Callable[[], str], title: str = "") -> bytes:
    """Return a chart as PNG on white, with its source and, where it applies, that it is simulated.

    Pictures are drawn on the server: the same for everybody, whatever the screen and its colours,
    and without JavaScript, but in the reader's language. `make` returns the chart, and is asked
    once for each. `title` is what stands above it; without one, its name.
    """
    key = (run.folder, run.scope, name, get_language())
    return _PICTURES.get(key, lambda: _drawn(run, title or name, make()))


def _drawn(run: ScopedRun, name: str, text: str) -> bytes:
    import vl_convert

    spec = _sized(json.loads(in_words(text)))
    spec["background"] = "white"
    spec["padding"] = 16
    spec["title"] = titled(run, name, spec.get("title"))
    with _ONE_AT_A_TIME:
        return bytes(vl_convert.vegalite_to_png(spec, scale=2, allowed_base_urls=[]))


def titled(run: ScopedRun, name: str, title: dict[str, Any] | None) -> dict[str, Any]:
    """Return the title of a picture: what it is, whose, of which weeks, from which source."""
    frame = run.manifest.frame
    weeks = worded(f"{frame.first_week} to {frame.last_week}")
    source = worded(source_line(run, run.table_names))
    lines = [
        f"{frame.manufacturer}, {frame.category}, {weeks}",
        (_("Source: %(source)s") % {"source": source})[:140],
        _("Run %(run)s") % {"run": run.run_id},
    ]
    words = worded(name.replace("_", " "))
    warned = [title["text"], *title["subtitle"]] if title else []
    return {"anchor": "start", "text": words[:1].upper() + words[1:], "fontSize": 15,
            "subtitleFontSize": 11, "subtitleColor": "#55605d",
            "subtitle": [*filter(None, [": ".join(warned[:1] + warned[1:2]), *warned[2:]]),
                         *lines]}  # fmt: skip


def _sized(spec: Any) -> Any:  # noqa: ANN401  # JSON
    """Give a width to what fills its container on a page."""
    if isinstance(spec, dict):
        return {
            name: WIDTH if name == "width" and value == "container" else _sized(value)
            for name, value in spec.items()
        }
    return [_sized(each) for each in spec] if isinstance(spec, list) else spec
