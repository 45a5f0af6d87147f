"""Responses of items, what retailers add, and pulls of brands, as far as they are known.

A product promoted twice has an estimate, but hardly knows it. The hierarchy (see
:mod:`offtake.models.kernels.hierarchy`) takes every group's estimates with their covariance and
weighs them against how much groups truly differ: items are drawn to their brand and the brand to
the category, retailers to each other, pulls to those of the category's brands. It works on the
estimates rather than on the rows: the rows have long been summed up, so that a second look at other
groupings costs seconds, and the errors it starts from are those of the jackknife, which no
likelihood of the rows would give.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from offtake.models.kernels.hierarchy import Pooled, Sampling, pool
from offtake.models.promotion.groups import contrasts
from offtake.models.promotion.layout import LEVERS, Layout
from offtake.models.promotion.response import OWN_THIRD, RIVAL_THIRD, Response
from offtake.models.promotion.rows import Bools, Floats, Integers

ITEMS = Sampling(
    draws=500, warmup=250, chains=4, scale=[2.0, 0.6, 0.6, 0.6], mean=[-2.6, 0.4, 0.3, 0.0],
    mean_sd=[4.0, 2.0, 2.0, 2.0],
)  # fmt: skip
"""Wide enough to say nothing but where a lever was never used in the whole category; the elasticity
is the published mean of some 1,850 estimates."""
BRAND_SD = np.array([0.4, 0.15, 0.15, 0.15])
"""Prior standard deviation of what a brand's items have in common beyond the category: half of what
items of one category were found to differ by in real panels."""
RETAILERS = replace(ITEMS, scale=[0.3, 0.1, 0.1, 0.1], mean=0.0, mean_sd=1e-6)
"""Retailers are few, so that here the prior has to speak: elasticities differ by some .25, lifts by
some 8 %. They are taken around their mean, which is the items'."""
PULLS = replace(ITEMS, scale=[0.15, 0.15], mean=[OWN_THIRD, RIVAL_THIRD], mean_sd=[0.3, 0.3])
"""Brands are few and some have but one item: the prior has to speak as well."""
THINNED = 10
"""Every how many draws of the spread between groups one is taken for covariances."""


@dataclass(frozen=True, slots=True)
class Sober:
    """Parameters after pooling.

    Parameters
    ----------
    parameters
        (K,) in the order of the layout.
    covariance
        (K, K): errors of estimation, and what is not known of each group beyond them.
    kept
        (K, K) what parameters keep of the estimates: how they move when estimates do.
    category, category_sd
        (4,) mean responses of the category and their standard deviations.
    pulls, pulls_sd
        (2,) mean pull on own other items and on competitors, and their standard deviations.
    spread
        (4,) how much items truly differ from what their brand lets expect, a standard deviation.
    retailer_spread
        (4,) how much retailers truly differ, a standard deviation; 0 where there is but one.
    shrinkage
        (G, 4) from 0 (the item's own data decide) to 1 (brand and category do).
    """

    parameters: Floats
    covariance: Floats
    kept: Floats
    category: Floats
    category_sd: Floats
    pulls: Floats
    pulls_sd: Floats
    spread: Floats
    retailer_spread: Floats
    shrinkage: Floats


def sober(response: Response, layout: Layout, brands: Integers, *, seed: int) -> Sober:
    """Pool the responses of a category's items, what retailers add, and the pulls of its brands.

    Parameters
    ----------
    response
        As fitted, group by group.
    layout
        Where parameters stand.
    brands
        (G,) brand of every set of responses, -1 where its items are of several.
    seed
        Of the draws.
    """
    every = np.arange(layout.size)
    items, added = (
        each.reshape(-1, len(LEVERS))
        for each in (every[: layout.responses], every[layout.retailers])
    )
    pulling = np.stack([every[layout.own_pulls], every[layout.rival_pulls]], axis=1)
    of_items = _pooled(response, items, _around_brands(brands), seed)
    of_pulls = _pooled(response, pulling, _Level(PULLS), seed + 1)
    families = [of_items.family, of_pulls.family]
    spread = np.zeros(len(LEVERS))
    if layout.contrasts:
        of_retailers = _pooled(response, added, _Level(RETAILERS), seed + 2)
        spread = of_retailers.found.population_sd
        families.append(_together(response, of_retailers))
    parameters = response.parameters.copy()
    for family in families:
        parameters[family.places] = family.mean
    categories, pulls = (each.means.mean(axis=1) for each in (of_items, of_pulls))
    kept = _all_kept(response, families)
    return Sober(
        parameters=parameters,
        covariance=_covariance(response, families, kept),
        kept=kept,
        category=categories.mean(axis=0),
        category_sd=categories.std(axis=0, ddof=1),
        pulls=pulls.mean(axis=0),
        pulls_sd=pulls.std(axis=0, ddof=1),
        spread=of_items.found.population_sd,
        retailer_spread=spread,
        shrinkage=of_items.found.shrinkage,
    )


@dataclass(frozen=True, slots=True)
class _Level:
    """What groups are drawn to: priors, and (G, Q) group-level regressors if not a constant."""

    sampling: Sampling
    regressors: Floats | None = None


