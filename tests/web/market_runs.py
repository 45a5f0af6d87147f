"""A small real market with runs, for the pages of runs: built once, copied where it is changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from offtake.data.store import Store
from offtake.pipeline import refresh as refreshing
from offtake.pipeline.refresh import refresh
from offtake_web.common.markets import Market
from tests.library.small_market import VIEW, few_questions, fill, load_rows, promotions


def build(folder: Path) -> Path:
    """Make a store and two runs of it: one before and one after promotions were loaded."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(refreshing, "questions", few_questions)
        with fill(Store(folder / "offtake.duckdb"), folder, without=["promotion"]) as store:
            refresh(store, folder / "runs", VIEW)
            load_rows(store, "promotion", promotions(), folder)
            refresh(store, folder / "runs", VIEW)
    return folder


def copied(source: Path, target: Path) -> Market:
    """Return a market on a copy of what was built."""
    for name in ("offtake.duckdb", "runs"):
        path = source / name
        if path.is_dir():
            shutil.copytree(path, target / name, dirs_exist_ok=True)
        else:
            shutil.copy(path, target / name)
    return Market(
        key="main", title="Main", store=target / "offtake.duckdb", runs=target / "runs",
        category="Snacks", manufacturer="Acme",
    )  # fmt: skip


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("market"))
