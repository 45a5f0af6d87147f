"""How large and how tangled our code is: a table to read, and three limits that fail."""

from __future__ import annotations

import ast
import io
import statistics
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
MODULE_LINES, CLASS_LINES, FUNCTION_LINES = 500, 300, 60

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | Function

NOT_CODE = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}
BRANCHES = (
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.If,
    ast.IfExp,
    ast.ExceptHandler,
    ast.comprehension,
    ast.match_case,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A module, class or function: where it stands and how large it is."""

    kind: str
    place: str
    lines: int
    branches: int = 0
    arguments: int = 0


def code_lines(source: str, tree: ast.Module) -> set[int]:
    """Number the lines that hold code: no blank lines, comments or docstrings."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NOT_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree):
        if isinstance(node, Documented) and ast.get_docstring(node) is not None:
            lines.difference_update(span(node.body[0]))
    return lines


def span(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def branches(function: Function) -> int:
    """Count the ways through a function: one, and one more for each place where it forks."""
    nodes = list(ast.walk(function))
    joined = sum(len(node.values) - 1 for node in nodes if isinstance(node, ast.BoolOp))
    return 1 + joined + sum(isinstance(node, BRANCHES) for node in nodes)


def positional_arguments(function: Function) -> int:
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    return len([name for name in names if name not in ("self", "cls")])


def pieces(name: str, source: str) -> Iterator[Piece]:
    """Measure one module and the classes and functions in it."""
    tree = ast.parse(source)
    code = code_lines(source, tree)
    yield Piece("module", name, source.count("\n"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield Piece("class", f"{name}:{node.lineno} {node.name}", len(span(node)))
        elif isinstance(node, Function):
            yield Piece(
                "function",
                f"{name}:{node.lineno} {node.name}",
                len(code.intersection(span(node))),
                branches(node),
                positional_arguments(node),
            )


def our_pieces() -> list[Piece]:
    return [
        piece
        for path in sorted(SOURCE.rglob("*.py"))
        if "migrations" not in path.parts
        for piece in pieces(str(path.relative_to(SOURCE)), path.read_text(encoding="utf-8"))
    ]


def percentiles(values: Sequence[int]) -> tuple[int, int, int, int]:
    """Give median, 90th and 95th percentile and maximum of at least one value."""
    if len(values) == 1:
        return (values[0],) * 4
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return round(cuts[9]), round(cuts[17]), round(cuts[18]), max(values)


def table(found: Sequence[Piece]) -> str:
    by_kind = {
        kind: [piece for piece in found if piece.kind == kind]
        for kind in ("module", "class", "function")
    }
    rows = [
        *((f"{kind} lines", [piece.lines for piece in each]) for kind, each in by_kind.items()),
        ("function branches", [piece.branches for piece in by_kind["function"]]),
        ("positional arguments", [piece.arguments for piece in by_kind["function"]]),
    ]
    heading = f"{'shape of code':<22}{'count':>7}{'median':>8}{'p90':>6}{'p95':>6}{'max':>6}"
    lines = [
        "{:<22}{:>7}{:>8}{:>6}{:>6}{:>6}".format(title, len(values), *percentiles(values))
        for title, values in rows
    ]
    return "\n".join([heading, *lines])


def test_nothing_has_grown_out_of_shape(capsys: pytest.CaptureFixture[str]) -> None:
    found = our_pieces()
    with capsys.disabled():
        print(f"\n\n{table(found)}\n")
    limits = {"module": MODULE_LINES, "class": CLASS_LINES, "function": FUNCTION_LINES}
    too_large = [
        f"{piece.place} has {piece.lines} lines; a {piece.kind} may have {limits[piece.kind]}"
        for piece in found
        if piece.lines > limits[piece.kind]
    ]
    assert too_large == []


EXAMPLE = '''
"""A module."""


class Shop:
    """A class."""

    def price(self, units: int, cost: int) -> int:
        """Two ways through, joined by one ``and``."""
        # a comment

        if units and cost:
            return """two
            lines"""
        return 0
'''


def test_the_ruler_is_right() -> None:
    module, shop, price = pieces("example.py", EXAMPLE)
    assert module.lines == 15
    assert shop.lines == 11
    assert (price.lines, price.branches, price.arguments) == (5, 3, 2)


def test_percentiles_of_one_to_a_hundred_and_one() -> None:
    assert percentiles(range(1, 102)) == (51, 91, 96, 101)
