"""What people know of brands and have done with them: the truth that a survey samples.

Awareness of a brand in a region moves with media, which it forgets slowly, and by itself. What
follows, follows from awareness: who does not know a brand neither considers nor has tried it. Who
has tried it need not consider it now; repeating needs trying, and loyalty repeating.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.signal import lfilter
from scipy.special import expit

from offtake.twin.arrays import Floats
from offtake.twin.kernels.media import geometric_adstock
from offtake.twin.market.stores import REGIONS
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.shoppers.households import brand_shares
from offtake.twin.tables import Made, coded, days_array

STEPS = ("considers", "tried if considers", "tried if not", "repeats", "loyal")
"""What a respondent answers beyond awareness, each given what leads to it."""
LEVELS = (0.1, 0.9, -1.2, 0.5, -1.1)
"""Logit of each for a brand of average share (assumed)."""
AWARE = 1.0
"""Logit of awareness of such a brand (assumed)."""
SHARE_ON_LOGIT = 0.7
SEGMENTS = ("convenience", "family", "quality", "value seeker")
SEGMENT_SHARES = (0.25, 0.25, 0.2, 0.3)
SEGMENT_AWARE = (-0.1, 0.2, 0.25, -0.2)
"""Logit by which people of a segment know brands better or worse (assumed)."""
MENTIONS = 0.92
"""Part of those who know any brand of a category that name one unprompted (assumed)."""
STAGES = ("first_mention", "aware", "considers", "tried", "repeats", "loyal")
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)


@dataclass(frozen=True, slots=True)
class Health:
    """N brands in G regions over T weeks.

    Parameters
    ----------
    aware
        (N, G, T) logit of awareness of an average segment, houses apart.
    media
        (N, G, T) what media contributes to it.
    steps
        (5, N) logits of :data:`STEPS`.
    salience
        (N,) how readily a known brand comes to mind first.
    """

    aware: Floats
    media: Floats
    steps: Floats
    salience: Floats


def draw_health(world: World) -> Health:
    """Draw how brands stand with people."""
    count, shares = len(world.brands.names), brand_shares(world)
    average = 1 / np.bincount(world.brands.category)[world.brands.category]
    strength = SHARE_ON_LOGIT * np.log(shares / average)
    own = stream(world.spec.seed, "health", "brand").standard_normal((1 + len(STEPS), count))
    steps = np.asarray(LEVELS)[:, None] + 0.5 * strength + 0.2 * own[1:]
    media = world.assumed.survey_media * _remembered(world)
    base = AWARE + strength + 0.3 * own[0]
    return Health(
        aware=base[:, None, None] + _drift(world) + media,
        media=media,
        steps=steps,
        salience=shares / average,
    )


def _remembered(world: World) -> Floats:
    """Return the media effect as people carry it, a moving mean that forgets, (N, G, T)."""
    memory = world.assumed.awareness_memory
    effect = world.media.effect.sum(axis=1) * world.spec.has("media")
    return (1 - memory) * geometric_adstock(effect, np.asarray(memory))


def _drift(world: World) -> Floats:
    """Return a first-order autoregression for every brand and region, stationary from the start."""
    shape = (len(world.brands.names), len(REGIONS), world.spec.weeks)
    moves = stream(world.spec.seed, "health", "drift").standard_normal(shape)
    moves *= world.assumed.awareness_drift
    kept = world.assumed.drift_memory
    moves[..., 0] /= np.sqrt(1 - kept**2)
    drift: Floats = lfilter([1.0], [1.0, -kept], moves, axis=-1)
    return drift


def true_shares(world: World, health: Health) -> Floats:
    """Return the share of people at every stage, segments put together.

    Returns
    -------
    ndarray
        (6, N, G, T), in the order of :data:`STAGES`.
    """
    shares = np.zeros((len(STAGES), *health.aware.shape))
    for part, shift in zip(SEGMENT_SHARES, SEGMENT_AWARE, strict=True):
        aware = expit(health.aware + shift)
        shares[0] += part * _first(world, health, aware)
        shares[1:] += part * aware * _given_aware(health)[:, :, None, None]
    return shares


def _given_aware(health: Health) -> Floats:
    """Return the share at every stage from awareness on among those aware, (5, N)."""
    considers, if_considers, if_not, repeats, loyal = expit(health.steps)
    tried = considers * if_considers + (1 - considers) * if_not
    rows = [np.ones_like(tried), considers, tried, tried * repeats, tried * repeats * loyal]
    return np.stack(rows)


def _first(world: World, health: Health, aware: Floats) -> Floats:
    """Return the share of people who name a brand first, (N, G, T)."""
    first = np.empty_like(aware)
    for category in range(len(world.names)):
        mine = np.flatnonzero(world.brands.category == category)
        for brand in range(len(mine)):
            others = np.delete(mine, brand)
            ratio = health.salience[others] / health.salience[mine[brand]]
            first[mine[brand]] = MENTIONS * aware[mine[brand]] * wins(aware[others], ratio)
    return first


def wins(others: Floats, ratio: Floats) -> Floats:
    """Return the chance that a known brand is named before all others.

    Every known brand comes to mind after an exponential time, more salient ones sooner; the chance
    that it is the first is an integral over one uniform number.

    Parameters
    ----------
    others
        (K, ...) chances that each other brand is known.
    ratio
        (K,) salience of each other brand over that of the brand.

    Examples
    --------
    >>> wins(np.array([1.0]), np.array([3.0])).round(9).tolist()
    0.25
    """
    chance = np.zeros(others.shape[1:])
    # Squaring the argument takes away the root at 0 of brands that are much less salient.
    for node, weight in zip((_NODES + 1) / 2, _WEIGHTS / 2, strict=True):
        late = (node**4) ** ratio
        passed = 1 - others * (1 - late.reshape(-1, *[1] * (others.ndim - 1)))
        chance += weight * 4 * node**3 * passed.prod(axis=0)
    return chance


def health_rows(world: World, health: Health) -> Made:
    """Return truth 'brand_health'.

    It has brand, category, region, week, the true share at every stage, and `media`, the logit
    that media contributes to awareness.
    """
    shape = health.aware.shape
    brand, region, week = (each.ravel() for each in np.indices(shape))
    shares = true_shares(world, health).reshape(len(STAGES), -1)
    rows = {
        "brand": coded(world.brands.names, brand),
        "category": coded(np.asarray(world.names), world.brands.category[brand]),
        "region": coded(np.asarray(REGIONS), region),
        "week": days_array(world.weeks[week]),
        **dict(zip(STAGES, shares, strict=True)),
        "media": health.media.ravel(),
    }
    return Made({}, {"brand_health": pa.table(rows)})


def population(world: World) -> Floats:
    """Return the share of people who live in every region, (G,)."""
    return world.stores.region_shares
