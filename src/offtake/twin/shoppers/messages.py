"""What brands say where, and what people make of it.

A campaign of half a year has one main message; some touchpoints carry another one, and a few pairs
of messages contradict each other. People notice what is on air, buyers of the brand more than
others; they take away the message or something else, and those who noticed two messages that
contradict each other sometimes say so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import expit

from offtake.twin.arrays import Bools, Floats, Ints, Texts
from offtake.twin.assumptions import CHANNELS
from offtake.twin.kernels.media import hill
from offtake.twin.market.stores import REGIONS
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.shoppers.health import SEGMENTS
from offtake.twin.tables import Made, coded, constant, days_array

HOUSES = ("Fieldpoint", "Openpanel", "Quorum")
MESSAGES = (
    "best quality", "lowest price", "new recipe", "as it always was", "for the family",
    "for every day",
)  # fmt: skip
CONTRARY = ((0, 1), (2, 3))
"""Messages that contradict each other (assumed)."""
CAMPAIGN_WEEKS = 26
RECENT = 8
"""Weeks within which a message must have been on air to be asked about."""
SAME = 0.7
"""Part of those who noticed the message twice that call it consistent, where none contradicts."""
OTHER = 0.35
"""The same part of those who did not (assumed, both)."""
FITS = ("consistent", "neutral", "contradicts")


@dataclass(frozen=True, slots=True)
class Plan:
    """What N brands say at K touchpoints in L campaigns.

    Parameters
    ----------
    message
        (N, K, L) place in `MESSAGES`.
    pressure
        (N, K, G, T) pressure of media, 0 to 1.
    on_air
        (N, K, T) whether it was on air within the latest weeks.
    contrary
        (M, M) which messages contradict each other.
    """

    message: Ints
    pressure: Floats
    on_air: Bools
    contrary: Bools


@dataclass(frozen=True, slots=True)
class Audience:
    """R people asked in a wave.

    Parameters
    ----------
    region, segment, house, category
        (R,) codes; each is asked about the messages of one category.
    weight
        (R,) survey weights.
    bought
        (R, N) brands they say to have bought.
    readiness
        (R,) logit by which their house makes them say yes.
    """

    region: Ints
    segment: Ints
    house: Ints
    weight: Floats
    category: Ints
    bought: Bools
    readiness: Floats


def respondent_ids(wave: int, count: int) -> Texts:
    """Return the ids of the respondents of a wave, (count,).

    Examples
    --------
    >>> respondent_ids(0, 2).tolist()
    ['R001-0000001', 'R001-0000002']
    """
    ids = [f"R{wave + 1:03d}-{number + 1:07d}" for number in range(count)]
    return np.array(ids, dtype=np.str_)


def draw_plan(world: World) -> Plan:
    """Draw what every brand says where."""
    brands, weeks = len(world.brands.names), world.spec.weeks
    campaigns = -(-weeks // CAMPAIGN_WEEKS)
    random = stream(world.spec.seed, "messages", "plan")
    main = random.integers(0, len(MESSAGES), (brands, 1, campaigns))
    other = random.integers(1, len(MESSAGES), (brands, len(CHANNELS), campaigns))
    strays = random.random(other.shape) < world.assumed.message_other
    contrary = np.zeros((len(MESSAGES), len(MESSAGES)), dtype=np.bool_)
    for one, two in CONTRARY:
        contrary[one, two] = contrary[two, one] = True
    spend = world.media.spend.sum(axis=2) * world.spec.has("media") > 0
    recent = np.stack(
        [spend[..., max(week - RECENT + 1, 0) : week + 1].any(axis=-1) for week in range(weeks)],
        axis=-1,
    )
    pressure = hill(world.media.adstock, world.media.half[:, :, None, None])
    return Plan(
        message=np.where(strays, (main + other) % len(MESSAGES), main),
        pressure=pressure * world.spec.has("media"),
        on_air=recent,
        contrary=contrary,
    )


def recall_rows(world: World, plan: Plan, at: tuple[int, int], people: Audience) -> Made:
    """Ask people about the messages of one category that were on air.

    Parameters
    ----------
    world
        The world.
    plan
        What is said where.
    at
        Number of the wave, and its week.
    people
        Who is asked.

    Returns
    -------
    Made
        Rows of 'message_recall'.
    """
    wave, week = at
    random = stream(world.spec.seed, "messages", wave)
    mine = world.brands.category == people.category[:, None]
    asked = mine[:, :, None] & plan.on_air[None, :, :, week]
    logit = _notice(world, plan, week)[people.region] + people.readiness[:, None, None]
    logit = logit + world.assumed.notice_buyer * people.bought[:, :, None]
    uniform = random.random((4, *asked.shape))
    noticed = asked & (uniform[0] < expit(logit))
    message = plan.message[:, :, week // CAMPAIGN_WEEKS]
    wrong = (message + random.integers(1, len(MESSAGES), asked.shape)) % len(MESSAGES)
    taken = np.where(uniform[1] < world.assumed.message_understood, message, wrong)
    brand = _attributed(world, random, uniform[2] < world.assumed.message_attributed)
    fit = _fit(world, plan, noticed, (message, uniform[3]), random)
    who, which, place = np.nonzero(asked)
    seen = noticed[who, which, place]
    rows = {
        "respondent_id": coded(respondent_ids(wave, len(people.region)), who),
        "week": days_array(np.repeat(world.weeks[week], len(who))),
        "brand": coded(world.brands.names, which),
        "message": coded(np.array(MESSAGES), message[which, place]),
        "touchpoint": coded(_touchpoints(), place),
        "campaign": constant(f"campaign {week // CAMPAIGN_WEEKS + 1}", len(who)),
        "category": coded(np.asarray(world.names), world.brands.category[which]),
        "region": coded(np.asarray(REGIONS), people.region[who]),
        "segment": coded(np.asarray(SEGMENTS), people.segment[who]),
        "house": coded(np.asarray(HOUSES), people.house[who]),
        "weight": people.weight[who],
        "noticed": seen,
        "attributed_to": _where(seen, world.brands.names, brand[who, which, place]),
        "take_out": _where(seen, np.array(MESSAGES), taken[who, which, place]),
        "fit": _where(seen, np.array(FITS), fit[who, which, place]),
    }
    return Made({"message_recall": pa.table(rows)})


def _touchpoints() -> Texts:
    return np.array([channel.name for channel in CHANNELS])


def _where(seen: Bools, names: Texts, code: Ints) -> pa.Array:
    """Return names where something was seen, and nothing elsewhere."""
    index = pa.array(code.astype(np.int32), mask=~seen)
    return pa.DictionaryArray.from_arrays(index, pa.array(list(names), type=pa.string()))


def _notice(world: World, plan: Plan, week: int) -> Floats:
    """Return the logit of noticing, of who never bought the brand, (G, N, K)."""
    pressure = np.moveaxis(plan.pressure[..., week], 2, 0)
    return world.assumed.notice_base + world.assumed.notice_media * pressure


def _attributed(world: World, random: np.random.Generator, right: Bools) -> Ints:
    """Return the brand that each message was taken for, (R, N, K): one of the same category."""
    category = world.brands.category
    many = np.bincount(category)[category][:, None]
    first = np.searchsorted(category, category)[:, None]
    step = 1 + np.floor(random.random(right.shape) * (many - 1)).astype(np.int64)
    own = np.arange(len(category))[:, None]
    return np.where(right | (many == 1), own, first + (own - first + step) % many)


def _fit(
    world: World, plan: Plan, noticed: Bools, said: tuple[Ints, Floats],
    random: np.random.Generator,
) -> Ints:  # fmt: skip
    """Return how every message goes with what else was noticed of the brand, (R, N, K)."""
    message, uniform = said
    pairs = plan.contrary[message[:, :, None], message[:, None, :]]
    same = message[:, :, None] == message[:, None, :]
    same &= ~np.eye(message.shape[1], dtype=np.bool_)
    clashes = np.einsum("rnk,njk->rnj", noticed.astype(np.int64), pairs.astype(np.int64)) > 0
    repeated = np.einsum("rnk,njk->rnj", noticed.astype(np.int64), same.astype(np.int64)) > 0
    assumed = world.assumed
    contradicts = uniform < np.where(clashes, assumed.message_clash, assumed.message_clash_noise)
    fine = random.random(noticed.shape) < np.where(repeated, SAME, OTHER)
    return np.where(contradicts, 2, np.where(fine, 0, 1))


def message_rows(world: World, plan: Plan, bought: Floats, waves: Ints) -> Made:
    """Return truth 'message': brand, touchpoint, region and wave, with what is said there.

    It has the share of people who notice it (no house in between), and whether another touchpoint
    of the brand says the contrary in the same campaign (`contradicted_by`, its name).

    Parameters
    ----------
    world, plan
        The world, and what is said in it.
    bought
        (N, G, T) share of people who have bought each brand.
    waves
        (V,) weeks of the waves.
    """
    shape = (*plan.message.shape[:2], len(REGIONS), len(waves))
    brand, place, region, wave = (each.ravel() for each in np.indices(shape))
    week = waves[wave]
    message = plan.message[brand, place, week // CAMPAIGN_WEEKS]
    logit = world.assumed.notice_base
    logit = logit + world.assumed.notice_media * plan.pressure[brand, place, region, week]
    share = bought[brand, region, week]
    noticed = share * expit(logit + world.assumed.notice_buyer) + (1 - share) * expit(logit)
    now = plan.message[:, :, week // CAMPAIGN_WEEKS][brand, :, np.arange(len(brand))]
    against = plan.contrary[message[:, None], now]
    names = _touchpoints()
    keep = plan.on_air[brand, place, week]
    contradicted = [", ".join(names[row]) for row in against[keep]]
    rows = {
        "brand": coded(world.brands.names, brand[keep]),
        "category": coded(np.asarray(world.names), world.brands.category[brand[keep]]),
        "touchpoint": coded(names, place[keep]),
        "region": coded(np.asarray(REGIONS), region[keep]),
        "week": days_array(world.weeks[week[keep]]),
        "message": coded(np.array(MESSAGES), message[keep]),
        "noticed": noticed[keep],
        "contradicted_by": pa.array(contradicted, pa.string()),
    }
    return Made({}, {"message": pa.table(rows)})
