"""What is said of the run that a page is set against."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from offtake.report.manifest import Frame
from offtake.report.run import Run
from offtake_web.dashboards.reading import Reading
from offtake_web.runs.days import days_of


@dataclass(frozen=True, slots=True)
class Beside:
    """Which run stands beside the one shown: its days, where they are others, and a warning."""

    run: Run
    days: str
    warning: str


def beside_of(reading: Reading) -> Beside | None:
    """Return what to say of the other run; None where a page is set against none."""
    if reading.against is None:
        return None
    now, then = reading.run.manifest.frame, reading.against.manifest.frame
    return Beside(reading.against, "" if days_of(then) == days_of(now) else days_of(then),
                  _warning(now, then))  # fmt: skip


def missing(reading: Reading) -> bool:
    """Say whether the address names another run that is not there."""
    wanted = reading.request.GET.get("against", "")
    return reading.against is None and wanted not in ("", reading.run.run_id)


def _warning(now: Frame, then: Frame) -> str:
    if (then.category, then.manufacturer) != (now.category, now.manufacturer):
        return _(
            "That run is of something else: %(category)s, seen from %(manufacturer)s. "
            "Its figures are no earlier state of these."
        ) % {"category": then.category, "manufacturer": then.manufacturer}
    if then.weeks != now.weeks:
        return _(
            "That run looks at %(then)s weeks, this one at %(now)s: "
            "sums over the period cannot be compared."
        ) % {"then": then.weeks, "now": now.weeks}
    return ""
