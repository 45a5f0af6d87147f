"""The days that a run is of, in the reader's language."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.formats import date_format

from offtake.report.manifest import Frame


def days_of(frame: Frame) -> str:
    """Return the first and the last day that a run looks at; empty where it looks at none."""
    if not frame.first_week:
        return ""
    first = date.fromisoformat(frame.first_week)
    last = date.fromisoformat(frame.last_week) + timedelta(days=6)
    shown = (str(date_format(day, "SHORT_DATE_FORMAT")) for day in (first, last))
    return " \N{EN DASH} ".join(shown)
