"""The brand survey: a wave every four weeks, fielded by houses that do not ask alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import expit

from offtake.twin.arrays import Bools, Floats, Ints
from offtake.twin.market.stores import REGIONS
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.shoppers.health import (
    MENTIONS,
    SEGMENT_AWARE,
    SEGMENT_SHARES,
    SEGMENTS,
    STAGES,
    STEPS,
    Health,
    draw_health,
    health_rows,
    population,
    true_shares,
)
from offtake.twin.shoppers.messages import (
    HOUSES,
    Audience,
    Plan,
    draw_plan,
    message_rows,
    recall_rows,
    respondent_ids,
)
from offtake.twin.tables import Made, coded, days_array, merged

EVERY = 4
"""Weeks from wave to wave."""
ASKED = 3
"""Categories that one respondent is asked about, at most."""
TRIED = STAGES.index("tried")
HOUSES_FIRST = (0.5, 0.35, 0.15)
HOUSES_LAST = (0.25, 0.35, 0.4)
"""Parts of the houses in the first wave and in the last: a shift that looks like a trend."""


@dataclass(frozen=True, slots=True)
class Respondents:
    """R people asked in one wave; (R,) each, and (R, A) categories that each is asked about."""

    region: Ints
    segment: Ints
    house: Ints
    weight: Floats
    asked: Ints


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of R respondents on A categories of K brands; (R, A, K) each."""

    brand: Ints
    real: Bools
    said: dict[str, Bools]


def survey(world: World) -> Made:
    """Field the survey.

    Returns
    -------
    Made
        Rows of 'survey_answer' and 'message_recall'. Truth 'brand_health' as in
        :func:`offtake.twin.shoppers.health.health_rows`, and truth 'house': house, and effect
        (logit) on every answer but the first mention. Truth 'message' as in
        :func:`offtake.twin.shoppers.messages.message_rows`.

    Examples
    --------
    >>> from offtake.twin.market.world import make_world
    >>> from offtake.twin.spec import TwinSpec
    >>> world = make_world(TwinSpec(stores=6, weeks=8, respondents=10, categories=("COFFEE",)))
    >>> survey(world).tables["survey_answer"].num_rows
    120
    """
    health = draw_health(world)
    plan = draw_plan(world)
    waves = [wave_rows(world, health, wave) for wave in range(len(waves_of(world)))]
    recalled = [_recalled(world, plan, wave, made) for wave, made in enumerate(waves)]
    return merged(
        [
            *waves,
            *recalled,
            message_rows(world, plan, true_shares(world, health)[TRIED], waves_of(world)),
            health_rows(world, health),
            _house_rows(world),
        ]
    )


def waves_of(world: World) -> Ints:
    """Return the week of every wave, shape (V,)."""
    return np.arange(0, world.spec.weeks, EVERY)


def house_effects(world: World) -> Floats:
    """Return how much more readily people say yes to each house, in logits, shape (3,)."""
    draws = stream(world.spec.seed, "survey", "houses").standard_normal(len(HOUSES))
    effects: Floats = world.assumed.house_effect * (draws - draws.mean())
    return effects


def _house_rows(world: World) -> Made:
    rows = pa.table({"house": list(HOUSES), "effect": house_effects(world)})
    return Made({}, {"house": rows})


def wave_rows(world: World, health: Health, wave: int) -> Made:
    """Return the answers of one wave, for those who need only one at a time."""
    random = stream(world.spec.seed, "survey", wave)
    people = _sample(world, wave, random)
    week = int(waves_of(world)[wave])
    answers = _answers(world, health, (people, week), random)
    respondent, asked, place = np.nonzero(answers.real)
    brand = answers.brand[respondent, asked, place]
    ids = respondent_ids(wave, len(people.region))
    rows = {
        "respondent_id": coded(ids, respondent),
        "week": days_array(np.repeat(world.weeks[week], len(brand))),
        "brand": coded(world.brands.names, brand),
        "category": coded(np.asarray(world.names), world.brands.category[brand]),
        "region": coded(np.asarray(REGIONS), people.region[respondent]),
        "segment": coded(np.asarray(SEGMENTS), people.segment[respondent]),
        "house": coded(np.asarray(HOUSES), people.house[respondent]),
        "weight": people.weight[respondent],
        **{name: said[respondent, asked, place] for name, said in answers.said.items()},
    }
    return Made({"survey_answer": pa.table(rows)})


