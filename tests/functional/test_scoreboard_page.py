"""The scoreboard in a real browser: opened from disk, with a mouse, a keyboard and a thumb."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from offtake.data.store import Store
from offtake.pipeline.refresh import refresh
from tests.library import small_twin
from tests.library.small_market import VIEW, fill

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Scheme = Literal["light", "dark"]
CHARTS = 7
TWIN_CHARTS = ("weekly_media", "funnel", "weekly_availability", "targets")
QUIET = [
    "--no-sandbox",  # Chromium's own sandbox does not start for root, who runs tests in containers
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def scoreboard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    with fill(Store(":memory:"), folder) as store:
        return refresh(store, folder / "runs", VIEW).folder / "scoreboard.html"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin")
    with small_twin.fill_twin(Store(":memory:", "twin"), folder) as store:
        return refresh(store, folder / "runs", small_twin.VIEW).folder / "scoreboard.html"


@contextmanager
def opened(
    chromium: str, file: Path, *, width: int = 1280, scheme: Scheme = "light", touch: bool = False
) -> Iterator[Page]:
    """Open the page; at the end it must not have complained or reached for anything."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        page = browser.new_page(
            viewport={"width": width, "height": 700}, color_scheme=scheme, has_touch=touch
        )
        page.set_default_timeout(20_000)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url))
        page.goto(file.as_uri())
        expect(page.locator("html")).to_have_attribute("data-ready", re.compile("."))
        yield page
        assert complaints == [file.as_uri()]
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_chart_is_drawn_and_nothing_runs_over(
    chromium: str, scoreboard: Path, width: int, scheme: Scheme
) -> None:
    with opened(chromium, scoreboard, width=width, scheme=scheme) as page:
        expect(page.locator(".chart svg")).to_have_count(CHARTS)
        assert page.locator("html").evaluate("each => each.scrollWidth") <= width
        overflowing = page.locator(".chart").evaluate_all(
            "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).map(e => e.id)"
        )
        assert overflowing == []
        expect(page.locator("body")).to_have_css(
            "background-color", {"light": "rgb(246, 247, 245)", "dark": "rgb(18, 23, 22)"}[scheme]
        )
        bar = page.locator("#chart-weekly_sales svg .mark-rect path").first
        sales = {"light": "rgb(11, 92, 85)", "dark": "rgb(111, 208, 196)"}[scheme]
        expect(bar).to_have_css("fill", sales)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_simulated_page_is_drawn_too(
    chromium: str, simulated: Path, width: int, scheme: Scheme
) -> None:
    with opened(chromium, simulated, width=width, scheme=scheme) as page:
        expect(page.locator(".chart svg")).to_have_count(page.locator(".chart").count())
        for name in TWIN_CHARTS:
            expect(page.locator(f"#chart-{name} svg")).to_be_attached()
        assert page.locator("html").evaluate("each => each.scrollWidth") <= width
        overflowing = page.locator(".chart").evaluate_all(
            "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).map(e => e.id)"
        )
        assert overflowing == []
        expect(page.get_by_role("note")).to_be_in_viewport()


def test_a_definition_shows_on_hover_and_goes(chromium: str, scoreboard: Path) -> None:
    with opened(chromium, scoreboard) as page:
        tip = page.get_by_role("tooltip")
        expect(tip).to_be_hidden()
        page.locator("#marketing .tile").first.hover()
        expect(tip).to_contain_text("panel households that bought at least once")
        tip.hover()  # the pointer may move onto it
        expect(tip).to_be_visible()
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()


def test_the_keyboard_reaches_definition_and_passport(chromium: str, scoreboard: Path) -> None:
    with opened(chromium, scoreboard) as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        heading = page.locator("#both .tile .def").first
        expect(heading).to_be_focused()
        expect(page.get_by_role("tooltip")).to_contain_text("What shoppers paid")
        expect(heading).to_have_attribute("aria-describedby", "tip")
        page.keyboard.press("Enter")
        passport = page.get_by_role("dialog", name="Value sales")
        expect(passport).to_be_visible()
        expect(passport).to_contain_text("sum of value")
        expect(passport).to_contain_text("small.csv")
        expect(page.get_by_role("tooltip")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(passport).to_be_hidden()
        expect(heading).to_be_focused()


def test_a_tap_opens_the_passport(chromium: str, scoreboard: Path) -> None:
    with opened(chromium, scoreboard, width=360, touch=True) as page:
        page.locator("#sales .tile .def", has_text="Numeric distribution").tap()
        passport = page.get_by_role("dialog", name="Numeric distribution")
        expect(passport).to_contain_text("The part of all stores that sold the group")
        passport.get_by_role("button", name="Close").tap()
        expect(passport).to_be_hidden()


def test_a_wide_table_scrolls_by_itself_and_by_keyboard(chromium: str, scoreboard: Path) -> None:
    with opened(chromium, scoreboard, width=360) as page:
        table = page.get_by_role("region", name="Who buys and how loyally, with the change")
        table.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "each => each.scrollLeft > 0", arg=table.element_handle(), timeout=5_000
        )


def test_on_paper_everything_is_open(chromium: str, scoreboard: Path) -> None:
    with opened(chromium, scoreboard, scheme="dark") as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        expect(page.locator("details:not([open])")).to_have_count(0)
        expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
        expect(page.locator("body")).to_have_css("color", "rgb(28, 35, 33)")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        expect(page.locator("#passports details[open]")).to_have_count(0)


def test_without_scripts_the_words_and_tables_are_there(chromium: str, scoreboard: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        page = browser.new_page(java_script_enabled=False)
        page.goto(scoreboard.as_uri())
        expect(page.locator(".headline")).to_contain_text("Acme sold $")
        expect(page.locator("noscript").first).to_be_attached()
        page.locator("#marketing .def", has_text="Penetration").first.click()
        expect(page.locator("#passport-penetration")).to_be_in_viewport()
        browser.close()
