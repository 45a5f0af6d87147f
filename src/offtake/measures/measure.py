"""What a measure is: a name, a definition, a unit, what may be asked of it, and one expression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offtake.measures.dimensions import Kind
from offtake.units import Unit

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from offtake.measures.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One entry of the catalogue.

    Parameters
    ----------
    id
        Name in code and on the command line; a variant's id says which variant it is.
    title, definition, formula
        Heading, plain words, and the formula as the page shows it.
    unit
        Unit of the value; percentages are 0 to 100.
    needs
        Contracts that must hold rows.
    dimensions
        Groupings and filters that make sense for it.
    build
        From a scope to an Ibis table with the columns of ``scope.by``, ``labels``, ``parts`` and
        ``value``.
    additive_over
        Kinds of dimension over which values may be summed; empty for a ratio.
    parts
        Columns that the value is made of, so that a reader can check it.
    labels
        Text columns of the answer that tell its rows apart besides ``scope.by``, such as the other
        brand of a pair.
    variant
        Which of several public definitions this is; empty where there is but one.
    trap
        What to beware of when reading it.
    """

    id: str
    title: str
    definition: str
    formula: str
    unit: Unit
    needs: tuple[str, ...]
    dimensions: frozenset[str]
    build: Callable[[Scope], ir.Table]
    additive_over: frozenset[Kind] = frozenset()
    parts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    variant: str = ""
    trap: str = ""

    @property
    def additivity(self) -> str:
        """In words: over what the values may be summed."""
        if not self.additive_over:
            return "not additive: never sum it"
        return "additive over " + ", ".join(sorted(self.additive_over))
