"""One retailer's year: its plans by month, and what each side promised for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.models import Commitment, State


@dataclass(frozen=True, slots=True)
class Row:
    """One plan and the promises made for it, first those of marketing, then those of sales."""

    plan: Entry
    promises: tuple[Commitment, ...]


@dataclass(frozen=True, slots=True)
class AccountYear:
    """A retailer's year.

    Parameters
    ----------
    names, years
        Retailers and years that there is something of.
    name, year
        Which are shown; no name where there is no retailer at all.
    months
        First days of its months with the plans that begin in them; plans that began the year
        before stand in its January.
    cost
        Of its plans that are not cancelled, those of several retailers counted whole.
    late, open, done
        How many promises are past their day, still to keep, and kept.
    """

    names: tuple[str, ...]
    years: tuple[int, ...]
    name: str
    year: int
    months: tuple[tuple[date, tuple[Row, ...]], ...]
    cost: Decimal
    late: int
    open: int
    done: int

    @property
    def plans(self) -> int:
        return sum(len(rows) for _, rows in self.months)


def account_year(
    plans: Sequence[Entry],
    promised: Mapping[int, Sequence[Commitment]],
    asked: tuple[str, str],
    today: date,
) -> AccountYear:
    """Gather a retailer's year; what is not named well is the first retailer and this year."""
    names = tuple(sorted({name for plan in plans for name in plan.retailers} | {asked[0]} - {""}))
    name = asked[0] or (names[0] if names else "")
    mine = [plan for plan in plans if not plan.retailers or name in plan.retailers]
    years = tuple(sorted({y for plan in mine for y in _years(plan)} | {today.year}))
    year = int(asked[1]) if asked[1].isascii() and asked[1].isdigit() else today.year
    year = year if year in years else today.year
    rows = [
        Row(plan, tuple(sorted(promised.get(plan.pk, ()), key=lambda each: each.side)))
        for plan in mine
        if year in _years(plan)
    ]
    kept = [each for row in rows if row.plan.state != State.CANCELLED for each in row.promises]
    waiting = [each for each in kept if each.done_on is None]
    late = sum(each.due < today for each in waiting)
    return AccountYear(
        names=names,
        years=years,
        name=name,
        year=year,
        months=tuple(
            (first, tuple(same)) for first, same in groupby(rows, lambda row: _begins(row, year))
        ),
        cost=sum((_cost(row.plan) for row in rows), Decimal(0)),
        late=late,
        open=len(waiting) - late,
        done=len(kept) - len(waiting),
    )


def _years(plan: Entry) -> range:
    return range(plan.first_day.year, plan.last_day.year + 1)


def _begins(row: Row, year: int) -> date:
    return max(row.plan.first_day.replace(day=1), date(year, 1, 1))


def _cost(plan: Entry) -> Decimal:
    return Decimal(0) if plan.state == State.CANCELLED or plan.cost is None else plan.cost
