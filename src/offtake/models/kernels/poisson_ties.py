"""What hangs together in a Poisson regression with effects of groups and weeks.

Two weeks can be compared when a group sold in both, so weeks and groups fall into components that
share nothing. Groups and weeks that sold together can move only in opposite directions. A row
without sales whose group and week did not may have its mean pushed to 0, unless other such rows
push back: it stays when its ends are strongly connected by rows without sales.

A group that sold stands for one week in which it did, its anchor. So everything is found on weeks
alone, and rows can come piece by piece.

References
----------
Correia, S., Guimaraes, P. and Zylkin, T. (2019). Verifying the existence of maximum likelihood
estimates for generalized linear models. arXiv:1903.01633.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from offtake.models.kernels.arguments import Floats, Integers
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.poisson_order import united

Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Components:
    """Weeks by component.

    Parameters
    ----------
    of_week
        (week codes,) number of the component; -1 for a week without sales.
    place
        (week codes,) place within the component.
    codes
        Of every component the week codes, rising; components by their first.
    """

    of_week: Integers
    place: Places
    codes: tuple[Integers, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """What sales say of groups and weeks, filled in place.

    Parameters
    ----------
    anchor
        (group codes,) a week code in which the group sold; -1 before it did.
    sold
        (week codes,) whether the week sold.
    label
        (week codes,) the same for weeks that sales link: the first of them.
    """

    anchor: Integers
    sold: NDArray[np.bool_]
    label: Integers

    def add(self, y: Floats, group: Integers, week: Integers) -> None:
        """Take rows in, (n,) each.

        Examples
        --------
        >>> links = Links(np.full(1, -1), np.zeros(3, bool), np.arange(3))
        >>> links.add(np.array([1.0, 0.0, 2.0]), np.zeros(3, int), np.arange(3))
        >>> links.label.tolist()
        [0, 1, 0]
        """
        compiled(united)(y, group, week, self.anchor, self.sold, self.label)


def held(pushes: Integers, label: Integers) -> Integers:
    """Return labels in which weeks that rows without sales hold together have the same.

    Parameters
    ----------
    pushes
        (n,) as in :func:`pushes_of`.
    label
        (W,) labels by sales alone.
    """
    if not pushes.size:
        return label
    pushed = _graph(*np.divmod(pushes, label.size), label.size)
    strong = connected_components(pushed, directed=True, connection="strong")[1]
    renamed: Integers = strong[label]
    return renamed


def pushes_of(one: Integers, other: Integers, weeks: int) -> Integers:
    """Return once each pair of different labels, as ``one * weeks + other``.

    Parameters
    ----------
    one, other
        (n,) labels of the group and of the week of every row.
    weeks
        How many labels there may be.

    Examples
    --------
    >>> pushes_of(np.array([0, 1, 0]), np.array([1, 1, 1]), 2).tolist()
    [1]
    """
    apart = one != other
    pairs: Integers = np.unique(one[apart] * weeks + other[apart])
    return pairs


def components(label: Integers, sold: NDArray[np.bool_]) -> Components:
    """Number the components in the order of their first week that sold.

    Parameters
    ----------
    label
        (W,) of every week code.
    sold
        (W,) whether it sold.
    """
    codes = np.flatnonzero(sold)
    _, first, dense = np.unique(label[codes], return_index=True, return_inverse=True)
    of_week, place = np.full(label.size, -1), np.zeros(label.size, np.int32)
    of_week[codes] = np.argsort(np.argsort(first))[dense]
    ranked = codes[np.argsort(of_week[codes], kind="stable")]
    by_component = np.split(ranked, np.cumsum(np.bincount(of_week[codes]))[:-1])
    for members in by_component:
        place[members] = np.arange(members.size)
    return Components(of_week, place, tuple(by_component))


def _graph(one: Integers, other: Integers, nodes: int) -> csr_array:
    edges = coo_array((np.ones(one.size, np.int8), (one, other)), shape=(nodes, nodes))
    return edges.tocsr()
