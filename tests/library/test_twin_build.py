"""A twin on disk: the same bytes for the same seed, whole or not at all, labelled on every row."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from offtake.data.contracts.registry import CONTRACTS
from offtake.data.store import Store
from offtake.errors import BadInputError, UnknownNameError, UnreadableFileError
from offtake.measures.ask import ask
from offtake.measures.catalogue import CATALOGUE
from offtake.twin import build as building
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.output.folder import MANIFEST, TwinFolder
from offtake.twin.spec import TwinSpec
from offtake.twin.truth import read_truth, truth_tables

SPEC = TwinSpec(
    stores=260, weeks=40, seed=3, items=8, categories=("BAG SNACKS", "COFFEE"), households=2500,
    respondents=60, stock_weeks=4, truth="rows",
)  # fmt: skip


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin") / "one"
    build(SPEC, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(twin: Path, tmp_path: Path) -> None:
    build(SPEC, tmp_path / "two", workers=2)
    assert contents(tmp_path / "two") == contents(twin)


def test_another_seed_gives_another_market(twin: Path, tmp_path: Path) -> None:
    build(replace(SPEC, seed=4), tmp_path / "other")
    one, other = contents(twin), contents(tmp_path / "other")
    assert one["tables/sales/part-00000.parquet"] != other["tables/sales/part-00000.parquet"]


def test_a_build_that_was_stopped_goes_on_and_ends_the_same(
    twin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, written = tmp_path / "stopped", []
    write = TwinFolder.write

    def stop_after_two(self: TwinFolder, part: int, *rest: object) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        write(self, part, *rest)  # type: ignore[arg-type]  # passed on as they came
        written.append(part)

    monkeypatch.setattr(TwinFolder, "write", stop_after_two)
    with pytest.raises(KeyboardInterrupt):
        build(SPEC, folder)
    assert not (folder / MANIFEST).exists()
    with pytest.raises(UnreadableFileError, match="no complete twin"):
        truth_tables(folder)
    monkeypatch.undo()
    parts: list[int] = []
    one = building._one
    monkeypatch.setattr(building, "_one", lambda f, s, part: parts.append(part) or one(f, s, part))
    build(SPEC, folder)
    assert not set(parts) & set(written)
    assert contents(folder) == contents(twin)


def test_building_what_is_there_already_does_nothing(twin: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in twin.rglob("*")}
    built = build(SPEC, twin)
    assert not built.new
    assert built.rows["store"] == 260
    assert {path: path.stat().st_mtime_ns for path in twin.rglob("*")} == before


def test_a_folder_with_another_twin_is_left_alone(twin: Path) -> None:
    before = contents(twin)
    with pytest.raises(BadInputError, match="holds another twin"):
        build(replace(SPEC, seed=8), twin)
    assert contents(twin) == before


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(BadInputError, match="holds no twin"):
        build(SPEC, tmp_path)
    assert contents(tmp_path) == {"thesis.docx": b"years of work"}


def test_what_another_spec_had_begun_is_begun_anew(twin: Path, tmp_path: Path) -> None:
    folder = tmp_path / "begun"
    (folder / ".work").mkdir(parents=True)
    (folder / ".work" / "spec.json").write_text("[]")
    (folder / "tables" / "sales").mkdir(parents=True)
    (folder / "tables" / "sales" / "part-00077.parquet").write_text("left over")
    build(SPEC, folder)
    assert contents(folder) == contents(twin)


def test_every_row_says_what_made_it(twin: Path) -> None:
    files = sorted(twin.rglob("*.parquet"))
    assert {path.parent.parent.name for path in files} == {"tables", "truth"}
    for path in files:
        table = pq.read_table(path)
        assert table.num_rows or path.parent.parent.name == "truth"
        for name, value in (("source", "offtake.twin"), ("seed", 3), ("version", "1")):
            assert pc.all(pc.equal(table[name], value)).as_py(), (path, name)


def test_the_manifest_counts_and_seals_every_file(twin: Path) -> None:
    manifest = json.loads((twin / MANIFEST).read_text())
    listed = {
        f"{kind}/{name}/{file}"
        for kind in ("tables", "truth")
        for name, each in manifest[kind].items()
        for file in each["files"]
    }
    assert listed == {
        path.relative_to(twin).as_posix() for path in twin.rglob("*") if path.is_file()
    } - {MANIFEST}


def test_every_contract_is_filled_but_the_calendar(twin: Path) -> None:
    manifest = json.loads((twin / MANIFEST).read_text())
    assert set(manifest["tables"]) == set(CONTRACTS) - {"calendar"}


@pytest.fixture(scope="module")
def loaded(twin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "twin.duckdb"
    with Store(path, schema="twin") as store:
        load_twin(store, twin)
    return path


def test_the_ordinary_intake_takes_every_row(twin: Path, tmp_path: Path) -> None:
    manifest = json.loads((twin / MANIFEST).read_text())
    with Store(tmp_path / "twin.duckdb", schema="twin") as store:
        done = load_twin(store, twin)
        again = load_twin(store, twin)
    assert sum(load.set_aside for load in done) == 0
    rows = {name: each["rows"] for name, each in manifest["tables"].items()}
    loaded = {name: sum(d.loaded for d in done if d.contract == name) for name in rows}
    assert loaded == rows
    assert {load.load_id for load in again} == {0}, "a second time changes nothing"


def test_a_twin_goes_nowhere_near_real_data(twin: Path, tmp_path: Path) -> None:
    with Store(tmp_path / "real.duckdb") as store:
        with pytest.raises(BadInputError, match="simulated rows never go among real ones"):
            load_twin(store, twin)
        assert store.tables().span is None


def test_a_damaged_file_is_refused(twin: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(twin, copy)
    file = copy / "tables" / "sales" / "part-00001.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with Store(":memory:", schema="twin") as store, pytest.raises(BadInputError, match="manifest"):
        load_twin(store, copy)


COMPARES = {"switching", "buyer_flow"}
A_YEAR_BACK = {"switching_year_ago", "buyer_flow_year_ago"}
"""Forty weeks hold no year ago."""

WHOSE = {"cross_purchase": ["category=COFFEE"], "cross_purchase_baskets": ["category=COFFEE"]}
BY = {"buyer_profile": ["income"], "cross_purchase": ["category"]}
NOBODY_LEFT = {"staff_turnover_voluntary", "staff_turnover_involuntary", "staff_turnover"}
"""A few people over 40 weeks: it may be that nobody left."""


@pytest.mark.parametrize("measure", sorted(set(CATALOGUE) - A_YEAR_BACK))
def test_every_measure_has_an_answer(loaded: Path, measure: str) -> None:
    by = BY.get(measure, ["brand"] if "brand" in CATALOGUE[measure].dimensions else [])
    where = WHOSE.get(measure, [])
    period = "latest 13 weeks" if measure in COMPARES else None
    with Store(loaded, schema="twin", read_only=True) as store:
        answer = store.run(ask(store.tables(), measure, by=by, where=where, period=period))
    values = [value for value in answer["value"].to_pylist() if value is not None]
    assert values, measure
    assert measure in NOBODY_LEFT or any(value != 0 for value in values), measure


def test_what_never_happens_is_known_too(tmp_path: Path) -> None:
    spec = replace(SPEC, stores=8, stock_weeks=0, without=frozenset({"out_of_stock"}))
    build(spec, tmp_path / "calm")
    assert read_truth(tmp_path / "calm", "outage").num_rows == 0
    assert "stock" not in json.loads((tmp_path / "calm" / MANIFEST).read_text())["tables"]


def test_truth_is_read_by_name_only(twin: Path) -> None:
    assert read_truth(twin, "item").num_rows == 16
    with pytest.raises(UnknownNameError, match="Did you mean 'item'"):
        read_truth(twin, "items")


def test_sales_in_the_files_add_up_to_the_truth(twin: Path) -> None:
    """Over all cells, what was sold is what was expected, within the noise that was put in."""
    units = sum(
        pc.sum(pq.read_table(path)["units"]).as_py()
        for path in (twin / "tables" / "sales").iterdir()
    )
    told = read_truth(twin, "demand")
    expected = pc.sum(told["expected"]).as_py()
    mean = told["expected"].to_numpy()
    size = min(read_truth(twin, "item")["dispersion"].to_pylist())
    error = float((mean + mean**2 / size).sum()) ** 0.5
    assert units == pytest.approx(expected, abs=4 * error)
