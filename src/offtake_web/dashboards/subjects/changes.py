"""What changed between two runs: the world, the data about it, the view, or the method."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from offtake.report.words import days_label
from offtake_web.common.said import value_said
from offtake_web.dashboards.reading import thing
from offtake_web.dashboards.scoped import ScopedRun
from offtake_web.runs import tables
from offtake_web.runs.comparison import Comparison, compare


@dataclass(frozen=True, slots=True)
class Changed:
    """An earlier run, and what is different since."""

    before: ScopedRun
    comparison: Comparison
    sentences: tuple[str, ...]


def changed(before: ScopedRun, now: ScopedRun) -> Changed:
    found: Comparison = thing(
        now, f"against {before.run_id}", lambda: compare(before, now, tables.table)
    )
    return Changed(before, found, tuple(_sentences(found, now)))


def _sentences(found: Comparison, now: ScopedRun) -> list[str]:
    said = []
    if found.view:
        said.append(_("Another view is taken: its category, manufacturer or length of period."))
    if found.weeks:
        frame = now.manifest.frame
        days = days_label(frame.first_week, frame.last_week)
        said.append(
            _("The world moved on: the weeks are now %(days)s.") % {"days": value_said(days)}
        )
    if found.loads_new or found.loads_gone:
        said.append(_loads(found))
    if found.code:
        said.append(_("Offtake itself changed, so the method may have."))
    if not said:
        said.append(_("The weeks, the data and the method are the same."))
    return said


def _loads(found: Comparison) -> str:
    count = len(found.loads_new)
    if found.restated or not count:
        return _("The data changed: what was known before has been replaced or withdrawn.")
    return ngettext(
        "The data grew by %(count)d load.", "The data grew by %(count)d loads.", count
    ) % {"count": count}
