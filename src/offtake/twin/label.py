"""The label that every simulated row carries."""

from __future__ import annotations

from dataclasses import dataclass

TWIN = "offtake.twin"
PLACEBO = "offtake.twin.placebo"
VERSION = "1"
"""Raised whenever the same seed would give other rows."""


@dataclass(frozen=True, slots=True)
class Label:
    """What says of a row that it is simulated, and by what.

    Parameters
    ----------
    source
        ``offtake.twin``, or ``offtake.twin.placebo`` for drivers laid over real sales.
    seed
        Seed of the world the row belongs to.
    version
        Version of the simulator.

    Examples
    --------
    >>> Label(TWIN, 7).text
    'offtake.twin (simulated), seed 7, version 1'
    """

    source: str
    seed: int
    version: str = VERSION

    @property
    def text(self) -> str:
        """The label in words."""
        return f"{self.source} (simulated), seed {self.seed}, version {self.version}"
