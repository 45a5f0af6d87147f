"""Tags of pages of figures: terms that lead to their passport, changes, headings that sort."""

from __future__ import annotations

from django import template
from django.http import QueryDict
from django.template import RequestContext
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from offtake.report.figures import Grid, Heading, Line, Shown
from offtake_web.common.numerals import numerals
from offtake_web.common.said import value_said, worded

register = template.Library()
ARROWS = {"up": "▲\N{NO-BREAK SPACE}", "down": "▼\N{NO-BREAK SPACE}"}


@register.filter
def word(text: str) -> str:
    """Translate a word of the library, where the catalogue has it."""
    return worded(text)


@register.simple_tag(takes_context=True)
def term(context: RequestContext, text: str, key: str) -> SafeString:
    """Write a heading as the way to its passport."""
    shown = worded(text)
    if not key:
        return format_html("{}", shown)
    subject = context.get("terms") or "measures"
    place = {"market": context["market"], "subject": subject, "key": key}
    return format_html(
        '<a class="term" href="{}" data-passport>{}</a>', reverse("passport", kwargs=place), shown
    )


@register.filter
def read(text: str) -> str:
    """Write a figure of the library, its range or what stands for it, in the reader's language."""
    return value_said(text)


@register.filter
def under(line: Line, grid: Grid) -> list[tuple[Shown, Heading]]:
    """Pair the cells of a line with their headings."""
    return list(zip(line.cells, grid.headings, strict=True))


@register.filter
def moved(shown: Shown) -> SafeString | str:
    """Write how a figure changed; an arrow says which way, for those who see no colours, too."""
    change = shown.change
    if not change.text:
        return ""
    return format_html(
        '<span class="change {}"><span aria-hidden="true">{}</span>{}</span>',
        change.direction,
        ARROWS.get(change.direction, ""),
        _unbroken(numerals(_translated(change.text))),
    )


def _unbroken(text: str) -> str:
    """Let a line end between what a figure was and its step, and nowhere else."""
    return text.replace(" ", "\N{NO-BREAK SPACE}").replace(",\N{NO-BREAK SPACE}", ", ")


def _translated(text: str) -> str:
    first, _, rest = text.partition(" ")
    return f"{gettext(first)} {rest}" if rest and first == "was" else gettext(text)


@register.simple_tag(takes_context=True)
def sorted_by(context: RequestContext, column: str) -> str:
    """Return how a list is sorted by a column, as browsers are told."""
    sort = context["request"].GET.get("sort", context.get("sort_default", ""))
    return {column: "ascending", f"-{column}": "descending"}.get(sort, "none")


@register.simple_tag(takes_context=True)
def sort_address(context: RequestContext, column: str) -> str:
    """Return the address of the same list sorted by a column, the other way at the second ask."""
    query: QueryDict = context["request"].GET.copy()
    query["sort"] = column if query.get("sort") == f"-{column}" else f"-{column}"
    query.pop("page", None)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def asked(context: RequestContext, name: str) -> str:
    """Return what the address asks under a name."""
    return str(context["request"].GET.get(name, ""))
