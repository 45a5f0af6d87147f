"""Random walks of logits behind shares: how many of those asked said yes.

Counts are binomial. At the mode of the states they are as good as Gaussian observations [1]_, which
the filter of :mod:`offtake.models.kernels.random_walks` can take; Newton's method finds the mode.
Cells of which nobody or everybody said yes need no special treatment. The marginal likelihood of
the variances is Laplace's.

References
----------
.. [1] Durbin, J. and Koopman, S. J. (1997). Monte Carlo maximum likelihood estimation for
   non-Gaussian state space models. Biometrika 84, 669-684.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.random_walks import LOG_TWO_PI, Tracked, Walks, smooth_means, track

PASSES = 60
"""Steps of Newton's method at most."""
LEAST = 1e-6
"""Least information of an answer: a logit further out than 14 is not told from this one."""
FARTHEST = 3.0
"""A step of Newton's method moves no logit further."""


@dataclass(frozen=True, slots=True, eq=False)
class ShareFit:
    """The mode of the logits of B groups, T times, C cells.

    Parameters
    ----------
    tracked
        The filter's answer at the mode.
    logits
        (B, T, C) at the mode.
    log_likelihood
        Laplace's, of all groups together, without the binomial coefficients.
    by_group
        (B,) the part of each group where the common effects are held at their means.
    """

    tracked: Tracked
    logits: Floats
    log_likelihood: float
    by_group: Floats


def fit_shares(
    walks: Walks,
    yes: Floats,
    asked: Floats,
    *,
    logits: Floats | None = None,
    tolerance: float = 1e-7,
) -> ShareFit:
    """Return the mode of the logits for given variances.

    Parameters
    ----------
    walks
        How states move and show; a cell's logit is what it shows.
    yes, asked
        (B, T, C) effective numbers of those who said yes and of those asked; fractions are
        allowed.
    logits
        (B, T, C) to begin with, such as the mode for variances near these.
    tolerance
        Largest move of a logit at which the mode counts as found.

    Raises
    ------
    BadInputError
        When more say yes than were asked, or a number is negative or not finite.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> walk = Walks(one, one[:, :0], 0 * one, 9 * one, one, one[0], one[0], one[0, :0])
    >>> fit_shares(walk, np.full((1, 1, 1), 0.0), np.full((1, 1, 1), 20.0)).logits.round(2)
    array([[[-3.83]]])
    """
    if not (np.isfinite(asked).all() and (yes >= 0).all() and (yes <= asked).all()):
        raise BadInputError("yes: got counts outside 0 to `asked`, allowed: 0 to the number asked")
    at = np.log((yes + 0.5) / (asked - yes + 0.5)) if logits is None else logits
    for turn in range(PASSES):
        seen, precision = _as_gaussian(at, yes, asked)
        tracked = track(walks, seen, precision)
        found = _shown(walks, tracked)
        step = found - at
        if turn < PASSES - 1 and np.abs(step).max(initial=0.0) > tolerance:
            at = at + np.clip(step, -FARTHEST, FARTHEST)
        else:
            break
    change = _less_gaussian(found, yes, asked, (seen, precision))
    total = tracked.total + float(change.sum())
    return ShareFit(tracked, found, total, tracked.by_group + change)


def _as_gaussian(at: Floats, yes: Floats, asked: Floats) -> tuple[Floats, Floats]:
    share = expit(at)
    precision = np.where(asked > 0, np.maximum(asked * share * (1 - share), LEAST), 0.0)
    return at + (yes - asked * share) / np.where(asked > 0, precision, 1.0), precision


def _shown(walks: Walks, tracked: Tracked) -> Floats:
    """Return the logit of every cell at the smoothed means, (B, T, C)."""
    states = smooth_means(walks, tracked)
    shown = np.einsum("tbk,ck->btc", states, walks.loads)
    found: Floats = shown + walks.common @ tracked.effects.mean
    return found


def _less_gaussian(at: Floats, yes: Floats, asked: Floats, used: tuple[Floats, Floats]) -> Floats:
    """Return log-likelihood of the counts less that of the Gaussian in their place, (B,)."""
    seen, precision = used
    counts = yes * log_expit(at) + (asked - yes) * log_expit(-at)
    known = precision > 0
    gaussian = np.where(
        known,
        np.log(np.where(known, precision, 1.0)) - LOG_TWO_PI - precision * (seen - at) ** 2,
        0.0,
    )
    found: Floats = (counts - 0.5 * gaussian).sum(axis=(1, 2))
    return found
