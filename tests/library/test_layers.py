"""Measures are expressions: nothing in ``offtake.measures`` may run one.

The order of the layers themselves is checked by ``.importlinter`` (``make check``).
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

MEASURES = Path(__file__).parents[2] / "src" / "offtake" / "measures"

RUNNING = {
    "execute",
    "preview",
    "raw_sql",
    "to_csv",
    "to_delta",
    "to_pandas",
    "to_pandas_batches",
    "to_parquet",
    "to_polars",
    "to_pyarrow",
    "to_pyarrow_batches",
}


def places_that_run(source: str) -> list[tuple[int, str]]:
    """Give line and name of each attribute in ``source`` that runs an expression."""
    return [
        (node.lineno, node.attr)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in RUNNING
    ]


def test_no_measure_runs_an_expression() -> None:
    modules = sorted(MEASURES.rglob("*.py"))
    found = {
        str(module.relative_to(MEASURES)): places
        for module in modules
        if (places := places_that_run(module.read_text(encoding="utf-8")))
    }
    assert modules
    assert found == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("sales.value.sum().execute()", [(1, "execute")]),
        ("\nrun = sales.to_pandas", [(2, "to_pandas")]),
        ("def f(t):\n    return t.to_pyarrow()", [(2, "to_pyarrow")]),
        ("sales.value.sum()", []),
        ("'never .execute() here'", []),
    ],
)
def test_the_search_finds_what_runs(source: str, expected: list[tuple[int, str]]) -> None:
    assert places_that_run(source) == expected
