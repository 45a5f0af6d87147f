"""Tags and filters of every page: figures as the library writes them, addresses, and permission."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.http import QueryDict
from django.template import RequestContext
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from offtake.report.page import unbroken
from offtake.report.words import amount, signed
from offtake.units import MISSING, UNITS, Unit
from offtake_web.common.numerals import numerals
from offtake_web.common.said import said

register = template.Library()

LIGHTS = {"green": _("ready"), "amber": _("at risk"), "red": _("not ready")}
SIDES = {"marketing": _("Marketing"), "sales": _("Sales")}


@register.simple_tag
def figure(value: float | None, unit: str, currency: str = "") -> str:
    """Write a figure with its unit, as the library does everywhere."""
    return numerals(amount(value, _unit(unit), currency))


@register.simple_tag
def change(value: float | None, unit: str, currency: str = "") -> str:
    """Write a difference with its sign."""
    return numerals(signed(value, _unit(unit), currency))


def _unit(unit: str) -> Unit:
    if unit not in UNITS:
        raise template.TemplateSyntaxError(f"unit is {unit!r}; allowed: {', '.join(UNITS)}")
    return unit


@register.filter
def moment(stamp: str) -> str:
    """Write a point in time of a run, which is one of UTC, as the reader's language does."""
    if not stamp:
        return MISSING
    return f"{date_format(datetime.fromisoformat(stamp[:19]), 'DATETIME_FORMAT')} UTC"


@register.filter
def sentence(text: str) -> SafeString | str:
    """Write a sentence of the library in the reader's language; mark what is English still."""
    plain = unbroken(str(text))
    translated = said(plain)
    if translated is None:
        return format_html('<span lang="en">{}</span>', plain)
    return translated


@register.filter
def percent(share: float | None) -> str:
    """Write a fraction as a percentage."""
    return MISSING if share is None else numerals(amount(100 * share, "percent"))


@register.simple_tag(takes_context=True)
def address(context: RequestContext, **changes: Any) -> str:
    """Return the query string of this page with some of it changed; an empty value removes it."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query[name] = str(value)
    text = query.urlencode()
    return f"?{text}" if text else "?"


@register.simple_tag
def light(state: str, word: str = "") -> SafeString:
    """Show a gate's light: a colour, a shape of its own, and a word."""
    if state not in LIGHTS:
        raise template.TemplateSyntaxError(f"light is {state!r}; allowed: {', '.join(LIGHTS)}")
    return format_html('<span class="light {}">{}</span>', state, word or gettext(LIGHTS[state]))


@register.simple_tag
def side(name: str) -> SafeString:
    """Name a side in its colour."""
    if name not in SIDES:
        raise template.TemplateSyntaxError(f"side is {name!r}; allowed: {', '.join(SIDES)}")
    return format_html('<span class="badge {}">{}</span>', name, gettext(SIDES[name]))


@register.simple_tag(takes_context=True)
def sortable(
    context: RequestContext, key: str, label: str, unit: str = "", classes: str = ""
) -> SafeString:
    """Write the head of a column that the address sorts by: ``sort=key``, or ``sort=-key``."""
    now = context["request"].GET.get("sort", "")
    sort = {key: "ascending", f"-{key}": "descending"}.get(now)
    link = address(context, sort=f"-{key}" if sort == "ascending" else key, page="")
    shown = format_html(' <span class="unit">{}</span>', unit) if unit else ""
    said = format_html(' aria-sort="{}"', sort) if sort else ""
    kind = format_html(' class="{}"', classes) if classes else ""
    return format_html(
        '<th scope="col"{}{}><a href="{}">{}</a>{}</th>', kind, said, link, label, shown
    )
