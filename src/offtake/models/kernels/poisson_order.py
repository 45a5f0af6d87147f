"""The loops that sort the rows of a Poisson regression and find what hangs together."""

from __future__ import annotations

from offtake.models.kernels.arguments import Flags, Floats, Integers


def met(
    y: Floats, group: Integers, cluster: Integers,
    totals: Floats, first: Integers, cluster_of: Integers,
) -> tuple[int, bool]:  # fmt: skip
    """Note the total of every group, its first row (-1 before) and its cluster.

    Returns
    -------
    tuple
        How many runs of one group the rows are, and whether a group lies in two clusters.
    """
    runs, split, before = 0, False, -1
    for row in range(group.size):
        here = group[row]
        totals[here] += y[row]
        if here != before:
            runs += 1
            before = here
            if first[here] < 0:
                first[here] = row
                cluster_of[here] = cluster[row]
        if cluster_of[here] != cluster[row]:
            split = True
    return runs, split


def marked(codes: Integers, seen: Flags) -> None:
    """Mark the codes that there are."""
    for row in range(codes.size):
        seen[codes[row]] = True


def united(
    y: Floats, group: Integers, week: Integers, anchor: Integers, sold: Flags, node: Integers
) -> None:
    """Let weeks that sales of one group link have the same label, the first of them.

    A forest in which every step halves its path; `node` is one before, with every label its own.
    Also mark the weeks that sold, and note a week for every group whose `anchor` is -1 before.
    """
    for row in range(y.size):
        if y[row] > 0:
            b = week[row]
            sold[b] = True
            if anchor[group[row]] < 0:
                anchor[group[row]] = b
            a = anchor[group[row]]
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
