"""A twin of one category with plan, cost and stock, fitted once; for tests of the answers."""

from __future__ import annotations

from pathlib import Path

from offtake.data.store import Store
from offtake.models.promotion.design import PromotionSpec
from offtake.models.promotion.fit import PromotionFit, fit_promotions
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.spec import TwinSpec

SPEC = TwinSpec(
    stores=20, weeks=40, seed=5, items=8, categories=("COFFEE",), households=0, respondents=0,
    stock_weeks=40,
)  # fmt: skip
TABLES = (
    "product", "store", "sales", "promotion", "distribution_list", "stock", "unit_margin",
    "promotion_cost",
)  # fmt: skip


def fitted(folder: Path) -> PromotionFit:
    """Make the twin and fit the promotion model to it."""
    made = build(SPEC, folder / "twin").folder
    with Store(":memory:", "twin") as store:
        load_twin(store, made, contracts=TABLES)
        return fit_promotions(store, store.tables(), "COFFEE", spec=PromotionSpec(seed=3))
