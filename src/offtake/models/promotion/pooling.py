"""Responses of items and pulls of brands, moved to their category as far as they are uncertain.

A product promoted twice has an estimate, but hardly knows it. The hierarchy (see
:mod:`offtake.models.kernels.hierarchy`) takes every group's estimates with their covariance and
weighs them against how much groups truly differ. It works on the estimates rather than on the rows:
the rows have long been summed up, so that a second look at other groupings costs seconds, and the
errors it starts from are those of the jackknife, which no likelihood of the rows would give.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from offtake.models.kernels.hierarchy import Pooled, Sampling, pool
from offtake.models.promotion.design import LEVERS, Layout
from offtake.models.promotion.response import OWN_THIRD, RIVAL_THIRD, Response
from offtake.models.promotion.rows import Bools, Floats, Integers

SAMPLING = Sampling(
    draws=500, warmup=250, chains=4, scale=[2.0, 0.6, 0.6, 0.6], mean=[-2.6, 0.4, 0.3, 0.0],
    mean_sd=[4.0, 2.0, 2.0, 2.0],
)  # fmt: skip
"""Wide enough to say nothing but where a lever was never used in the whole category; the elasticity
is the published mean of some 1,850 estimates."""
PULLS = replace(SAMPLING, scale=[0.15, 0.15], mean=[OWN_THIRD, RIVAL_THIRD], mean_sd=[0.3, 0.3])
"""Brands are few and some have but one item, so that here the prior has to speak."""


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
    pulls, pulls_sd
        (2,) mean pull on own other items and on competitors, and their standard deviations.
    spread
        (4,) how much groups truly differ, a standard deviation.
    shrinkage
        (G, 4) from 0 (the group's own data decide) to 1 (the category does).
    """

    parameters: Floats
    covariance: Floats
    category: Floats
    category_sd: Floats
    pulls: Floats
    pulls_sd: Floats
    spread: Floats
    shrinkage: Floats


def sober(response: Response, layout: Layout, *, seed: int) -> Sober:
    """Pool the responses of a category's items and the pulls of its brands.

    Parameters
    ----------
    response
        As fitted, group by group.
    layout
        Where parameters stand.
    seed
        Of the draws.
    """
    items = np.arange(layout.responses).reshape(layout.groups, len(LEVERS))
    brands = np.stack([np.arange(layout.effects)[each] for each in
                       (layout.own_pulls, layout.rival_pulls)], axis=1)  # fmt: skip
    families = (
        _pooled(response, items, SAMPLING, seed),
        _pooled(response, brands, PULLS, seed + 1),
    )
    parameters = response.parameters.copy()
    for family in families:
        parameters[family.places] = family.found.mean
    of_items, of_brands = (family.found for family in families)
    return Sober(
        parameters=parameters,
        covariance=_covariance(response, families),
        category=of_items.population_mean[0],
        category_sd=of_items.population_mean_sd[0],
        pulls=of_brands.population_mean[0],
        pulls_sd=of_brands.population_mean_sd[0],
        spread=of_items.spreads.mean(axis=0),
        shrinkage=of_items.shrinkage,
    )


@dataclass(frozen=True, slots=True)
class _Family:
    """G groups of P parameters each that were pooled.

    places: (G, P) in the layout; found: the draws; kept: (G, P, P) what the pooled parameters keep
    of the group's own estimate; between, of_mean: (P, P) covariance between groups and of the mean.
    """

    places: Integers
    found: Pooled
    kept: Floats
    between: Floats
    of_mean: Floats


def _pooled(response: Response, places: Integers, sampling: Sampling, seed: int) -> _Family:
    known = response.known[places]
    blocks = response.weighing[places[:, :, None], places[:, None, :]]
    found = pool(
        np.where(known, response.parameters[places], np.nan),
        blocks,
        degrees=np.full(len(places), response.degrees),
        sampling=sampling,
        seed=seed,
    )
    between = found.covariances.mean(axis=0)
    kept = np.stack([_kept(*each, between) for each in zip(blocks, known, strict=True)])
    of_mean = np.atleast_2d(np.cov(found.population[:, 0, :].T))
    return _Family(places, found, kept, between, of_mean)


def _kept(block: Floats, known: Bools, between: Floats) -> Floats:
    """Return what the pooled parameters keep of the group's own estimate, (P, P)."""
    precision = np.zeros_like(between)
    at = np.ix_(known, known)
    if known.any():
        precision[at] = np.linalg.pinv(block[at], hermitian=True)
    kept = np.linalg.solve(precision + np.linalg.inv(between), precision)
    return np.asarray(kept, dtype=np.float64)


def _covariance(response: Response, families: tuple[_Family, ...]) -> Floats:
    """Return errors of estimation as far as kept, with what the category does not say of a group.

    For one group alone this is the posterior covariance of a normal hierarchy; errors that groups
    and common parameters share stay shared.
    """
    errors = np.where(np.isnan(response.covariance), 0.0, response.covariance)
    turned = np.eye(len(errors))
    own = np.zeros_like(errors)
    for family in families:
        lost = np.zeros((len(errors), family.places.shape[1]))
        for places, keep in zip(family.places, family.kept, strict=True):
            at = np.ix_(places, places)
            turned[at] = keep
            lost[places] = np.eye(places.size) - keep
            own[at] += lost[places] @ family.between @ lost[places].T
        own += lost @ family.of_mean @ lost.T
    whole: Floats = turned @ errors @ turned.T + own
    return whole
