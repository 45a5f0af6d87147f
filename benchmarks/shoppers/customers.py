"""Customers to measure on: those of CDNOW, and simulated ones, as many as wanted."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
DAYS = 364
"""Observed."""
START = np.datetime64("2024-01-01", "D")
END = START + DAYS - 1
TRUTH = (0.6, 60.0, 0.8, 4.0)
"""r, alpha in days, a and b of the BG/NBD that simulated customers follow."""


@dataclass(frozen=True, slots=True)
class Customers:
    """Arrays (N,): repeat purchases, times of the last one and of the end since the first.

    Where customers alike are counted together, `customers` has how many they are.
    """

    frequency: Integers
    recency: Floats
    age: Floats
    customers: Floats | None = None


def cdnow() -> Customers:
    """Read the 2,357 customers of CDNOW, in weeks, from the package lifetimes."""
    name = "cdnow_customers_summary.csv"
    path = next(each for each in files("lifetimes") or [] if each.name == name).locate()
    with Path(str(path)).open(newline="") as file:
        rows = np.array([[float(value) for value in row] for row in list(csv.reader(file))[1:]])
    return Customers(rows[:, 1].astype(np.int64), rows[:, 2], rows[:, 3])


def made(count: int, seed: int) -> tuple[Customers, Integers, Integers]:
    """Draw customers; return them, and every purchase: (M,) whose it is, and its day."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, DAYS * 2 // 3, count)
    r, alpha, a, b = TRUTH
    rate, leaves = rng.gamma(r, 1 / alpha, count), rng.beta(a, b, count)
    now, last, bought = first.astype(np.float64), first.copy(), np.zeros(count, np.int64)
    who, day = [np.arange(count)], [first]
    on = np.arange(count)
    while on.size:
        now[on] += rng.exponential(1 / rate[on])
        on = on[now[on] < DAYS]
        today = now[on].astype(np.int64)
        # Two on one day are one purchase.
        new = today > last[on]
        bought[on[new]] += 1
        last[on] = today
        who.append(on[new])
        day.append(today[new])
        on = on[rng.random(on.size) >= leaves[on]]
    customers = Customers(bought, (last - first).astype(np.float64), DAYS - 1.0 - first)
    return customers, np.concatenate(who), np.concatenate(day)


def write_customers(path: Path, count: int, *, seed: int = 1) -> None:
    """Draw customers and keep them."""
    found = made(count, seed)[0]
    np.savez(path, frequency=found.frequency, recency=found.recency, age=found.age)


def read_customers(path: str) -> Customers:
    """Read what :func:`write_customers` kept; the customers of CDNOW where there is no path."""
    if not path:
        return cdnow()
    with np.load(path) as found:
        return Customers(found["frequency"], found["recency"], found["age"])


def write_purchases(path: Path, brands: int, households: int, *, seed: int = 1) -> tuple[int, int]:
    """Draw the purchases of brands by households; keep them, and return customers and rows.

    A brand has so many of the households as customers: 20 % of them the largest, 1 % the smallest.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    customers = rows = 0
    writer = None
    for brand, share in enumerate(np.geomspace(0.2, 0.01, brands)):
        count = int(share * households)
        ids = rng.choice(households, count, replace=False)
        _, who, day = made(count, seed + brand)
        dates = (START + day).astype("datetime64[D]")
        table = pa.table({
            "name": pa.array([f"brand {brand:03d}"] * who.size).dictionary_encode(),
            "household_id": ids[who],
            "date": pa.array(dates),
            "week": pa.array(dates.astype("datetime64[W]").astype("datetime64[D]")),
            "units": np.ones(who.size),
            "value": np.full(who.size, 2.5),
        })  # fmt: skip
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
        customers, rows = customers + count, rows + who.size
    if writer is not None:
        writer.close()
    return customers, rows
