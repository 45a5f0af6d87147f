"""Ask a measure a question: by what, where, when, against what. The answer is an expression."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from offtake.calendars import Against, Period, parse_period, shift_for
from offtake.data.store import Tables
from offtake.errors import BadInputError, MissingContractError, NotAdditiveError, UnknownNameError
from offtake.measures.catalogue import measure as find_measure
from offtake.measures.dimensions import DIMENSIONS
from offtake.measures.measure import Measure
from offtake.measures.scope import Filter, Scope, either, grouped, percent

if TYPE_CHECKING:
    import ibis.expr.types as ir


def ask(  # noqa: PLR0913  # a question has this many parts, each named
    tables: Tables,
    measure_id: str,
    *,
    by: Sequence[str] = (),
    where: Iterable[str | Filter] = (),
    period: str | Period | None = None,
    against: Against | None = None,
    sum_over: Sequence[str] = (),
) -> ir.Table:
    """Return the answer to one question as an Ibis expression.

    Parameters
    ----------
    tables
        State of a store, from ``Store.tables()``.
    measure_id
        A measure of the catalogue.
    by
        Dimensions to group by.
    where
        Filters: ``"category=BAG SNACKS"``, ``"brand!=Private"``; several values of one dimension
        are alternatives (``"retailer=A|B"``).
    period
        A period, or its text (``"2017"``, ``"2017-Q3"``, ``"latest 4 weeks"``); None is all.
    against
        Put the value of an earlier period beside it, with the change.
    sum_over
        Dimensions of `by` to sum the values over again; refused where a sum means nothing.

    Returns
    -------
    ibis Table
        Columns of `by`, the measure's labels and parts, ``value``, and with `against` also
        ``value_against``, ``change`` and ``change_percent``.

    Raises
    ------
    UnknownNameError
        For a measure or grouping that does not exist, or that the measure does not allow.
    MissingContractError
        When a table the measure needs holds no rows.
    NotAdditiveError
        When `sum_over` asks for a sum that means nothing.
    """
    wanted = find_measure(measure_id)
    filters = tuple(f if isinstance(f, Filter) else parse_filter(f) for f in where)
    _demand_names(wanted, [*by, *(f.dimension for f in filters)])
    _demand_contracts(wanted, tables)
    _demand_additive(wanted, by, sum_over)
    weeks = parse_period(period, loaded=tables.span) if isinstance(period, str) else period
    scope = Scope(tables, tuple(by), filters, weeks)
    answer = _ordered(wanted, scope)
    if against is not None:
        answer = _against(wanted, scope, answer, against)
    if sum_over:
        answer = _summed(answer, tuple(b for b in by if b not in sum_over), against)
    shown = [name for name in (*by, *wanted.labels) if name not in sum_over]
    return answer.order_by(shown) if shown else answer


def parse_filter(text: str) -> Filter:
    """Read ``dimension=value``, ``dimension!=value`` or ``dimension=one|other``.

    Raises
    ------
    BadInputError
        When the text has no ``=`` or nothing after it.

    Examples
    --------
    >>> parse_filter("brand!=Private")
    Filter(dimension='brand', values=('Private',), negated=True)
    """
    name, sign, values = text.partition("=")
    if not sign or not values:
        raise BadInputError(f"filter: got {text!r}, allowed: dimension=value or dimension!=value")
    negated = name.endswith("!")
    wanted = tuple(value.strip() for value in values.split("|"))
    return Filter(name.rstrip("!").strip(), wanted, negated)


def _demand_names(wanted: Measure, names: Iterable[str]) -> None:
    for name in names:
        if name not in DIMENSIONS:
            raise UnknownNameError("grouping", name, wanted.dimensions)
        if name not in wanted.dimensions:
            raise UnknownNameError(f"grouping for {wanted.id}", name, wanted.dimensions)


def _demand_contracts(wanted: Measure, tables: Tables) -> None:
    missing = [name for name in wanted.needs if name not in tables.filled]
    if missing:
        raise MissingContractError(
            f"{wanted.id} needs {', '.join(wanted.needs)}; nothing has been loaded into "
            f"{', '.join(missing)}. Load it with: offtake load FILE --as {missing[0]}"
        )


def _demand_additive(wanted: Measure, by: Sequence[str], sum_over: Sequence[str]) -> None:
    for name in sum_over:
        if name not in by:
            raise BadInputError(f"sum over {name!r}: it is not one of the groupings {list(by)}")
        if DIMENSIONS[name].kind not in wanted.additive_over:
            raise NotAdditiveError(
                f"{wanted.id} cannot be summed over {name} ({wanted.additivity}). "
                f"Ask for it without {name} in the grouping: it is then worked out afresh."
            )


def _ordered(wanted: Measure, scope: Scope) -> ir.Table:
    return wanted.build(scope).select(*scope.by, *wanted.labels, *wanted.parts, "value")


def _against(wanted: Measure, scope: Scope, now: ir.Table, against: Against) -> ir.Table:
    if scope.period is None:
        raise BadInputError("a comparison needs a period: give one with --period")
    weeks = shift_for(scope.period, against)
    earlier = Scope(scope.tables, scope.by, scope.where, scope.period, weeks)
    then = _ordered(wanted, earlier)
    keys = (*scope.by, *wanted.labels)
    then = then.select(*keys, value_against=then["value"])
    both = either(now, then, keys)
    if wanted.additive_over:
        both = both.mutate(
            value=both["value"].fill_null(0), value_against=both.value_against.fill_null(0)
        )
    change = both["value"] - both.value_against
    return both.mutate(change=change, change_percent=percent(change, both.value_against.abs()))


def _summed(answer: ir.Table, by: tuple[str, ...], against: Against | None) -> ir.Table:
    if against is None:
        return grouped(answer, by, value=answer["value"].sum())
    sums = grouped(
        answer, by, value=answer["value"].sum(), value_against=answer.value_against.sum()
    )
    change = sums["value"] - sums.value_against
    return sums.mutate(change=change, change_percent=percent(change, sums.value_against.abs()))
