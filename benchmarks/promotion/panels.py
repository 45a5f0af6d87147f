"""The panels that every side reads: one folder each, one ``.npy`` file per array.

The real one is GROCERY of Complete Journey; smaller ones are whole pairs drawn from it; a larger
one is simulated (:mod:`benchmarks.promotion.simulated`). Rows stand by store, item and week.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.foundation.stores import filled_store
from benchmarks.measuring import Bench, Task, run_task
from benchmarks.worker import Clock

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from offtake.data.store import Tables

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Effects = Literal["week", "category_week"]

ME = "benchmarks.promotion.panels"
REGRESSORS = ("log_price", "display", "feature", "display_feature")
ARRAYS = ("units", "x", "pair", "store", "week", "category_week")
WHERE = ("department=GROCERY",)
SEED = 7
SAMPLES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
SIMULATED_STORES = {"10m": 268}
PANELS = (*SAMPLES, "grocery", *SIMULATED_STORES)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a side reads.

    Parameters
    ----------
    units
        (N,) units sold.
    x
        (N, 4) in the order of `REGRESSORS`.
    pair, effect, store
        (N,) codes 0, 1, ...: of store and item, of the second set of effects, of the clusters.
    """

    units: Floats
    x: Floats
    pair: Integers
    effect: Integers
    store: Integers


def read(folder: str, effects: Effects) -> Given:
    """Read one panel with one of the second sets of effects."""
    units, x, pair, effect, store = (
        np.load(Path(folder) / f"{name}.npy") for name in ("units", "x", "pair", effects, "store")
    )
    return Given(units, x, pair, effect, store)


def facts_of(folder: str) -> dict[str, Any]:
    """Return what was said about a panel when it was written."""
    found: dict[str, Any] = json.loads((Path(folder) / "facts.json").read_text(encoding="utf-8"))
    return found


def prepared(bench: Bench, name: str) -> str:
    """Return the folder of a panel, written if it is not there yet."""
    folder = bench.folder / name
    if folder.exists():
        return str(folder)
    if name in SIMULATED_STORES:
        return simulated(bench, SIMULATED_STORES[name])
    if name == "grocery":
        run_task(Task(f"{ME}:grocery", {"store": filled_store(bench), "folder": str(folder)}))
    else:
        source = prepared(bench, "grocery")
        wanted = {"source": source, "folder": str(folder), "rows": SAMPLES[name]}
        run_task(Task(f"{ME}:sample", wanted))
    return str(folder)


def simulated(bench: Bench, stores: int) -> str:
    """Return the folder of a simulated panel of so many stores."""
    folder = bench.folder / f"simulated-{stores}"
    if not folder.exists():
        given = {"folder": str(folder), "stores": stores}
        run_task(Task("benchmarks.promotion.simulated:write", given))
    return str(folder)


def grocery(_clock: Clock, store: str, folder: str) -> dict[str, Any]:
    """Write the real panel, the shelf price imputed from other stores where nothing sold."""
    from benchmarks.foundation.stores import open_ours

    with open_ours(store) as opened:
        found = opened.run(_with_category(opened.tables()))
    return write_panel(folder, _arrays(found))


def _with_category(tables: Tables) -> ir.Table:
    from offtake.models.panel import ROW, panel

    products = tables["product"].select("product_id", "category")
    rows = panel(tables, where=WHERE)
    named = rows.left_join(products, "product_id")
    return named.select(*rows.columns, "category").order_by(list(ROW))


def _arrays(found: pa.Table) -> dict[str, NDArray[Any]]:
    from offtake.models.kernels.shelf_price import NOWHERE, shelf_price

    store, item, category = (_coded(found, n) for n in ("store_id", "product_id", "category"))
    monday = found["week"].to_numpy().astype("datetime64[D]")
    week = (monday - monday.min()).astype(np.int64) // 7
    units, price, display, feature = (
        found[name].to_numpy().astype(np.float64)
        for name in ("units", "price", "display", "feature")
    )
    # A price of zero is a free item of one household's deal, not a price on the shelf.
    shelf = shelf_price(np.where((units > 0) & (price > 0), price, np.nan), item, week)
    known = shelf.origin != NOWHERE
    x = np.column_stack([np.log(shelf.price), display, feature, display * feature])
    joined = {"pair": dense(store, item), "category_week": dense(category, week)}
    arrays = {"units": units, "x": x, "store": store, "week": week, **joined}
    return {name: values[known] for name, values in arrays.items()}


def _coded(found: pa.Table, name: str) -> Integers:
    """Return a code for every name in the order of appearance; a missing one is a name too."""
    import pyarrow.compute as pc

    coded = pc.dictionary_encode(found[name].combine_chunks(), null_encoding="encode")
    codes: Integers = coded.indices.to_numpy().astype(np.int64)
    return codes


def dense(one: Integers, other: Integers) -> Integers:
    """Return a code of its own for every combination of two codes that occurs."""
    codes: Integers = np.unique(one * (int(other.max()) + 1) + other, return_inverse=True)[1]
    return codes


def sample(_clock: Clock, source: str, folder: str, rows: int) -> dict[str, Any]:
    """Write whole pairs of a panel, drawn with a seed, until there are so many rows."""
    arrays = {name: np.load(Path(source) / f"{name}.npy") for name in ARRAYS}
    sizes = np.bincount(arrays["pair"])
    drawn = np.random.default_rng([SEED, rows]).permutation(sizes.size)
    wanted = drawn[: int(np.searchsorted(np.cumsum(sizes[drawn]), rows)) + 1]
    taken = np.isin(arrays["pair"], wanted)
    return write_panel(folder, {name: values[taken] for name, values in arrays.items()})


def write_panel(
    folder: str, arrays: Mapping[str, NDArray[Any]], truth: tuple[float, ...] = ()
) -> dict[str, Any]:
    """Write the arrays with codes made dense, and what there is to say about them."""
    Path(folder).mkdir(parents=True)
    for name in ARRAYS:
        values = arrays[name]
        coded = values.dtype.kind == "i"
        np.save(
            Path(folder) / f"{name}.npy",
            np.unique(values, return_inverse=True)[1] if coded else np.ascontiguousarray(values),
        )
    return write_facts(folder, truth)


def write_facts(folder: str, truth: tuple[float, ...]) -> dict[str, Any]:
    """Count what a panel that has been written holds."""
    levels = {
        name: int(np.load(Path(folder) / f"{name}.npy", mmap_mode="r").max()) + 1
        for name in ("pair", "store", "week", "category_week")
    }
    units = np.load(Path(folder) / "units.npy", mmap_mode="r")
    facts = {
        "rows": int(units.size),
        "units_per_row": float(units.mean()),
        **levels,
        "truth": list(truth),
    }
    (Path(folder) / "facts.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")
    return facts
