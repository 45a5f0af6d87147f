"""A panel of a twin: what a few percent of the shoppers of one chain bought.

The twin scales the panel that it was calibrated on up to whole stores: a store is `n` panels that
buy independently of each other. Taking one of them back out of a store's units gives it as many
as a beta-binomial draw says. Drawing every unit by itself (a binomial) would not do: a household
buys several units at once, or none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake.twin.load import load_twin
from offtake.twin.output.folder import TABLES
from offtake.twin.randomness import stream

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
CENT = 100


def thin(units: Integers, share: float, size: Floats, random: np.random.Generator) -> Integers:
    """Draw what a panel sees of the units that were sold.

    Parameters
    ----------
    units
        (N,) units sold.
    share
        Part of the shoppers that the panel has.
    size
        (N,) negative binomial size k of the panel's own sales; infinite draws every unit by
        itself.
    random
        Where the draws are from.

    Returns
    -------
    ndarray
        (N,) units the panel bought. If units are NB(m, k / share), these are NB(share m, k).

    Examples
    --------
    >>> thin(np.array([0, 9]), 1.0, np.array([1.0, 1.0]), np.random.default_rng(1)).tolist()
    [0, 9]
    """
    chance = np.full(units.shape, share)
    if share < 1:
        drawn = np.isfinite(size)
        alpha = size[drawn]
        chance[drawn] = random.beta(alpha, alpha * (1 / share - 1))
    seen: Integers = random.binomial(units, chance)
    return seen


def thin_sales(
    sales: pa.Table, size: Floats, share: float, random: np.random.Generator
) -> pa.Table:
    """Return the sales that a panel sees: what it paid for a unit is what everybody did.

    Parameters
    ----------
    sales
        Rows of contract ``sales``, whole units.
    size
        (N,) as in :func:`thin`.
    share, random
        As in :func:`thin`.
    """
    units = sales["units"].to_numpy().astype(np.int64)
    seen = thin(units, share, size, random)
    price = sales["value"].to_numpy() / np.maximum(units, 1)
    changed = {"units": seen.astype(np.float64), "value": np.round(price * seen * CENT) / CENT}
    for name, values in changed.items():
        sales = sales.set_column(sales.column_names.index(name), name, pa.array(values))
    return sales.filter(pa.array(seen > 0))


def largest_chain(stores: pa.Table) -> pa.Array:
    """Return the ids of the stores of the retailer that has most of them."""
    counts = stores.group_by("retailer").aggregate([("store_id", "count")])
    first = counts.sort_by([("store_id_count", "descending"), ("retailer", "ascending")])
    chain = first["retailer"][0]
    return stores.filter(pc.equal(stores["retailer"], chain))["store_id"].combine_chunks()


def read_rows(folder: Path, contract: str) -> pa.Table:
    """Return all rows of one contract of a twin, as written, text as plain text."""
    parts = sorted((folder / TABLES / contract).glob("part-*.parquet"))
    return plain_text(pa.concat_tables([pq.read_table(part) for part in parts]))


def plain_text(table: pa.Table) -> pa.Table:
    """Return a table without dictionaries: Arrow can neither sort nor join by them."""
    plain = [
        (each.name, each.type.value_type if pa.types.is_dictionary(each.type) else each.type)
        for each in table.schema
    ]
    return table.cast(pa.schema(plain))


@contextmanager
def panel_of_chain(
    folder: Path, share: float, sizes: Mapping[str, float], *, seed: int
) -> Iterator[Store]:
    """Open a store in memory with a panel of the largest chain of a twin.

    Parameters
    ----------
    folder
        A complete twin.
    share
        Part of the shoppers that the panel has.
    sizes
        Category to the size k of the panel's sales, as in :func:`thin`.
    seed
        Of the draws.
    """
    product, sales = read_rows(folder, "product"), read_rows(folder, "sales")
    sales = sales.filter(
        pc.is_in(sales["store_id"], value_set=largest_chain(read_rows(folder, "store")))
    )
    place = pc.index_in(sales["product_id"], value_set=product["product_id"].combine_chunks())
    size = np.array([sizes[each] for each in product["category"].to_pylist()])[place.to_numpy()]
    seen = thin_sales(sales, size, share, stream(seed, "likeness"))
    with (
        Store(":memory:", schema="twin") as store,
        tempfile.TemporaryDirectory() as temporary,
    ):
        load_twin(store, folder, contracts=("product", "store", "promotion"))
        pq.write_table(seen, Path(temporary) / "sales.parquet")
        load_file(store, Path(temporary) / "sales.parquet", as_contract="sales")
        yield store
