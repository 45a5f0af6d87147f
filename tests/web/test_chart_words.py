"""Charts in the reader's language: on the page, in the table beside them, and as pictures."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import vl_convert
from django.conf import settings
from django.test import Client
from django.utils import translation

from offtake.report import availability_weeks, drawing, gallery, promotion_charts
from offtake.report import charts as charts_module
from offtake.report.drawing import chart_json, inline
from offtake.report.shoppers import campaigns, customers, funnel, norms, trends
from offtake_web.accounts.access import Scope
from offtake_web.accounts.models import User
from offtake_web.common.said import value_said
from offtake_web.dashboards import chart_words, reading
from offtake_web.dashboards.chart_words import in_words
from offtake_web.dashboards.charts import picture, titled
from offtake_web.dashboards.scoped import ScopedRun
from offtake_web.dashboards.subjects import availability, promotions, scoreboard, shoppers
from tests.web.board import SIMULATED, write_run

NAMES = {"Acme", "Rival", "small", "East", "West", "North", "South"}
WORDS = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    reading.forget()
    with translation.override("en"):  # what a page was read in does not outlive the test
        yield


@pytest.fixture
def run(runs: Path) -> ScopedRun:
    found = write_run(runs, "one", simulated=SIMULATED)
    return ScopedRun(found.folder, found.manifest, Scope())


def charts(run: ScopedRun) -> dict[str, str]:
    return {
        **scoreboard.charts_of(run), **availability.specs(run), **shoppers.specs(run),
        **promotions.promotion_specs(run, "E1"),
    }  # fmt: skip


def told(spec: object, name: str = "") -> Iterator[str]:
    """Every text of a chart that a reader can see."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key not in ("config", "$schema", "color"):
                yield from told(value, name if name == "datasets" else key)
        if name == "tooltip" and "field" in spec and "title" not in spec:
            yield spec["field"]
    elif isinstance(spec, list):
        for each in spec:
            yield from told(each, name)
    elif isinstance(spec, str) and name in ("title", "text", "subtitle", "domain", "sort",
                                            "datasets"):  # fmt: skip
        yield spec


def words(text: str) -> set[str]:
    texts = {part for each in told(json.loads(text)) for part in each.split("|")}
    return {each for each in texts if WORDS.search(each) and each not in NAMES}


def test_in_english_a_chart_stays_as_the_library_drew_it(run: ScopedRun) -> None:
    assert len(charts(run)) >= 8
    for text in charts(run).values():
        assert in_words(text) is text


def test_no_word_of_a_chart_stays_english(run: ScopedRun) -> None:
    for name, text in charts(run).items():
        with translation.override("sr-latn"):
            left = words(text) & words(in_words(text))
        left = {each for each in left if not re.fullmatch(r"S\d+|[\d,.: ]+|.*T00:00:00", each)}
        assert left <= {"region"}, name  # which is the same word


BUILDERS = [
    charts_module, gallery, drawing, availability_weeks, promotion_charts, campaigns, customers,
    funnel, norms, trends,
]  # fmt: skip
SAME = {"%", "% ACV", " "}


