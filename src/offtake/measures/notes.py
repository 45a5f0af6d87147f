"""The right of reply: how fast and how surely field notes are answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import ibis

from offtake.measures.dimensions import Kind, of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, grouped, percent

if TYPE_CHECKING:
    import ibis.expr.types as ir

NOTE_DIMENSIONS = of_kind("item", "market", "store", "time", "team") | {"topic"}
NOTE_SUM: frozenset[Kind] = frozenset(("item", "market", "store", "time", "team", "other"))
NINE_IN_TEN = 0.9


def _count(scope: Scope) -> ir.Table:
    notes = scope.facts("note")
    return grouped(notes, scope.by, value=notes.count())


def _answer_time(part: float) -> Callable[[Scope], ir.Table]:
    def build(scope: Scope) -> ir.Table:
        notes = scope.facts("note")
        seconds = notes.answered.epoch_seconds() - notes.written.epoch_seconds()
        hours = seconds.cast("float64") / 3600
        return grouped(
            notes,
            scope.by,
            answered=notes.answered.count(),
            unanswered=notes.answered.isnull().sum(),
            value=hours.quantile(part),
        )

    return build


def _answer_rate(scope: Scope) -> ir.Table:
    """Return the part answered in time of the notes whose due moment has passed.

    A note that is not due yet stays out even when it has been answered: only the answered ones of
    them are known to be in time, and counting those alone would flatter the rate.
    """
    notes = scope.facts("note").cross_join(_known_until(scope))
    is_due = notes.due <= notes.known_until
    in_time = is_due & (notes.answered <= notes.due)
    counts = grouped(
        notes,
        scope.by,
        answered_in_time=notes.count(where=in_time),
        due=notes.count(where=is_due),
        not_yet_due=notes.count(where=notes.due > notes.known_until),
    )
    return counts.mutate(value=percent(counts.answered_in_time, counts.due))


def _known_until(scope: Scope) -> ir.Table:
    """Return the last moment that any loaded note speaks of: written or answered."""
    notes = scope.tables["note"]
    latest = ibis.greatest(notes.written, notes.answered.coalesce(notes.written))
    return notes.aggregate(known_until=latest.max())


MEASURES = (
    Measure(
        id="notes_count",
        title="Field notes",
        definition="Notes that salespeople wrote in the period.",
        formula="count of notes",
        unit="count",
        needs=("note",),
        dimensions=NOTE_DIMENSIONS,
        build=_count,
        additive_over=NOTE_SUM,
        trap="Few notes can mean that all is well, or that people stopped writing.",
    ),
    Measure(
        id="answer_time_median",
        title="Hours to an answer, median",
        definition="Half of the answered notes of the period had their written answer within so "
        "many hours, by the clock.",
        formula="median of (answered - written) in hours, answered notes only",
        unit="hours",
        needs=("note",),
        dimensions=NOTE_DIMENSIONS,
        build=_answer_time(0.5),
        parts=("answered", "unanswered"),
        variant="median",
        trap="Notes still without an answer are left out: read it beside the number unanswered.",
    ),
    Measure(
        id="answer_time_p90",
        title="Hours to an answer, nine in ten",
        definition="Nine in ten of the answered notes of the period had their written answer "
        "within so many hours, by the clock.",
        formula="90th percentile of (answered - written) in hours, answered notes only, "
        "interpolated between neighbours",
        unit="hours",
        needs=("note",),
        dimensions=NOTE_DIMENSIONS,
        build=_answer_time(NINE_IN_TEN),
        parts=("answered", "unanswered"),
        variant="p90",
        trap="Notes still without an answer are left out: read it beside the number unanswered.",
    ),
    Measure(
        id="answer_rate",
        title="Notes answered in time",
        definition="Of the notes of the period whose due moment has passed, the part answered by "
        "then. Passed means: before the last moment at which any loaded note was written or "
        "answered. Notes without a due moment are not counted.",
        formula="notes answered by their due moment / notes whose due moment has passed x 100",
        unit="percent",
        needs=("note",),
        dimensions=NOTE_DIMENSIONS,
        build=_answer_rate,
        parts=("answered_in_time", "due", "not_yet_due"),
        trap="A note that is not due yet is left out even if it is answered already; otherwise "
        "the rate of recent weeks would be flattered.",
    ),
)
