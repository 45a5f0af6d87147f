"""Every measure that Complete Journey can give, against hand-written SQL for each question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.foundation.sql_files import Question, questions
from benchmarks.foundation.stores import filled_store, open_by_hand, open_ours
from benchmarks.measuring import Bench, Pairs, Row, Task, compare, in_turn, relative_difference
from benchmarks.worker import Clock

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Tables

ME = "benchmarks.foundation.catalogue"
Answer = dict[str, list[Any]]


def asked(measures: Sequence[str] = ()) -> list[Question]:
    """Return the questions that Complete Journey has the data for, to all measures or to some."""
    wanted = [question for question in questions() if not question.needs]
    return [question for question in wanted if not measures or question.measure in measures]


def key(number: int, question: Question) -> str:
    """Name a question's part of the work: all of one measure start alike."""
    return f"{question.measure}/{number}"


def ours(clock: Clock, store: str, measures: Sequence[str] = ()) -> dict[str, Any]:
    """Ask Offtake every question: build the expression, then run it."""
    with open_ours(store) as opened:
        tables = opened.tables()
        opened.run(tables["store"].count().as_table())  # what is set up once is start-up
        answers = {}
        for number, question in enumerate(asked(measures)):
            part = key(number, question)
            with clock.part(f"{part}/build"):
                expression = _ask(tables, question)
            with clock.part(f"{part}/run"):
                table = opened.run(expression)
            answers[part] = table.to_pydict()
    return {"answers": answers}


def _ask(tables: Tables, question: Question) -> Any:  # noqa: ANN401  # an Ibis table
    from offtake.measures.ask import ask

    return ask(
        tables, question.measure, by=question.by, where=question.where, period=question.period
    )


def by_hand(clock: Clock, store: str, measures: Sequence[str] = ()) -> dict[str, Any]:
    """Run the hand-written SQL of every question on the same file."""
    import duckdb

    with open_by_hand(store) as con:
        con.sql("SELECT count(*) FROM store").to_arrow_table()
        answers = {}
        for number, question in enumerate(asked(measures)):
            part = key(number, question)
            with clock.part(f"{part}/run"):
                table: pa.Table = con.sql(question.sql).to_arrow_table()
            answers[part] = table.to_pydict()
    return {"answers": answers, "version": f"duckdb {duckdb.__version__}"}


def disagreement(question: Question, ours: Answer, hand: Answer) -> tuple[float, str]:
    """Return by how much two answers differ at most, and where.

    The value is compared, and every part that the hand-written SQL gives too; a group that only
    one side has counts as differing wholly.
    """
    from offtake.measures.catalogue import CATALOGUE

    names = [*question.by, *CATALOGUE[question.measure].labels]
    numbers = [name for name in hand if name in ours and name not in names]
    mine, other = _by_group(ours, names, numbers), _by_group(hand, names, numbers)
    worst = 0.0, ""
    for group in mine.keys() | other.keys():
        for name, gap in _gaps(mine.get(group), other.get(group), numbers):
            if gap > worst[0]:
                worst = gap, f"{name} of {group or 'all'}"
    return worst


def _by_group(
    answer: Answer, names: Sequence[str], numbers: Sequence[str]
) -> dict[tuple[str, ...], tuple[Any, ...]]:
    size = len(next(iter(answer.values()), []))
    groups = zip(*(map(str, answer[n]) for n in names), strict=True) if names else [()] * size
    return dict(zip(groups, zip(*(answer[n] for n in numbers), strict=True), strict=True))


def _gaps(
    mine: Sequence[Any] | None, other: Sequence[Any] | None, numbers: Sequence[str]
) -> Iterator[tuple[str, float]]:
    if mine is None or other is None:
        yield "presence", 1.0
        return
    for name, a, b in zip(numbers, mine, other, strict=True):
        yield name, relative_difference(_number(a), _number(b))


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def case(bench: Bench) -> list[Row]:
    """Measure all questions, one line per measure and one for all."""
    store = filled_store(bench)
    pairs = in_turn(
        Task(f"{ME}:ours", {"store": store}), Task(f"{ME}:by_hand", {"store": store}), bench.repeats
    )
    found = worst(pairs)
    rows = [_row(measure, pairs, gap, note) for measure, (gap, note) in found.items()]
    building = sum(cpu for name, (cpu, _) in pairs.ours[0].parts.items() if name.endswith("/build"))
    total = compare(
        "whole catalogue",
        pairs,
        rows=answered(pairs, ""),
        agreement=max(gap for gap, _ in found.values()),
        note=f"target: ratio at most 1.3. {len(asked())} questions to {len(found)} measures, whose "
        f"median ratio is {median(row.ratio_cpu or 0.0 for row in rows):.2f}; of ours, "
        f"{building:.2f} s is building expressions",
    )
    return [*rows, total]


def _row(measure: str, pairs: Pairs, gap: float, note: str) -> Row:
    prefix = f"{measure}/"
    return compare(
        measure,
        pairs,
        rows=answered(pairs, prefix),
        agreement=gap,
        note=note,
        prefix=prefix,
    )


def answered(pairs: Pairs, prefix: str) -> int:
    """Return how many rows the answers of the questions whose key starts so have."""
    answers: Mapping[str, Answer] = pairs.ours[0].facts["answers"]
    return sum(len(a["value"]) for name, a in answers.items() if name.startswith(prefix))


def worst(pairs: Pairs, measures: Sequence[str] = ()) -> dict[str, tuple[float, str]]:
    """Return for each measure the largest disagreement over its questions, and where it is."""
    found: dict[str, tuple[float, str]] = {}
    mine, hand = pairs.ours[0].facts["answers"], pairs.peer[0].facts["answers"]
    for number, question in enumerate(asked(measures)):
        part = key(number, question)
        gap, where = disagreement(question, mine[part], hand[part])
        note = f"differs most in {where} ({question.title})" if gap > 1e-9 else ""
        if gap >= found.get(question.measure, (-1.0, ""))[0]:
            found[question.measure] = gap, note
    return found
