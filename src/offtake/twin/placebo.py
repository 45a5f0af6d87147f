"""Placebo overlay: drivers that cannot have had any effect, laid over real sales.

Displays, leaflet features and media are drawn without a look at the sales they are laid over. A
model that finds an effect of them finds what is not there; how often it does, at a stated level,
is its false-positive rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from offtake.data.code_version import code_version
from offtake.data.ledger import loads
from offtake.data.store import Store
from offtake.errors import BadInputError, MissingContractError
from offtake.twin.arrays import Bools, Days, Ints, Texts
from offtake.twin.assumptions import ASSUMPTIONS, CHANNELS, Assumptions
from offtake.twin.label import PLACEBO, Label
from offtake.twin.output.folder import open_folder, read_manifest, writing
from offtake.twin.randomness import stream
from offtake.twin.tables import Made, coded, constant, days_array

if TYPE_CHECKING:
    import ibis.expr.types as ir

DAYS = 7
EVENTS_PER_YEAR = 8.0
LONGEST = 3
FEATURE_SHARE = 0.5
BASE_SPEND = 10_000.0


@dataclass(frozen=True, slots=True)
class Ground:
    """The real market that placebo drivers are laid over.

    Parameters
    ----------
    stores, products
        (S,) and (P,) ids.
    store, product
        (N,) pairs that sold at any time, as indices, in order of store and product.
    brands
        (P,) manufacturer of each product.
    weeks
        (T,) Mondays from the first to the last sale.
    """

    stores: Texts
    products: Texts
    store: Ints
    product: Ints
    brands: Texts
    weeks: Days


def ground(store: Store, category: str) -> Ground:
    """Return who sells what in a category of a store with real data.

    Raises
    ------
    MissingContractError
        When no sales have been loaded.
    BadInputError
        When nothing of the category has been sold, or the store is open on simulated data.
    """
    if store.schema != "main":
        raise BadInputError("placebo drivers are laid over real sales: open the store's own schema")
    tables = store.tables()
    if tables.span is None:
        raise MissingContractError("placebo drivers need sales; nothing has been loaded into sales")
    sales, product = tables["sales"], tables["product"]
    mine: ir.Table = product.filter(product.category == category)
    sold = sales.filter(sales.units > 0).semi_join(mine, "product_id")
    pairs = store.run(sold.select("store_id", "product_id").distinct())
    if not pairs.num_rows:
        raise BadInputError(f"category: got {category!r}, of which nothing was sold")
    makers = store.run(mine.select("product_id", "manufacturer")).to_pydict()
    by_product = dict(zip(makers["product_id"], makers["manufacturer"], strict=True))
    stores, at_store = np.unique(pairs["store_id"].to_pylist(), return_inverse=True)
    products, at_product = np.unique(pairs["product_id"].to_pylist(), return_inverse=True)
    order = np.lexsort((at_product, at_store))
    return Ground(
        stores=stores,
        products=products,
        store=at_store[order],
        product=at_product[order],
        brands=np.array([str(by_product[each]) for each in products]),
        weeks=_weeks(*tables.span),
    )


def _weeks(first: object, last: object) -> Days:
    start, end = np.datetime64(str(first), "D"), np.datetime64(str(last), "D")
    mondays: Days = np.arange(start, end + 1, DAYS)
    return mondays


def placebo(market: Ground, seed: int, category: str, assumed: Assumptions = ASSUMPTIONS) -> Made:
    """Draw drivers that have nothing to do with what was sold.

    Parameters
    ----------
    market
        Who sells what; sales themselves are not looked at.
    seed
        Seed of the draws.
    category
        Written on the media rows.
    assumed
        How many displays reach the floor, and how long they stand.

    Returns
    -------
    Made
        Observed promotions (display and feature, no price cut: prices are real) and media.
    """
    found = [_of_product(market, seed, number, assumed) for number in range(len(market.products))]
    pair, week, days, feature = (np.concatenate(each) for each in zip(*found, strict=True))
    rows = pa.table(
        {
            "store_id": coded(market.stores, market.store[pair]),
            "product_id": coded(market.products, market.product[pair]),
            "week": days_array(market.weeks[week]),
            "display": pa.array(days > 0),
            "feature": pa.array(feature),
            "display_days": pa.array(days.astype(np.float64)),
        }
    )
    return Made({"promotion": rows, "media": _media(market, seed, category)})


def _of_product(
    market: Ground, seed: int, number: int, assumed: Assumptions
) -> tuple[Ints, Ints, Ints, Bools]:
    """Return pair, week, days on display and feature of every supported week of one product."""
    product, weeks = str(market.products[number]), len(market.weeks)
    random = stream(seed, "placebo", product)
    many = int(random.poisson(EVENTS_PER_YEAR * weeks / 52))
    start = random.integers(0, weeks, many)
    length = random.integers(1, LONGEST + 1, many)
    leaflet = random.random(many) < FEATURE_SHARE
    draws = random.random((2, many, len(market.stores)))
    days = np.ceil(DAYS * np.clip(2 * assumed.display_days * draws[1], 0, 1))
    days = np.where(draws[0] < assumed.display_never, 0, days).astype(np.int64)
    shown = np.zeros((len(market.stores), weeks), dtype=np.int64)
    featured = np.zeros(weeks, dtype=bool)
    for event in range(many):
        on = slice(start[event], start[event] + length[event])
        shown[:, on] = np.maximum(shown[:, on], days[event, :, None])
        featured[on] |= leaflet[event]
    pairs = np.flatnonzero(market.product == number)
    place, week = np.nonzero((shown[market.store[pairs]] > 0) | featured)
    return pairs[place], week, shown[market.store[pairs[place]], week], featured[week]


def _media(market: Ground, seed: int, category: str) -> pa.Table:
    """Draw weekly national spend of every manufacturer by channel, in bursts."""
    brands = np.unique(market.brands)
    shape = (len(brands), len(CHANNELS), len(market.weeks))
    random = stream(seed, "placebo media", category)
    burst = np.repeat(random.random((*shape[:2], -(-shape[2] // 4))) < 0.4, 4, axis=2)
    spend = np.round(BASE_SPEND * random.lognormal(0.0, 0.5, shape) * burst[:, :, : shape[2]])
    brand, channel, week = np.nonzero(spend)
    return pa.table(
        {
            "brand": coded(brands, brand),
            "category": constant(category, len(brand)),
            "channel": coded(np.array([each.name for each in CHANNELS]), channel),
            "week": days_array(market.weeks[week]),
            "spend": pa.array(spend[brand, channel, week]),
        }
    )


def build_placebo(store: Store, out: Path | str, *, seed: int, category: str) -> dict[str, int]:
    """Write placebo drivers over the real sales of a category, as a twin's folder.

    Parameters
    ----------
    store
        The real data; only read.
    out
        Folder to write to.
    seed, category
        Which draw, over which category.

    Returns
    -------
    dict
        Contract to number of rows.

    Raises
    ------
    BadInputError
        When the folder holds something else, or nothing of the category was sold.
    MissingContractError
        When the store holds no sales.
    """
    vintage = max((load.load_id for load in loads(store)), default=0)
    words = {
        "spec": {"placebo": category, "over_load": vintage},
        "code": code_version("twin"),
    }
    with writing(Path(out)):
        folder = open_folder(Path(out), Label(PLACEBO, seed), words)
        if folder is None:
            found = read_manifest(out)
        else:
            folder.write(0, placebo(ground(store, category), seed, category))
            found = folder.seal(words)
    return {name: each["rows"] for name, each in found["tables"].items()}
