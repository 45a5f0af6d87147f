"""Alarms: runs of steps in which the shelf was likely empty or low, no more false than agreed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.availability.series import Bools, Floats, Integers
from offtake.models.availability.shelf import EMPTY, Shelf

HALF = 0.5
"""Probability above which neighbouring steps belong to one run."""


@dataclass(frozen=True, slots=True)
class Outages:
    """R runs of steps, most probable first.

    Parameters
    ----------
    series
        (R,) store-item.
    begin, end
        (R,) place of the first step, and of the one after the last.
    probability
        (R,) that it was there at all: that of its surest step.
    empty
        (R,) whether the shelf was empty; else it was low.
    ongoing
        (R,) whether it runs to the last step of all.
    gone
        (R,) probability that the item does not come back.
    listed
        (R,) whether it is on the list of alarms.
    false_alarms
        Alarms on the list that are false, expected.
    """

    series: Integers
    begin: Integers
    end: Integers
    probability: Floats
    empty: Bools
    ongoing: Bools
    gone: Floats
    listed: Bools
    false_alarms: float

    @property
    def count(self) -> int:
        """Number of runs, R."""
        return self.series.size

    @property
    def steps(self) -> Integers:
        """(R,) length in steps."""
        return self.end - self.begin


def outages(shelf: Shelf, *, false_alarms: float) -> Outages:
    """Find all runs, and which of them make the list.

    The list is as long as it can be with an expected share of false alarms of at most
    `false_alarms`: runs enter by falling probability while the mean of what is left to 1 stays
    below it. So it keeps its word however many store-items are watched. Runs that were recorded,
    not found, are all on it and do not count: they would leave room for guesses.

    Parameters
    ----------
    shelf
        What is known of the shelf.
    false_alarms
        Share of the list.

    References
    ----------
    Mueller, P., Parmigiani, G., Robert, C. and Rousseau, J. (2004). Optimal sample size for
    multiple testing: the case of gene expression microarrays. Journal of the American Statistical
    Association 99, 990-1001.
    """
    states, code = shelf.states.all, shelf.series.of
    empty, low = states[:, EMPTY:].sum(axis=1), states[:, 1:].sum(axis=1)
    pieces = [_runs(empty > HALF, code), _runs((low > HALF) & (empty <= HALF), code)]
    begin, end = (np.concatenate(each) for each in zip(*pieces, strict=True))
    is_empty = np.arange(begin.size) < pieces[0][0].size
    chance = np.where(is_empty, _most(empty, begin, end), _most(low, begin, end))
    order = np.lexsort((begin, -chance))
    begin, end, chance, is_empty = begin[order], end[order], chance[order], is_empty[order]
    recorded = _most(np.isnan(shelf.series.share).astype(np.float64), begin, end) == 0
    wrong = np.cumsum(np.where(recorded, 0.0, 1 - chance))
    allowed = wrong <= false_alarms * np.cumsum(~recorded)
    listed = np.arange(chance.size) < (np.flatnonzero(allowed).max(initial=-1) + 1)
    listed |= recorded
    series = code[begin]
    return Outages(
        series=series,
        begin=begin,
        end=end,
        probability=chance,
        empty=is_empty,
        ongoing=(end == shelf.series.first[series + 1])
        & (shelf.series.step[end - 1] == shelf.series.step.max()),
        gone=states[end - 1, -1],
        listed=listed,
        false_alarms=float((1 - chance)[listed & ~recorded].sum()),
    )


def _runs(inside: Bools, code: Integers) -> tuple[Integers, Integers]:
    """Return the first place of every run of True within a code, and the place after its last."""
    linked = inside[1:] & inside[:-1] & (code[1:] == code[:-1])
    begin = np.flatnonzero(inside & ~np.append(False, linked))
    end = np.flatnonzero(inside & ~np.append(linked, False)) + 1
    return begin, end


def _most(values: Floats, begin: Integers, end: Integers) -> Floats:
    """Return the largest value of every run; runs do not overlap."""
    if not begin.size:
        return np.zeros(0)
    # In their order in the data: else what lies between two runs is gone over again and again.
    order = np.argsort(begin)
    places = np.stack([begin[order], end[order]], axis=1).ravel()
    most = np.empty(begin.size)
    most[order] = np.maximum.reduceat(np.append(values, -np.inf), places)[::2]
    return most
