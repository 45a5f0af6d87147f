"""The plan in people's own calendars: a secret address, and a file that calendars read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from hypothesis import given
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import markets
from offtake_web.plans.actions import change
from offtake_web.plans.actions_feed import MOST_LINKS, make_feed_link, revoke_feed_link
from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.calendar_feed import feed, one_line
from offtake_web.plans.models import FeedLink, State
from tests.web.calendar_plans import ENTRIES, in_state, planned
from tests.web.conftest import Visit


def address(user: User, query: str = "") -> str:
    _link, secret = make_feed_link(markets()[0], "phone", by=user)
    return f"/main/plan/feed/{secret}.ics{query}"


def events(client: Client, place: str) -> list[Any]:
    response = client.get(place)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_a_calendar_reads_the_plan_without_signing_in(client: Client, ana: User) -> None:
    plan = planned(ana, message="Crunch; together, all", retailers=["Korner", "Dis, Inc."])
    (event,) = events(client, address(ana))
    assert event["SUMMARY"] == "Spring crunch"
    assert event.decoded("DTSTART") == date(2026, 3, 2)
    assert event.decoded("DTEND") == date(2026, 3, 16)  # the day after the last
    assert event["UID"] == f"plan-{plan.pk}@main.offtake"
    assert event["SEQUENCE"] == 1
    assert event["STATUS"] == "TENTATIVE"
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["LOCATION"] == "Korner, Dis, Inc."
    assert "Crunch; together, all" in event["DESCRIPTION"]
    assert event["URL"] == f"http://testserver/main/plan/{plan.pk}/"


def test_a_change_keeps_the_identity_and_counts_up(client: Client, ana: User) -> None:
    plan, place = planned(ana), address(ana)
    (before,) = events(client, place)
    change(plan, {"last_day": date(2026, 3, 20)}, version=1, by=ana)
    (after,) = events(client, place)
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2)
    assert after.decoded("DTEND") == date(2026, 3, 21)


@pytest.mark.parametrize(
    ("state", "status"),
    [(State.PROPOSED, "TENTATIVE"), (State.AGREED, "CONFIRMED"), (State.CANCELLED, "CANCELLED")],
)
def test_its_state_is_said(client: Client, ana: User, state: State, status: str) -> None:
    in_state(planned(ana), state)
    (event,) = events(client, address(ana))
    assert event["STATUS"] == status


def test_it_holds_what_its_owner_sees(client: Client, ana: User, jelena: User) -> None:
    planned(ana, name="Hers")
    planned(ana, name="Others", retailers=["Dis"])
    assert {each["SUMMARY"] for each in events(client, address(jelena))} == {"Hers"}
    assert len(events(client, address(ana))) == 2


def test_filters_are_those_of_the_pages(client: Client, ana: User) -> None:
    planned(ana)
    planned(ana, kind="display", name="End cap")
    place = address(ana, "?kind=display&from=2026-01-01")
    assert [each["SUMMARY"] for each in events(client, place)] == ["End cap"]


def test_a_withdrawn_address_is_gone(client: Client, ana: User) -> None:
    place = address(ana)
    assert client.get(place).status_code == 200
    revoke_feed_link(FeedLink.objects.get(), by=ana)
    assert client.get(place).status_code == 404


def test_a_closed_account_has_no_calendar(client: Client, ana: User) -> None:
    place = address(ana)
    ana.is_active = False
    ana.save()
    assert client.get(place).status_code == 404


@pytest.mark.parametrize("secret", ["x", "x-y", "-", "000000000000-abc"])
def test_a_guess_is_not_found(client: Client, ana: User, secret: str) -> None:
    address(ana)
    assert client.get(f"/main/plan/feed/{secret}.ics").status_code == 404


def test_the_beginning_of_a_secret_is_worth_nothing(client: Client, ana: User) -> None:
    place = address(ana)
    assert client.get(place.replace(".ics", "x.ics")).status_code == 404
    assert client.get(re.sub(r"-[^/]*\.ics", "-.ics", place)).status_code == 404


def test_only_a_fingerprint_is_kept(ana: User) -> None:
    link, secret = make_feed_link(markets()[0], "phone", by=ana)
    kept = FeedLink.objects.filter(pk=link.pk).values().get()
    assert secret.partition("-")[2] not in str(kept)


def test_it_opens_no_other_page(client: Client, ana: User) -> None:
    secret = address(ana).split("/")[-1].removesuffix(".ics")
    response = client.get("/main/plan/", headers={"authorization": f"Bearer {secret}"})
    assert response.status_code == 302


def test_what_has_not_changed_is_not_sent_again(client: Client, ana: User) -> None:
    plan, place = planned(ana), address(ana)
    first = client.get(place)
    again = client.get(place, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "private, no-cache"
    change(plan, {"name": "Autumn"}, version=1, by=ana)
    assert client.get(place, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_its_use_is_noted(client: Client, ana: User) -> None:
    client.get(address(ana))
    assert FeedLink.objects.get().last_used is not None


def test_it_speaks_its_owners_language(client: Client, ana: User) -> None:
    planned(ana)
    ana.language = "sr-latn"
    ana.save()
    (event,) = events(client, address(ana))
    assert "Maloprodajni lanci: Korner" in event["DESCRIPTION"]


def test_it_asks_the_database_little(
    client: Client, ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = address(ana)
    for count in (1, 5):
        for _each in range(count):
            planned(ana)
        client.get(place)
        # Whose it is, plans, promises, the board's check, and the guardrails.
        with django_assert_num_queries(5):
            client.get(place)


@given(ENTRIES)
def test_any_plan_is_written_so_that_it_reads_the_same(entries: list[Entry]) -> None:
    body = feed(entries, title="Plan", market="main", address=lambda plan: f"https://x/{plan.pk}")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    found = {str(each["UID"]): each for each in Calendar.from_ical(body).walk("VEVENT")}
    assert len(found) == len(entries)
    for entry in entries:
        event = found[f"plan-{entry.pk}@main.offtake"]
        assert event["SUMMARY"] == entry.name
        assert event.decoded("DTSTART") == entry.first_day
        assert (event.decoded("DTEND") - event.decoded("DTSTART")).days == entry.days


@pytest.mark.parametrize(
    "name", ["a\r\nBEGIN:VEVENT\r\nSUMMARY:b", "a,b;c\\n:d", 'q"uote', "\x00\x07a"]
)
def test_no_name_breaks_out_of_its_line(name: str) -> None:
    plan = Entry(pk=1, version=1, kind="launch", state="draft", side="sales", name=name,
                 first_day=date(2026, 3, 2), last_day=date(2026, 3, 2),
                 updated=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    body = feed([plan], title=name, market="main", address=lambda _plan: "https://x/1")
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert event["SUMMARY"] == one_line(name)


def test_making_and_withdrawing_on_the_page(signed_in: Client, ana: User) -> None:
    planned(ana, kind="display")
    made = signed_in.post("/main/plan/calendar/?kind=display", {"name": "My phone"})
    text = made.content.decode()
    found = re.search(r"http://testserver(/main/plan/feed/\S+?\.ics\?kind=display)<", text)
    assert found
    assert made["Cache-Control"] == "no-store"
    assert len(events(Client(), found[1])) == 1
    page = signed_in.get("/main/plan/calendar/").content.decode()
    assert "My phone" in page
    assert found[1].split("/")[-1].partition(".")[0] not in page
    link = FeedLink.objects.get()
    assert signed_in.post(f"/main/plan/calendar/{link.pk}/withdraw/").status_code == 302
    assert "My phone" not in signed_in.get("/main/plan/calendar/").content.decode()
    assert Client().get(found[1]).status_code == 404


@pytest.mark.parametrize("role", Role)
def test_everybody_who_sees_plans_may_subscribe(
    cast: dict[str, User], client_of: Visit, role: Role
) -> None:
    assert client_of(cast[role]).get("/main/plan/calendar/").status_code == 200


def test_nobody_withdraws_what_is_not_theirs(ana: User, milan: User, client_of: Visit) -> None:
    link, _secret = make_feed_link(markets()[0], "phone", by=ana)
    assert client_of(milan).post(f"/main/plan/calendar/{link.pk}/withdraw/").status_code == 404
    with pytest.raises(PermissionDenied):
        revoke_feed_link(link, by=milan)
    assert FeedLink.objects.get().revoked is None


def test_an_administrator_withdraws_anybodys(ana: User, dragan: User) -> None:
    link, _secret = make_feed_link(markets()[0], "phone", by=ana)
    revoke_feed_link(link, by=dragan)
    assert FeedLink.objects.get().revoked


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_name_is_needed(ana: User, name: str) -> None:
    with pytest.raises(ValidationError, match="1 to 80"):
        make_feed_link(markets()[0], name, by=ana)


def test_there_is_an_end_to_addresses(ana: User, signed_in: Client) -> None:
    for _each in range(MOST_LINKS):
        make_feed_link(markets()[0], "phone", by=ana)
    page = signed_in.post("/main/plan/calendar/", {"name": "one more"}).content.decode()
    assert "withdraw one first" in page
    assert FeedLink.objects.count() == MOST_LINKS
