"""A twin small enough for a test: one category, twenty stores, thirty weeks, all contracts."""

from __future__ import annotations

from pathlib import Path

from offtake.data.store import Store
from offtake.pipeline.view import View
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.spec import TwinSpec

SPEC = TwinSpec(
    stores=20,
    weeks=30,
    seed=5,
    items=6,
    categories=("COFFEE",),
    households=200,
    respondents=60,
    stock_weeks=4,
)
VIEW = View(category="COFFEE", manufacturer="Alder", currency="EUR", models=())


def fill_twin(store: Store, folder: Path) -> Store:
    """Make the small twin and load it into a store opened on schema ``twin``."""
    load_twin(store, build(SPEC, folder / "data").folder)
    return store
