"""The pages in a real browser: a small phone, a keyboard, light and dark, the strict policy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from offtake_web.accounts.models import User
from tests.web.conftest import PASSWORD
from tests.web.test_sign_in import SECRET, code_now

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Scheme = Literal["light", "dark"]


@contextmanager
def phone(chromium: str, server: LiveServer, scheme: Scheme) -> Iterator[tuple[Page, list[str]]]:
    """Open a page 360 pixels wide, and a list that gathers what the browser complains about."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start for root, who runs tests in containers.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(
            base_url=server.url,
            viewport={"width": 360, "height": 640},
            color_scheme=scheme,
            locale="en",
        )
        page.set_default_timeout(10_000)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints
        browser.close()


def assert_fits(page: Page) -> None:
    width = page.locator("html").evaluate("element => element.scrollWidth")
    assert width <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ana_signs_in_with_the_keyboard(
    chromium: str, live_server: LiveServer, transactional_db: None, ana: User, scheme: Scheme
) -> None:
    with phone(chromium, live_server, scheme) as (page, complaints):
        page.goto("/")
        assert_fits(page)
        expect(page.get_by_label("Username")).to_be_focused()
        page.keyboard.type("ana")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Nothing is published yet")).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        expect(page.locator("body")).to_have_css(
            "background-color", {"light": "rgb(246, 247, 245)", "dark": "rgb(18, 23, 22)"}[scheme]
        )
        assert_fits(page)
    assert complaints == []


def test_ana_reads_serbian_and_leaves(
    chromium: str, live_server: LiveServer, transactional_db: None, ana: User
) -> None:
    with phone(chromium, live_server, "light") as (page, complaints):
        page.goto("/")
        page.get_by_label("Username").fill("ana")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Language").select_option("sr-latn")
        page.get_by_role("button", name="Change").click()
        expect(page.get_by_role("heading", name="Zajednička slika")).to_be_visible()
        assert_fits(page)
        page.get_by_role("button", name="Odjava").click()
        expect(page.get_by_role("heading", name="Prijava")).to_be_visible()
    assert complaints == []


def test_ana_signs_in_with_a_second_factor_and_the_keyboard(
    chromium: str, live_server: LiveServer, transactional_db: None, ana: User
) -> None:
    TOTP.activate(ana, SECRET)
    with phone(chromium, live_server, "dark") as (page, complaints):
        page.goto("/account/")
        expect(page.get_by_label("Username")).to_be_focused()
        page.keyboard.type("ana")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_label("Code")).to_be_focused()
        page.keyboard.type("000000")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Incorrect code").first).to_be_visible()
        assert_fits(page)
        page.get_by_label("Code").focus()
        page.keyboard.type(code_now())
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()
        assert_fits(page)
    assert complaints == []


def test_dragan_makes_eva_who_sets_her_password(
    chromium: str, live_server: LiveServer, transactional_db: None, dragan: User
) -> None:
    with phone(chromium, live_server, "light") as (page, complaints):
        page.goto("/people/new/")
        page.get_by_label("Username").fill("dragan")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Username").fill("eva")
        page.get_by_label("Role").select_option("key_account_manager")
        page.get_by_label("Retailers").fill("Korner")
        assert_fits(page)
        page.get_by_role("button", name="Make the account").click()
        link = page.get_by_label("Link").input_value()
        assert_fits(page)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto(link)
        page.get_by_label("New password", exact=True).fill("nine-wide-gondolas")
        page.get_by_label("New password confirmation").fill("nine-wide-gondolas")
        page.get_by_role("button", name="Set the password").click()
        expect(page.get_by_text("The password is set.")).to_be_visible()
    assert complaints == []
    eva = User.objects.get(username="eva")
    assert eva.check_password("nine-wide-gondolas")
    assert eva.retailers == ["Korner"]
