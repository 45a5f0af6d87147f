"""A handful of households and what they bought, drawn afresh for every example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import pyarrow as pa
from hypothesis import Phase, settings
from hypothesis import strategies as st

from offtake.calendars import Period
from offtake.data.store import Store
from offtake.measures.ask import ask
from tests.effort import examples

MONDAY = date(2017, 1, 2)
PRODUCTS = {
    "P1": ("A", "X"),
    "P2": ("A", "X"),
    "P3": ("B", "X"),
    "P4": ("C", "X"),
    "P5": ("D", "Y"),
}
HOMES = ("H1", "H2", "H3", "H4")
GROUPINGS = ("brand", "product_id", "category", "store_id", "week", "income")
AGREES = {"rel": 1e-9, "abs": 1e-9}

Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    household: str
    product: str
    store: str
    day: int
    units: int
    value: int

    @property
    def basket(self) -> str:
        return f"{self.household}-{self.store}-{self.day}"

    @property
    def brand(self) -> str:
        return PRODUCTS.get(self.product, ("E", "Z"))[0]


def lines(days: int = 28) -> st.SearchStrategy[list[Line]]:
    line = st.builds(
        Line,
        household=st.sampled_from(HOMES),
        product=st.sampled_from(sorted(PRODUCTS)),
        store=st.sampled_from(("S1", "S2")),
        day=st.integers(0, days - 1),
        units=st.integers(0, 3),
        value=st.integers(0, 9),
    )
    return st.lists(line, min_size=1, max_size=25)


def panels(
    days: int = 28, homes: Sequence[str] = HOMES, most: int = 80
) -> st.SearchStrategy[list[Line]]:
    """Draw panels of a fair size from the start: a few examples then show much."""

    def drawn(seed: int) -> list[Line]:
        random = Random(seed)
        return [
            Line(
                household=random.choice(homes),
                product=random.choice(sorted(PRODUCTS)),
                store=random.choice(("S1", "S2")),
                day=random.randrange(days),
                units=random.randrange(4),
                value=random.randrange(10),
            )
            for _ in range(random.randint(most // 4, most))
        ]

    return st.integers(0, 2**32 - 1).map(drawn)


some_groupings = st.lists(st.sampled_from(GROUPINGS), unique=True, max_size=3)
quick = settings(max_examples=examples(8))
few = settings(max_examples=examples(4), phases=(Phase.explicit, Phase.reuse, Phase.generate))


class Panel:
    """A store whose baskets are replaced for every example."""

    def __init__(self, store: Store) -> None:
        self.store = store
        for product, (brand, category) in PRODUCTS.items():
            store.execute(
                "INSERT INTO main.product (product_id, brand, category, load_id) "
                "VALUES (?, ?, ?, 1)",
                [product, brand, category],
            )

    def load(self, rows: list[Line]) -> None:
        table = pa.table(
            {
                "basket_id": [row.basket for row in rows],
                "household_id": [row.household for row in rows],
                "store_id": [row.store for row in rows],
                "product_id": [row.product for row in rows],
                "line": list(range(len(rows))),
                "date": [MONDAY + timedelta(days=row.day) for row in rows],
                "week": [MONDAY + timedelta(weeks=row.day // 7) for row in rows],
                "units": [float(row.units) for row in rows],
                "value": [float(row.value) for row in rows],
                "load_id": [1] * len(rows),
            }
        )
        self.store.execute("DELETE FROM main.basket_line")
        with self.store.registered("example", table):
            self.store.execute("INSERT INTO main.basket_line BY NAME SELECT * FROM example")

    def ask(self, measure: str, **question: Any) -> list[Row]:
        rows: list[Row] = self.store.run(ask(self.store.tables(), measure, **question)).to_pylist()
        return rows


def weeks(first: int, last: int) -> Period:
    return Period(MONDAY + timedelta(weeks=first), MONDAY + timedelta(weeks=last), "some weeks")
