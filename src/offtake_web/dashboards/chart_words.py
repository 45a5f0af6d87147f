"""Charts in the reader's language: their words, and how they write numbers and days.

The library draws in English. A chart that is read in another language has its titles said, and the
texts in its data with them; the expressions that compare such texts follow suit. Charts that are
read in English stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import get_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from offtake_web.common.said import worded

LEGEND = 260
"""Room for a name in a legend, in points: other languages take more of it than English."""
_TITLES = ("title", "text", "subtitle")
_NAMES = ("domain", "sort")
_EXPRESSIONS = ("calculate", "expr", "filter", "labelExpr", "test")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")
_FORMATS = (_("%d %b %Y"), _("%b %Y"))
Json = dict[str, Any]


def in_words(text: str) -> str:
    """Return a Vega-Lite chart, as JSON, in the reader's language."""
    if (get_language() or "en") == "en":
        return text
    spec = _said("", json.loads(text))
    config = spec.setdefault("config", {})
    config["locale"] = locale()
    config.setdefault("legend", {}).setdefault("labelLimit", LEGEND)
    return json.dumps(spec, ensure_ascii=False, separators=(",", ":"))


def locale() -> dict[str, Json]:
    """Return how the reader's language writes numbers and days, as Vega takes it."""
    point, comma = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
    # Vega's weeks begin on Sunday, Django's on Monday.
    days = [(place - 1) % 7 for place in range(7)]
    return {
        "number": {
            "decimal": point, "thousands": comma, "grouping": [3], "currency": ["", ""],
        },
        "time": {
            "dateTime": "%d.%m.%Y. %H:%M", "date": "%d.%m.%Y.", "time": "%H:%M",
            "periods": ["AM", "PM"],
            "days": [str(WEEKDAYS[day]) for day in days],
            "shortDays": [str(WEEKDAYS_ABBR[day]) for day in days],
            "months": [str(MONTHS[month]) for month in range(1, 13)],
            "shortMonths": [str(MONTHS_3[month]) for month in range(1, 13)],
        },
    }  # fmt: skip


def _said(name: str, value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, dict):
        return _of_dict(name, value)
    if isinstance(value, list):
        return [_said(name, each) for each in value]
    return _text(name, value) if isinstance(value, str) else value


def _of_dict(name: str, value: Json) -> Json:
    if name == "datasets":
        return {each: [_row(row) for row in rows] for each, rows in value.items()}
    found = {each: _said(each, inner) for each, inner in value.items()}
    if name == "data" and isinstance(value.get("values"), list):
        found["values"] = [_row(row) for row in value["values"]]
    if name == "tooltip" and "field" in value and "title" not in value:
        found["title"] = worded(value["field"])
    return found


def _row(row: Mapping[str, Any]) -> Json:
    return {name: worded(value) if isinstance(value, str) else value for name, value in row.items()}


def _text(name: str, text: str) -> str:
    if name in _TITLES or name in _NAMES:
        return worded(text)
    if name in _EXPRESSIONS:
        return _LITERAL.sub(_literal, text)
    return gettext(text) if name == "format" and text in _FORMATS else text


def _literal(found: re.Match[str]) -> str:
    plain = re.sub(r"\\(.)", r"\1", found[1])
    said = worded(plain)
    return found[0] if said == plain else "'" + re.sub(r"(['\\])", r"\\\1", said) + "'"
