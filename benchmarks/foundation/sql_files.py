"""The hand-written SQL beside this module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
QUESTION = "-- ask:"


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a measure, and the SQL that answers it.

    Parameters
    ----------
    measure
        Id in the catalogue.
    by, where, period
        As for :func:`offtake.measures.ask.ask`.
    needs
        What Complete Journey lacks for it; empty where it lacks nothing.
    sql
        SELECT over the store's tables giving the columns of `by`, then ``value``, then any of the
        measure's parts.
    """

    measure: str
    by: tuple[str, ...]
    where: tuple[str, ...]
    period: str | None
    needs: str
    sql: str

    @property
    def title(self) -> str:
        """What is asked, in one line."""
        parts = [f"by {name}" for name in self.by] + [*self.where, self.period or ""]
        return ", ".join(part for part in parts if part) or "everything"


def statements(path: Path, values: Mapping[str, str]) -> Iterator[str]:
    """Yield the statements of a file, with ``{name}`` replaced by its value."""
    text = path.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    for statement in text.split(";\n"):
        if statement.strip():
            yield statement


def questions(measure: str | None = None) -> list[Question]:
    """Return the questions that hand-written SQL answers, of one measure or of all."""
    paths = sorted((HERE / "measures").glob(f"{measure or '*'}.sql"))
    return [question for path in paths for question in _questions(path)]


def _questions(path: Path) -> Iterator[Question]:
    """Read a file: each query follows a line ``-- ask: by=a,b; where=c=d; period=2017``."""
    for text in path.read_text(encoding="utf-8").split(QUESTION)[1:]:
        head, _, sql = text.partition("\n")
        asked = dict(part.strip().split("=", 1) for part in head.split(";") if part.strip())
        yield Question(
            measure=path.stem,
            by=tuple(asked["by"].split(",")) if "by" in asked else (),
            where=tuple(asked["where"].split(" and ")) if "where" in asked else (),
            period=asked.get("period"),
            needs=asked.get("needs", ""),
            sql=sql.strip().rstrip(";"),
        )
