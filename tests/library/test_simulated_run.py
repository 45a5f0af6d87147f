"""A run of simulated data says so on its page, in its charts, passports and summary."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from offtake.data.store import Schema, Store
from offtake.pipeline.refresh import refresh
from offtake.report.manifest import EXAMPLE, from_json, to_json
from offtake.report.run import Run
from offtake.report.text import summary
from tests.library.small_market import VIEW, fill

LABEL = "simulated: offtake.twin, seed 7, version 1"
WARNING = "Simulated data: offtake.twin, seed 7, version 1. Not evidence about any market."
BANNER = re.compile(r'<p class="simulated" role="note">(.+?)</p>')


def run_of(schema: Schema, folder: Path) -> Run:
    with fill(Store(":memory:", schema), folder, source="") as store:
        return refresh(store, folder / "runs", VIEW)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_of("twin", tmp_path_factory.mktemp("twin"))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_of("main", tmp_path_factory.mktemp("real"))


def page(run: Run) -> str:
    return (run.folder / "scoreboard.html").read_text(encoding="utf-8")


def test_the_banner_stands_above_everything_else(simulated: Run) -> None:
    text = page(simulated)
    assert BANNER.findall(text) == [WARNING]
    assert text.index('role="note"') < text.index('<header class="top">') < text.index("<h1>")


def test_every_chart_carries_the_label_in_its_subtitle(simulated: Run) -> None:
    specs = simulated.charts()
    assert len(specs) >= 5
    for spec in specs.values():
        title = json.loads(spec)["title"]
        assert title["text"] == "Simulated data"
        assert title["subtitle"] == [
            "offtake.twin, seed 7, version 1", "Not evidence about any market.",
        ]  # fmt: skip


def test_a_chart_with_a_label_can_be_drawn(simulated: Run) -> None:
    import vl_convert

    for spec in simulated.charts().values():
        assert "Not evidence about any market." in vl_convert.vegalite_to_svg(spec)


def test_every_passport_carries_the_label(simulated: Run) -> None:
    passports = simulated.manifest.passports.values()
    assert passports
    assert {one.label for one in passports} == {LABEL}
    assert {source for one in passports for source in one.sources} == {
        "offtake.twin (simulated), seed 7, version 1"
    }


def test_the_summary_says_it_first(simulated: Run) -> None:
    lines = summary(simulated).splitlines()
    assert lines[2] == WARNING


def test_the_figures_are_those_of_the_same_real_market(simulated: Run, real: Run) -> None:
    assert simulated.table_names == real.table_names
    for name in real.table_names:
        assert simulated.rows(name) == real.rows(name)


def test_a_run_of_real_data_says_nothing_of_it(real: Run) -> None:
    assert real.manifest.frame.simulated == ""
    assert not BANNER.search(page(real))
    assert "imulated" not in summary(real)
    for spec in real.charts().values():
        assert "title" not in json.loads(spec)
    assert not any("imulated" in one.label for one in real.manifest.passports.values())


def test_a_manifest_from_before_can_still_be_read() -> None:
    record = json.loads(to_json(EXAMPLE))
    del record["frame"]["simulated"]
    assert from_json(json.dumps(record)) == EXAMPLE
