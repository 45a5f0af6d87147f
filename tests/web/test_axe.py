"""Every page can be used by everybody: WCAG 2.1 AA by axe, both languages, light and dark, phones.

Each page is opened as two people. What the browser complains about (its policy, scripts) is
gathered before axe is put into the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from offtake_web.accounts.models import Role
from offtake_web.common.markets import Market
from tests.web import company as company_of
from tests.web import every_page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Language = Literal["en", "sr-latn"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
EXPECTED = ("the server responded with a status of 404",)
"""What the browser says of a page that is an error on purpose."""


@contextmanager
def chromium_at(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start for root, who runs tests in containers.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def look_at(page: Page, name: str) -> Iterator[str]:
    """Say what is wrong with a page that is open, at both sizes, in both schemes and directions."""
    page.set_viewport_size(PHONE)
    yield from _too_wide(page, name, "at 360")
    page.locator("html").evaluate("html => { html.dir = 'rtl'; }")
    yield from _too_wide(page, name, "at 360, right to left")
    page.locator("html").evaluate("html => { html.dir = 'ltr'; }")
    yield from _violations(page, name, RULES, "light, 360")
    page.set_viewport_size(DESK)
    yield from _too_wide(page, name, "at 1280")
    yield from _violations(page, name, RULES, "light, 1280")
    page.emulate_media(color_scheme="dark")
    yield from _violations(page, name, CONTRAST, "dark, 1280")
    page.emulate_media(color_scheme="light")


def _too_wide(page: Page, name: str, where: str) -> Iterator[str]:
    wider = page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
    if wider > 0:
        guilty = page.locator("html").evaluate(WIDEST)
        yield f"{name} {where}: {wider} pixels too wide: {guilty}"


WIDEST = """html => [...document.querySelectorAll('main *, header *, footer *')]
  .filter(each => { const box = each.getBoundingClientRect();
    return (box.right > html.clientWidth + 1 || box.left < -1) && !each.closest('.scroll *'); })
  .slice(0, 4).map(each => each.tagName + '.' + each.className).join(' ')"""


def _violations(page: Page, name: str, rules: dict[str, Any], where: str) -> Iterator[str]:
    for one in Axe().run(page, options=rules).response["violations"]:
        nodes = "; ".join(node["html"][:160] for node in one["nodes"][:3])
        why = one["nodes"][0].get("failureSummary", "")[:300]
        yield f"{name} {where}: {one['id']}, {len(one['nodes'])} times: {nodes} ({why})"


def opened(browser: Browser, server: LiveServer, client: Client, language: Language) -> Page:
    context = browser.new_context(base_url=server.url, locale="en", reduced_motion="reduce")
    context.set_default_timeout(15_000)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    cookies["django_language"] = language
    context.add_cookies(
        [{"name": name, "value": value, "url": server.url} for name, value in cookies.items()]
    )
    return context.new_page()


@pytest.mark.parametrize(
    ("role", "language"),
    [
        (Role.MARKETING, "en"),
        (Role.SALES_LEAD, "sr-latn"),
        (Role.ANALYST, "en"),
        (Role.ADMINISTRATOR, "sr-latn"),
        (None, "en"),
    ],
)
def test_every_page_can_be_used_by_everybody(
    chromium: str, live_server: LiveServer, company: Market, role: Role | None, language: Language
) -> None:
    cast = company_of.people(company)
    company_of.fill(company, cast)
    client = Client()
    if role is not None:
        client.force_login(cast[role])
    shown = every_page.pages(company, client) | {"nowhere": "/nowhere"}
    assert role is None or len(shown) > 10
    wrong: list[str] = []
    with chromium_at(chromium) as browser:
        page = opened(browser, live_server, client, language)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for name, address in shown.items():
            said.clear()
            page.goto(address)
            wrong += [
                f"{name} says: {each}" for each in said if not any(x in each for x in EXPECTED)
            ]
            wrong += look_at(page, name)
    assert wrong == [], "\n".join(["", *wrong])
