"""The items of a world: brands, prices, how well they sell and how they respond."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from offtake.errors import BadInputError
from offtake.twin.arrays import Bools, Floats, Ints, Texts
from offtake.twin.assumptions import Assumptions
from offtake.twin.calibration import Calibration, Category, Spread
from offtake.twin.market.lengths import event_lengths
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec

OWN = "Alder"
MANUFACTURERS = (OWN, "Birch", "Cedar", "Dogwood", "Elm")
PRIVATE_LABEL = "Private label"
SIZES = ("150 g", "200 g", "300 g", "500 g", "750 g", "1 kg")
SIZE_CONTENT = (150.0, 200.0, 300.0, 500.0, 750.0, 1000.0)


@dataclass(frozen=True, slots=True)
class Brands:
    """B brands: one for each manufacturer in each category."""

    names: Texts
    category: Ints
    manufacturer: Texts
    own: Bools


@dataclass(frozen=True, slots=True)
class Items:
    """P items, J in each of C categories, in order of category and brand.

    Parameters
    ----------
    ids
        (P,) product ids.
    category, brand
        (P,) indices of the category and of the brand.
    own
        (P,) whether it is ours.
    log_rate
        (P,) log units per week in a store of size 0 without any promotion.
    price
        (P,) regular price to begin with, money.
    elasticity_regular, elasticity_promoted
        (P,) responses to log regular price and to log of paid over regular price.
    display, feature, display_feature
        (P,) log lifts; the third comes on top where both are there.
    trend
        (P,) log change per year.
    launched
        (P,) week of launch; 0 where it was there before.
    size
        (P,) index into :data:`SIZES`.
    share_of_brand, share_of_category
        (P,) share of base units, from `log_rate`.
    """

    ids: Texts
    category: Ints
    brand: Ints
    own: Bools
    log_rate: Floats
    price: Floats
    elasticity_regular: Floats
    elasticity_promoted: Floats
    display: Floats
    feature: Floats
    display_feature: Floats
    trend: Floats
    launched: Ints
    size: Ints
    share_of_brand: Floats
    share_of_category: Floats


def draw_items(
    spec: TwinSpec, names: tuple[str, ...], assumed: Assumptions, measured: Calibration
) -> tuple[Brands, Items]:
    """Draw brands and items of every category."""
    parts = [
        _category(spec, number, measured.category(name), assumed)
        for number, name in enumerate(names)
    ]
    brands = _brands(names, measured, spec.items)
    first = np.cumsum([0, *(np.count_nonzero(brands.category == c) for c in range(len(names)))])
    columns = {
        key: np.concatenate([part[key] for part in parts]) for key in parts[0] if key != "brand"
    }
    brand = np.concatenate([part["brand"] + first[c] for c, part in enumerate(parts)])
    category = np.repeat(np.arange(len(names)), spec.items)
    rate = np.exp(columns["log_rate"])
    return brands, Items(
        ids=np.array([f"P{number:06d}" for number in range(1, len(brand) + 1)]),
        category=category,
        brand=brand,
        own=brands.own[brand],
        share_of_brand=rate / np.bincount(brand, rate)[brand],
        share_of_category=rate / np.bincount(category, rate)[category],
        **columns,
    )


def _makers(category: Category, items: int) -> tuple[tuple[str, ...], Ints]:
    """Return the manufacturers of a category and how many of its items each has."""
    makers = (*MANUFACTURERS[: min(len(MANUFACTURERS), items - 1)], PRIVATE_LABEL)
    shares = np.asarray(category.manufacturer_shares[: len(makers) - 1])
    shares = np.append(np.resize(shares, len(makers) - 1), max(1 - float(shares.sum()), 0.05))
    wanted = shares / shares.sum() * (items - len(makers))
    counts = 1 + np.floor(wanted).astype(np.int64)
    short = items - int(counts.sum())
    counts[np.argsort(-(wanted - np.floor(wanted)), kind="stable")[:short]] += 1
    return makers, counts


def _brands(names: tuple[str, ...], measured: Calibration, items: int) -> Brands:
    makers = [_makers(measured.category(name), items)[0] for name in names]
    pairs = [(c, maker) for c, each in enumerate(makers) for maker in each]
    return Brands(
        names=np.array([f"{maker} {names[c].title()}" for c, maker in pairs]),
        category=np.array([c for c, _ in pairs], dtype=np.int64),
        manufacturer=np.array([maker for _, maker in pairs]),
        own=np.array([maker == OWN for _, maker in pairs]),
    )


def _category(
    spec: TwinSpec, number: int, category: Category, assumed: Assumptions
) -> dict[str, Floats | Ints]:
    """Draw the items of one category; `brand` counts within the category."""
    makers, counts = _makers(category, spec.items)
    brand = np.repeat(np.arange(len(makers)), counts)
    random = stream(spec.seed, "items", category.name)
    regular = replace(category.elasticity_regular, mean=regular_elasticity(category, assumed))
    draws = random.standard_normal((8, spec.items))
    scale, both = spec.heterogeneity, category.display_feature
    gross, shown = gross_up(category, assumed), assumed.display_days_seen
    years = spec.weeks / 52
    launched = random.random(spec.items) < assumed.launches
    when = random.integers(spec.weeks // 6, max(spec.weeks // 2, spec.weeks // 6 + 1), spec.items)
    changes = spec.has("distribution_changes") and years > 0
    category_trend = stream(spec.seed, "trend", number).normal(0, assumed.category_trend)
    trend = category_trend + assumed.item_trend * draws[7]
    return {
        "brand": brand,
        "log_rate": category.rate_mean
        + assumed.unselected_rate
        - np.log(assumed.panel_share)
        + assumed.unselected_spread * category.rate_sd * draws[0],
        "price": np.round(np.exp(category.price_mean + category.price_sd * draws[1]), 2),
        "elasticity_regular": -_positive(regular, -draws[2], scale, -1),
        "elasticity_promoted": -gross
        * _positive(category.elasticity_promoted, -draws[3], scale, -1),
        "display": gross / shown * _positive(category.display, draws[4], scale),
        "feature": gross * _positive(category.feature, draws[5], scale),
        "display_feature": gross / shown * (both.mean + scale * both.sd * draws[6]),
        "trend": trend,
        "launched": np.where(launched & changes, when, 0),
        "size": random.integers(0, len(SIZES), spec.items),
    }


def gross_up(category: Category, assumed: Assumptions) -> float:
    """Return by how much a response before dips and pull exceeds the one that is measured.

    The panel's regression has neither: an item's second week of support already suffers from the
    dip after the first, and other items on promotion in the same week take from it.
    """
    weights = event_lengths(category.event_weeks)
    weeks = np.arange(1, len(weights) + 1)
    dips = (assumed.stockpiling_1, assumed.stockpiling_2, assumed.stockpiling_3)
    later = sum(
        dip * float(weights @ np.maximum(weeks - lag, 0)) for lag, dip in enumerate(dips, start=1)
    )
    return 1 / ((1 - later / float(weights @ weeks)) * assumed.pull_in_support)


def regular_elasticity(category: Category, assumed: Assumptions) -> float:
    """Return the mean elasticity to the regular price: measured and published, by precision."""
    measured = category.elasticity_regular
    weight, prior = measured.se**-2, assumed.regular_elasticity_spread**-2
    return (weight * measured.mean + prior * assumed.regular_elasticity) / (weight + prior)


def _positive(spread: Spread, draws: Floats, scale: float, sign: int = 1) -> Floats:
    """Turn normal draws into responses of one sign with the measured mean and spread.

    A log-normal with the same two moments: a promotion never repels and a price never attracts.
    """
    mean = sign * spread.mean
    if mean <= 0:
        raise BadInputError(f"calibration: got a mean response of {spread.mean}, of the wrong sign")
    variance = np.log1p((scale * spread.sd / mean) ** 2)
    values: Floats = np.exp(np.log(mean) - variance / 2 + np.sqrt(variance) * draws)
    return values
