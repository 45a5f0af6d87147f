"""The households of the panel: who they are, how often they buy, and which brands they like.

Rates of a category are gamma distributed over households and preferences between its brands
Dirichlet (Goodhardt, Ehrenberg and Chatfield 1984), so that purchases without any promotion follow
the NBD-Dirichlet. What is known of a household goes along with what it does, without changing
that: large households are those that buy much, value seekers those that like private label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from offtake.twin.arrays import Floats, Ints, Texts
from offtake.twin.market.items import PRIVATE_LABEL
from offtake.twin.market.world import World
from offtake.twin.randomness import stream
from offtake.twin.tables import Made, coded

AGES = ("19-24", "25-34", "35-44", "45-54", "55-64", "65+")
AGE_SHARES = (0.08, 0.17, 0.19, 0.19, 0.17, 0.20)
PANEL_AGE_SHARES = (0.04, 0.13, 0.19, 0.22, 0.20, 0.22)
INCOMES = ("Under 15K", "15-24K", "25-34K", "35-49K", "50-74K", "75K+")
INCOME_CUTS = (0.10, 0.22, 0.36, 0.56, 0.80)
SIZES = ("1", "2", "3", "4", "5+")
SIZE_CUTS = (0.28, 0.62, 0.79, 0.93)
VALUE_CUT = 0.7
FOLLOWS = 0.5
"""How closely what is known of a household goes along with what it does (a correlation)."""


@dataclass(frozen=True, slots=True)
class Households:
    """H households in order of their store, in a world of S stores, C categories, N brands.

    Parameters
    ----------
    ids
        (H,) household ids.
    store
        (H,) number of the store that each shops in.
    first
        (S + 1,) number of the first household of each store, and H.
    weight
        (H,) households that each stands for.
    main_day
        (H,) usual shopping day, 0 is Monday.
    known
        Column of the contract to (H,) values, what is known of each.
    rate
        (H, C) purchases per week, without season or anybody's doing.
    preference
        (H, N) share of each brand in the household's purchases of its category.
    """

    ids: Texts
    store: Ints
    first: Ints
    weight: Floats
    main_day: Ints
    known: Mapping[str, Texts]
    rate: Floats
    preference: Floats

    @property
    def count(self) -> int:
        """How many households."""
        return len(self.ids)

    def of_stores(self, of: Ints) -> tuple[Ints, Ints]:
        """Return the households of the stores `of`, and the place of each one's store in `of`."""
        many = self.first[of + 1] - self.first[of]
        place = np.repeat(np.arange(len(of)), many)
        step = np.arange(len(place)) - np.repeat(np.cumsum(many) - many, many)
        return self.first[of][place] + step, place


