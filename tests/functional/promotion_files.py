"""CSV files of a small market with promotions, whole or damaged; loaded and fitted as typed."""

from __future__ import annotations

import csv
import shutil
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from offtake.cli.main import app
from offtake.errors import OfftakeError

Row = dict[str, object]
FIRST = date(2024, 1, 1)
STORES, WEEKS = 6, 30
ITEMS: Mapping[str, tuple[str, float, float]] = {
    "A1": ("Acme", 2.0, 12.0),
    "A2": ("Acme", 3.0, 8.0),
    "B1": ("Bolt", 2.5, 10.0),
}
"""Item to maker, regular price, units a week."""
PLAN = (("E1", "A1", 5, 2), ("E2", "A2", 10, 1), ("E3", "B1", 14, 2), ("E4", "A1", 20, 1))
"""Promotion, item, first week, weeks."""
DISCOUNT = 20.0
HAD_IT = 4
"""Stores that take part."""


def monday(week: int) -> str:
    return (FIRST + timedelta(weeks=week)).isoformat()


def stores() -> list[Row]:
    return [{"store_id": f"S{place}", "retailer": "Maxi", "region": "North" if place % 2 else
             "South"} for place in range(STORES)]  # fmt: skip


def products() -> list[Row]:
    return [
        {"product_id": item, "category": "Snacks", "brand": maker, "manufacturer": maker}
        for item, (maker, _, _) in ITEMS.items()
    ]


def promotions() -> list[Row]:
    return [
        {"promotion_id": name, "product_id": item, "store_id": f"S{store}", "week": monday(week),
         "status": "observed", "discount": DISCOUNT, "display": store % 2}
        for name, item, first, weeks in PLAN
        for week in range(first, first + weeks)
        for store in range(HAD_IT)
    ]  # fmt: skip


def costs() -> list[Row]:
    return [{"promotion_id": name, "fixed_cost": 20.0, "cost_per_unit": 0.2} for name, *_ in PLAN]


def margins() -> list[Row]:
    return [{"product_id": item, "margin": price / 2} for item, (_, price, _) in ITEMS.items()]


def sales(support: Sequence[Row] | None = None) -> list[Row]:
    """Return what sold: half as much again with a price cut, a third more on display."""
    draw = np.random.default_rng(11)
    acts = {
        (row["store_id"], row["product_id"], row["week"]): row
        for row in (promotions() if support is None else support)
    }
    rows: list[Row] = []
    for store in range(STORES):
        for item, (_, price, rate) in ITEMS.items():
            for week in range(WEEKS):
                act = acts.get((f"S{store}", item, monday(week)))
                lift = 1.0 if act is None else 1.8 * (1.3 if act["display"] else 1.0)
                paid = price * (1.0 if act is None else 1 - DISCOUNT / 100)
                units = int(draw.poisson(rate * (1 + 0.05 * store) * lift))
                rows.append({"store_id": f"S{store}", "product_id": item, "week": monday(week),
                             "units": units, "value": round(units * paid, 2),
                             "regular_price": price})  # fmt: skip
    return rows


BASE: Mapping[str, tuple[str, Callable[[], list[Row]]]] = {
    "store": ("store.csv", stores),
    "product": ("product.csv", products),
    "sales": ("sales.csv", sales),
    "promotion": ("promotion.csv", promotions),
    "promotion_cost": ("cost.csv", costs),
    "unit_margin": ("margin.csv", margins),
}


def written(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


@dataclass(frozen=True)
class Said:
    """What a user saw: exit code, standard output, standard error with the error's own line."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@dataclass
class Desk:
    """A store and a folder for files: a user who types commands."""

    folder: Path
    store: Path = field(init=False)

    def __post_init__(self) -> None:
        self.store = self.folder / "offtake.duckdb"

    def type(self, *words: str) -> Said:
        """Run a command as the command line does; an error that is not on purpose fails."""
        done = CliRunner().invoke(app, [*words, "--store", str(self.store)])
        error = done.exception
        if error is None or isinstance(error, SystemExit):
            return Said(done.exit_code, done.stdout, done.stderr)
        if not isinstance(error, OfftakeError):
            told = "".join(traceback.format_exception(error))
            raise AssertionError(f"a user would see a traceback:\n{told}")
        return Said(2, done.stdout, f"{done.stderr}offtake: {error}")

    def load(self, rows: Sequence[Row] | str | bytes, contract: str) -> Said:
        """Write a file and load it."""
        path = self.folder / f"{contract}.csv"
        if isinstance(rows, bytes):
            path.write_bytes(rows)
        elif isinstance(rows, str):
            path.write_text(rows, encoding="utf-8")
        else:
            written(path, rows)
        return self.type("load", str(path), "--as", contract)

    def fit(self, *words: str) -> Said:
        return self.type("fit", "promotion", "--category", "Snacks", *words)


def copied(desk: Desk, folder: Path) -> Desk:
    """Return a desk of its own with the same store."""
    shutil.copy(desk.store, folder / desk.store.name)
    return Desk(folder)
