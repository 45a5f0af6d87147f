"""The view a run takes: one manufacturer in one category, over the latest weeks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches

from offtake.calendars import Against, Period, shift_for
from offtake.calendars.period import week_range_label
from offtake.data.store import Store, Tables
from offtake.errors import BadInputError, MissingContractError
from offtake.measures.ask import ask
from offtake.measures.dimensions import NOT_STATED
from offtake.measures.scope import Filter
from offtake.report.manifest import Frame

LENGTHS = (52, 26, 13, 4, 1)
YEAR = 52
DEFAULT_CATEGORY, DEFAULT_MANUFACTURER = "BAG SNACKS", "544"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a scoreboard is asked for.

    Parameters
    ----------
    category
        The market.
    manufacturer
        Whose side it is seen from.
    weeks
        Length of the period, the latest weeks; None takes the longest of 52, 26, 13, 4 and 1
        that leaves as many weeks before it.
    competitors
        How many other manufacturers to show.
    currency
        Sign or code to write before amounts of money; the data do not say.
    models
        Which models to fit to the category.

    Examples
    --------
    >>> View().manufacturer
    '544'
    """

    category: str = DEFAULT_CATEGORY
    manufacturer: str = DEFAULT_MANUFACTURER
    weeks: int | None = None
    competitors: int = 5
    currency: str = ""
    models: tuple[str, ...] = (
        "promotion", "availability", "norms", "customers", "won", "campaigns", "funnel", "trends",
        "planning",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Framed:
    """A view set against what the store holds.

    Parameters
    ----------
    frame
        In words, for the manifest.
    now, before, everything
        The period, the weeks it is compared with, and all weeks loaded.
    against
        The comparison, as :func:`offtake.measures.ask.ask` takes it.
    """

    frame: Frame
    now: Period
    before: Period
    everything: Period
    against: Against

    @property
    def category(self) -> tuple[Filter, ...]:
        """Filters of the whole market."""
        return (Filter("category", (self.frame.category,)),)

    @property
    def own(self) -> tuple[Filter, ...]:
        """Filters of our own items."""
        return (*self.category, Filter("manufacturer", (self.frame.manufacturer,)))

    @property
    def shown(self) -> tuple[Filter, ...]:
        """Filters of our own items and the main competitors'."""
        return (*self.category, Filter("manufacturer", self.frame.shown))

    @property
    def own_brands(self) -> tuple[Filter, ...]:
        """Filters of our own brands, for facts that know brands and no items."""
        return (*self.category, Filter("brand", self.frame.brands))

    @property
    def brands(self) -> tuple[Filter, ...]:
        """Filters of our own and the largest other brands."""
        return (*self.category, Filter("brand", self.frame.shown_brands))

    @property
    def company(self) -> tuple[Filter, ...]:
        """No filter: what is known of our people, and what they write, in all categories."""
        return ()


def framed(store: Store, tables: Tables, view: View) -> Framed:
    """Find the weeks and the competitors of a view.

    Parameters
    ----------
    store, tables
        Where the data are.
    view
        What is asked for.

    Returns
    -------
    Framed
        The view with its weeks and competitors.

    Raises
    ------
    MissingContractError
        When no sales have been loaded.
    BadInputError
        When the category or the manufacturer is not there, or too few weeks are.
    """
    if tables.span is None or "sales" not in tables.filled:
        raise MissingContractError(
            "a scoreboard needs sales; nothing has been loaded into sales. "
            "Load it with: offtake load FILE --as sales"
        )
    everything = _period(*tables.span)
    against, now = _latest(everything, view.weeks)
    before = now.shifted(-shift_for(now, against))
    _demand_category(store, tables, view.category)
    rivals = _competitors(store, tables, view)
    frame = _frame(view, rivals, now=now, before=before, everything=everything, against=against)
    own_brands, rival_brands = _brands(store, tables, view)
    frame = replace(frame, simulated=tables.label, brands=own_brands, rival_brands=rival_brands)
    return Framed(frame=frame, now=now, before=before, everything=everything, against=against)


def _period(first: object, last: object) -> Period:
    return Period(first, last, week_range_label(first, last))  # type: ignore[arg-type]  # Mondays


def _latest(everything: Period, weeks: int | None) -> tuple[Against, Period]:
    held = everything.weeks
    longest = next((n for n in LENGTHS if 2 * n <= held), 0)
    wanted = longest if weeks is None else weeks
    if not 1 <= wanted <= held // 2:
        raise BadInputError(
            f"weeks: got {wanted}, allowed: 1 to {held // 2}, as {held} weeks are loaded "
            "and as many are needed before the period"
        )
    first = everything.last_week - timedelta(weeks=wanted - 1)
    against: Against = "year-ago" if held >= wanted + YEAR else "previous"
    return against, _period(first, everything.last_week)


def _demand_category(store: Store, tables: Tables, wanted: str) -> None:
    known = _ranked(store, tables, "category", ())
    if wanted not in known:
        raise BadInputError(_unknown("category", wanted, known))


def _competitors(store: Store, tables: Tables, view: View) -> tuple[str, ...]:
    market = (Filter("category", (view.category,)),)
    known = _ranked(store, tables, "manufacturer", market)
    if view.manufacturer not in known:
        raise BadInputError(_unknown(f"manufacturer in {view.category}", view.manufacturer, known))
    return tuple(name for name in known if name != view.manufacturer)[: view.competitors]


def _brands(store: Store, tables: Tables, view: View) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the brands that only we sell, and the largest of those that we do not sell.

    A brand that several manufacturers share (a source may know no more than "national") is
    nobody's: its advertising cannot be put down to one of them.
    """
    market = (Filter("category", (view.category,)),)
    ranked = _ranked(store, tables, "brand", market)
    ours = (*market, Filter("manufacturer", (view.manufacturer,)))
    others = (*market, Filter("manufacturer", (view.manufacturer,), negated=True))
    own, foreign = (set(_ranked(store, tables, "brand", where)) for where in (ours, others))
    return (
        tuple(name for name in ranked if name in own - foreign),
        tuple(name for name in ranked if name in foreign - own)[: view.competitors],
    )


def _ranked(store: Store, tables: Tables, dimension: str, where: tuple[Filter, ...]) -> list[str]:
    """Return the values of a dimension, largest sales first."""
    rows = store.run(ask(tables, "sales_value", by=[dimension], where=where)).to_pylist()
    # Ranked on rounded cents: two engines differ in the last bits of a sum.
    rows.sort(key=lambda row: (-round(row["value"] or 0.0, 2), row[dimension]))
    return [row[dimension] for row in rows if row[dimension] != NOT_STATED]


def _unknown(kind: str, got: str, known: list[str]) -> str:
    near = get_close_matches(got.casefold(), [name.casefold() for name in known], n=3)
    meant = [name for name in known if name.casefold() in near]
    hint = f" Did you mean {' or '.join(repr(name) for name in meant)}?" if meant else ""
    return f"unknown {kind} {got!r}.{hint} The largest are: {', '.join(known[:10])}."


def _frame(
    view: View,
    rivals: tuple[str, ...],
    *,
    now: Period,
    before: Period,
    everything: Period,
    against: str,
) -> Frame:
    return Frame(
        category=view.category,
        manufacturer=view.manufacturer,
        competitors=rivals,
        weeks=now.weeks,
        first_week=now.first_week.isoformat(),
        last_week=now.last_week.isoformat(),
        before_first_week=before.first_week.isoformat(),
        before_last_week=before.last_week.isoformat(),
        against=against,
        data_first_week=everything.first_week.isoformat(),
        data_last_week=everything.last_week.isoformat(),
        currency=view.currency,
    )
