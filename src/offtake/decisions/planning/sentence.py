"""Sentences with figures in them, kept apart, so that a page can say them in its own language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

Value: TypeAlias = "str | int | float | date | Sentence"
_NOTHING: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the figures in it.

    Parameters
    ----------
    template
        In English, with a place ``%(name)s`` for each figure: what a page translates.
    values
        The figures by name: texts, whole or other numbers, days; also parts of a sentence, or
        sentences that stand in one after the other.

    Examples
    --------
    >>> str(Sentence("Sells in %(stores)s of %(of)s stores.", {"stores": 1200, "of": 1500}))
    'Sells in 1,200 of 1,500 stores.'
    """

    template: str
    values: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.template % {name: written(value) for name, value in self.values.items()}


def written(value: Value) -> str:
    """Return a figure as English writes it: thousands apart, one decimal where not whole.

    Examples
    --------
    >>> written(1234), written(0.25), written(date(2026, 1, 5))
    ('1,234', '0.2', '2026-01-05')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Sentence):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}".removesuffix(".0")
