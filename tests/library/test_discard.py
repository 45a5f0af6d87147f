"""Throwing simulated rows away: all of them and only them, and never for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from offtake.data.discard import discard_other_simulations, loaded_files
from offtake.data.ledger import loads
from offtake.data.store import Store
from offtake.errors import BadInputError
from tests.library.small_market import fill


def test_only_simulated_rows_go(tmp_path: Path) -> None:
    path = tmp_path / "both.duckdb"
    with fill(Store(path), tmp_path) as real:
        before = loads(real)
        assert len(loaded_files(real)) == len(before) > 0
    with fill(Store(path, "twin"), tmp_path, source="") as twin:
        files = loaded_files(twin)
        assert not discard_other_simulations(twin, files)
        assert len(loads(twin)) == len(before)
        assert discard_other_simulations(twin, [])
        assert loads(twin) == []
        assert twin.filled() == {"calendar"}
        assert not discard_other_simulations(twin, [])
        assert twin.tables().label == "simulated: no rows"
    with Store(path, read_only=True) as real:
        assert loads(real) == before
        assert {"sales", "basket_line"} <= real.filled()


def test_real_rows_are_refused(tmp_path: Path) -> None:
    with fill(Store(":memory:"), tmp_path) as real:
        with pytest.raises(BadInputError, match="allowed: 'twin'"):
            discard_other_simulations(real, [])
        assert "sales" in real.filled()
