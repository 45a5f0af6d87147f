"""What each role comes for, from sign-in to the end, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import Market
from offtake_web.plans.models import Plan
from offtake_web.runs.queries import current
from tests.web import company as company_of
from tests.web import plan_cast
from tests.web.browsers import Office, aside, office
from tests.web.conftest import PASSWORD
from tests.web.work import work

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

RETAILER = "Fairway"
"""Where the small company has the item on enough shelves, and stock for a small deal."""
CONFLICT = "the server responded with a status of 409"
"""What the browser says of the page that shows two versions."""


@pytest.fixture
def cast(company: Market) -> dict[Role, User]:
    return company_of.people(company)


def open_plan(page: Page, plan: int) -> None:
    page.goto(f"/main/plan/{plan}/")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def plan_a_promotion(page: Page, name: str) -> int:
    """Write a plan as a person does, and return its number."""
    today = timezone.localdate()
    page.get_by_role("link", name="The plan", exact=True).click()
    page.get_by_role("link", name="New plan").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("First day").fill(today.isoformat())
    page.get_by_label("Last day").fill(plan_cast.day(6).isoformat())
    page.get_by_label("Find items").press_sequentially("Alder", delay=30)
    page.get_by_role("group", name="Items").get_by_role("checkbox").first.check()
    page.get_by_role("checkbox", name=RETAILER).check()
    page.get_by_label("Price cut").fill("5")
    page.get_by_label("Message").fill("A crunch to share")
    page.get_by_label("Audience").fill("families on a film night")
    expect(page.locator("#preview")).to_contain_text("Sold on top")
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return int(page.url.rstrip("/").rpartition("/")[2])


def proposed(page: Page) -> int:
    """Marketing plans, does its part and proposes."""
    plan = plan_a_promotion(page, "Film night")
    if page.get_by_role("button", name="Approve").count():
        press(page, "Approve")
    press(page, "Confirm: material delivered")
    press(page, "Propose")
    expect(page.locator(".badge.state")).to_have_text("proposed")
    return plan


def committed(page: Page, plan: int) -> None:
    """Sales asks, promises, confirms until readiness is green, and agrees."""
    open_plan(page, plan)
    page.get_by_role("textbox", name="Comment").fill("Which week does the film start, @marketing?")
    press(page, "Say it")
    page.get_by_text("Promise something").click()
    page.get_by_label("What", exact=True).fill("Two metres of shelf at the tills")
    page.get_by_label("Due").fill(timezone.localdate().isoformat())
    press(page, "Promise")
    expect(page.get_by_text("Two metres of shelf at the tills")).to_be_visible()
    press(page, "Confirm: brief acknowledged")
    press(page, "Confirm: slot confirmed")
    expect(page.locator("#gates .light.green")).to_be_visible()
    press(page, "Agree")


def agreed_and_locked(page: Page, plan: int) -> None:
    """Marketing reads what was said to it, agrees, and locks."""
    open_plan(page, plan)
    expect(page.get_by_text("You are named in a comment.")).to_be_visible()
    press(page, "I have read it")
    press(page, "Agree")
    expect(page.locator(".badge.state")).to_have_text("agreed")
    press(page, "Lock")
    expect(page.locator(".badge.state")).to_have_text("locked")
    expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(0)


def executed(page: Page, plan: int) -> None:
    """A rep records on a phone what was done."""
    open_plan(page, plan)
    page.locator("#id_on").fill(timezone.localdate().isoformat())
    page.locator("#id_note").fill("Standing by the tills since this morning.")
    press(page, "Record")
    expect(page.locator(".badge.state")).to_have_text("executed")


def reviewed(page: Page, plan: int, event: str) -> None:
    """Sales links what the run measured, reads it, and writes down what was learned."""
    open_plan(page, plan)
    page.get_by_text("Link it to its promotion in the data").click()
    page.get_by_label("Number of the promotion").fill(event)
    press(page, "Link")
    expect(page.get_by_role("row", name="Sold on top").first).to_be_visible()
    page.get_by_label("What we learned").fill("Small, and worth it by the tills.")
    press(page, "Close as reviewed")
    expect(page.locator(".badge.state")).to_have_text("reviewed")
    page.get_by_role("link", name="The whole picture of it").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_promotion_from_its_plan_to_what_was_learned(
    chromium: str, live_server: LiveServer, company: Market, cast: dict[Role, User]
) -> None:
    run = current(company)
    assert run is not None
    event = next(
        row["promotion_id"]
        for row in run.rows("promotion_events")
        if row["manufacturer"] == "Alder" and row["retailer"] == RETAILER
    )
    with office(chromium, live_server) as rooms:
        marketing, sales = rooms.seat("marketing"), rooms.seat("key_account")
        plan = proposed(marketing)
        committed(sales, plan)
        agreed_and_locked(marketing, plan)
        executed(rooms.seat("rep", width=360), plan)
        reviewed(sales, plan, event)
        assert rooms.complaints == []


def test_two_people_change_one_plan_and_nothing_is_lost(
    chromium: str, live_server: LiveServer, company: Market, cast: dict[Role, User]
) -> None:
    plan = plan_cast.draft(
        cast[Role.MARKETING], product_ids=[], retailers=[RETAILER], name="Film night"
    ).pk
    with office(chromium, live_server) as rooms:
        marketing, sales = rooms.seat("marketing"), rooms.seat("sales_lead")
        for page in (marketing, sales):
            page.goto(f"/main/plan/{plan}/edit/")
        marketing.get_by_label("Message").fill("A crunch to share")
        press(marketing, "Save")
        expect(marketing.get_by_role("heading", level=1)).to_have_text("Film night")
        sales.get_by_label("Message").fill("Two for one at the tills")
        press(sales, "Save")
        expect(sales.get_by_role("heading", name="Two changes of the same plan")).to_be_visible()
        expect(sales.get_by_text("A crunch to share")).to_be_visible()
        expect(sales.get_by_text("Two for one at the tills")).to_be_visible()
        sales.get_by_role("radio", name="Yours: Two for one at the tills").check()
        press(sales, "Save what is chosen")
        expect(sales.get_by_text("Two for one at the tills")).to_be_visible()
        sales.get_by_role("link", name="Who changed what, when").click()
        expect(sales.get_by_text("A crunch to share").first).to_be_visible()
        assert [each for each in rooms.complaints if CONFLICT not in each] == []
    assert Plan.objects.get(pk=plan).message == "Two for one at the tills"


def test_a_key_account_manager_moves_a_plan_with_the_keyboard(
    chromium: str, live_server: LiveServer, company: Market, cast: dict[Role, User]
) -> None:
    retailer = cast[Role.KEY_ACCOUNT_MANAGER].retailers[0]
    plan = plan_cast.draft(
        cast[Role.SALES_LEAD], product_ids=[], retailers=[retailer], name="Film night"
    )
    with office(chromium, live_server) as rooms:
        page = rooms.seat("key_account")
        page.get_by_role("link", name="The plan", exact=True).click()
        page.get_by_role("link", name="Timeline").click()
        page.wait_for_load_state()
        bar = page.locator(f"[data-plan='{plan.pk}']")
        bar.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Enter")
        expect(page.locator("#timeline-says")).to_contain_text("Film night is now")
        assert rooms.complaints == []
    moved = Plan.objects.get(pk=plan.pk)
    assert (moved.first_day, moved.last_day) == (plan_cast.day(68), plan_cast.day(82))
    assert moved.updated_by == cast[Role.KEY_ACCOUNT_MANAGER]


def test_an_analyst_loads_a_file_with_bad_rows_and_starts_a_refresh(
    chromium: str, live_server: LiveServer, tmp_path: Path, vesna: User
) -> None:
    file = tmp_path / "week.csv"
    file.write_text(
        "store_id,product_id,week,units,value\nS1,P1,2017-01-02,3,9\n"
        "S1,P2,2017-01-02,many,9\nS2,P1,2017-01-02,4,12\n",
        encoding="utf-8",
    )
    with office(chromium, live_server) as rooms:
        page = rooms.seat("vesna")
        page.get_by_role("link", name="Loads", exact=True).click()
        page.get_by_role("link", name="Load a file").first.click()
        page.locator("#id_file").set_input_files(file)
        page.get_by_label("What it holds").select_option("sales")
        press(page, "Send and load")
        expect(page.get_by_role("heading", level=1)).to_contain_text("week.csv")
        aside(work)
        expect(page.get_by_role("status").first).to_contain_text("done")
        page.get_by_role("link", name="set aside").first.click()
        row = page.get_by_role("row").filter(has_text="many")
        expect(row).to_contain_text("units")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").first.click()
        assert "many" in download.value.path().read_text(encoding="utf-8")
        page.get_by_role("link", name="Runs", exact=True).first.click()
        page.get_by_role("link", name="Refresh").first.click()
        page.get_by_label("Category").fill("BAG SNACKS")
        page.get_by_label("Manufacturer").fill("Alder")
        press(page, "Start")
        expect(page.get_by_role("status").first).to_be_visible()
        aside(work)
        expect(page.get_by_role("status").first).to_contain_text("failed")
        expect(page.get_by_text("BAG SNACKS").first).to_be_visible()
        assert rooms.complaints == []


def test_an_administrator_makes_a_person_who_sees_only_their_part(
    chromium: str, live_server: LiveServer, company: Market, cast: dict[Role, User]
) -> None:
    mine = plan_cast.draft(
        cast[Role.SALES_LEAD], product_ids=[], retailers=[RETAILER], name="At Fairway"
    )
    plan_cast.draft(cast[Role.SALES_LEAD], product_ids=[], retailers=["Oakmart"], name="At Oakmart")
    with office(chromium, live_server) as rooms:
        page = rooms.seat("admin")
        page.get_by_role("link", name="People", exact=True).click()
        page.get_by_role("link", name="New person").click()
        page.get_by_label("Username").fill("mira")
        page.get_by_label("Role").select_option("key_account_manager")
        page.get_by_label("Retailers").fill(RETAILER)
        press(page, "Make the account")
        address = page.get_by_role("code").inner_text()
        window = rooms.browser.new_context(base_url=rooms.address, locale="en").new_page()
        window.set_default_timeout(20_000)
        window.goto(address)
        for field in window.locator("input[type=password]").all():
            field.fill(PASSWORD)
        press(window, "Set the password")
        window.get_by_role("button", name="Set the password").wait_for(state="detached")
        mira = rooms.seat("mira")
        mira.get_by_role("link", name="The plan", exact=True).click()
        expect(mira.get_by_role("link", name="At Fairway").first).to_be_visible()
        expect(mira.get_by_role("link", name="At Oakmart")).to_have_count(0)
        open_plan(mira, mine.pk)
        expect(mira.get_by_role("heading", level=1)).to_have_text("At Fairway")
        assert rooms.complaints == []


BUTTONS_OF_A_READER = {"Sign out", "Apply", "Change", "Show", "Menu"}


def buttons(rooms: Office, page: Page) -> set[str]:
    names = page.locator("button:visible").all_inner_texts()
    return {name.strip() for name in names} - BUTTONS_OF_A_READER


def test_a_viewer_reads_everything_and_finds_nothing_to_change(
    chromium: str, live_server: LiveServer, company: Market, cast: dict[Role, User]
) -> None:
    plan = plan_cast.draft(cast[Role.SALES_LEAD], product_ids=[], retailers=[RETAILER])
    plan_cast.bring(plan, "proposed", marketing=cast[Role.MARKETING], sales=cast[Role.SALES_LEAD])
    with office(chromium, live_server) as rooms:
        page = rooms.seat("viewer")
        for name in ("Scoreboard", "Promotions", "Availability", "The plan"):
            page.get_by_role("link", name=name, exact=True).first.click()
            expect(page.get_by_role("heading", level=1)).to_be_visible()
        open_plan(page, plan.pk)
        expect(page.get_by_role("heading", level=1)).to_have_text("Summer deal")
        assert buttons(rooms, page) == set()
        expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(0)
        assert rooms.complaints == []
