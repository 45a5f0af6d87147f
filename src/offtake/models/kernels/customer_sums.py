"""Sums that likelihoods of four parameters fill in as they go through the rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from offtake.models.kernels.arguments import Floats

ROW, COLUMN = np.triu_indices(4)
"""Places of ten second derivatives, row by row of the upper half."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Derivatives of a log-likelihood, to be added up.

    Parameters
    ----------
    wanted
        1 where they are, else 0.
    first, second
        (4,) and (10,) first derivatives, and the upper half of the second.
    """

    wanted: int
    first: Floats = field(default_factory=lambda: np.zeros(4))
    second: Floats = field(default_factory=lambda: np.zeros(10))

    @property
    def whole_second(self) -> Floats:
        """(4, 4) all second derivatives.

        Examples
        --------
        >>> Sums(1, second=np.arange(10.0)).whole_second[3].tolist()
        [3.0, 6.0, 8.0, 9.0]
        """
        whole = np.zeros((4, 4))
        whole[ROW, COLUMN] = self.second
        whole[COLUMN, ROW] = self.second
        return whole


@dataclass(frozen=True, slots=True)
class Rows:
    """What is worked out row by row.

    Parameters
    ----------
    each
        (N,) log-likelihoods.
    stays
        (N,) chances of having stayed to the end.
    total
        Log-likelihood of all customers.
    sums
        Its derivatives, where they were wanted.
    """

    each: Floats
    stays: Floats
    total: float
    sums: Sums
