"""Nothing typed or moved is lost: a session that ends, a page left, a finger that slipped."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from offtake_web.accounts.models import User
from offtake_web.plans.models import Plan
from tests.web.browsers import aside, office
from tests.web.calendar_plans import planned
from tests.web.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BACK = "What you had typed here is back."


def end_session(page: Page) -> None:
    """Take the session away and leave the rest, as when it runs out."""
    others = [each for each in page.context.cookies() if "session" not in each.get("name", "")]
    page.context.clear_cookies()
    page.context.add_cookies(others)  # type: ignore[arg-type]  # cookies as they came


def sign_in_again(page: Page) -> None:
    page.get_by_label("Username or e-mail").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def type_a_plan(page: Page) -> None:
    page.goto("/main/plan/new/")
    page.get_by_label("Name", exact=True).fill("Ten minutes of work")
    page.get_by_label("Kind").select_option("campaign")
    page.get_by_label("First day").fill("2027-05-03")
    page.get_by_label("Last day").fill("2027-05-16")
    page.get_by_label("On display").check()
    page.get_by_label("Message").fill("Share the evening")


def test_a_session_that_ends_takes_no_word_with_it(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    with office(chromium, live_server) as opened:
        page = opened.seat("ana")
        type_a_plan(page)
        end_session(page)
        page.get_by_role("button", name="Save").click()
        sign_in_again(page)
        expect(page.get_by_text(BACK)).to_be_visible()
        expect(page.get_by_label("Name", exact=True)).to_have_value("Ten minutes of work")
        expect(page.get_by_label("Kind")).to_have_value("campaign")
        expect(page.get_by_label("On display")).to_be_checked()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="Ten minutes of work")).to_be_visible()
        page.goto("/main/plan/new/")
        expect(page.get_by_label("Name", exact=True)).to_have_value("")
    plan = Plan.objects.get()
    assert (plan.display, plan.message) == (True, "Share the evening")


def test_what_is_typed_can_be_dropped(chromium: str, live_server: LiveServer, ana: User) -> None:
    with office(chromium, live_server) as opened:
        page = opened.seat("ana")
        type_a_plan(page)
        page.goto("/main/plan/")
        page.goto("/main/plan/new/")
        page.get_by_role("button", name="Drop it").click()
        expect(page.get_by_text(BACK)).to_be_hidden()
        expect(page.get_by_label("Name", exact=True)).to_have_value("")
        type_a_plan(page)
        page.get_by_role("link", name="Leave").click()
        page.goto("/main/plan/new/")
        expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_signing_out_leaves_nothing_for_the_next(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    with office(chromium, live_server) as opened:
        page = opened.seat("ana")
        type_a_plan(page)
        page.goto("/main/plan/")
        page.get_by_role("button", name="Sign out").click()
        sign_in_again(page)
        page.goto("/main/plan/new/")
        expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_what_another_person_typed_goes_when_somebody_signs_in(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    with office(chromium, live_server) as opened:
        page = opened.seat("ana")
        page.goto("/main/plan/")
        page.evaluate("() => sessionStorage.setItem('draft /main/plan/new/ 999999', '{}')")
        page.goto("/main/plan/new/")
        kept = page.evaluate("() => Object.keys(sessionStorage)")
        assert not [key for key in kept if key.startswith("draft")]


def test_an_old_draft_never_takes_a_newer_change_back(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    plan = planned(ana, name="Spring crunch")
    with office(chromium, live_server) as opened:
        page = opened.seat("ana")
        page.goto(f"/main/plan/{plan.pk}/edit/")
        page.get_by_label("Name", exact=True).fill("Mine")
        page.goto("/main/plan/")
        aside(lambda: Plan.objects.filter(pk=plan.pk).update(name="Theirs", version=2))
        page.goto(f"/main/plan/{plan.pk}/edit/")
        expect(page.get_by_label("Name", exact=True)).to_have_value("Mine")
        expect(page.locator("input[name=version]")).to_have_value("1")


def test_a_page_whose_session_has_ended_says_so_and_stays(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    with office(chromium, live_server) as opened:
        page = opened.seat("ana")
        page.goto("/main/plan/new/")
        end_session(page)
        page.get_by_label("Name", exact=True).fill("Still here")
        expect(page.get_by_text("Your session has ended.")).to_be_visible()
        expect(page.locator("#preview").get_by_label("Password")).to_have_count(0)
        page.get_by_role("link", name="Sign in again").click()
        sign_in_again(page)
        expect(page.get_by_label("Name", exact=True)).to_have_value("Still here")


def test_a_second_click_sends_nothing_twice(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    with office(chromium, live_server) as opened:
        page = opened.seat("ana")
        type_a_plan(page)
        page.get_by_role("button", name="Save").dblclick()
        expect(page.get_by_role("heading", name="Ten minutes of work")).to_be_visible()
    assert Plan.objects.count() == 1
