"""Guardrails that were tightened after a plan was locked: it stays locked, and says so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from offtake.decisions.planning.guardrails import Rule
from offtake_web.accounts.models import User
from offtake_web.common.markets import markets
from offtake_web.plans import actions_workflow
from offtake_web.plans.actions_guardrails import change_guardrail
from offtake_web.plans.guardrails import one_of
from offtake_web.plans.models import LOCKED_IT, MarketGuardrail, Plan
from offtake_web.plans.queries import board, judged
from tests.web.api_cast import MAIN, caller
from tests.web.conftest import Visit
from tests.web.plan_cast import bring, day, draft, fresh
from tests.web.plan_run import publish_planning

CUT: Rule = "deepest_price_cut"
LIST = "/main/plan/"


def at(plan: Plan) -> str:
    return f"/main/plan/{plan.pk}/"


def set_rule(by: User, rule: Rule = CUT, /, **values: Any) -> MarketGuardrail:
    version = one_of("main", rule).version
    return change_guardrail(markets()[0], rule, values, version=version, by=by)


def deep(ana: User, milan: User, state: str = "locked", **more: Any) -> Plan:
    """A display with a price cut of 31 %, which the standard of 33 % lets pass."""
    given = {"kind": "display", "price_cut": 31} | more
    return bring(draft(ana, **given), state, marketing=ana, sales=milan)


def older(plan: Plan) -> dict[str, float | None]:
    """Return what the page and the list know of older limits; they know the same."""
    found = [judged(fresh(plan)).older, board(markets()[0]).judged[plan.pk].older]
    assert found[0] == found[1]
    return {rule: then.limit for rule, then in found[0].items()}


def locked_ago(plan: Plan, days: int) -> None:
    then = timezone.now() - timedelta(days=days)
    rows = Plan.history.filter(id=plan.pk, history_change_reason=LOCKED_IT)
    assert rows.update(history_date=then) == 1


def test_page_list_and_api_say_both_limits(
    ana: User, milan: User, dragan: User, client_of: Visit
) -> None:
    plan = deep(ana, milan)
    reader = client_of(milan)
    assert "Locked under" not in reader.get(at(plan)).content.decode()
    set_rule(dragan, limit=30)
    today = date_format(timezone.localdate(), "SHORT_DATE_FORMAT")
    words = f"Locked under the rule of {today}: 33 %; today&#x27;s is 30 %."
    text = reader.get(at(plan)).content.decode()
    assert f"{words} The plan stays locked." in text
    assert "needs a yes" in text, "the reason"
    assert "Needs a yes of:" not in text
    assert "is needed again" not in text
    assert words in reader.get(LIST).content.decode()
    program = caller(milan)
    [rule] = program.get(f"{MAIN}/plans/{plan.pk}/judgement").json()["guardrails"]
    assert rule["locked_under"] == {"on": timezone.localdate().isoformat(), "limit": 33.0}
    assert (rule["limit"], rule["outdated"], rule["may_answer"]) == (30.0, False, False)
    [line] = program.get(f"{MAIN}/plans").json()["items"]
    assert line["older_rules"] == [f"deepest price cut: {words.replace('&#x27;', chr(39))}"]
    assert fresh(plan).state == "locked"


@pytest.mark.parametrize("state", ["draft", "proposed", "agreed"])
def test_what_is_not_locked_is_judged_by_the_limit_of_today(
    ana: User, milan: User, dragan: User, client_of: Visit, state: str
) -> None:
    plan = deep(ana, milan, state)
    set_rule(dragan, limit=30)
    text = client_of(milan).get(at(plan)).content.decode()
    assert "Needs a yes of:" in text
    assert "Locked" not in text
    assert older(plan) == {}


def test_a_rule_that_was_not_in_force_for_it_is_said_to_be_newer(
    ana: User, milan: User, dragan: User, client_of: Visit
) -> None:
    set_rule(dragan, kinds=["promotion"])
    plan = deep(ana, milan)
    set_rule(dragan, limit=30, kinds=[])
    assert older(plan) == {CUT: None}
    text = client_of(milan).get(at(plan)).content.decode()
    assert "when it was not in force; today&#x27;s is 30 %." in text


def test_a_rule_that_was_off_when_it_was_locked(ana: User, milan: User, dragan: User) -> None:
    plan = deep(ana, milan, cost=500)
    set_rule(dragan, "most_cost", on=True, limit=400.0)
    assert older(plan) == {"most_cost": None}


def test_it_is_the_limit_of_the_day_of_the_lock_whatever_came_after(
    ana: User, milan: User, dragan: User
) -> None:
    set_rule(dragan, limit=32)
    plan = deep(ana, milan)
    for limit in (35, 28, 30):
        set_rule(dragan, limit=limit)
    assert older(plan) == {CUT: 32}


def test_a_limit_that_was_loosened_is_no_older_one(ana: User, milan: User, dragan: User) -> None:
    """What was approved under a tighter limit stays approved."""
    set_rule(dragan, limit=20)
    plan = deep(ana, milan)
    set_rule(dragan, limit=25)
    assert [each.guardrail.rule for each in judged(fresh(plan)).broken] == [CUT]
    assert older(plan) == {}


def test_what_was_approved_says_so(ana: User, milan: User, dragan: User, client_of: Visit) -> None:
    plan = deep(ana, milan, price_cut=40)
    text = client_of(milan).get(at(plan)).content.decode()
    assert "It was approved before the lock." in text
    assert "Needs a yes of:" not in text
    assert older(plan) == {}


def test_opened_again_it_is_held_to_the_limit_of_today(
    ana: User, milan: User, dragan: User, client_of: Visit
) -> None:
    plan = deep(ana, milan)
    set_rule(dragan, limit=30)
    actions_workflow.reopen(fresh(plan), version=fresh(plan).version, by=milan)
    text = client_of(milan).get(at(plan)).content.decode()
    assert "Needs a yes of:" in text
    assert older(plan) == {}


def test_locked_again_it_is_the_rule_of_the_second_lock(
    ana: User, milan: User, dragan: User
) -> None:
    plan = deep(ana, milan)
    locked_ago(plan, 20)
    set_rule(dragan, limit=32)
    now = actions_workflow.reopen(fresh(plan), version=fresh(plan).version, by=milan)
    for who in (ana, milan):
        now = actions_workflow.agree(now, version=now.version, by=who)
    actions_workflow.lock(now, version=now.version, by=milan)
    set_rule(dragan, limit=30)
    assert older(plan) == {CUT: 32}
    assert judged(fresh(plan)).older[CUT].on == timezone.localdate()


def test_the_notice_of_a_locked_plan_is_that_of_its_lock(
    ana: User, milan: User, dragan: User
) -> None:
    """A plan that was locked 50 days before it starts keeps a notice of 30, however near it is."""
    set_rule(dragan, "least_lead_days", on=True, limit=30)
    plan = deep(ana, milan)
    locked_ago(plan, 45)
    Plan.objects.filter(pk=plan.pk).update(first_day=day(5), last_day=day(18))
    assert judged(fresh(plan)).broken == ()
    set_rule(dragan, "least_lead_days", limit=60)
    assert older(plan) == {"least_lead_days": None}, "it was off when the plan was locked"


def test_figures_that_changed_since_are_said_to_have(
    ana: User, milan: User, runs: Path, client_of: Visit
) -> None:
    """Its return is not known without a model: locked before anybody asked for one."""
    publish_planning(runs)
    plan = deep(ana, milan)
    Plan.objects.filter(pk=plan.pk).update(price_cut=40)
    text = client_of(milan).get(at(plan)).content.decode()
    assert "It kept this limit when it was locked; the figures have changed since." in text


def test_who_does_not_see_the_plan_does_not_see_its_limits(
    ana: User, milan: User, dragan: User, jelena: User, client_of: Visit
) -> None:
    plan = deep(ana, milan, retailers=["Dis"])
    set_rule(dragan, limit=30)
    text = client_of(jelena).get(LIST).content.decode()
    assert "Locked under" not in text
    assert client_of(jelena).get(at(plan)).status_code == 404


def test_every_role_reads_it(
    cast: dict[str, User], runs: Path, ana: User, milan: User, dragan: User, client_of: Visit
) -> None:
    publish_planning(runs)
    plan = deep(ana, milan)
    set_rule(dragan, limit=30)
    for role, user in cast.items():
        assert "Locked under" in client_of(user).get(at(plan)).content.decode(), role


def test_in_serbian(ana: User, milan: User, dragan: User, client_of: Visit) -> None:
    plan = deep(ana, milan)
    set_rule(dragan, limit=30)
    text = client_of(milan).get(at(plan), headers={"Accept-Language": "sr-latn"}).content.decode()
    assert "Zaključan po pravilu od" in text
    assert "Plan ostaje zaključan." in text


def test_queries_do_not_grow_with_locked_plans(
    ana: User,
    milan: User,
    dragan: User,
    signed_in: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    number = 0
    for many in (2, 5):
        while number < many:
            plan, number = deep(ana, milan), number + 1
        for limit in (30, 29):
            set_rule(dragan, limit=limit)
        signed_in.get(LIST)
        with django_assert_num_queries(7):
            signed_in.get(LIST)
        with django_assert_num_queries(18):  # two for when it was locked, and what was set
            signed_in.get(at(plan))