def titles(module: ModuleType) -> Iterator[str]:
    """Every title of an axis, a legend or a line of a tooltip that a module writes."""
    for node in ast.walk(ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("alt."):
            yield from (
                each.value.value for each in node.keywords
                if each.arg == "title" and isinstance(each.value, ast.Constant) and each.value.value
            )  # fmt: skip
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(".title"):
            yield from (each.value for each in [node.value] if isinstance(each, ast.Constant))


@pytest.mark.parametrize("module", BUILDERS, ids=lambda module: module.__name__)
def test_every_title_that_a_chart_can_have_is_known(module: ModuleType) -> None:
    found = set(titles(module)) - SAME
    assert found
    with translation.override("sr-latn"):
        assert {each for each in found if value_said(each) == each} == set()


def drawn(text: str) -> str:
    svg = vl_convert.vegalite_to_svg(in_words(text))
    return re.sub(r"<[^>]*>", "|", svg).replace("\N{WORD JOINER}", "")


def test_numbers_days_and_words_are_drawn_in_serbian(run: ScopedRun) -> None:
    known = charts(run)
    with translation.override("sr-latn"):
        weeks, lost = drawn(known["weeks"]), drawn(known["lost"])
    # The bars find their colour and their shade by what their data say.
    assert {"Prodato u nedeljama promocije", "nedelja od", "komada nedeljno"} <= set(
        weeks.split("|")
    )
    assert "1.500" in weeks
    assert "4.3.2024." in weeks
    assert "mar. 2024." in lost


def test_what_is_compared_in_a_chart_is_compared_in_serbian(run: ScopedRun) -> None:
    with translation.override("sr-latn"):
        spec = json.loads(in_words(charts(run)["weeks"]))
    phases = {row["phase"] for row in spec["datasets"]["weeks"]}
    text = json.dumps(spec["layer"], ensure_ascii=False)
    compared = set(re.findall(r"datum\.phase == '([^']*)'", text))
    assert compared == {"promocija"}
    assert compared <= phases


def test_rows_that_stand_in_a_layer_of_their_own_are_told_too(run: ScopedRun) -> None:
    """Another run's marks are found by the same words as today's bars."""
    spec = {"layer": [{"data": {"values": [{"part": "display", "value": 1.5}]}, "mark": "tick"}]}
    with translation.override("sr-latn"):
        told = json.loads(in_words(json.dumps(spec)))
    assert told["layer"][0]["data"]["values"] == [{"part": "dodatna pozicija", "value": 1.5}]


def test_a_word_cannot_end_the_text_it_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    import altair

    monkeypatch.setattr(chart_words, "worded", lambda text: f"d'{text}\\")
    chart = (
        altair.Chart(inline([{"part": "one", "value": 1}]))
        .transform_calculate(kind="'first' + datum.part")
        .mark_text()
        .encode(text="kind:N")
    )
    with translation.override("sr-latn"):
        assert "d'first\\d'one\\" in vl_convert.vegalite_to_svg(
            in_words(chart_json(chart))
        ).replace("&#39;", "'")


def test_the_table_beside_a_chart_is_in_serbian(runs: Path, signed_in: Client) -> None:
    write_run(runs, "one")
    signed_in.cookies[settings.LANGUAGE_COOKIE_NAME] = "sr-latn"
    text = signed_in.get("/main/promotions/E1/").content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", text, flags=re.DOTALL)
    plain = [re.sub(r"(<[^>]*>\s*)+", "|", row).strip("|") for row in rows]
    assert "nedelja|faza|komada|baza|od|do" in plain
    assert "4.3.2024.|promocija|1.500|950|900|1.000" in plain
    assert "S0|South|dogovoreno i izvršeno|100|40" in plain


# --- pictures


def test_each_language_has_its_picture_which_is_drawn_once(run: ScopedRun) -> None:
    asked = []
    text = availability.specs(run)["lost"]

    def make() -> str:
        asked.append(1)
        return text

    found = {}
    for language in ("en", "sr-latn", "en", "sr-latn"):
        with translation.override(language):
            found.setdefault(language, picture(run, "availability lost", make))
    assert found["en"] != found["sr-latn"]
    assert len(asked) == 2


def test_a_browser_asks_again_after_a_change_of_language(runs: Path, ana: User) -> None:
    write_run(runs, "one")
    client = Client()
    client.force_login(ana)
    page = "/main/charts/availability/lost.png"
    english = client.get(page, HTTP_ACCEPT_LANGUAGE="en")
    serbian = client.get(page, HTTP_ACCEPT_LANGUAGE="sr-latn", HTTP_IF_NONE_MATCH=english["ETag"])
    assert serbian.status_code == 200
    assert serbian["ETag"] != english["ETag"]
    assert serbian.content != english.content
    assert "Accept-Language" in serbian["Vary"]


def test_the_title_of_a_picture_in_serbian(run: ScopedRun) -> None:
    with translation.override("sr-latn"):
        found = titled(run, "promotion weeks E1", None)
    assert found["text"] == "Prodato prema bazi, po nedeljama: E1"
    assert found["subtitle"] == [
        "Acme, Snacks, 1.1.2024. \N{EN DASH} 19.2.2024.",
        "Izvor: small \N{MIDDLE DOT} simulirano: offtake.twin, seme 7, verzija 1",
        "Obrada one",
    ]
    with translation.override("en"):
        assert titled(run, "promotion weeks E1", None)["text"] == "Promotion weeks E1"
