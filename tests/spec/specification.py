"""Reads a measure's specification: small tables in, one question, a small table out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Case:
    """One question and its answer."""

    question: dict[str, list[str]]
    answer: Rows
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Specification:
    """What a measure gives on tables small enough to check by hand."""

    measure_id: str
    story: str
    tables: dict[str, Rows]
    cases: list[Case]


def specifications() -> list[Path]:
    """Return the specification files, one per measure."""
    return sorted(FOLDER.glob("*.md"))


def read_specification(path: Path) -> Specification:
    """Read one file: title, story, ``## contract`` tables, ``## ask: ...`` answers."""
    head, *sections = path.read_text(encoding="utf-8").split("\n## ")
    title, _, story = head.partition("\n")
    tables: dict[str, Rows] = {}
    cases: list[Case] = []
    for section in sections:
        name, _, body = section.partition("\n")
        columns, rows = _table(body)
        if name.startswith("ask"):
            cases.append(Case(_question(name.partition(":")[2]), rows, columns))
        else:
            tables[name.strip()] = rows
    return Specification(title.removeprefix("# ").strip(), story.strip(), tables, cases)


def _table(body: str) -> tuple[list[str], Rows]:
    lines = [line.strip() for line in body.splitlines() if line.strip().startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    columns = cells[0]
    return columns, [dict(zip(columns, row, strict=True)) for row in cells[2:]]


def _question(text: str) -> dict[str, list[str]]:
    """Read ``by=brand,year where=category=Snacks; brand=Crisp period=2017 against=year-ago``."""
    question: dict[str, list[str]] = {}
    key = ""
    for word in text.split():
        name, sign, rest = word.partition("=")
        if sign and name in ("by", "where", "period", "against", "sum_over"):
            key = name
            question[key] = [rest]
        elif key:
            question[key].append(word)
    separators = {"by": ",", "sum_over": ",", "where": ";"}
    return {
        k: [p.strip() for p in " ".join(v).split(separators.get(k, "\n")) if p.strip()]
        for k, v in question.items()
    }
