"""Charts of the run that a page is set against, behind those of the run that it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from offtake.report.chart_against import chart_beside
from offtake_web.dashboards.reading import Reading
from offtake_web.dashboards.scoped import ScopedRun


@dataclass(frozen=True, slots=True)
class Charts:
    """Charts as a page draws them, and what is said under those that show no other run."""

    specs: Mapping[str, str]
    notes: Mapping[str, str]


def charts_behind(reading: Reading, make: Callable[[ScopedRun], Mapping[str, str]]) -> Charts:
    """Return the charts of a page; `make` returns those of one run."""
    now = make(reading.run)
    if reading.against is None:
        return Charts(now, {})
    then, specs, notes = make(reading.against), dict(now), {}
    label = _label(reading.against)
    for name, text in now.items():
        found = chart_beside(text, then[name], label, _("was {}")) if name in then else None
        if found is None:
            notes[name] = _("The other run has nothing here to compare with.")
        elif found.same:
            notes[name] = _("The other run shows the same, as far as it goes.")
        else:
            specs[name] = found.text
    return Charts(specs, notes)


def _label(run: ScopedRun) -> str:
    made = datetime.fromisoformat(run.manifest.created[:19])
    shown = f"{date_format(made, 'SHORT_DATETIME_FORMAT')} UTC"
    return _("the run of %(made)s") % {"made": shown}
