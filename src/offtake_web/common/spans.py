"""Spans of days and counts as the library writes them in English, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import ngettext

from offtake_web.common.numerals import numerals

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTH_OF = {name[:size]: place for place, name in enumerate(_MONTHS, 1) for size in (3, 10)}
_SPAN = re.compile(r"(?:(\d{1,2}) ([A-Z][a-z]+)(?: (\d{4}))? to )?(\d{1,2}) ([A-Z][a-z]+) (\d{4})")
_BETWEEN = " \N{EN DASH} "
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})*|\d+) ([a-z]+)")
# A function for each, so that the words are found where they are looked for.
_COUNTED: Mapping[str, Callable[[int], str]] = {
    "day": lambda n: ngettext("%(n)s day", "%(n)s days", n),
    "week": lambda n: ngettext("%(n)s week", "%(n)s weeks", n),
    "store": lambda n: ngettext("%(n)s store", "%(n)s stores", n),
    "promotion": lambda n: ngettext("%(n)s promotion", "%(n)s promotions", n),
}


def days_said(text: str) -> str | None:
    """Return a day, or the days from one to another; None where it is neither."""
    try:
        ends = text.split(" to ")
        if len(ends) <= 2 and all(map(_ISO.fullmatch, ends)):
            return _BETWEEN.join(_short(date.fromisoformat(each)) for each in ends)
        return _span(text)
    except ValueError:
        return None


def _span(text: str) -> str | None:
    found = _SPAN.fullmatch(text)
    if found is None or not {found[5], found[2] or found[5]} <= _MONTH_OF.keys():
        return None
    last = _short(date(int(found[6]), _MONTH_OF[found[5]], int(found[4])))
    if found[1] is None:
        return last
    first = date(int(found[3] or found[6]), _MONTH_OF[found[2]], int(found[1]))
    return f"{_short(first)}{_BETWEEN}{last}"


def _short(day: date) -> str:
    return str(date_format(day, "SHORT_DATE_FORMAT"))


def count_said(text: str) -> str | None:
    """Return how many there are of something; None where it is nothing that is counted here."""
    found = _COUNT.fullmatch(text)
    if found is None:
        return None
    words = _COUNTED.get(found[2].removesuffix("s"))
    count = found[1]
    return words and words(int(count.replace(",", ""))) % {"n": numerals(count)}
