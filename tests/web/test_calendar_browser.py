"""The timeline in a real browser: by mouse, by finger, by keyboard, from right to left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from offtake_web.accounts.models import User
from offtake_web.plans.actions import change
from offtake_web.plans.models import Plan, State
from offtake_web.plans.sight import today
from tests.web.calendar_plans import in_state, planned
from tests.web.conftest import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transactional_db"),
]


@pytest.fixture(autouse=True)
def beside_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright's synchronous face runs a loop of its own, beside which the database is asked."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@contextmanager
def browser(
    chromium: str, server: LiveServer, width: int = 1280, **more: Any
) -> Iterator[tuple[Page, list[str]]]:
    """Open a page in which ana is signed in, and a list of what the browser complains about."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        viewport = {"width": width, "height": 800}
        page = opened.new_context(
            base_url=server.url, viewport=viewport, locale="en", **more
        ).new_page()
        page.set_default_timeout(15_000)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/accounts/login/?next=/main/plan/timeline/")
        page.locator("input[name=login], input[name=username]").fill("ana")
        page.locator("input[type=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Timeline", exact=True)).to_be_visible()
        yield page, complaints
        opened.close()


def soon(ana: User, **content: Any) -> Plan:
    first = today() + timedelta(days=30 - today().weekday())
    days = {"first_day": first, "last_day": first + timedelta(days=13)}
    return planned(ana, **{**days, **content})


def bar(page: Page, name: str = "Spring crunch") -> Locator:
    return page.locator(".plan-bar", has_text=name)


def days(plan: Plan) -> tuple[date, date]:
    now = Plan.objects.get(pk=plan.pk)
    return now.first_day, now.last_day


def shifted(plan: Plan, first: int, last: int) -> tuple[date, date]:
    return plan.first_day + timedelta(days=first), plan.last_day + timedelta(days=last)


def pull(page: Page, held: Locator, edge: float, weeks: float) -> None:
    """Take a bar at a share of its width and draw it some weeks aside."""
    held.scroll_into_view_if_needed()
    box, week = held.bounding_box(), page.locator("thead th.week").first.bounding_box()
    assert box
    assert week
    x, y = box["x"] + box["width"] * edge, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=2)
    page.mouse.move(x + weeks * week["width"], y, steps=5)
    page.mouse.up()


def test_a_bar_is_dragged(chromium: str, live_server: LiveServer, ana: User) -> None:
    plan = soon(ana)
    with browser(chromium, live_server) as (page, complaints):
        pull(page, bar(page), 0.5, 1)
        expect(page.locator("#timeline-says")).to_contain_text("Spring crunch is now")
        expect(bar(page)).to_have_attribute("data-version", "2")
        assert days(plan) == shifted(plan, 7, 7)
        expect(page).to_have_url(re.compile("/timeline/$"))  # a drag is no click
        pull(page, bar(page), 0.98, 1)
        expect(bar(page)).to_have_attribute("data-version", "3")
        assert days(plan) == shifted(plan, 7, 14)
        pull(page, bar(page), 0.02, -1)
        expect(bar(page)).to_have_attribute("data-version", "4")
        assert days(plan) == shifted(plan, 0, 14)
    assert complaints == []


def test_a_bar_is_moved_by_keyboard(chromium: str, live_server: LiveServer, ana: User) -> None:
    plan = soon(ana)
    says = "#timeline-says"
    with browser(chromium, live_server) as (page, complaints):
        bar(page).focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        expect(page.locator(says)).to_contain_text("Enter saves, Escape puts it back")
        page.keyboard.press("Escape")
        expect(page.locator(says)).to_contain_text("is back at")
        assert days(plan) == shifted(plan, 0, 0)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Enter")
        expect(page.locator(says)).to_contain_text("Spring crunch is now")
        expect(bar(page)).to_have_attribute("data-version", "2")
        assert days(plan) == shifted(plan, 8, 7)
        expect(bar(page)).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Tab")  # leaving it puts it back
        expect(page.locator(says)).to_contain_text("is back at")
        assert days(plan) == shifted(plan, 8, 7)
        bar(page).focus()
        page.keyboard.press("Enter")  # not moved: the link is followed
        expect(page).to_have_url(re.compile(f"/plan/{plan.pk}/$"))
    assert complaints == []


