"""The availability page in a real browser: filters, definitions, on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from offtake.report.availability import render_availability
from tests.functional.test_scoreboard_page import opened
from tests.library.test_availability_page import alert, answer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    alerts = [
        alert("S1"), alert("S2", retailer="Mini", cause="supply"), alert("S3", territory="South 1"),
    ]  # fmt: skip
    file = tmp_path_factory.mktemp("page") / "availability.html"
    file.write_text(render_availability(answer(alerts)), encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_runs_over(chromium: str, page_file: Path, width: int, scheme: str) -> None:
    with opened(chromium, page_file, width=width, scheme=scheme) as page:  # type: ignore[arg-type]
        assert page.locator("html").evaluate("each => each.scrollWidth") <= width
        expect(page.locator("#count")).to_have_text("3 of 3 shown")


def test_filters_narrow_the_list_together(chromium: str, page_file: Path) -> None:
    with opened(chromium, page_file) as page:
        shown = page.locator("#alarms tbody tr:visible")
        page.get_by_role("combobox", name="Retailer").select_option("Maxi")
        expect(shown).to_have_count(2)
        page.get_by_role("combobox", name="Territory").select_option("South 1")
        expect(shown).to_have_count(1)
        expect(page.locator("#count")).to_have_text("1 of 3 shown")
        page.get_by_role("combobox", name="Retailer").select_option("")
        page.get_by_role("combobox", name="Territory").select_option("")
        page.get_by_role("searchbox", name="Words").fill("s2 supply")
        expect(shown).to_have_count(1)


def test_a_heading_opens_its_definition(chromium: str, page_file: Path) -> None:
    with opened(chromium, page_file) as page:
        page.locator("#alarms").get_by_role("link", name="Guess").click()
        expect(page.locator("dialog#passport")).to_contain_text("Where to look first")
