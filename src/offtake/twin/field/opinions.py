"""What shoppers think of brands: opinions that come, stay a while and go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.signal import lfilter
from scipy.special import ndtri

from offtake.twin.arrays import Bools, Floats
from offtake.twin.field.topics import OPINIONS, PRAISE_CAMPAIGN, PRICE_TOO_HIGH, TOPICS
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.tables import coded, days_array

_RECENT = 4
"""Weeks after which a campaign is no longer talked of."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """What is thought of B brands in T weeks, by opinion topic.

    Parameters
    ----------
    strength
        (O, B, T) latent strength; standard normal but for prices, where dearer is worse.
    held
        (O, B, T) whether shoppers hold the opinion: strength above a threshold.
    seen
        (B, G, T) whether the brand's advertising was seen in a region in the last four weeks;
        nobody praises a campaign that did not run.
    """

    strength: Floats
    held: Bools
    seen: Bools


def opinions(world: World) -> Opinions:
    """Draw what shoppers think; the same for every block of stores."""
    assumed, (brands, weeks) = world.assumed, (len(world.brands.names), world.spec.weeks)
    carry = float(np.exp(-1 / assumed.opinion_weeks))
    strength = np.stack(
        [
            [_path(world, TOPICS[topic], brand, carry) for brand in range(brands)]
            for topic in OPINIONS
        ]
    )
    strength[OPINIONS.index(PRICE_TOO_HIGH)] += assumed.price_on_opinion * _dearer(world)
    spent = np.pad(world.media.spend.sum(axis=1), ((0, 0), (0, 0), (_RECENT - 1, 0)))
    recent = np.stack([spent[:, :, lag : lag + weeks] for lag in range(_RECENT)]).sum(axis=0)
    held: Bools = strength > ndtri(1 - assumed.opinion_held)
    return Opinions(strength, held, recent > 0)


def _path(world: World, topic: str, brand: int, carry: float) -> Floats:
    """Return a stationary AR(1) of unit variance."""
    shocks = stream(world.spec.seed, "opinion", topic, brand).standard_normal(world.spec.weeks)
    shocks[1:] *= np.sqrt(1 - carry**2)
    path: Floats = lfilter([1.0], [1.0, -carry], shocks)
    return path


def _dearer(world: World) -> Floats:
    """Return how much dearer each brand is than in the first week, mean log change, (B, T)."""
    change = np.log(world.prices / world.prices[:, :, :1]).mean(axis=0)
    total = np.zeros((len(world.brands.names), change.shape[1]))
    np.add.at(total, world.items.brand, change)
    return total / np.bincount(world.items.brand)[:, None]


def opinion_truth(world: World) -> pa.Table:
    """Return the opinions on our brands: topic, brand, week, strength and whether held."""
    found = opinions(world)
    own = np.flatnonzero(world.brands.own)
    shape = (len(OPINIONS), len(own), world.spec.weeks)
    topic, brand, week = (each.ravel() for each in np.indices(shape))
    seen: Bools = np.any(found.seen[own], axis=1)
    known = seen[brand, week]
    names = np.array([TOPICS[each] for each in OPINIONS])
    praised = topic == OPINIONS.index(PRAISE_CAMPAIGN)
    return pa.table(
        {
            "topic": coded(names, topic),
            "brand": coded(world.brands.names[own], brand),
            "week": days_array(world.weeks[week]),
            "strength": pa.array(found.strength[:, own].ravel()),
            "held": pa.array(found.held[:, own].ravel() & (known | ~praised)),
        }
    )