def test_a_bar_is_never_shorter_than_a_day(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    plan = soon(ana, last_day=today() + timedelta(days=31 - today().weekday()))
    with browser(chromium, live_server) as (page, _complaints):
        bar(page).focus()
        for _each in range(5):
            page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Enter")
        expect(bar(page)).to_have_attribute("data-version", "2")
        assert days(plan) == (plan.first_day, plan.first_day)


def test_somebody_else_was_faster(
    chromium: str, live_server: LiveServer, ana: User, milan: User
) -> None:
    plan = soon(ana)
    with browser(chromium, live_server) as (page, _complaints):
        change(plan, {"first_day": plan.first_day + timedelta(days=1)}, version=1, by=milan)
        pull(page, bar(page), 0.5, 1)
        refused = page.locator("#timeline-refused")
        expect(refused).to_contain_text("Somebody else gave this plan other days meanwhile")
        expect(refused).to_contain_text("Yours, from version 1")
        expect(refused).to_contain_text("Now, version 2")
        expect(refused).to_contain_text("milan")
        expect(bar(page)).to_have_attribute("data-version", "2")  # as it is now
        assert days(plan) == shifted(plan, 1, 0)
        pull(page, bar(page), 0.5, 1)
        expect(bar(page)).to_have_attribute("data-version", "3")
        expect(refused).to_be_empty()
        assert days(plan) == shifted(plan, 8, 7)


def test_a_plan_that_was_locked_meanwhile_goes_back(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    plan = soon(ana)
    with browser(chromium, live_server) as (page, _complaints):
        before = bar(page).bounding_box()
        in_state(plan, State.LOCKED)
        pull(page, bar(page), 0.5, 1)
        expect(page.locator("#timeline-refused")).to_contain_text("stays as it is")
        after = bar(page).bounding_box()
        assert before
        assert after
        assert (after["x"], after["width"]) == (before["x"], before["width"])
        assert days(plan) == shifted(plan, 0, 0)


def test_a_finger_moves_a_bar_too(chromium: str, live_server: LiveServer, ana: User) -> None:
    plan = soon(ana)
    with browser(chromium, live_server, width=360, has_touch=True) as (page, complaints):
        bar(page).scroll_into_view_if_needed()
        box = bar(page).bounding_box()
        week = page.locator("thead th.week").first.bounding_box()
        assert box
        assert week
        touch = page.context.new_cdp_session(page)
        x, y = box["x"] + 25, box["y"] + 8

        def send(kind: str, *points: float) -> None:
            at = [{"x": point, "y": y} for point in points]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

        send("touchStart", x)
        for step in (0.3, 0.7, 1.0):
            send("touchMove", x + step * week["width"])
        send("touchEnd")
        expect(bar(page)).to_have_attribute("data-version", "2")
        assert days(plan) == shifted(plan, 7, 7)
    assert complaints == []


def test_what_was_moved_is_moved_back(chromium: str, live_server: LiveServer, ana: User) -> None:
    plan = soon(ana)
    with browser(chromium, live_server) as (page, complaints):
        pull(page, bar(page), 0.5, 1)
        said = page.locator("#timeline-saved")
        expect(said).to_contain_text("Spring crunch is now")
        assert days(plan) == shifted(plan, 7, 7)
        said.get_by_role("button", name="Move it back").click()
        expect(bar(page)).to_have_attribute("data-version", "3")
        assert days(plan) == shifted(plan, 0, 0)
    assert complaints == []


def test_a_move_after_the_session_has_ended_is_not_said_to_be_saved(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    plan = soon(ana)
    with browser(chromium, live_server) as (page, _complaints):
        kept = [each for each in page.context.cookies() if "session" not in each.get("name", "")]
        page.context.clear_cookies()
        page.context.add_cookies(kept)  # type: ignore[arg-type]  # cookies as they came
        pull(page, bar(page), 0.5, 1)
        expect(page.get_by_text("Your session has ended.")).to_be_visible()
        expect(page.locator("#timeline-refused")).to_contain_text("Not saved")
        expect(page.locator("#timeline-saved")).to_be_hidden()
        assert days(plan) == shifted(plan, 0, 0)


def test_it_can_be_read_and_followed_without_a_script(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    plan = soon(ana)
    with browser(chromium, live_server, java_script_enabled=False) as (page, _complaints):
        bar(page).click()
        expect(page).to_have_url(re.compile(f"/plan/{plan.pk}/$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_right_to_left_nothing_runs_over_on_a_phone(
    chromium: str, live_server: LiveServer, ana: User, scheme: str
) -> None:
    soon(ana, name="A rather long name of a plan that goes on")
    with browser(chromium, live_server, width=360, color_scheme=scheme) as (page, complaints):
        for view in ("", "timeline/", "month/", "account/", "calendar/", "import/"):
            for direction in ("ltr", "rtl"):
                page.goto(f"/main/plan/{view}")
                html = page.locator("html")
                html.evaluate("(element, direction) => { element.dir = direction; }", direction)
                width = html.evaluate("element => element.scrollWidth")
                assert width <= 360, (view, direction)
    assert complaints == []


def test_from_right_to_left_the_left_arrow_goes_forward(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    plan = soon(ana)
    with browser(chromium, live_server) as (page, _complaints):
        page.route(
            "**/timeline/",
            lambda route: route.fulfill(
                response=(answer := route.fetch()),
                body=answer.text().replace('dir="ltr"', 'dir="rtl"'),
            ),
        )
        page.goto("/main/plan/timeline/")
        pull(page, bar(page), 0.5, -1)
        expect(bar(page)).to_have_attribute("data-version", "2")
        assert days(plan) == shifted(plan, 7, 7)
        bar(page).focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        expect(bar(page)).to_have_attribute("data-version", "3")
        assert days(plan) == shifted(plan, 8, 8)


def test_filters_are_kept_from_view_to_view(
    chromium: str, live_server: LiveServer, ana: User
) -> None:
    soon(ana)
    soon(ana, name="End cap", kind="display")
    with browser(chromium, live_server) as (page, complaints):
        page.locator("summary", has_text="Kind").click()
        page.get_by_label("display", exact=True).check()
        page.get_by_role("button", name="Show").click()
        expect(page).to_have_url(re.compile(r"/timeline/\?.*kind=display"))
        for view in ("List", "Month", "By account", "Timeline"):
            page.get_by_role("link", name=view, exact=True).click()
            expect(page.locator(".chips")).to_contain_text("1 plan of 2")
            expect(page).to_have_url(re.compile("kind=display"))
    assert complaints == []
