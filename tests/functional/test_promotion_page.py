"""The promotion page in a real browser: choose, filter, link to one, on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from offtake.report.promotion import render_promotions
from tests.functional.test_scoreboard_page import opened
from tests.library.promotion_rows import answer, event

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    events = [
        event("E1", "badly_executed"),
        event("week 2: a/b", "bad_idea", retailer="Mini", product_id="P2", incremental=0.44),
        event("E3", "open", product_id="P3", incremental=300.0),
    ]
    file = tmp_path_factory.mktemp("page") / "promotions.html"
    file.write_text(render_promotions(answer(events)), encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_charts_are_drawn_and_nothing_runs_over(
    chromium: str, page_file: Path, width: int, scheme: str
) -> None:
    with opened(chromium, page_file, width=width, scheme=scheme) as page:  # type: ignore[arg-type]
        expect(page.locator(".chart svg")).to_have_count(3)
        assert page.locator("html").evaluate("each => each.scrollWidth") <= width
        overflowing = page.locator(".chart").evaluate_all(
            "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).map(e => e.id)"
        )
        assert overflowing == []


def test_choosing_swaps_the_picture_and_back(chromium: str, page_file: Path) -> None:
    with opened(chromium, page_file) as page:
        title = page.locator("#picture-title")
        expect(title).to_have_text("Acme P1")
        before = page.locator("#picture").inner_text()
        page.locator(".choose", has_text="Acme P2").click()
        expect(title).to_have_text("Acme P2")
        expect(title).to_be_focused()
        expect(page.locator("html")).to_have_attribute("data-shown", "week%202%3A%20a%2Fb")
        expect(page.locator('[data-text="sentence"]')).to_contain_text("A bad idea")
        page.go_back()
        page.locator(".choose", has_text="Acme P1").press("Enter")
        expect(title).to_have_text("Acme P1")
        expect(page.locator("html")).to_have_attribute("data-shown", "E1")
        # The script writes what the page was made with, figure by figure.
        assert page.locator("#picture").inner_text() == before


def test_the_filter_narrows_the_table(chromium: str, page_file: Path) -> None:
    with opened(chromium, page_file) as page:
        rows = page.locator("#events tbody tr:visible")
        expect(rows).to_have_count(3)
        page.get_by_role("combobox", name="Retailer").select_option("Mini")
        expect(rows).to_have_count(1)
        expect(page.locator("#count")).to_have_text("1 of 3 shown")
        page.get_by_role("combobox", name="Retailer").select_option("")
        page.get_by_label("Verdict").select_option("badly_executed")
        expect(rows).to_have_count(1)
        page.get_by_label("Verdict").select_option("")
        page.get_by_label("Words").fill("p3 display")
        expect(rows).to_contain_text(["Acme P3"])
