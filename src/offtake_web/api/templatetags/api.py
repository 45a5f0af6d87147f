from __future__ import annotations

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def coded(text: str) -> SafeString:
    """Show what stands between backticks as code."""
    parts = (
        format_html("<code>{}</code>", part) if place % 2 else escape(part)
        for place, part in enumerate(text.split("`"))
    )
    return mark_safe("".join(parts))  # noqa: S308  # each part is escaped