def draw_households(world: World) -> Households:
    """Draw the panel; stores have households in proportion to their size.

    Examples
    --------
    >>> from offtake.twin.market.world import make_world
    >>> from offtake.twin.spec import TwinSpec
    >>> world = make_world(TwinSpec(stores=6, weeks=20, households=9, categories=("COFFEE",)))
    >>> draw_households(world).preference.sum(axis=1).round(6).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    spec, count = world.spec, world.spec.households
    weights = np.exp(world.stores.size)
    many = stream(spec.seed, "households", "stores").multinomial(count, weights / weights.sum())
    rate, preference = _rates(world), _preferences(world)
    age = stream(spec.seed, "households", "age").choice(len(AGES), count, p=PANEL_AGE_SHARES)
    ratio = np.asarray(AGE_SHARES) / np.asarray(PANEL_AGE_SHARES)
    traffic = np.asarray(world.measured.outages.weekday)
    day = stream(spec.seed, "households", "day")
    return Households(
        ids=np.array([f"H{number:07d}" for number in range(1, count + 1)], dtype=np.str_),
        store=np.repeat(np.arange(world.stores.count), many),
        first=np.concatenate([[0], np.cumsum(many)]).astype(np.int64),
        weight=np.round(ratio[age] / world.assumed.panel_share, 2),
        main_day=day.choice(len(traffic), count, p=traffic / traffic.sum()),
        known=MappingProxyType(_known(world, age, rate, preference)),
        rate=rate,
        preference=preference,
    )


def category_rates(world: World) -> Floats:
    """Return the mean purchases per household and week of every category, shape (C,)."""
    return np.array([world.measured.category(name).purchases for name in world.names])


def _rates(world: World) -> Floats:
    shapes = [world.measured.category(name).rate_shape for name in world.names]
    draws = [
        stream(world.spec.seed, "households", "rate", name).gamma(
            shape, 1 / shape, world.spec.households
        )
        for name, shape in zip(world.names, shapes, strict=True)
    ]
    return np.stack(draws, axis=1) * category_rates(world)


def brand_shares(world: World) -> Floats:
    """Return the base share of every brand in its category, shape (N,)."""
    shares = np.zeros(len(world.brands.names))
    np.add.at(shares, world.items.brand, world.items.share_of_category)
    return shares


def _preferences(world: World) -> Floats:
    count, shares = world.spec.households, brand_shares(world)
    preference = np.empty((count, len(shares)))
    for category, name in enumerate(world.names):
        mine = world.brands.category == category
        random = stream(world.spec.seed, "households", "preference", name)
        strength = random.standard_gamma(
            world.assumed.loyalty * shares[mine], (count, np.count_nonzero(mine))
        )
        preference[:, mine] = strength / strength.sum(axis=1, keepdims=True)
    return preference


def _known(world: World, age: Ints, rate: Floats, preference: Floats) -> dict[str, Texts]:
    random = stream(world.spec.seed, "households", "known")
    noise = random.standard_normal((5, len(age)))
    uniform = random.random((3, len(age)))
    private = world.brands.manufacturer == PRIVATE_LABEL
    size = np.searchsorted(SIZE_CUTS, _following(rate.sum(axis=1), noise[0]))
    thrift = _following(preference[:, private].sum(axis=1), noise[1])
    income = np.searchsorted(INCOME_CUTS, _following(-thrift, noise[2]))
    married = (size > 0) & (uniform[0] < 0.65)
    children = np.maximum(size - 1 - (uniform[1] < 0.4), 0)
    owner = uniform[2] < 0.25 + 0.08 * age + 0.05 * income
    return {
        "age": np.asarray(AGES)[age],
        "income": np.asarray(INCOMES)[income],
        "home_ownership": np.where(owner, "Homeowner", "Renter"),
        "marital_status": np.where(married, "Married", "Unmarried"),
        "size": np.asarray(SIZES)[size],
        "composition": _composition(size, children),
        "children": np.asarray(("None", "1", "2", "3+"))[np.minimum(children, 3)],
        "lifestyle": _lifestyle(thrift, children, noise[3]),
    }


def _following(values: Floats, noise: Floats) -> Floats:
    """Return numbers from 0 to 1, uniform over households, that follow the order of `values`."""
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    score = FOLLOWS * ndtri((rank + 0.5) / max(len(values), 1))
    score = score + np.sqrt(1 - FOLLOWS**2) * noise
    again = np.argsort(np.argsort(score, kind="stable"), kind="stable")
    uniform: Floats = (again + 0.5) / max(len(values), 1)
    return uniform


def _composition(size: Ints, children: Ints) -> Texts:
    alone = np.where(size == 0, "1 Adult", "2+ Adults")
    return np.where(children > 0, "Adults with Children", alone)


def _lifestyle(thrift: Floats, children: Ints, noise: Floats) -> Texts:
    others = np.where(noise > 0, "quality", "convenience")
    return np.where(thrift > VALUE_CUT, "value seeker", np.where(children > 0, "family", others))


def household_rows(world: World, households: Households) -> Made:
    """Return the rows of contract 'household', and truth 'household'.

    Truth 'household' has household_id, category, brand, rate (purchases of the category per week)
    and preference, for every household and brand.
    """
    everyone = np.arange(households.count)
    columns = {name: _coded_values(values) for name, values in households.known.items()}
    rows = {
        "household_id": coded(households.ids, everyone),
        "weight": pa.array(households.weight),
        **columns,
    }
    return Made({"household": pa.table(rows)}, {"household": _latent(world, households)})


def _coded_values(values: Texts) -> pa.Array:
    names, index = np.unique(values, return_inverse=True)
    return coded(names, index)


def _latent(world: World, households: Households) -> pa.Table:
    brands = len(world.brands.names)
    who = np.repeat(np.arange(households.count), brands)
    brand = np.tile(np.arange(brands), households.count)
    category = world.brands.category[brand]
    return pa.table(
        {
            "household_id": coded(households.ids, who),
            "category": coded(np.asarray(world.names), category),
            "brand": coded(world.brands.names, brand),
            "rate": pa.array(households.rate[who, category]),
            "preference": pa.array(households.preference.ravel()),
        }
    )
