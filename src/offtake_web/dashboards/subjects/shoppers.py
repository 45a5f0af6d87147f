"""Shoppers and the brand, subject by subject."""

from __future__ import annotations

from dataclasses import dataclass

from offtake.report.against import groups_beside
from offtake.report.exhibits import Group
from offtake.report.shoppers.answer import ShopperAnswer, shoppers_of
from offtake.report.shoppers.page import NAMES, charts_of, groups_of, headline, notes_of
from offtake_web.dashboards.reading import Context, Reading, thing
from offtake_web.dashboards.scoped import ScopedRun
from offtake_web.dashboards.subjects.behind import charts_behind
from offtake_web.dashboards.subjects.drawn import subject_of


@dataclass(frozen=True, slots=True)
class Known:
    """What a run knows of shoppers."""

    answer: ShopperAnswer
    groups: tuple[Group, ...]
    specs: dict[str, str]


def known_of(run: ScopedRun) -> Known | None:
    found: Known | None = thing(run, "shoppers", lambda: _known(run))
    return found


def _known(run: ScopedRun) -> Known | None:
    answer = shoppers_of(run)
    if answer is None:
        return None
    return Known(answer, groups_of(answer), charts_of(answer))


def shoppers(reading: Reading, subject: str) -> Context | None:
    """Return one subject, the first where none is named; None where there is no such subject."""
    known = known_of(reading.run)
    if known is None or not known.groups:
        return {"gone": True}
    group = next((each for each in known.groups if subject in ("", each.key)), None)
    if group is None:
        return None
    then = known_of(reading.against) if reading.against else None
    if then is not None:
        (group,) = groups_beside((group,), then.groups, reading.currency)
    return {
        "headline": headline(known.groups) if not subject else "",
        "period": known.answer.period,
        "tabs": [(each.key, NAMES.get(each.key, each.title)) for each in known.groups],
        "subject": subject_of(reading.market, "shoppers", group, charts_behind(reading, specs)),
        "notes": notes_of(known.answer),
    }


def specs(run: ScopedRun) -> dict[str, str]:
    known = known_of(run)
    return known.specs if known else {}
