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
    """

    name: str
    title: str
    definition: str
    formula: str
    unit: Unit
    caveat: str = ""
    additivity: str = "estimates add up, their intervals do not"


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

    def gaps(self, ground: Ground) -> list[Gap]:
        """Return why the model cannot be fitted here, table by table; empty where it can."""
        lacking = tuple(name for name in self.needs if name not in ground.tables.filled)
        if lacking:
            words = f"the {self.name} model needs {', '.join(lacking)}"
            return self.all_missing(words, lacking)
        if not installed():
            return self.all_missing("models are not installed: pip install 'offtake[models]'")
        return []

    def all_missing(self, reason: str, load: tuple[str, ...] = ()) -> list[Gap]:
        """Return a gap for every table."""
        return [
            Gap(name=each.name, measure=each.name, title=each.title, reason=reason, load=load)
            for each in self.tables
        ]
