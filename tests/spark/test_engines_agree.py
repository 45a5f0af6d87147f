"""The same expressions give the same answers on DuckDB and on Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from offtake.data.spark import SparkEngine
from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.measures.ask import ask
from offtake.measures.catalogue import CATALOGUE
from offtake.measures.measure import Measure
from offtake.models.panel import panel
from tests.spark.agreement import differences
from tests.spark.conftest import Both
from tests.spark.settings import MARKS
from tests.spec.specification import Case, Specification, read_specification, specifications
from tests.spec.test_specifications import check, load_rows

pytestmark = MARKS


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every measure that allows these groupings."""

    by: tuple[str, ...]
    more: dict[str, Any] = field(default_factory=dict)


# Between them they reach every kind of dimension, filters that keep and that exclude, empty values
# and a comparison; a measure takes the groupings and filters that it allows.
QUESTIONS = (
    Question(()),
    Question(
        ("brand", "quarter", "channel", "topic", "check_name", "segment", "metric", "role",
         "campaign_id"),
        {"where": ["category=Snacks|Milk", "brand!=Private"], "period": "2017-Q2..2017-Q3"},
    ),
    Question(
        ("category", "retailer", "region", "age", "team"),
        {"where": ["region!=South"], "period": "2017-Q1..2017-Q3", "against": "year-ago"},
    ),
)  # fmt: skip


def asked(measure: Measure) -> Iterator[dict[str, Any]]:
    """Cut the questions down to what a measure allows; the same one is not asked twice."""
    before: list[dict[str, Any]] = []
    for question in QUESTIONS:
        allowed = measure.dimensions
        by = [name for name in question.by if name in allowed]
        where = [text for text in question.more.get("where", []) if _dimension(text) in allowed]
        wanted = {**question.more, "by": by, "where": where}
        if wanted not in before:
            before.append(wanted)
            yield wanted


def _dimension(text: str) -> str:
    return text.partition("=")[0].rstrip("!")


def answered(engine: Store | SparkEngine, measure: str, question: dict[str, Any]) -> pa.Table | str:
    """Return the answer, or the words of the refusal."""
    try:
        return engine.run(ask(engine.tables(), measure, **question))
    except BadInputError as refusal:
        return str(refusal)


def case_question(case: Case) -> dict[str, Any]:
    one: dict[str, Any] = {
        k: case.question[k][0] for k in ("period", "against") if k in case.question
    }
    many: dict[str, Any] = {
        k: case.question[k] for k in ("by", "where", "sum_over") if k in case.question
    }
    return {**one, **many}


def check_on_spark(engine: SparkEngine, specification: Specification) -> None:
    for case in specification.cases:
        answer = ask(engine.tables(), specification.measure_id, **case_question(case))
        check(engine.run(answer).to_pylist(), case)


@pytest.mark.parametrize("path", specifications(), ids=lambda path: path.stem)
def test_measure_meets_its_specification_on_spark(
    path: Path, tmp_path: Path, on_spark: Callable[[Store], SparkEngine]
) -> None:
    specification = read_specification(path)
    with Store(":memory:") as store:
        for contract, rows in specification.tables.items():
            load_rows(store, contract, rows, tmp_path)
        with on_spark(store) as engine:
            check_on_spark(engine, specification)


@pytest.mark.parametrize("measure", CATALOGUE.values(), ids=lambda measure: measure.id)
def test_engines_agree_on_a_whole_market(measure: Measure, world: Both) -> None:
    rows = 0
    for question in asked(measure):
        ours = answered(world.store, measure.id, question)
        theirs = answered(world.spark, measure.id, question)
        if isinstance(ours, str) or isinstance(theirs, str):
            assert ours == theirs
            continue
        rows += ours.num_rows
        assert differences(ours, theirs, question["by"]) == [], question
    assert rows, "no question gave rows: nothing has been compared"


def test_engines_agree_on_the_panel(world: Both) -> None:
    ours, theirs = (
        engine.run(panel(engine.tables(), where=["department=Grocery"], min_units=20))
        for engine in (world.store, world.spark)
    )
    assert ours.num_rows > 1_000
    assert differences(ours, theirs, ["store_id", "product_id", "week"]) == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"k": ["a", "b"], "v": [1.0, 2.0 + 1e-12]}, []),
        ({"k": ["b", "a"], "v": [2.0, 1.0]}, []),
        ({"k": ["a", "b"], "v": [1.0, 2.01]}, ["v at ['b']: 2.0 and 2.01"]),
        ({"k": ["a", "c"], "v": [1.0, 2.0]}, ["k at ['b']: 'b' and 'c'"]),
        ({"k": ["a", "b"], "v": [1.0, None]}, ["v at ['b']: 2.0 and None"]),
        ({"k": ["a"], "v": [1.0]}, ["rows: 2 and 1"]),
        ({"k": ["a", "b"], "v": [1, 2]}, ["types: [DataType(string), DataType(double)] and "
                                          "[DataType(string), DataType(int64)]"]),
    ],
)  # fmt: skip
def test_the_comparison_finds_what_differs(changed: dict[str, Any], found: list[str]) -> None:
    table = pa.table({"k": ["a", "b"], "v": [1.0, 2.0]})
    assert differences(table, pa.table(changed), ["k"]) == found
