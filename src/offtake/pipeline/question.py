"""A question as data, and what it takes to know whether its answer is still good."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from offtake.data.code_version import code_version
from offtake.data.ledger import Load
from offtake.data.store import Store, Tables
from offtake.errors import MissingContractError, UnknownNameError
from offtake.measures.ask import ask
from offtake.measures.catalogue import CATALOGUE
from offtake.measures.scope import Filter
from offtake.pipeline.view import Framed
from offtake.report.manifest import Gap

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

Where = Literal["category", "own", "shown", "own_brands", "brands", "company"]
Span = Literal["now", "before", "everything"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One table of a run, asked of one measure.

    Parameters
    ----------
    name
        Name of the table.
    measure
        Id in the catalogue.
    by
        Dimensions to group by.
    where
        The whole category; our own items in it, or ours and the main competitors'; our own brands,
        or ours and the largest others; or the whole company.
    span
        The period, the weeks it is compared with, or all weeks loaded.
    compared
        Whether to put the earlier weeks beside the period.
    beside
        Contracts without which the answer would mean nothing, though the measure can do without.
    """

    name: str
    measure: str
    by: tuple[str, ...] = ()
    where: Where = "category"
    span: Span = "now"
    compared: bool = False
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Posed:
    """A question set to one store and one view, ready to be run.

    Parameters
    ----------
    question
        The question.
    expression
        Its answer, not yet worked out.
    inputs
        Contracts that the expression reads.
    fingerprint
        Hash of the question, the loads of those contracts and the code.
    """

    question: Question
    expression: ir.Table
    inputs: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What questions are posed to: a store, its tables and loads, and the view."""

    store: Store
    tables: Tables
    loads: tuple[Load, ...]
    framed: Framed


def pose(ground: Ground, question: Question) -> Posed | Gap:
    """Turn a question into an expression, or say why it cannot be asked here.

    Parameters
    ----------
    ground
        Where it is asked.
    question
        What is asked.

    Returns
    -------
    Posed or Gap
        A gap names the contracts to load.
    """
    try:
        _demand(ground, question)
        expression = _expression(ground, question)
    except MissingContractError as error:
        needs = (*CATALOGUE[question.measure].needs, *question.beside)
        load = tuple(name for name in needs if name not in ground.tables.filled)
        return _gap(question, error, load)
    except UnknownNameError as error:
        return _gap(question, error)
    inputs = contracts_read(expression)
    asked = _spoken(ground.framed, question)
    return Posed(question, expression, inputs, fingerprint(asked, loads_of(ground.loads, inputs)))


def _demand(ground: Ground, question: Question) -> None:
    for name in question.beside:
        if name not in ground.tables.filled:
            raise MissingContractError(
                f"{question.measure} says nothing without {name}, into which nothing has been "
                f"loaded. Load it with: offtake load FILE --as {name}"
            )


def _gap(question: Question, error: Exception, load: tuple[str, ...] = ()) -> Gap:
    known = CATALOGUE.get(question.measure)
    return Gap(
        name=question.name,
        measure=question.measure,
        title=known.title if known else question.measure,
        reason=str(error),
        load=load,
    )


def _spoken(view: Framed, question: Question) -> list[object]:
    """Return a question in full, as plain values; with code and loads it fixes the answer."""
    period = getattr(view, question.span)
    where = [(f.dimension, f.values, f.negated) for f in filters(view, question)]
    weeks = [period.first_week.isoformat(), period.last_week.isoformat()]
    against = view.against if question.compared else ""
    return [question.name, question.measure, question.by, where, weeks, against]


def _expression(ground: Ground, question: Question) -> ir.Table:
    view = ground.framed
    return ask(
        ground.tables,
        question.measure,
        by=question.by,
        where=filters(view, question),
        period=getattr(view, question.span),
        against=view.against if question.compared else None,
    )


def filters(view: Framed, question: Question) -> tuple[Filter, ...]:
    """Return the filters of a question."""
    found: tuple[Filter, ...] = getattr(view, question.where)
    return found


def contracts_read(expression: ir.Table) -> tuple[str, ...]:
    """Return the names of the contracts that an expression reads."""
    from ibis.expr.operations import DatabaseTable

    return tuple(sorted({node.name for node in expression.op().find(DatabaseTable)}))


def loads_of(loads: Sequence[Load], inputs: tuple[str, ...]) -> list[str]:
    """Return the loads of some contracts in words, for a fingerprint."""
    return [
        f"{load.load_id} {load.contract} {load.file} {load.started.isoformat()}"
        for load in loads
        if load.contract in inputs
    ]


def fingerprint(*parts: object) -> str:
    """Return the SHA-256 of some plain values and of the code.

    Examples
    --------
    >>> fingerprint("a", 1) == fingerprint("a", 1) != fingerprint("a", 2)
    True
    """
    text = json.dumps([*parts, code_version()], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def settled(table: pa.Table) -> pa.Table:
    """Return an answer with its floating-point noise removed, so that equal data give equal files.

    An engine that adds on several threads adds in another order each time, and the last digits
    of a sum change with it. Ten significant digits are kept; a difference is then taken again.
    """
    import pyarrow as pa

    columns = {
        name: [_rounded(value) for value in table[name].to_pylist()]
        for name in table.column_names
        if pa.types.is_floating(table.schema.field(name).type)
    }
    if {"value", "value_against", "change"} <= columns.keys():
        columns |= _changes(columns)
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(values, pa.float64()))
    return table


def _changes(columns: Mapping[str, list[float | None]]) -> dict[str, list[float | None]]:
    pairs = list(zip(columns["value"], columns["value_against"], strict=True))
    change = [None if a is None or b is None else _rounded(a - b) for a, b in pairs]
    percent = [
        None if c is None or not b else _rounded(100 * c / abs(b))
        for c, (_, b) in zip(change, pairs, strict=True)
    ]
    return {"change": change, "change_percent": percent}


def _rounded(value: float | None) -> float | None:
    if value is None or value != value:  # noqa: PLR0124  # not a number
        return None
    return 0.0 if abs(value) < 1e-9 else float(f"{value:.10g}")
