"""How much less than full-price buyers those won with support like what they bought.

Support wins households that would seldom have picked the group without it. So fewer of them come
back, though being won that way did nothing to them. How many fewer follows from how much support
tilts choice, how households differ, and what each bought before (:mod:`.supported_choice`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.measures.loyalty import FOLLOW_UP_WEEKS
from offtake.models.kernels.brand_switching import switching_from_likelihood
from offtake.models.kernels.purchase_counts import counts_from_likelihood
from offtake.models.kernels.supported_choice import ALIKE, common_odds, household_factor, returning
from offtake.models.shoppers.won_rows import Floats, Integers, WonRows
from offtake.models.shoppers.won_triggers import DAYS, DEAL, DISPLAY, LEAFLET, TRIGGERS, Triggers

TOLD = (DISPLAY, LEAFLET, DEAL)
"""Triggers of which promotions can tell how much they tilt choice; coupons go to chosen homes."""


@dataclass(frozen=True, slots=True)
class Liking:
    """By how much T first-time buyers come back less often for being won with support.

    Parameters
    ----------
    shift
        (T,) chance to come back in the follow-up less that of a buyer won at full price with like
        purchases before; 0 where it was not supported or nothing tells how much that tilts choice.
    error
        (T,) standard error from how badly the tilt is known; all buyers of a trigger share it.
    known
        (4,) whether it can be told, by trigger of ``SUPPORTED``.
    """

    shift: Floats
    error: Floats
    known: tuple[bool, ...]


def liking(rows: WonRows, won: Triggers) -> Liking:
    """Work out how much less those won with support like what they bought.

    Parameters
    ----------
    rows, won
        First purchases and what won them.
    """
    shift, error = np.zeros(rows.trials.size), np.zeros(rows.trials.size)
    known = [False] * (max(TOLD) + 1)
    picks = _picks(rows)
    for kind in TOLD if rows.groups.size > 1 else ():
        log_odds, off = _tilt(rows, TRIGGERS[kind])
        mine = np.flatnonzero(won.trigger == kind)
        known[kind] = bool(np.isfinite(log_odds))
        if not known[kind] or not mine.size:
            continue
        law = _law(rows, picks, mine)
        plain, middle, low, high = (
            law.again(factor) for factor in (None, log_odds, log_odds - off, log_odds + off)
        )
        shift[mine], error[mine] = middle - plain, np.abs(high - low) / 2
    return Liking(shift, error, tuple(known))


def _tilt(rows: WonRows, kind: str) -> tuple[float, float]:
    """Return the log odds ratio of choosing a group with support, and its error."""
    seen = rows.support
    places = int(seen.place.max(initial=-1)) + 1

    def sums(of: Floats, which: Integers) -> Floats:
        return np.bincount(seen.place[which], of[which], minlength=places).astype(np.float64)

    whole, held, mine = (
        np.flatnonzero(each) for each in (seen.kind == "", seen.kind != "", seen.kind == kind)
    )
    without = [sums(each, whole) - sums(each, held) for each in (seen.chosen, seen.occasions)]
    return common_odds(sums(seen.chosen, mine), sums(seen.occasions, mine), *without)


@dataclass(frozen=True, slots=True)
class _Law:
    """What is known of some first-time buyers before they bought."""

    share: Floats
    switching: float
    alpha: Floats
    beta: Floats
    shape: Floats
    rate: Floats

    def again(self, log_odds: float | None) -> Floats:
        """Return their chance to come back, won with support or (None) without."""
        factor = 0.0 if log_odds is None else household_factor(log_odds, self.share, self.switching)
        return returning(
            self.alpha, self.beta, shape=self.shape, rate=self.rate,
            factor=np.full(self.alpha.size, factor),
        )  # fmt: skip


def _picks(rows: WonRows) -> tuple[Integers, Integers]:
    """Return household and day, in one code, and group of all picks: one a day and group.

    In order of household and day.
    """
    groups, lines = rows.groups.size, rows.lines
    code = np.unique((lines.household * (rows.last + 1) + lines.day) * groups + lines.group)
    return code // groups, code % groups


def _law(rows: WonRows, picks: tuple[Integers, Integers], mine: Integers) -> _Law:
    (when, group), span, trials = picks, rows.last + 1, rows.trials
    pair, many = np.unique((when // span) * rows.groups.size + group, return_counts=True)
    bought = np.bincount(np.bincount(when // span, minlength=rows.households.size))
    share = np.bincount(group, minlength=rows.groups.size) / group.size
    by_brand = np.zeros((rows.groups.size, int(many.max()) + 1))
    np.add.at(by_brand, (pair % rows.groups.size, many), 1.0)
    switching = min(switching_from_likelihood(by_brand, bought, share), ALIKE)
    counts = counts_from_likelihood(bought)
    home, day = trials.household[mine], trials.day[mine]
    before = np.searchsorted(when, home * span + day) - np.searchsorted(when, home * span)
    strength = switching * share[trials.group[mine]]
    # The period is the follow-up, of which so many days are known of.
    known = day + counts.exponent / counts.mean * span
    shape, rate = (
        np.asarray(each, dtype=np.float64)
        for each in (counts.exponent + before + 1, known / (DAYS * FOLLOW_UP_WEEKS))
    )
    return _Law(share, switching, strength, switching - strength + before, shape, rate)
