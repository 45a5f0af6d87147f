"""Tables that a fitted model gives, with the words of their passports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offtake.models.extra import installed
from offtake.pipeline.question import Ground, fingerprint, loads_of
from offtake.report.manifest import Gap
from offtake.units import Unit

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTable:
    """One table of a model, with the words of its passport.

    Parameters
    ----------
    name
        Name of the table and of its passport.
    title, definition, formula, unit, caveat, additivity
        For the passport.
    needs
        Contracts that it needs beyond those of its model.
    """

    name: str
    title: str
    definition: str
    formula: str
    unit: Unit
    caveat: str = ""
    additivity: str = "estimates add up, their intervals do not"
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Modelled:
    """A model that a run may fit.

    Parameters
    ----------
    name
        Of the model, as the view names it.
    needs
        Contracts without which there is nothing to fit.
    reads
        Contracts that the answer depends on.
    tables
        What comes out.
    fit
        From the store to the tables by name.
    """

    name: str
    needs: tuple[str, ...]
    reads: tuple[str, ...]
    tables: tuple[ModelTable, ...]
    fit: Callable[[Ground, Progress], Mapping[str, pa.Table]]

    def print_of(self, ground: Ground, table: ModelTable) -> str:
        """Return the fingerprint of a table: of the question, the loads and the code."""
        frame = ground.framed.frame
        asked = [self.name, table.name, frame.category]
        return fingerprint(asked, loads_of(ground.loads, self.reads))

    def told(self, ground: Ground) -> tuple[ModelTable, ...]:
        """Return the tables that what is loaded allows; none where the model cannot be fitted."""
        missing = {gap.name for gap in self.gaps(ground)}
        return tuple(each for each in self.tables if each.name not in missing)

    def gaps(self, ground: Ground) -> list[Gap]:
        """Return why tables cannot be made here; empty where all can."""
        lacking = tuple(name for name in self.needs if name not in ground.tables.filled)
        if lacking:
            words = f"the {self.name} model needs {', '.join(lacking)}"
            return self.all_missing(words, lacking)
        if not installed():
            return self.all_missing("models are not installed: pip install 'offtake[models]'")
        return [
            self.missing(each, f"{each.title} needs {', '.join(load)}", load)
            for each in self.tables
            if (load := tuple(name for name in each.needs if name not in ground.tables.filled))
        ]

    def missing(self, table: ModelTable, reason: str, load: tuple[str, ...] = ()) -> Gap:
        """Return the gap of a table."""
        return Gap(name=table.name, measure=table.name, title=table.title, reason=reason, load=load)

    def all_missing(self, reason: str, load: tuple[str, ...] = ()) -> list[Gap]:
        """Return a gap for every table."""
        return [self.missing(each, reason, load) for each in self.tables]
