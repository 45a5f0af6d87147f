"""A trial: a model, and what of it is held to the truth of simulated worlds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from offtake.errors import BadInputError
from offtake.twin.build import build
from offtake.twin.label import TWIN
from offtake.twin.spec import TwinSpec
from offtake.validation.scores import Estimates

Fit = Callable[[Path, int], Estimates]
Make = Callable[[TwinSpec, Path], object]


@dataclass(frozen=True, slots=True)
class Trial:
    """A model to be fitted on many simulated worlds.

    Parameters
    ----------
    name
        What the command calls it.
    title
        One line: what is fitted.
    holds
        One line: which quantities are held to which truth.
    spec
        The world; its seed is replaced by each replicate's.
    fit
        Takes the folder of a complete twin and the replicate's seed (for a model that draws random
        numbers), gives estimates beside the truth. It must be importable by name, so that other
        processes can run it. It reads the data through the ordinary intake, and the truth through
        :mod:`offtake.twin.truth` only to hand it back.
    make
        Writes the world of a spec to a folder; by default the twin's own build.
    source
        What its rows say made them.
    over
        What the worlds are laid over, where they are no market of their own; they then have no
        size to choose.
    """

    name: str
    title: str
    holds: str
    spec: TwinSpec
    fit: Fit
    make: Make = build
    source: str = TWIN
    over: str = ""

    @property
    def worlds(self) -> str:
        """What a world is, in words."""
        spec = self.spec
        return (
            self.over or f"{spec.stores} stores, {spec.weeks} weeks, {spec.items} items a category"
        )

    def sized(
        self, *, stores: int | None = None, weeks: int | None = None, items: int | None = None
    ) -> Trial:
        """Return the trial on a world of another size; None leaves a size as it is.

        Raises
        ------
        BadInputError
            When a size is out of the limits of a world, or the worlds have none to choose.
        """
        if self.over and (stores, weeks, items) != (None, None, None):
            raise BadInputError(f"{self.name}: its worlds are {self.over}; they have no size")
        spec = replace(
            self.spec,
            stores=self.spec.stores if stores is None else stores,
            weeks=self.spec.weeks if weeks is None else weeks,
            items=self.spec.items if items is None else items,
        )
        return replace(self, spec=spec)