def _recalled(world: World, plan: Plan, wave: int, made: Made) -> Made:
    """Ask the respondents of a wave about messages; the same people as drawn for their answers."""
    people = _sample(world, wave, stream(world.spec.seed, "survey", wave))
    bought = _bought(world, made, len(people.region))
    audience = Audience(
        region=people.region,
        segment=people.segment,
        house=people.house,
        weight=people.weight,
        category=people.asked[:, 0],
        bought=bought,
        readiness=house_effects(world)[people.house],
    )
    return recall_rows(world, plan, (wave, int(waves_of(world)[wave])), audience)


def _bought(world: World, made: Made, respondents: int) -> Bools:
    """Return which brands each respondent says to have bought, (R, N)."""
    table = made.tables["survey_answer"]
    bought = np.zeros((respondents, len(world.brands.names)), dtype=np.bool_)
    who, brand = (table[name].combine_chunks() for name in ("respondent_id", "brand"))
    names = who.dictionary.to_pylist()
    number = np.array([int(name.split("-")[1]) - 1 for name in names], dtype=np.int64)
    bought[number[who.indices.to_numpy()], brand.indices.to_numpy()] = table["tried"].to_numpy()
    return bought


def _sample(world: World, wave: int, random: np.random.Generator) -> Respondents:
    """Draw respondents; small regions are over-sampled and weighted down again."""
    count, people = world.spec.respondents, population(world)
    drawn = np.sqrt(people) / np.sqrt(people).sum()
    region = random.choice(len(REGIONS), count, p=drawn)
    got = np.bincount(region, minlength=len(REGIONS)) / max(count, 1)
    ratio = np.divide(people, got, out=np.zeros_like(people), where=got > 0)
    late = wave / max(len(waves_of(world)) - 1, 1)
    houses = (1 - late) * np.asarray(HOUSES_FIRST) + late * np.asarray(HOUSES_LAST)
    order = np.argsort(random.random((count, len(world.names))), axis=1)
    return Respondents(
        region=region,
        segment=random.choice(len(SEGMENTS), count, p=SEGMENT_SHARES),
        house=random.choice(len(HOUSES), count, p=houses),
        weight=ratio[region],
        asked=order[:, :ASKED],
    )


def _answers(
    world: World, health: Health, asked: tuple[Respondents, int], random: np.random.Generator
) -> Answers:
    people, week = asked
    table, real = _brands(world)
    brand, taken = table[people.asked], real[people.asked]
    uniform = random.random((1 + len(STEPS), *brand.shape))
    house = house_effects(world)[people.house][:, None, None]
    shift = np.asarray(SEGMENT_AWARE)[people.segment][:, None, None] + house
    logit = health.aware[brand, people.region[:, None, None], week] + shift
    aware = taken & (uniform[0] < expit(logit))
    yes = uniform[1:] < expit(health.steps[:, brand] + house)
    considers = aware & yes[0]
    tried = np.where(considers, yes[1], aware & yes[2])
    first = _first(aware, health.salience[brand], random)
    said = {
        "first_mention": first,
        "aware": aware,
        "considers": considers,
        "tried": tried,
        "repeats": tried & yes[3],
        "loyal": tried & yes[3] & yes[4],
    }
    return Answers(brand, taken, said)


def _brands(world: World) -> tuple[Ints, Bools]:
    """Return the brands of every category in a rectangle, (C, K), and where it is filled."""
    many = np.bincount(world.brands.category)
    place = np.arange(many.max())
    real = place < many[:, None]
    return np.where(real, (np.cumsum(many) - many)[:, None] + place, 0), real


def _first(aware: Bools, salience: Floats, random: np.random.Generator) -> Bools:
    """Let every known brand come to mind after an exponential time; the first one is named."""
    time = np.where(aware, random.exponential(size=aware.shape) / salience, np.inf)
    names = random.random(aware.shape[:2]) < MENTIONS
    first: Bools = np.arange(aware.shape[2]) == time.argmin(axis=2)[:, :, None]
    first &= aware & names[:, :, None]
    return first
