"""EDI messages through the whole intake: both kinds, sales and stock, returns kept."""

from __future__ import annotations

from pathlib import Path

import pytest

import offtake.data.sources
from offtake.data.intake import load_file
from offtake.data.ledger import set_aside_rows
from offtake.data.store import Store
from tests.library.intake_files import demand_balance

SOURCES = Path(next(iter(offtake.data.sources.__path__)))
SAMPLES = sorted(SOURCES.glob("*/sample/*.edi"))


@pytest.mark.parametrize("contract", ["sales", "stock"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_loads_without_a_fault(sample: Path, contract: str) -> None:
    with Store(":memory:") as store:
        done = load_file(store, sample, as_contract=contract)
        demand_balance(done)
        assert (done.set_aside, set_aside_rows(store)) == (0, [])
        assert done.rows_in == done.loaded


def test_there_are_samples_of_both_kinds() -> None:
    assert {path.parent.parent.name for path in SAMPLES} == {"x12_852", "eancom_slsrpt"}


def test_more_brought_back_than_sold_is_kept(tmp_path: Path) -> None:
    sample = next(path for path in SAMPLES if path.parent.parent.name == "x12_852")
    text = sample.read_text()
    assert "QS" in text
    with Store(":memory:") as store:
        load_file(store, sample, as_contract="sales")
        (sold, returned) = store.fetch(
            "SELECT units, returns FROM sales WHERE returns > 0 ORDER BY ALL"
        )[0]
    # All that was sold was in fact brought back: units end below zero.
    path = tmp_path / "returns.edi"
    path.write_text(text.replace("ZA*QS*", "ZA*QU*").replace("ZA+QS", "ZA+QU"))
    with Store(":memory:") as store:
        done = load_file(store, path, as_contract="sales")
        demand_balance(done)
        assert (done.set_aside, set_aside_rows(store)) == (0, [])
        below = store.fetch("SELECT units, returns FROM sales WHERE units < 0 ORDER BY ALL")
        assert below
        assert all(units == -returns for units, returns in below)
        assert (-(sold + 2 * returned), sold + 2 * returned) in below
