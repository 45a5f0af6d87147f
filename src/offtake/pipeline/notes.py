"""What sources warn of: long notes and short labels, by the source label that loads carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class SourceNotes:
    """What to say wherever figures of one source are shown.

    Parameters
    ----------
    labels
        Contract to the few words that stand beside every figure from it.
    notes
        Contract to the full warning for the passport.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


PANEL_LABEL = "panel totals, not full store sales"
PANEL_CONTRACTS = ("sales", "basket_line")


def _complete_journey() -> tuple[str, SourceNotes]:
    from offtake.data.sources.completejourney.queries import QUERIES
    from offtake.data.sources.completejourney.source import LABEL

    labels = dict.fromkeys(PANEL_CONTRACTS, PANEL_LABEL)
    return LABEL, SourceNotes(labels, {query.contract: query.note for query in QUERIES})


REGISTRY: tuple[Callable[[], tuple[str, SourceNotes]], ...] = (_complete_journey,)
"""One function per source that has something to warn of; a new source adds its own."""


def notes_of(source: str) -> SourceNotes:
    """Return what a source warns of; nothing for a source that is not in the registry.

    Examples
    --------
    >>> notes_of("weekly.csv").labels
    {}
    """
    return _by_label().get(source, SourceNotes())


def _by_label() -> Mapping[str, SourceNotes]:
    return MappingProxyType(dict(entry() for entry in REGISTRY))