def _around_brands(brands: Integers) -> _Level:
    """Return the level of items: a category, and brands of more than one set around it."""
    known, code, count = np.unique(brands, return_inverse=True, return_counts=True)
    shared = np.flatnonzero((known >= 0) & (count > 1))
    inside = (code[:, None] == shared).astype(np.float64)
    if inside.sum() == brands.size:
        # Nobody is outside a brand: only how brands differ can be told.
        inside = inside @ contrasts(shared.size)
    if not inside.shape[1]:
        return _Level(ITEMS)
    lower = np.broadcast_to(BRAND_SD, (inside.shape[1], BRAND_SD.size))
    sampling = replace(
        ITEMS,
        mean=np.vstack([np.atleast_2d(ITEMS.mean), np.zeros_like(lower)]),
        mean_sd=np.vstack([np.atleast_2d(ITEMS.mean_sd), lower]),
    )
    return _Level(sampling, np.column_stack([np.ones(brands.size), inside]))


@dataclass(frozen=True, slots=True)
class _Family:
    """G groups of P parameters each that were pooled.

    places, mean: (G, P) in the layout, and pooled; kept: (G, P, P) what the pooled parameters keep
    of the group's own estimate; own: (G, P, P) covariance of what they do not, around the level;
    level: (G P, G P) that of the level.
    """

    places: Integers
    mean: Floats
    kept: Floats
    own: Floats
    level: Floats


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A family with its draws: all of them, and (D, G, P) of what the groups are drawn to."""

    family: _Family
    found: Pooled
    means: Floats


def _pooled(response: Response, places: Integers, level: _Level, seed: int) -> _Drawn:
    known = response.known[places]
    blocks = response.weighing[places[:, :, None], places[:, None, :]]
    found = pool(
        np.where(known, response.parameters[places], np.nan),
        blocks,
        regressors=level.regressors,
        degrees=np.full(len(places), response.degrees),
        sampling=level.sampling,
        seed=seed,
    )
    to = np.ones((len(places), 1)) if level.regressors is None else level.regressors
    means = np.einsum("gq,dqp->dgp", to, found.population)
    between = found.covariances[::THINNED]
    parts = [_kept(*each, between) for each in zip(blocks, known, strict=True)]
    family = _Family(
        places=places,
        mean=found.mean,
        kept=np.stack([kept.mean(axis=0) for kept in parts]),
        own=np.stack([_own(kept, between) for kept in parts]),
        level=np.atleast_2d(np.cov(means.reshape(len(means), -1).T)),
    )
    return _Drawn(family, found, means)


def _together(response: Response, drawn: _Drawn) -> _Family:
    """Return contrasts of retailers as one group: what is known of one says something of others."""
    places = drawn.family.places
    flat = places.reshape(1, -1)
    known, block = response.known[flat[0]], response.weighing[np.ix_(flat[0], flat[0])]
    between = np.stack(
        [np.kron(np.eye(len(places)), each) for each in drawn.found.covariances[::THINNED]]
    )
    kept = _kept(block, known, between)
    estimate = np.where(known, response.parameters[flat[0]], 0.0)
    mean = kept @ estimate
    moved = np.atleast_2d(np.cov(mean.T))
    return _Family(
        places=flat,
        mean=mean.mean(axis=0)[None],
        kept=kept.mean(axis=0)[None],
        own=(_own(kept, between) + moved)[None],
        level=np.zeros((flat.size, flat.size)),
    )


def _kept(block: Floats, known: Bools, between: Floats) -> Floats:
    """Return what the pooled parameters keep of the group's own estimate, (D, P, P).

    Parameters
    ----------
    block, known
        (P, P) covariance of the estimate, and (P,) which of it there is.
    between
        (D, P, P) draws of the covariance between groups.
    """
    precision = np.zeros_like(block)
    at = np.ix_(known, known)
    if known.any():
        precision[at] = np.linalg.pinv(block[at], hermitian=True)
    kept = np.linalg.solve(precision + np.linalg.inv(between), precision[None])
    return np.asarray(kept, dtype=np.float64)


def _own(kept: Floats, between: Floats) -> Floats:
    """Return the covariance that the level leaves to a group, as far as it is not kept, (P, P)."""
    lost = np.eye(kept.shape[1]) - kept
    found: Floats = (lost @ between @ lost.transpose(0, 2, 1)).mean(axis=0)
    return found


def _all_kept(response: Response, families: list[_Family]) -> Floats:
    """Return what all parameters keep of the estimates, (K, K)."""
    kept = np.eye(response.parameters.size)
    for family in families:
        for places, keep in zip(family.places, family.kept, strict=True):
            kept[np.ix_(places, places)] = keep
    return kept


def _covariance(response: Response, families: list[_Family], kept: Floats) -> Floats:
    """Return errors of estimation as far as kept, with what the level does not say of a group.

    For one group alone this is the posterior covariance of a normal hierarchy; errors that groups
    and common parameters share stay shared.
    """
    errors = np.where(np.isnan(response.covariance), 0.0, response.covariance)
    own = np.zeros_like(errors)
    for family in families:
        groups, size = family.places.shape
        lost = np.zeros((len(errors), groups * size))
        for place, (places, keep) in enumerate(zip(family.places, family.kept, strict=True)):
            lost[places, place * size : (place + 1) * size] = np.eye(size) - keep
            own[np.ix_(places, places)] += family.own[place]
        own += lost @ family.level @ lost.T
    whole: Floats = kept @ errors @ kept.T + own
    return whole
