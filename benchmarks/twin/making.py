"""Make a market of a given size: ours, whole and with its truth; by hand, the least one can do.

The peer draws independent negative binomial sales for the same stores, items and weeks from the
same mean rates, in plain NumPy, and writes the same columns with the same writer. It has no
promotions, prices that move, out-of-stocks, people, shoppers or truth: the ratio is what all of
that costs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.worker import Clock
from offtake.twin.build import build
from offtake.twin.market.world import make_world
from offtake.twin.spec import TwinSpec
from offtake.twin.tables import coded

CHUNK = 50


def ours(clock: Clock, folder: str, stores: int, items: int) -> dict[str, Any]:
    """Build a twin in one process."""
    with clock.part("build"):
        built = build(_spec(stores, items), Path(folder))
    rows = built.rows
    return {"rows": rows["sales"], "all_rows": sum(rows.values()) + sum(built.truth.values())}


def by_hand(clock: Clock, folder: str, stores: int, items: int) -> dict[str, Any]:
    """Draw and write independent sales."""
    world = make_world(_spec(stores, items))
    sizes, rates, weeks = world.stores.size, world.items.log_rate, world.weeks
    names, goods = world.stores.ids, world.items.ids
    price, k = world.items.price, 8.0
    random = np.random.default_rng(7)
    Path(folder).mkdir(parents=True, exist_ok=True)
    rows = 0
    with clock.part("build"):
        for first in range(0, stores, CHUNK):
            mean = np.exp(sizes[first : first + CHUNK, None] + rates)[:, :, None]
            mean = np.broadcast_to(mean * 0.7, (*mean.shape[:2], len(weeks)))
            units = random.negative_binomial(k, k / (k + mean))
            store, item, week = np.nonzero(units)
            sold = units[store, item, week].astype(np.float64)
            table = pa.table(
                {
                    "store_id": coded(names[first : first + CHUNK], store),
                    "product_id": coded(goods, item),
                    "week": pa.array(weeks[week], pa.date32()),
                    "units": pa.array(sold),
                    "value": pa.array(np.round(sold * price[item], 2)),
                    "regular_price": pa.array(price[item]),
                }
            )
            pq.write_table(table, Path(folder) / f"{first:06d}.parquet", compression="zstd")
            rows += table.num_rows
    return {"rows": rows, "version": f"NumPy {np.__version__}"}


def _spec(stores: int, items: int) -> TwinSpec:
    return TwinSpec(stores=stores, weeks=104, seed=7, items=items)
