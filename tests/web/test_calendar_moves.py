"""Moving a plan on the timeline: what the server takes, and what it says when it does not."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client

from offtake_web.accounts.access import GRANTS
from offtake_web.accounts.models import User
from offtake_web.plans.actions import change
from offtake_web.plans.models import Plan, State
from tests.web.calendar_plans import in_state, planned
from tests.web.conftest import Visit

LATER = {"first_day": "2026-03-09", "last_day": "2026-03-22"}


def move(client: Client, plan: Plan, **given: object) -> HttpResponse:
    values = {"version": plan.version, **LATER, **given}
    return client.post(f"/main/plan/{plan.pk}/days/", values)


def days(plan: Plan) -> tuple[date, date]:
    now = Plan.objects.get(pk=plan.pk)
    return now.first_day, now.last_day


def test_a_plan_is_moved_and_its_history_says_by_whom(signed_in: Client, ana: User) -> None:
    plan = planned(ana)
    response = move(signed_in, plan)
    assert response.status_code == 200
    assert response.json() == LATER | {"version": 2, "theirs": []}
    assert days(plan) == (date(2026, 3, 9), date(2026, 3, 22))
    assert plan.history.first().history_user == ana


def test_who_may(cast: dict[str, User], client_of: Visit) -> None:
    for role, user in cast.items():
        plan = planned(cast["marketing"])
        expected = 200 if "plan.edit" in GRANTS[role] else 403
        assert move(client_of(user), plan).status_code == expected, role


def test_a_stranger_is_sent_to_sign_in(client: Client, ana: User) -> None:
    plan = planned(ana)
    assert move(client, plan).status_code == 302
    assert days(plan)[0] == plan.first_day


def test_a_forged_request_is_refused(ana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    plan = planned(ana)
    assert move(client, plan).status_code == 403
    assert days(plan)[0] == plan.first_day


def test_part_of_it_is_out_of_scope(ana: User, jelena: User, client_of: Visit) -> None:
    plan = planned(ana, retailers=["Dis", "Korner"])
    response = move(client_of(jelena), plan)
    assert response.status_code == 403
    assert "outside your part of the business" in response.json()["reason"]
    assert days(plan)[0] == plan.first_day


def test_all_of_it_is_out_of_scope(ana: User, jelena: User, client_of: Visit) -> None:
    assert move(client_of(jelena), planned(ana, retailers=["Dis"])).status_code == 404


@pytest.mark.parametrize("state", [State.LOCKED, State.EXECUTED, State.REVIEWED, State.CANCELLED])
def test_what_is_fixed_stays(signed_in: Client, ana: User, state: State) -> None:
    plan = in_state(planned(ana), state)
    response = move(signed_in, plan)
    assert response.status_code == 409
    assert "stays as it is" in response.json()["reason"]
    assert days(plan)[0] == plan.first_day


def test_two_people_move_one_plan(signed_in: Client, ana: User, milan: User) -> None:
    plan = planned(ana)
    change(plan, {"first_day": date(2026, 3, 1)}, version=1, by=milan)
    response = move(signed_in, plan)
    said = response.json()
    assert response.status_code == 409
    assert said["stale"]
    mine, theirs = said["versions"]
    assert mine["first_day"] == "2026-03-09"
    assert (theirs["first_day"], theirs["version"]) == ("2026-03-01", 2)
    assert "milan" in theirs["by"]
    assert days(plan)[0] == date(2026, 3, 1)


def test_another_field_was_changed_meanwhile(signed_in: Client, ana: User, milan: User) -> None:
    plan = planned(ana)
    change(plan, {"name": "Summer crunch"}, version=1, by=milan)
    response = move(signed_in, plan)
    assert response.status_code == 200
    assert response.json()["theirs"] == ["name"]
    now = Plan.objects.get(pk=plan.pk)
    assert (now.name, now.first_day) == ("Summer crunch", date(2026, 3, 9))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"first_day": "2026-03-30"}, 409),
        ({"first_day": "soon"}, 400),
        ({"last_day": ""}, 400),
        ({"version": "x"}, 400),
        ({"version": 0}, 400),
    ],
)
def test_what_cannot_be(
    signed_in: Client, ana: User, given: dict[str, object], status: int
) -> None:
    plan = planned(ana)
    response = move(signed_in, plan, **given)
    assert response.status_code == status
    assert response.json()["reason"]
    assert days(plan)[0] == plan.first_day


def test_it_is_not_read_by_its_address(signed_in: Client, ana: User) -> None:
    assert signed_in.get(f"/main/plan/{planned(ana).pk}/days/").status_code == 405
