"""The pages of the plan: who sees what, in which words, and at which cost."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts.models import User
from offtake_web.plans.actions_talk import commit
from offtake_web.plans.models import State
from offtake_web.plans.sight import today
from tests.web.calendar_plans import MONDAY, in_state, planned
from tests.web.conftest import Visit

VIEWS = ("", "timeline/", "month/?month=2026-03", "account/?year=2026")
QUERIES = {"": 7, "timeline/": 7, "month/?month=2026-03": 7, "account/?year=2026": 8}
"""Session, user, plans, what was promised, the board's check, the guardrails, and names of
people; for an account the promises themselves, too."""


def page(client: Client, view: str = "") -> str:
    response = client.get(f"/main/plan/{view}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("view", VIEWS)
def test_everybody_with_a_role_reads_the_plan(
    cast: dict[str, User], client_of: Visit, view: str
) -> None:
    planned(cast["marketing"], retailers=[])
    for user in cast.values():
        assert "Spring crunch" in page(client_of(user), view), user


@pytest.mark.parametrize("view", [*VIEWS, "calendar/", "import/", "export.xlsx"])
def test_a_stranger_is_sent_to_sign_in(client: Client, db: None, view: str) -> None:
    response = client.get(f"/main/plan/{view}")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("view", VIEWS)
def test_jelena_sees_her_retailer_alone(
    ana: User, jelena: User, client_of: Visit, view: str
) -> None:
    planned(ana, name="Hers")
    planned(ana, name="Shared", retailers=["Dis", "Korner"])
    planned(ana, name="Everywhere", retailers=[])
    planned(ana, name="Others", retailers=["Dis"])
    text = page(client_of(jelena), view)
    assert all(name in text for name in ("Hers", "Shared", "Everywhere"))
    assert "Others" not in text


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_planned_yet(ana: User, olga: User, client_of: Visit, view: str) -> None:
    assert "Make the first plan" in page(client_of(ana), view)
    seen = page(client_of(olga), view)
    assert "Make the first plan" not in seen
    assert "Plans appear here as soon as" in seen


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_matches(signed_in: Client, ana: User, view: str) -> None:
    planned(ana)
    text = page(signed_in, f"{view}{'&' if '?' in view else '?'}q=nothing")
    assert "The one plan there is does not match." in text
    assert "Show all plans" in text


@pytest.mark.parametrize("view", VIEWS)
def test_tabs_carry_the_whole_address_along(signed_in: Client, ana: User, view: str) -> None:
    planned(ana)
    asked = "kind=promotion&kind=display&retailer=Korner&q=spring&rows=brand&year=2026&page=2"
    text = page(signed_in, f"{view.partition('?')[0]}?{asked}")
    kept = asked.replace("&page=2", "").replace("&", "&amp;")
    for tab in ("", "timeline/", "month/", "account/"):
        assert f'href="/main/plan/{tab}?{kept}"' in text
    assert 'name="rows" value="brand"' in text


@pytest.mark.parametrize("view", VIEWS)
def test_a_filter_is_taken_away_one_by_one(signed_in: Client, ana: User, view: str) -> None:
    planned(ana)
    text = page(signed_in, f"{view.partition('?')[0]}?kind=promotion&kind=display&from=2026-01-01")
    assert re.search(r'href="\?kind=promotion&amp;from=2026-01-01".*?display', text, re.DOTALL)
    assert re.search(r'href="\?kind=promotion&amp;kind=display".*?from 1 Jan 2026', text, re.DOTALL)


def test_what_an_address_says_wrongly_is_named(signed_in: Client, ana: User) -> None:
    planned(ana)
    assert "kind=&lt;b&gt;" in page(signed_in, "?kind=<b>&from=soon")


@pytest.mark.parametrize(
    "view", ["?page=999", "?sort=nonsense", "month/?month=9999-12", "month/?month=x",
             "account/?year=x", "account/?account=Nowhere", "timeline/?rows=x",
             "?from=0001-01-01&to=9999-12-31"],
)  # fmt: skip
def test_no_address_breaks_a_page(signed_in: Client, ana: User, view: str) -> None:
    planned(ana)
    assert "The plan" in page(signed_in, view)


@pytest.mark.parametrize("view", VIEWS)
def test_a_name_is_shown_as_text(signed_in: Client, ana: User, view: str) -> None:
    planned(ana, name="<script>alert(1)</script>", retailers=["<b>Dis"], message="'\"<i>")
    text = page(signed_in, view)
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert "<b>Dis" not in text


@pytest.mark.parametrize("view", VIEWS)
def test_queries_do_not_grow_with_the_plans(
    signed_in: Client, ana: User, view: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (2, 12):
        for number in range(count):
            commit(planned(ana, name=f"{count}-{number}"), "x", due=MONDAY, by=ana)
        page(signed_in, view)  # what the rules say of the plans is worked out once
        with django_assert_num_queries(QUERIES[view]):
            page(signed_in, view)


@pytest.mark.parametrize("view", VIEWS)
def test_readiness_is_said_in_a_word_in_every_view(signed_in: Client, ana: User, view: str) -> None:
    planned(ana, first_day=date(2026, 3, 2), last_day=date(2026, 3, 8))
    assert '<span class="light red">not ready</span>' in page(signed_in, view)


@pytest.mark.parametrize("view", VIEWS)
def test_conflicts_are_counted_in_every_view(signed_in: Client, ana: User, view: str) -> None:
    for name, message in (("One", "Cheap"), ("Two", "Dear")):
        plan = planned(ana, name=name, kind="campaign", message=message, touchpoints=["TV"])
        in_state(plan, State.PROPOSED)
    assert "1 conflict<" in page(signed_in, view)
    joined = "&" if "?" in view else "?"
    assert "2 plans of 2" in page(signed_in, f"{view}{joined}conflicts=1")


def test_a_list_is_sorted_as_asked(signed_in: Client, ana: User) -> None:
    planned(ana, name="Alpha", cost="10")
    planned(ana, name="Beta", cost="30", first_day=MONDAY - timedelta(days=7))

    def order(sort: str) -> list[str]:
        return re.findall(r">(Alpha|Beta)</a>", page(signed_in, f"?sort={sort}"))

    assert order("days") == order("-name") == order("-cost") == ["Beta", "Alpha"]
    assert order("name") == order("cost") == ["Alpha", "Beta"]


def test_a_list_begins_with_what_is_on_or_to_come(signed_in: Client, ana: User) -> None:
    now = timezone.localdate()
    for name, away in (("Old", -60), ("Last", -30), ("Later", 60), ("On", -3)):
        first = now + timedelta(days=away)
        planned(ana, name=name, first_day=first, last_day=first + timedelta(days=13))
    found = re.findall(r">(Old|Last|Later|On)</a>", page(signed_in, ""))
    assert found == ["On", "Later", "Last", "Old"]
    found = re.findall(r">(Old|Last|Later|On)</a>", page(signed_in, "?sort=days"))
    assert found == ["Old", "Last", "On", "Later"]


def test_a_long_list_has_pages_and_keeps_its_filters(signed_in: Client, ana: User) -> None:
    for number in range(51):
        planned(ana, name=f"Plan {number}")
    first = page(signed_in, "?kind=promotion&sort=name")
    assert "kind=promotion&amp;sort=name&amp;page=2" in first
    assert len(re.findall(r"Plan \d+</a>", first)) == 50
    assert len(re.findall(r"Plan \d+</a>", page(signed_in, "?kind=promotion&page=2"))) == 1


def test_only_what_somebody_may_change_can_be_moved(
    ana: User, jelena: User, olga: User, client_of: Visit
) -> None:
    mine, shared = planned(ana), planned(ana, retailers=["Korner", "Dis"])
    locked = in_state(planned(ana), State.LOCKED)

    def movable(user: User) -> set[int]:
        text = page(client_of(user), "timeline/")
        return {int(pk) for pk in re.findall(r'data-plan="(\d+)"', text)}

    assert movable(ana) == {mine.pk, shared.pk}
    assert movable(jelena) == {mine.pk}
    assert movable(olga) == set()
    assert locked.pk not in movable(ana)


def test_a_timeline_can_be_read_without_a_script(signed_in: Client, ana: User) -> None:
    planned(ana, first_day=MONDAY + timedelta(days=2), last_day=MONDAY + timedelta(days=15))
    text = page(signed_in, "timeline/")
    assert re.search(r'<td colspan="3"><a class="plan-bar sales state-draft from-2 to-5"', text)
    assert "style=" not in text


def test_a_timeline_by_brand(signed_in: Client, ana: User) -> None:
    planned(ana, brands=["Birch"])
    planned(ana, brands=[], name="No brand")
    text = page(signed_in, "timeline/?rows=brand")
    assert re.search(r'scope="rowgroup"[^>]*>Birch<', text)
    assert "All brands" in text


def test_an_account_shows_who_promised_what(signed_in: Client, ana: User, milan: User) -> None:
    plan = planned(ana, first_day=today(), last_day=today() + timedelta(days=6))
    commit(plan, "Wobblers to the depot", due=today() - timedelta(days=1), by=ana)
    commit(plan, "Slot at the till", due=today() + timedelta(days=3), by=milan)
    text = page(signed_in, "account/?account=Korner")
    assert re.search(r"Wobblers to the depot.*late since", text)
    assert re.search(r"Slot at the till.*due ", text)
    assert "Slot at the till" not in text.partition("Wobblers")[0]


def test_the_first_account_is_the_one_that_is_filtered(signed_in: Client, ana: User) -> None:
    planned(ana, retailers=["Dis", "Korner"])
    assert "<h2>Korner" in page(signed_in, "account/?retailer=Korner&year=2026")


@pytest.mark.parametrize("view", VIEWS)
def test_serbian_words_and_days(signed_in: Client, ana: User, view: str) -> None:
    planned(ana)
    signed_in.cookies["django_language"] = "sr-latn"
    text = page(signed_in, view)
    assert "Vremenska osa" in text
    assert ("mart 2026" if view.startswith("month") else "2.3.2026.") in text
    assert "The plan" not in text
    assert "nije spremno" in text


def test_another_market_is_another_plan(signed_in: Client, ana: User) -> None:
    planned(ana)
    assert signed_in.get("/nowhere/plan/").status_code == 404


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_has_no_script_or_style_of_its_own(signed_in: Client, ana: User, view: str) -> None:
    planned(ana)
    text = page(signed_in, view)
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert not re.search(r"<style|\sstyle=", text)
