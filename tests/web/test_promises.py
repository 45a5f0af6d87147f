"""Promising something on a plan's page, in one's own name and in somebody else's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.http import HttpResponse

from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import markets
from offtake_web.plans.models import Commitment, Plan
from offtake_web.plans.queries import waiting_for
from tests.web.conftest import Visit, person
from tests.web.plan_cast import day, draft
from tests.web.plan_run import publish_planning


@pytest.fixture
def plan(runs: Path, ana: User, milan: User, jelena: User, petar: User, vesna: User) -> Plan:
    publish_planning(runs)
    return draft(ana)


def promise(visit: Visit, user: User, plan: Plan, owner: str) -> HttpResponse:
    asked = {"what": "Order stock", "due": day(3).isoformat(), "owner": owner}
    return visit(user).post(f"/main/plan/{plan.pk}/promise/", asked, follow=True)


def offered(visit: Visit, user: User, plan: Plan) -> set[str]:
    page = visit(user).get(f"/main/plan/{plan.pk}/").content.decode()
    _, _, rest = page.partition('<select name="owner"')
    options = rest.partition("</select>")[0].split("<option")[1:]
    return {option.partition(">")[2].partition("<")[0] for option in options}


def test_people_of_the_side_who_see_the_plan_are_offered(
    plan: Plan, client_of: Visit, ana: User, milan: User, petar: User, vesna: User
) -> None:
    person("nikola", Role.KEY_ACCOUNT_MANAGER, retailers=["Dis"])
    person("gone", Role.SALES_LEAD, is_active=False)
    assert offered(client_of, milan, plan) == {"myself", "jelena", "petar"}
    for nobody in (ana, petar, vesna):
        assert offered(client_of, nobody, plan) == set()


def test_a_promise_in_somebody_elses_name_waits_for_them(
    plan: Plan, client_of: Visit, milan: User, jelena: User
) -> None:
    promise(client_of, milan, plan, str(jelena.pk))
    row = Commitment.objects.get()
    assert (row.owner, row.side, row.due) == (jelena, "sales", day(3))
    [told] = [each for each in waiting_for(jelena, markets()[0]) if each.matter == "commitment"]
    assert (told.text, told.due) == ("Order stock", day(3))
    assert not [each for each in waiting_for(milan, markets()[0]) if each.matter == "commitment"]
    assert "Order stock" in client_of(jelena).get("/main/").content.decode()


def test_who_promised_for_another_can_take_it_back(
    plan: Plan, client_of: Visit, ana: User, milan: User, jelena: User
) -> None:
    promise(client_of, milan, plan, str(jelena.pk))
    row = Commitment.objects.get()
    address = f"/main/plan/{plan.pk}/promise/{row.pk}/"
    for user, may in ((milan, True), (jelena, True), (ana, False)):
        page = client_of(user).get(f"/main/plan/{plan.pk}/").content.decode()
        assert (address in page) == may
    client_of(milan).post(address, {"version": row.version, "do": "drop"})
    assert not Commitment.objects.exists()


def test_nobody_chosen_is_oneself(plan: Plan, client_of: Visit, milan: User) -> None:
    promise(client_of, milan, plan, "")
    assert Commitment.objects.get().owner == milan


def test_somebody_who_is_not_offered_is_refused(
    plan: Plan, client_of: Visit, ana: User, milan: User
) -> None:
    page = promise(client_of, milan, plan, str(ana.pk))
    assert b"Select a valid choice" in page.content
    assert not Commitment.objects.exists()


def test_a_rep_promises_for_nobody_else(
    plan: Plan, client_of: Visit, petar: User, milan: User
) -> None:
    promise(client_of, petar, plan, str(milan.pk))
    assert [row.owner for row in Commitment.objects.all()] == [petar]
    assert Commitment.objects.get().due > date(2020, 1, 1)


def test_the_glossary_and_the_api_are_one_step_from_every_page(
    plan: Plan, client_of: Visit, ana: User
) -> None:
    page = client_of(ana).get("/main/").content.decode()
    assert 'href="/main/glossary/"' in page
    assert 'href="/api/v1/docs"' in page
