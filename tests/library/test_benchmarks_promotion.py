"""The benchmark of the promotion regression, on a few rows: every side finds the same slopes.

Other software than statsmodels is not among what the tests install; where it is there, it is asked.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import cases_of
from benchmarks.measuring import Bench, Limits, Stopped, run_limited
from benchmarks.promotion import sizes
from benchmarks.promotion.panels import ARRAYS, facts_of, read, sample, write_panel
from benchmarks.promotion.peers import PEERS, Peer
from benchmarks.promotion.sides import Facts, measured
from benchmarks.promotion.simulated import BLOCK, TRUTH, block, market
from benchmarks.worker import Clock
from offtake.models.kernels.poisson import fit_poisson

PLENTY = Limits(cpu_s=60.0, memory_mb=4000.0)


def written(folder: Path) -> str:
    """5 stores, 8 items of two categories, 10 weeks; one category sold nothing in one week."""
    random = np.random.default_rng(11)
    store, item, week = (np.ravel(each) for each in np.indices((5, 8, 10)))
    price, display, feature = random.normal(0, 0.3, store.size), *(random.random((2, 400)) < 0.3)
    x = np.column_stack([price, display, feature, display & feature]).astype(np.float64)
    units = random.poisson(np.exp(0.5 - price + 0.4 * display)).astype(np.float64)
    category_week = item % 2 * 10 + week
    units[category_week == 3] = 0.0
    given = (units, x, store * 8 + item, store, week, category_week)
    write_panel(str(folder), dict(zip(ARRAYS, given, strict=True)))
    return str(folder)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("benchmarks") / "tiny")


def fitted(folder: str, effects: str, peer: Peer) -> Facts:
    clock = Clock()
    found = measured(clock, folder, effects, peer.side, peer.options)  # type: ignore[arg-type]
    assert list(clock.parts) == ["read", "fit"]
    return found


@pytest.mark.parametrize("effects", sizes.EFFECTS)
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_other_software_finds_our_slopes_and_standard_errors(
    peer: Peer, effects: str, tiny: str
) -> None:
    if not peer.version:
        pytest.skip(f"{' and '.join(peer.needs)}: not installed (uv sync --group bench)")
    ours, theirs = fitted(tiny, effects, Peer("ours", "ours", ())), fitted(tiny, effects, peer)
    assert ours["converged"]
    assert theirs["converged"]
    assert theirs["version"] == peer.version
    assert theirs["rows"] == ours["rows"] == (400 if effects == "week" else 380)
    # L-BFGS stops where the likelihood no longer changes, which is early.
    close = 1e-4 if peer.options.get("solver") == "lbfgs" else 1e-6
    np.testing.assert_allclose(theirs["coefficients"], ours["coefficients"], rtol=0, atol=close)
    if theirs["standard_errors"]:
        # pyfixest takes the weights of the step before the last.
        near = 1e-3 if peer.side == "pyfixest" else 1e-8
        np.testing.assert_allclose(theirs["standard_errors"], ours["standard_errors"], rtol=near)


def test_the_least_work_reads_all_rows(tiny: str) -> None:
    assert fitted(tiny, "week", Peer("least", "least", (), {"steps": 3}))["rows"] == 400


def test_a_panel_says_what_it_holds(tiny: str) -> None:
    facts = facts_of(tiny)
    assert (facts["rows"], facts["pair"], facts["store"]) == (400, 40, 5)
    assert (facts["week"], facts["category_week"], facts["truth"]) == (10, 20, [])


def test_a_sample_is_made_of_whole_pairs(tiny: str, tmp_path: Path) -> None:
    facts = sample(Clock(), tiny, str(tmp_path / "some"), 95)
    drawn = read(str(tmp_path / "some"), "category_week")
    assert (facts["rows"], facts["pair"]) == (100, 10)
    assert np.bincount(drawn.pair).tolist() == [10] * 10


def test_simulated_rows_do_not_depend_on_the_stores_that_follow() -> None:
    few, more = (block(market(), 0, count) for count in (1, 2))
    size = few["units"].size
    assert all(np.array_equal(few[name], more[name][:size]) for name in ARRAYS)


def test_simulated_rows_show_the_slopes_they_were_drawn_with() -> None:
    rows = block(market(), 0, BLOCK)
    fit = fit_poisson(
        rows["units"], rows["x"], rows["pair"], weeks=rows["category_week"], clusters=rows["store"]
    )
    assert fit.converged
    # Some 370,000 rows with 3 units each: standard errors of 0.003 to 0.02.
    np.testing.assert_allclose(fit.coefficients, TRUTH, atol=0.05)


def test_a_line_for_a_peer_that_is_there_and_for_one_that_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Peer("ours again", "ours", ("numpy",))
    absent = Peer("nobody", "nobody", ("no-such-library",))
    failing = Peer("another", "another", ("numpy",))
    monkeypatch.setattr(sizes, "PEERS", (there, absent, failing))
    written(tmp_path / "10k")
    found = {row.peer: row for row in sizes.case(Bench(tmp_path, 1), "10k")}
    assert found["ours again"].agreement == 0.0
    assert found["ours again"].rows == 400
    assert found["nobody"].peer_cpu_s is None
    assert "not installed" in found["nobody"].note
    assert "failed: KeyError: 'another'" in found["another"].note
    assert all(row.ours_cpu_s is not None for row in found.values())


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(cpu_s=2.0, memory_mb=4000.0), "stopped at 2 CPU s"),
        (Limits(cpu_s=60.0, memory_mb=10.0), "GB of memory"),
    ],
)
def test_a_task_is_stopped_at_its_limits(limits: Limits, words: str, tiny: str) -> None:
    endless = sizes.fit_task(tiny, "week", "least", {"steps": 10**12})
    run = run_limited(endless, limits)
    assert isinstance(run, Stopped)
    assert words in run.reason


def test_a_task_within_its_limits_reports(tiny: str) -> None:
    run = run_limited(sizes.fit_task(tiny, "week", "ours", {}), PLENTY)
    assert not isinstance(run, Stopped)
    assert run.facts["rows"] == 400


def test_the_promotion_regression_has_its_cases() -> None:
    cases = ["10k", "100k", "1m", "grocery", "10m", "ours", "least", "growth", "streamed"]
    assert list(cases_of("promotion")) == cases
