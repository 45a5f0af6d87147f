"""Responses of single items, moved towards their category as far as they are uncertain.

A product promoted twice has an estimate, but hardly knows it. The hierarchy (see
:mod:`offtake.models.kernels.hierarchy`) takes every group's estimates with their covariance and
weighs them against how much groups truly differ. It works on the estimates rather than on the rows:
the rows have long been summed up, so that a second look at other groupings costs seconds, and the
errors it starts from are those of the jackknife, which no likelihood of the rows would give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.kernels.hierarchy import Sampling, pool
from offtake.models.promotion.design import LEVERS, Layout
from offtake.models.promotion.response import Response
from offtake.models.promotion.rows import Bools, Floats

SAMPLING = Sampling(draws=500, warmup=250, chains=4)
LEVER_COUNT = len(LEVERS)


@dataclass(frozen=True, slots=True)
class Sober:
    """Parameters after pooling.

    Parameters
    ----------
    parameters
        (K,) in the order of the layout.
    covariance
        (K, K): errors of estimation, and what is not known of each group beyond them.
    category, category_sd
        (4,) mean responses of the category and their standard deviations.
    spread
        (4,) how much groups truly differ, a standard deviation.
    shrinkage
        (G, 4) from 0 (the group's own data decide) to 1 (the category does).
    """

    parameters: Floats
    covariance: Floats
    category: Floats
    category_sd: Floats
    spread: Floats
    shrinkage: Floats


def sober(response: Response, layout: Layout, *, seed: int) -> Sober:
    """Pool the responses of a category's groups.

    Parameters
    ----------
    response
        As fitted, group by group.
    layout
        Where parameters stand.
    seed
        Of the draws.
    """
    shape = (layout.groups, LEVER_COUNT)
    first = slice(0, layout.responses)
    known = response.known[first].reshape(shape)
    estimates = np.where(known, response.parameters[first].reshape(shape), np.nan)
    blocks = np.stack([_block(response.covariance, g) for g in range(layout.groups)])
    pooled = pool(
        estimates,
        blocks,
        degrees=np.full(layout.groups, max(response.stores - 1.0, 1.0)),
        sampling=SAMPLING,
        seed=seed,
    )
    between = pooled.covariances.mean(axis=0)
    kept = np.stack([_kept(blocks[g], known[g], between) for g in range(layout.groups)])
    parameters = response.parameters.copy()
    parameters[first] = pooled.mean.ravel()
    mean_covariance = np.atleast_2d(np.cov(pooled.population[:, 0, :].T))
    return Sober(
        parameters=parameters,
        covariance=_covariance(response, layout, kept, (between, mean_covariance)),
        category=pooled.population_mean[0],
        category_sd=pooled.population_mean_sd[0],
        spread=pooled.spreads.mean(axis=0),
        shrinkage=pooled.shrinkage,
    )


def _block(covariance: Floats, group: int) -> Floats:
    at = slice(LEVER_COUNT * group, LEVER_COUNT * (group + 1))
    block: Floats = covariance[at, at]
    return block


def _kept(block: Floats, known: Bools, between: Floats) -> Floats:
    """Return what the pooled response keeps of the group's own estimate, (4, 4)."""
    precision = np.zeros((LEVER_COUNT, LEVER_COUNT))
    at = np.ix_(known, known)
    if known.any():
        precision[at] = np.linalg.pinv(block[at], hermitian=True)
    kept = np.linalg.solve(precision + np.linalg.inv(between), precision)
    return np.asarray(kept, dtype=np.float64)


def _covariance(
    response: Response, layout: Layout, kept: Floats, population: tuple[Floats, Floats]
) -> Floats:
    """Return errors of estimation as far as kept, with what the category does not say of a group.

    For one group alone this is the posterior covariance of a normal hierarchy; errors that groups
    and common parameters share stay shared.
    """
    between, of_mean = population
    errors = np.where(np.isnan(response.covariance), 0.0, response.covariance)
    turned = np.eye(layout.size)
    lost = np.zeros((layout.size, LEVER_COUNT))
    own = np.zeros_like(errors)
    for group, keep in enumerate(kept):
        at = slice(LEVER_COUNT * group, LEVER_COUNT * (group + 1))
        turned[at, at] = keep
        lost[at] = np.eye(LEVER_COUNT) - keep
        own[at, at] = lost[at] @ between @ lost[at].T
    whole: Floats = turned @ errors @ turned.T + own + lost @ of_mean @ lost.T
    return whole
