"""Reads the dates of a message or a location into the period its sales cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offtake.data.sources.eancom_slsrpt.codes import (
    DATE_FORMATS,
    OTHER_DATES,
    REPORT_END,
    REPORT_START,
    SALES_PERIOD,
)
from offtake.data.sources.edi_values import Period, period_of, read_date

if TYPE_CHECKING:
    from datetime import date

    from offtake.data.sources.eancom_slsrpt.segments import Segment
    from offtake.data.sources.edi_table import EdiTable

_READ_DATES = (SALES_PERIOD, REPORT_START, REPORT_END)


@dataclass(slots=True)
class Dates:
    """Dates given at one level; ``is_sound`` turns false when one cannot be read."""

    sales: tuple[date, date] | None = None
    start: date | None = None
    end: date | None = None
    is_sound: bool = True

    def is_given(self) -> bool:
        """Whether anything about the period was said at this level, readable or not."""
        return not self.is_sound or any((self.sales, self.start, self.end))

    def period(self) -> Period | None:
        """The period: that of the sales (356), else of the report (90 to 91)."""
        if not self.is_sound:
            return None
        if self.sales is not None:
            return period_of(*self.sales)
        if self.start is not None and self.end is not None:
            return period_of(self.start, self.end)
        return None


def read_dates(segment: Segment, dates: Dates, table: EdiTable) -> None:
    """Note a DTM segment in ``dates``; one that cannot be read is a fault."""
    qualifier = segment.part(1)
    if qualifier in OTHER_DATES:
        return
    days = days_of(segment.part(1, 1), segment.part(1, 2))
    if qualifier not in _READ_DATES:
        reason = "date qualifier is not read by Offtake; read qualifiers: "
        allowed = ", ".join((*_READ_DATES, *OTHER_DATES))
        table.add_fault(segment.number, "DTM 2005", qualifier, reason + allowed)
        return
    if days is None:
        reason = "not a date in a format that Offtake reads; read formats (2379): "
        allowed = ", ".join(DATE_FORMATS)
        value = ":".join((segment.part(1, 1), segment.part(1, 2)))
        table.add_fault(segment.number, "DTM 2380", value, reason + allowed)
        dates.is_sound = False
    elif qualifier == REPORT_START:
        dates.start = days[0]
    elif qualifier == REPORT_END:
        dates.end = days[1]
    else:
        dates.sales = days


def days_of(text: str, form: str) -> tuple[date, date] | None:
    """First and last day of a date in format 102, 203 or 718; None where it is not one.

    Examples
    --------
    >>> days_of("2026010520260111", "718")
    (datetime.date(2026, 1, 5), datetime.date(2026, 1, 11))
    >>> days_of("202601052359", "203") == days_of("20260105", "102")
    True
    """
    digits = text.replace("-", "", 1) if form == "718" else text
    if len(digits) != DATE_FORMATS.get(form) or not (digits.isascii() and digits.isdigit()):
        return None
    first = read_date(digits[:8])
    last = read_date(digits[8:]) if form == "718" else first
    if first is None or last is None or last < first:
        return None
    return first, last
