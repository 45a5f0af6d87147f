"""What the accidents of sales in a sum have in common with the parameters.

A row that happened to sell more adds to every sum it is part of, and it has moved the parameters as
well, mostly in the same direction: leave that out, and intervals of single promotions are too
narrow. A row whose accidents enter a sum with a weight adds weight times variance of the row times
what one unit more in it does to the parameters.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array

from offtake.models.promotion.pooling import Sober
from offtake.models.promotion.response import Response
from offtake.models.promotion.rows import Floats, Integers


class Accidents:
    """Weights of rows in sums, gathered part by part, and then turned into covariances at once.

    Parameters
    ----------
    rows
        N, number of rows.
    shapes
        Of the arrays of sums.
    """

    def __init__(self, rows: int, shapes: tuple[tuple[int, ...], ...]) -> None:
        self._rows, self._shapes = rows, shapes
        self._sizes = [int(np.prod(shape)) for shape in shapes]
        self._found: list[tuple[Floats, Integers, Integers]] = []

    def add(
        self, array: int, place: tuple[Integers | int, ...], row: Integers, weight: Floats
    ) -> None:
        """Add rows to the sums of an array.

        Parameters
        ----------
        array
            Which of the arrays.
        place
            Where in it: (M,) each, or one number for all.
        row
            (M,) rows.
        weight
            (M,) weight of their accidents times the variance of the row.
        """
        some = np.flatnonzero(weight)
        at = tuple(np.broadcast_to(each, row.shape)[some] for each in place)
        flat = np.ravel_multi_index(at, self._shapes[array]) + sum(self._sizes[:array])
        self._found.append((weight[some], row[some], flat))

    def shared(self, response: Response, sober: Sober) -> tuple[Floats, ...]:
        """Return the covariances with all K parameters, one more axis to every array."""
        nothing = np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64)
        found = [nothing, *self._found]
        weight, row, flat = (np.concatenate(each) for each in zip(*found, strict=True))
        weights = coo_array((weight, (row, flat)), shape=(self._rows, sum(self._sizes)))
        moved = response.moved_by(weights.tocsr()) @ sober.kept.T
        parts = np.split(moved, np.cumsum(self._sizes)[:-1])
        return tuple(
            part.reshape(*shape, -1) for part, shape in zip(parts, self._shapes, strict=True)
        )
