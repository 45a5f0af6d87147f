"""The stores of a world: retailers, regions, territories, sizes, and who runs them well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.twin.arrays import Floats, Ints, Texts
from offtake.twin.assumptions import Assumptions
from offtake.twin.calibration import Calibration
from offtake.twin.randomness import stream
from offtake.twin.spec import TwinSpec

RETAILERS = ("Fairway", "Greengate", "Oakmart", "Sunrow", "Tillmans")
RETAILER_SHARES = (0.30, 0.25, 0.20, 0.15, 0.10)
REGIONS = ("North", "East", "South", "West")
REGION_CENTRES = ((46.0, 20.0), (44.5, 22.5), (43.0, 21.0), (44.5, 18.5))
FORMATS = ("convenience", "supermarket", "hypermarket")
FORMAT_CUTS = (-0.6, 0.8)
YEARLY_TURNOVER = 9.0e6
"""Median all-commodity value of a store, money per year."""


@dataclass(frozen=True, slots=True)
class Stores:
    """S stores, in order of retailer.

    Parameters
    ----------
    ids
        (S,) store ids.
    retailer, region, territory
        (S,) indices into :data:`RETAILERS`, :data:`REGIONS` and the territories of the world.
    size
        (S,) log size around 0: what its shoppers and its manager make of it.
    manager
        (S,) quality of the manager, standard normal; never in the data, only in the truth.
    acv
        (S,) all-commodity value, money per year.
    latitude, longitude
        (S,) degrees.
    territories
        (Q,) names of the territories.
    territory_region
        (Q,) region of each.
    """

    ids: Texts
    retailer: Ints
    region: Ints
    territory: Ints
    size: Floats
    manager: Floats
    acv: Floats
    latitude: Floats
    longitude: Floats
    territories: Texts
    territory_region: Ints

    @property
    def count(self) -> int:
        """How many stores."""
        return len(self.ids)

    @property
    def region_shares(self) -> Floats:
        """Share of all shoppers that each region has, (G,)."""
        people = np.bincount(self.region, np.exp(self.size), minlength=len(REGIONS))
        shares: Floats = people / people.sum()
        return shares


def draw_stores(spec: TwinSpec, assumed: Assumptions, measured: Calibration) -> Stores:
    """Draw the stores of a world."""
    random = stream(spec.seed, "stores")
    count = spec.stores
    retailer = np.sort(random.choice(len(RETAILERS), size=count, p=RETAILER_SHARES))
    retailer[: len(RETAILERS)] = np.arange(len(RETAILERS))  # nobody is left without a store
    retailer = np.sort(retailer)
    region = random.integers(0, len(REGIONS), size=count)
    manager = random.standard_normal(count)
    spreads = [each.store_sd for each in measured.categories.values()]
    spread = max(sum(spreads) / len(spreads), assumed.store_spread_floor)
    shoppers = random.standard_normal(count) * spread
    size = shoppers + assumed.manager_on_sales * manager
    acv = YEARLY_TURNOVER * np.exp(size + 0.15 * random.standard_normal(count))
    place = np.asarray(REGION_CENTRES)[region] + random.uniform(-0.7, 0.7, size=(count, 2))
    territory, names, home = _territories(region, place[:, 1], assumed.stores_per_rep)
    return Stores(
        ids=np.array([f"T{number:06d}" for number in range(1, count + 1)]),
        retailer=retailer,
        region=region,
        territory=territory,
        size=size,
        manager=manager,
        acv=np.round(acv, -2),
        latitude=np.round(place[:, 0], 5),
        longitude=np.round(place[:, 1], 5),
        territories=names,
        territory_region=home,
    )


def _territories(region: Ints, longitude: Floats, per_rep: float) -> tuple[Ints, Texts, Ints]:
    """Cut every region from west to east into territories of about `per_rep` stores."""
    territory = np.zeros(len(region), dtype=np.int64)
    names: list[str] = []
    home: list[int] = []
    for number, name in enumerate(REGIONS):
        here = np.flatnonzero(region == number)
        if not len(here):
            continue
        parts = max(1, round(len(here) / per_rep))
        order = here[np.argsort(longitude[here], kind="stable")]
        territory[order] = len(names) + np.arange(len(here)) * parts // len(here)
        names += [f"{name} {part + 1}" for part in range(parts)]
        home += [number] * parts
    return territory, np.array(names), np.array(home, dtype=np.int64)


def store_format(size: Floats) -> Ints:
    """Return the format of every store, an index into :data:`FORMATS`."""
    return np.searchsorted(np.asarray(FORMAT_CUTS), size).astype(np.int64)
