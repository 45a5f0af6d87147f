"""Values as EDI messages write them: numbers, dates and periods, as plain text."""

from __future__ import annotations

import re
from datetime import date
from decimal import Context, Decimal
from functools import lru_cache
from typing import NamedTuple

_NUMBER = re.compile(r"-?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)", re.ASCII)
_EXACT = Context(prec=100)


class Period(NamedTuple):
    """First and last day (ISO dates) and length in days of the time a quantity covers."""

    first_day: str
    last_day: str
    days: str


def read_number(text: str) -> str | None:
    """A number as plain decimal text, or None where ``text`` is not one.

    Either ``.`` or ``,`` may mark the decimals; there are no thousands marks in EDI.

    Examples
    --------
    >>> read_number("0012"), read_number("-,5"), read_number("12.50"), read_number("1.2.3")
    ('12', '-0.5', '12.50', None)
    """
    if text.isascii() and text.isdigit() and not text.startswith("0"):
        return text
    if _NUMBER.fullmatch(text) is None:
        return None
    return _plain(Decimal(text.replace(",", ".")))


def _plain(number: Decimal) -> str:
    return f"{number.copy_abs() if number == 0 else number:f}"


def negated(number: str) -> str:
    """Minus the size of ``number``: what was returned, whatever sign the sender wrote.

    Examples
    --------
    >>> negated("3"), negated("-3"), negated("0")
    ('-3', '-3', '0')
    """
    return _plain(Decimal(number).copy_abs().copy_negate())


def times(left: str, right: str) -> str:
    """The exact product of two decimal texts.

    Examples
    --------
    >>> times("-3", "1.99")
    '-5.97'
    """
    return _plain(_EXACT.multiply(Decimal(left), Decimal(right)))


def plus(left: str, right: str) -> str:
    """The exact sum of two decimal texts.

    Examples
    --------
    >>> plus("0.1", "0.2")
    '0.3'
    """
    return _plain(_EXACT.add(Decimal(left), Decimal(right)))


def largest(left: str, right: str) -> str:
    """The larger of two decimal texts.

    Examples
    --------
    >>> largest("9.99", "10")
    '10'
    """
    return max(left, right, key=Decimal)


@lru_cache(maxsize=4096)
def read_date(text: str) -> date | None:
    """A CCYYMMDD or YYMMDD date (years 70-99 are 19xx), or None where ``text`` is not one.

    Examples
    --------
    >>> read_date("20260105"), read_date("991231"), read_date("20260230")
    (datetime.date(2026, 1, 5), datetime.date(1999, 12, 31), None)
    """
    if not (text.isascii() and text.isdigit() and len(text) in (6, 8)):
        return None
    if len(text) == 6:
        text = ("19" if text >= "70" else "20") + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def period_of(start: date, end: date) -> Period | None:
    """The period from ``start`` to ``end``, both included; None where it ends before it starts.

    Examples
    --------
    >>> period_of(date(2026, 1, 5), date(2026, 1, 11))
    Period(first_day='2026-01-05', last_day='2026-01-11', days='7')
    """
    if end < start:
        return None
    return Period(start.isoformat(), end.isoformat(), str((end - start).days + 1))
