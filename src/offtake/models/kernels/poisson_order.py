"""The loops that sort the rows of a Poisson regression and find what hangs together."""

from __future__ import annotations

from offtake.models.kernels.arguments import Flags, Floats, Integers


def united(one: Integers, other: Integers, node: Integers) -> None:
    """Let nodes that are linked have the same label, the first of them; `node` is 0, 1, ... before.

    A forest in which every step halves its path.
    """
    for each in range(one.size):
        a, b = one[each], other[each]
        while node[a] != a:
            node[a] = node[node[a]]
            a = node[a]
        while node[b] != b:
            node[b] = node[node[b]]
            b = node[b]
        if a < b:
            node[b] = a
        else:
            node[a] = b
    for each in range(node.size):
        node[each] = node[node[each]]


def differing(
    group: Integers, week: Integers, of_group: Integers, of_week: Integers, apart: Flags
) -> None:
    """Mark rows whose group and week differ in what is said of them."""
    for row in range(group.size):
        apart[row] = of_group[group[row]] != of_week[week[row]]


def counted(group: Integers, rank: Integers, used: Flags, ends: Integers, order: Integers) -> None:
    """Sort the rows used by the rank of their group, stably, by counting.

    `ends` holds a 0 for every rank; then the end of every rank's rows in `order`.
    """
    for row in range(group.size):
        if used[row]:
            ends[rank[group[row]]] += 1
    first = 0
    for each in range(ends.size):
        size = ends[each]
        ends[each] = first
        first += size
    for row in range(group.size):
        if used[row]:
            at = rank[group[row]]
            order[ends[at]] = row
            ends[at] += 1


def centred(x: Floats, centre: Floats) -> None:
    """Take the (K,) means, which are noted, off every column."""
    count = x.shape[1]
    for column in range(count):
        centre[column] = 0.0
    for row in range(x.shape[0]):
        for column in range(count):
            centre[column] += x[row, column]
    for column in range(count):
        centre[column] /= x.shape[0]
    for row in range(x.shape[0]):
        for column in range(count):
            x[row, column] -= centre[column]
