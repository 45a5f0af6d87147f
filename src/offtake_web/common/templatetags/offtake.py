"""Tags and filters of every page: figures as the library writes them, addresses, and permission."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import QueryDict
from django.template import RequestContext

from offtake.report.words import amount, moment_label, signed
from offtake.units import MISSING, UNITS, Unit

register = template.Library()


@register.simple_tag
def figure(value: float | None, unit: str, currency: str = "") -> str:
    """Write a figure with its unit, as the library does everywhere."""
    return amount(value, _unit(unit), currency)


@register.simple_tag
def change(value: float | None, unit: str, currency: str = "") -> str:
    """Write a difference with its sign."""
    return signed(value, _unit(unit), currency)


def _unit(unit: str) -> Unit:
    if unit not in UNITS:
        raise template.TemplateSyntaxError(f"unit is {unit!r}; allowed: {', '.join(UNITS)}")
    return unit


@register.filter
def moment(stamp: str) -> str:
    return moment_label(stamp)


@register.filter
def percent(share: float | None) -> str:
    """Write a fraction as a percentage."""
    return MISSING if share is None else amount(100 * share, "percent")


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
