"""The benchmark of availability: its data, and SQL that says what the rules say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.availability.cases import CASES
from benchmarks.availability.shelves import DAYS, made, read, write
from benchmarks.availability.sides import by_sql, ours
from benchmarks.worker import Clock
from offtake.models.availability.series import series_of
from offtake.validation.fresh_retail import moving_average, zero_run


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "shelves.npz"
    write(path, 60)
    return path


def test_the_same_seed_gives_the_same_shelves(path: Path) -> None:
    again = made(60, 1)
    assert again.units.tobytes() == read(str(path)).units.tobytes()
    # A shelf empties on 1 % of days and stays so on 60 %: 2.4 % of days in the long run.
    assert again.empty.mean() == pytest.approx(0.024, abs=0.01)
    assert not again.units[again.empty].any()


def test_sql_says_what_the_rules_say(path: Path) -> None:
    import duckdb
    import pyarrow as pa

    from benchmarks.availability.sides import SQL, WINDOW

    shelves = read(str(path))
    code, step = np.repeat(np.arange(60), DAYS), np.tile(np.arange(DAYS), 60)
    series = series_of(shelves.units.ravel(), code, step)
    sales = pa.table({"item": code, "day": step, "units": series.units})  # noqa: F841 -- DuckDB reads it
    found = duckdb.sql(SQL).to_arrow_table()
    assert found["run"].to_numpy().tolist() == zero_run(series).tolist()
    later = step > 0
    mean = moving_average(series, np.ones(series.size, bool), window=WINDOW)
    below = (mean - series.units) / np.sqrt(mean + 1)
    np.testing.assert_allclose(found["below"].fill_null(0.0).to_numpy()[later], below[later])


def test_both_sides_run_and_ours_finds_more(path: Path) -> None:
    mine, theirs = (side(Clock(), str(path)) for side in (ours, by_sql))
    assert mine["rows"] == theirs["rows"] == 60 * DAYS
    assert mine["found"][1] > theirs["found"][1]
    assert set(CASES) == {"sql", "statsmodels", "growth"}
