"""Pages of figures in a real browser: charts under the strict policy, passports, a small phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from offtake_web.accounts.models import User
from offtake_web.dashboards import reading
from tests.web.board import SIMULATED, write_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Scheme = Literal["light", "dark"]
TEXT = {"light": "rgb(28, 35, 33)", "dark": "rgb(234, 239, 237)"}


@pytest.fixture(autouse=True)
def board(runs: Path) -> None:
    reading.forget()
    write_run(runs, "twin", simulated=SIMULATED)


@contextmanager
def opened(
    chromium: str, server: LiveServer, user: User, *, width: int = 1280, scheme: Scheme = "light"
) -> Iterator[tuple[Page, list[str]]]:
    """Open the workspace as somebody, and gather what the browser complains about."""
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start for root, who runs tests in containers.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints
        browser.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_charts_are_drawn_and_nothing_complains(
    chromium: str, live_server: LiveServer, ana: User, width: int, scheme: Scheme
) -> None:
    pages = {"scoreboard/": 2, "promotions/E1/": 3, "availability/": 2, "shoppers/trends/": 1}
    with opened(chromium, live_server, ana, width=width, scheme=scheme) as (page, complaints):
        for name, count in pages.items():
            page.goto(f"/main/{name}")
            expect(page.locator("figure[data-chart] svg")).to_have_count(count)
            assert page.locator("html").evaluate("each => each.scrollWidth") <= width, name
            label = page.locator("figure[data-chart] svg text").filter(has_text="Simulated").first
            expect(label).to_have_css("fill", TEXT[scheme])
    assert complaints == []


def test_a_heading_opens_its_passport(chromium: str, live_server: LiveServer, ana: User) -> None:
    with opened(chromium, live_server, ana) as (page, complaints):
        page.goto("/main/scoreboard/")
        page.get_by_role("link", name="Value sales").first.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("What own_sales is.")
        expect(dialog).to_contain_text("offtake.twin, seed 7")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page).to_have_url(f"{live_server.url}/main/scoreboard/")
    assert complaints == []


def test_a_filter_is_kept_in_the_address_and_saved(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    with opened(chromium, live_server, ana) as (page, complaints):
        page.goto("/main/promotions/")
        page.get_by_label("Retailer", exact=True).select_option("Korner")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_text("2 promotions")).to_be_visible()
        page.get_by_role("link", name="Save this view").click()
        page.get_by_label("Name").fill("Korner")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Korner", exact=True).click()
        expect(page.get_by_text("2 promotions")).to_be_visible()
        expect(page.get_by_label("Retailer", exact=True)).to_have_value("Korner")
    assert complaints == []


def test_a_chart_is_taken_as_a_picture(chromium: str, live_server: LiveServer, ana: User) -> None:
    with opened(chromium, live_server, ana) as (page, _):
        page.goto("/main/promotions/E1/")
        with page.expect_download() as download:
            page.get_by_role("link", name="PNG").first.click()
        assert download.value.suggested_filename == "simulated-promotion-weeks-twin.png"


@pytest.mark.parametrize("width", [360, 1280])
def test_charts_are_drawn_in_the_readers_language(
    chromium: str, live_server: LiveServer, ana: User, width: int
) -> None:
    with opened(chromium, live_server, ana, width=width) as (page, complaints):
        page.context.add_cookies([
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": "sr-latn", "url": live_server.url}
        ])  # fmt: skip
        for name in ("scoreboard/", "promotions/E1/", "availability/", "shoppers/trends/"):
            page.goto(f"/main/{name}")
            expect(page.locator("figure[data-chart] svg").first).to_be_visible()
            assert page.locator("html").evaluate("each => each.scrollWidth") <= width, name
        page.goto("/main/promotions/E1/")
        weeks = page.locator("figure[data-chart='chart-weeks'] svg text")
        for words in ("Prodato u nedeljama promocije", "komada nedeljno", "1.500"):
            expect(weeks.filter(has_text=words).first).to_be_visible()
    assert complaints == []
