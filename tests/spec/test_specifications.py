"""Every measure does on small tables what its specification says, through the real intake."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path

import pytest

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.measures.ask import ask
from offtake.measures.catalogue import CATALOGUE
from tests.spec.specification import Case, Rows, read_specification, specifications


def load_rows(store: Store, contract: str, rows: Rows, folder: Path) -> None:
    """Load rows through the ordinary intake; a bad row in a specification is an error."""
    file = folder / f"{contract}.csv"
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = load_file(store, file, as_contract=contract)
    assert done.loaded == len(rows), (contract, done)


def as_text(value: object, written: str) -> bool:
    if value is None or written == "":
        return value is None and written == ""
    if isinstance(value, float):
        return math.isclose(value, float(written), rel_tol=0, abs_tol=5e-7)
    if isinstance(value, date):
        return value.isoformat() == written
    return str(value) == written


def check(answer: list[dict[str, object]], case: Case) -> None:
    assert len(answer) == len(case.answer), answer
    for got, wanted in zip(answer, case.answer, strict=True):
        for column in case.columns:
            assert as_text(got[column], wanted[column]), (column, got, wanted)


@pytest.mark.parametrize("path", specifications(), ids=lambda path: path.stem)
def test_measure_meets_its_specification(path: Path, tmp_path: Path) -> None:
    specification = read_specification(path)
    with Store(":memory:") as store:
        for contract, rows in specification.tables.items():
            load_rows(store, contract, rows, tmp_path)
        for case in specification.cases:
            question = case.question
            answer = ask(
                store.tables(),
                specification.measure_id,
                by=question.get("by", []),
                where=question.get("where", []),
                period=next(iter(question.get("period", [])), None),
                against=next(iter(question.get("against", [])), None),  # type: ignore[arg-type]  # text of the file
                sum_over=question.get("sum_over", []),
            )
            check(store.run(answer).to_pylist(), case)


def test_every_measure_has_a_specification() -> None:
    assert {path.stem for path in specifications()} == set(CATALOGUE)
