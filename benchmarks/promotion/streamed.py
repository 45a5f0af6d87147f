"""Ours on rows that are drawn a few stores at a time and never stand in memory together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.promotion.panels import Effects
from benchmarks.promotion.sides import Facts, found
from benchmarks.promotion.simulated import blocks
from benchmarks.worker import Clock
from offtake.models.kernels.poisson import checked
from offtake.models.kernels.poisson_disk import fit_poisson_chunks
from offtake.models.kernels.poisson_rows import Given

ME = "benchmarks.promotion.streamed"


def measured(clock: Clock, stores: int, effects: Effects, folder: str) -> Facts:
    """Draw and fit; drawing is a part of the whole that is timed again by itself."""
    given = 0

    def chunks() -> Iterator[Given]:
        nonlocal given
        drawn = blocks(stores)
        while True:
            with clock.part("draw"):
                rows = next(drawn, None)
            if rows is None:
                return
            given += rows["units"].size
            yield checked(
                rows["units"], rows["x"], rows["pair"], weeks=rows[effects], clusters=rows["store"]
            )

    with clock.part("whole"):
        fit = fit_poisson_chunks(chunks(), folder=Path(folder))
    return {**found(fit), "rows_given": given}
