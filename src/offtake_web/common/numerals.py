"""Figures that the library wrote in English, as the reader's language separates their digits."""

from __future__ import annotations

import re

from django.utils.formats import get_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+")
_DIGIT = re.compile(r"\d")
_RANGE = _("%(low)s to %(high)s")
_POINTS = _("pts")


def numerals(text: str) -> str:
    """Write a figure, or the range of one, in the reader's language: 1,234.5 may be 1.234,5.

    Of figures alone: names, days and whole sentences stay as they are.
    """
    if get_language() == "en":
        return text
    point, comma = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
    change = str.maketrans({",": comma, ".": point})
    written = _FIGURE.sub(lambda found: found[0].translate(change), text)
    if written.endswith(" pts"):
        written = f"{written.removesuffix('pts')}{gettext(_POINTS)}"
    low, _between, high = written.partition(" to ")
    if not (_DIGIT.search(low) and _DIGIT.search(high)):
        return written
    return gettext(_RANGE) % {"low": low, "high": high}
