"""One plan in a real browser: made by keyboard, with its forecast beside it, and agreed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from offtake_web.accounts.models import User
from offtake_web.plans.models import Plan
from tests.web.conftest import PASSWORD
from tests.web.plan_cast import day, draft
from tests.web.plan_run import publish_planning

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAIT = 20_000
NEEDED = "Needs a yes of: sales lead."


@contextmanager
def opened(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def signed(browser: Browser, server: LiveServer, name: str, **more: object) -> Page:
    page = browser.new_context(viewport={"width": 360, "height": 740}, **more).new_page()  # type: ignore[arg-type]  # options
    page.set_default_timeout(WAIT)
    page.goto(f"{server.url}/accounts/login/")
    page.locator("main input:not([type=hidden]):not([type=checkbox])").first.fill(name)
    page.locator("main input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.url}/main/")
    return page


def test_a_plan_is_made_by_keyboard_and_its_forecast_follows(
    chromium: str, live_server: LiveServer, transactional_db: None, runs: Path, ana: User
) -> None:
    publish_planning(runs)
    with opened(chromium) as browser:
        page = signed(browser, live_server, "ana")
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{live_server.url}/main/plan/new/")
        page.get_by_label("Name", exact=True).fill("Island")
        page.get_by_label("First day").fill(day(30).isoformat())
        page.get_by_label("Last day").fill(day(43).isoformat())
        page.get_by_label("Price cut").fill("40")
        expect(page.locator("#preview")).to_contain_text(NEEDED, timeout=WAIT)
        page.get_by_label("Find items").press_sequentially("bag 2")
        page.get_by_label("Bag 2").focus()
        page.keyboard.press("Space")
        expect(page.get_by_label("Bag 2")).to_be_checked()
        page.get_by_label("Korner").focus()
        page.keyboard.press("Space")
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.get_by_role("button", name="Save").press("Enter")
        expect(page.get_by_role("heading", name="Island", level=1)).to_be_visible(timeout=WAIT)
        assert complaints == []
        assert wide == 360
    plan = Plan.objects.get()
    assert (plan.product_ids, plan.retailers, plan.brands) == (["P2"], ["Korner"], ["Alder Blue"])


def test_it_works_without_scripts(
    chromium: str, live_server: LiveServer, transactional_db: None, runs: Path, ana: User
) -> None:
    publish_planning(runs)
    plan = draft(ana)
    with opened(chromium) as browser:
        page = signed(browser, live_server, "ana", java_script_enabled=False)
        page.goto(f"{live_server.url}/main/plan/{plan.pk}/edit/")
        page.get_by_label("Find items").fill("blue")
        page.get_by_role("button", name="Search").click()
        page.get_by_label("Bag 2").check()
        page.get_by_label("Price cut").fill("40")
        page.get_by_role("button", name="See the forecast first").click()
        expect(page.locator("#preview")).to_contain_text(NEEDED, timeout=WAIT)
        page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Propose").click()
        page.get_by_role("button", name="Agree").click()
        expect(page.locator(".yes .green")).to_have_count(1, timeout=WAIT)
    plan.refresh_from_db()
    assert (plan.product_ids, plan.state) == (["P1", "P2"], "proposed")


def test_two_people_in_two_browsers_lose_nothing(
    chromium: str, live_server: LiveServer, transactional_db: None, ana: User, milan: User
) -> None:
    plan = draft(ana)
    with opened(chromium) as browser:
        one, other = (signed(browser, live_server, name) for name in ("ana", "milan"))
        for page, name in ((one, "Ana's"), (other, "Milan's")):
            page.goto(f"{live_server.url}/main/plan/{plan.pk}/edit/")
            page.get_by_label("Name", exact=True).fill(name)
        other.get_by_label("Price cut").fill("25")
        one.get_by_role("button", name="Save").click()
        expect(one.get_by_role("heading", name="Ana's")).to_be_visible(timeout=WAIT)
        other.get_by_role("button", name="Save").click()
        expect(other.get_by_role("heading", name="Two changes of the same plan")).to_be_visible(
            timeout=WAIT
        )
        expect(other.get_by_role("radio", name="As it is now")).to_have_count(2, timeout=WAIT)
        other.get_by_role("button", name="Save what is chosen").click()
        expect(other.get_by_role("heading", name="Ana's")).to_be_visible(timeout=WAIT)
    plan.refresh_from_db()
    assert (plan.name, str(plan.price_cut)) == ("Ana's", "25.0")
