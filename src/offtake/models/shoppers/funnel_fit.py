"""The dynamic smoother of one step of the funnel, for all brands of a category together.

The logit of brand b among people of group g, asked by house h in wave t, is::

    level[b, t] + difference[b, g] + move[b, g, t] + house[h] + group[g] + house_by_brand[b, h]

Levels are random walks; moves of a group away from its usual difference fade. House effects sum to
zero over houses, and so do group effects over groups: a survey cannot tell what all houses get
wrong together. How far a brand moves is pooled over brands; all variances but the wide ones are
those of highest marginal likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logit

from offtake.models.kernels.random_walks import Tracked, Walks
from offtake.models.kernels.share_walks import ShareFit, fit_shares
from offtake.models.shoppers.funnel_rows import Counts, SurveyRows
from offtake.models.shoppers.funnel_spec import FunnelSpec

Floats = NDArray[np.float64]

SPREADS = ("level_step", "difference", "move", "house_by_brand", "half_life")
"""What is estimated: standard deviations (of steps by the week), and the half-life of a move."""
FIRST = (0.03, 0.2, 0.1, 0.05, 26.0)
RANGE = (1e-3, 1.0)
PENALTY = 0.25
"""Power of a spread in its prior."""
HALF_LIVES = (8.0, 200.0)
HALF_LIFE_SPREAD = 0.7
"""Prior sd of the logarithm of a half-life, around half a year."""
SCALES = (1 / 16, 1 / 4, 1.0, 4.0, 16.0)
"""A brand's variance of steps over the category's: what is tried."""
BRAND_SPREADS = (0.5, 1.0, 1.5)
"""Spread of the logarithm of that over brands: what is tried."""


@dataclass(frozen=True, slots=True, eq=False)
class StepFit:
    """One step of the funnel, smoothed.

    Parameters
    ----------
    walks
        How states move with the spreads of the category.
    fit
        The mode with these.
    spreads
        (5,) estimates, in the order of `SPREADS`; 0 for what is not part of the model.
    scaled
        (5,) walks and states by scale of a brand's steps, in the order of `SCALES`.
    weights
        (B, 5) probability of each scale.
    """

    walks: Walks
    fit: ShareFit
    spreads: Floats
    scaled: tuple[tuple[Walks, Tracked], ...]
    weights: Floats


def contrasts(count: int) -> Floats:
    """Return columns that are orthonormal and sum to zero, (count, count - 1).

    Examples
    --------
    >>> contrasts(3).sum(axis=0).round(12)
    array([0., 0.])
    """
    values = np.linalg.eigh(np.ones((count, count)) / count)[1]
    found: Floats = values[:, :-1]
    return found


def fit_step(rows: SurveyRows, counts: Counts, spec: FunnelSpec) -> StepFit:
    """Smooth one step of the funnel.

    Parameters
    ----------
    rows
        The survey.
    counts
        Those asked and those who said yes at this step.
    spec
        What is assumed.
    """
    brands, times = counts.yes.shape[:2]
    yes, asked = (each.reshape(brands, times, -1) for each in (counts.yes, counts.asked))
    frame = _frame(rows, float(_share(counts)), spec)
    used = _used(rows)
    spreads = np.where(used, _spreads(frame, rows, (yes, asked), used), 0.0)
    walks = _with_spreads(frame, rows, spreads)
    fit = fit_shares(walks, yes, asked)
    scaled = [_scaled(walks, scale) for scale in SCALES]
    fits = [fit_shares(each, yes, asked, logits=fit.logits) for each in scaled]
    weights = _weights(np.stack([each.by_group for each in fits], axis=1))
    tracked = tuple((walk, each.tracked) for walk, each in zip(scaled, fits, strict=True))
    return StepFit(walks, fit, spreads, tracked, weights)


def _share(counts: Counts) -> Floats:
    """Return the share that says yes, a little away from none and all."""
    return np.asarray((counts.yes.sum() + 0.5) / (counts.asked.sum() + 1.0))


def _used(rows: SurveyRows) -> NDArray[np.bool_]:
    """Return which spreads the survey has something to say about, (5,)."""
    groups = rows.groups.size > 1
    moves = rows.weeks.size > 1
    drifts = groups and moves and rows.group == "region"
    by_brand = rows.houses.size > 1 and rows.brands.size > 1
    return np.array([moves, groups, drifts, by_brand, drifts])


def _frame(rows: SurveyRows, share: float, spec: FunnelSpec) -> Walks:
    """Return the walks of all brands, before their spreads are known."""
    groups, houses = rows.groups.size, rows.houses.size
    group, house = np.divmod(np.arange(groups * houses), houses)
    by_house, by_group = contrasts(houses)[house], contrasts(groups)[group]
    own = np.eye(groups)[group] if groups > 1 else np.zeros((group.size, 0))
    loads = np.hstack([np.ones((group.size, 1)), own, own, by_house])
    shape = (rows.brands.size, loads.shape[1])
    start = np.zeros(shape)
    start[:, 0] = logit(share)
    return Walks(
        loads=loads,
        common=np.hstack([by_house, by_group]),
        start=start,
        start_variance=np.full(shape, spec.level_spread**2),
        step_variance=np.zeros(shape),
        keep=np.ones(shape[1]),
        elapsed=rows.elapsed,
        common_variance=np.full(houses + groups - 2, spec.house_spread**2),
    )


def _with_spreads(frame: Walks, rows: SurveyRows, spreads: Floats) -> Walks:
    groups = rows.groups.size if rows.groups.size > 1 else 0
    usual, moves = slice(1, 1 + groups), slice(1 + groups, 1 + 2 * groups)
    start, step, keep = frame.start_variance.copy(), 0 * frame.step_variance, frame.keep.copy()
    least = RANGE[0] ** 2
    start[:, usual] = max(spreads[1] ** 2, least)
    start[:, 1 + 2 * groups :] = max(spreads[3] ** 2, least)
    step[:, 0] = spreads[0] ** 2
    keep[moves] = 0.5 ** (1 / max(spreads[4], HALF_LIVES[0]))
    start[:, moves] = max(spreads[2] ** 2, least)
    step[:, moves] = start[:, moves] * (1 - keep[moves] ** 2)
    return replace(frame, start_variance=start, step_variance=step, keep=keep)


def _scaled(walks: Walks, scale: float) -> Walks:
    return replace(walks, step_variance=walks.step_variance * scale)


def _spreads(
    frame: Walks, rows: SurveyRows, data: tuple[Floats, Floats], used: NDArray[np.bool_]
) -> Floats:
    """Return the spreads of highest marginal likelihood, kept off zero.

    A prior that is proportional to the fourth root of a spread keeps an estimate from zero, where
    it would say that a share cannot move at all [1]_.

    References
    ----------
    .. [1] Chung, Y., Rabe-Hesketh, S., Dorie, V., Gelman, A. and Liu, J. (2013). A nondegenerate
       penalized likelihood estimator for variance parameters in multilevel models. Psychometrika
       78, 685-709.
    """
    spreads, best = np.array(FIRST), {"logits": fit_shares(frame, *data).logits}
    kept_off = np.arange(len(FIRST))[used] < len(FIRST) - 1
    limits = [RANGE] * (len(FIRST) - 1) + [HALF_LIVES]

    def cost(logs: Floats) -> float:
        spreads[used] = np.exp(logs)
        walks = _with_spreads(frame, rows, np.where(used, spreads, 0.0))
        fit = fit_shares(walks, *data, logits=best["logits"], tolerance=1e-4)
        best["logits"] = fit.logits
        far = (logs[~kept_off] - np.log(FIRST[-1])) / HALF_LIFE_SPREAD
        prior = PENALTY * logs[kept_off].sum() - 0.5 * (far**2).sum()
        return -fit.log_likelihood - float(prior)

    if used.any():
        minimize(
            cost,
            np.log(spreads[used]),
            method="L-BFGS-B",
            bounds=[tuple(np.log(each)) for each, use in zip(limits, used, strict=True) if use],
            options={"eps": 0.02, "maxiter": 30, "ftol": 1e-7},
        )
    return spreads


def _weights(by_scale: Floats) -> Floats:
    """Return how probable each scale of its steps is for every brand, (B, 5).

    The scales' prior is normal on the logarithm; its spread is the one of highest likelihood, so
    that brands move alike unless the survey says otherwise.
    """
    logs = np.log(np.asarray(SCALES))
    found = []
    for spread in BRAND_SPREADS:
        prior = -0.5 * (logs / spread) ** 2
        prior -= np.logaddexp.reduce(prior)
        joint = by_scale + prior
        total = np.logaddexp.reduce(joint, axis=1)
        weights: Floats = np.exp(joint - total[:, None])
        found.append((float(total.sum()), weights))
    _, best = max(found, key=lambda each: each[0])
    return best
