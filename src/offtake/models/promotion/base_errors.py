"""How far a forecast of the base errs, found by making it at many earlier weeks.

What came is itself a draw of sales, and its accidents count: the interval is for what will be seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.promotion.rows import Floats, Integers

RECENT = 13
"""Weeks that the level is the mean of."""
LEADS = (2, 8, 16)
"""Weeks ahead of which forecasts are tried."""
WINDOW = 2
"""Weeks that such a forecast is for, as long as most promotions."""
LEAST_TRIES = 8
ASSUMED = (0.10, 0.20)
"""Errors of the base where too few weeks are there to try: common and own, in logs."""
FADES = 10.0
"""Tries at which an item's own error counts as much as that of all."""
LEAST_SHARE = 0.05
"""Of what is seen, at least so much is taken for error, as variances are rough."""


@dataclass(frozen=True, slots=True)
class BaseErrors:
    """Errors of the log of the base, standard deviations.

    Parameters
    ----------
    common
        What all pairs of item and retailer err by together.
    own
        (Q,) what each errs by alone.
    tried
        Whether they were tried, or are assumed as too few weeks are there.
    """

    common: float
    own: Floats
    tried: bool


def level(plain: Floats, first: Integers, end: int) -> Floats:
    """Return the mean of the latest weeks before `end`, of those in which a series was there, (Q,).

    Parameters
    ----------
    plain
        (Q, T) units by week.
    first
        (Q,) first week of each.
    end
        The week after the last that counts.

    Examples
    --------
    >>> level(np.array([[1.0, 2.0, 3.0]]), np.array([1]), 3).tolist()
    [2.5]
    """
    start = np.maximum(first, max(0, end - RECENT))
    weeks = np.arange(plain.shape[1])
    inside = (weeks >= start[:, None]) & (weeks < end)
    many = inside.sum(axis=1)
    found: Floats = np.divide(
        (plain * inside).sum(axis=1), many, out=np.zeros(many.size), where=many > 0
    )
    return found


def base_errors(plain: Floats, first: Integers) -> BaseErrors:
    """Return how far the base errs.

    Parameters
    ----------
    plain
        (Q, T) base by week, season taken off.
    first
        (Q,) first week of each series.

    Examples
    --------
    >>> base_errors(np.ones((2, 9)), np.array([0, 0])).tried
    False
    """
    off = _tries(plain, first)
    told = np.isfinite(off)
    tries = told.sum(axis=1)
    if tries.max(initial=0) < LEAST_TRIES:
        return BaseErrors(ASSUMED[0], np.full(len(plain), ASSUMED[1]), tried=False)
    many, filled = told.sum(axis=0), np.nan_to_num(off)
    both = filled.sum(axis=0) ** 2 - (filled**2).sum(axis=0)
    pairs = float((many * (many - 1)).sum())
    total = float((filled**2).sum() / tries.sum())
    common = min(max(float(both.sum()) / pairs, 0.0), total) if pairs else 0.0
    mine = np.divide(
        (filled**2).sum(axis=1), tries, out=np.full(len(plain), total), where=tries > 0
    )
    # Tries overlap: only those of weeks apart tell something new.
    worth = tries * WINDOW / RECENT
    mixed = (worth * mine + FADES * total) / (worth + FADES)
    own = np.sqrt(np.maximum(mixed - common, LEAST_SHARE * total))
    return BaseErrors(float(np.sqrt(common)), own, tried=True)


def _tries(plain: Floats, first: Integers) -> Floats:
    """Return log of what came over what was said, (Q, tries); NaN where it cannot be said."""
    found = []
    span = plain.shape[1]
    for lead in LEADS:
        for end in range(RECENT, span - lead - WINDOW + 1):
            weeks = slice(end + lead, end + lead + WINDOW)
            said, came = level(plain, first, end), plain[:, weeks].mean(axis=1)
            good = (first <= end - RECENT) & (said > 0) & (came > 0)
            ratio = np.divide(came, said, out=np.ones(said.size), where=good)
            found.append(np.where(good, np.log(ratio), np.nan))
    return np.stack(found, axis=1) if found else np.zeros((len(plain), 0))
