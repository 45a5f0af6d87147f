"""The guardrails of a market: who sets them, who answers, and what a changed one does to plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from offtake.decisions.planning.guardrails import RULES, Rule
from offtake_web.accounts.access import GRANTS
from offtake_web.accounts.models import Role, User
from offtake_web.api.schemas.guardrails import Approver
from offtake_web.common.markets import Market, markets
from offtake_web.plans import actions_workflow
from offtake_web.plans.actions_guardrails import StaleGuardrailError, change_guardrail
from offtake_web.plans.guardrail_page import past
from offtake_web.plans.guardrails import APPROVERS, STANDARD, TERMS, in_force, one_of, tightened
from offtake_web.plans.models import Approval, MarketGuardrail, Plan
from offtake_web.plans.queries import board, judged, waiting_for
from offtake_web.plans.writing import PlanRuleError
from tests.web.api_cast import MAIN, caller
from tests.web.conftest import PASSWORD, Visit, person
from tests.web.plan_cast import bring, draft, fresh
from tests.web.test_api_frame import problem
from tests.web.together import together

CUT: Rule = "deepest_price_cut"


def at(name: str, *parts: object) -> str:
    return reverse(name, args=("main", *parts))


def set_rule(by: User, rule: Rule = CUT, /, **values: Any) -> MarketGuardrail:
    version = one_of("main", rule).version
    return change_guardrail(markets()[0], rule, values, version=version, by=by)


def broken(plan: Plan) -> list[str]:
    return [each.guardrail.rule for each in judged(fresh(plan)).broken]


def answer(plan: Plan, by: User, *, yes: bool = True, rule: str = CUT, **more: Any) -> Approval:
    now = fresh(plan)
    return actions_workflow.answer_guardrail(now, rule, yes=yes, version=now.version, by=by, **more)


def asked(user: User) -> list[int]:
    return [each.plan.pk for each in waiting_for(user, markets()[0]) if each.matter == "approve"]


def deep(ana: User, state: str = "proposed", *, milan: User, **more: Any) -> Plan:
    """A display with a price cut of 40 %: the standard asks the sales lead for a yes."""
    return bring(
        draft(ana, kind="display", price_cut=40, **more), state, marketing=ana, sales=milan
    )


# Who may


def test_who_sets_guardrails_answers_none() -> None:
    for role, granted in GRANTS.items():
        assert not {"plan.rules", "plan.approve"} <= granted, role
    assert [role for role in Role if "plan.rules" in GRANTS[role]] == [Role.ADMINISTRATOR]
    assert set(get_args(Approver)) == set(APPROVERS)


def test_each_role_and_the_action(cast: dict[str, User]) -> None:
    for role, user in cast.items():
        if role == Role.ADMINISTRATOR:
            assert set_rule(user, limit=30).version == 2
        else:
            with pytest.raises(PermissionDenied, match=r"plan\.rules"):
                set_rule(user, limit=31)
    assert [each.given for each in in_force("main") if each.rule == CUT] == [30]


def test_an_administrator_of_a_part_sets_nothing_for_the_whole(dragan: User) -> None:
    dragan.retailers = ["Korner"]
    dragan.save()
    with pytest.raises(PermissionDenied, match="for a part"):
        set_rule(dragan, limit=30)
    assert not MarketGuardrail.objects.exists()


def test_everybody_reads_the_page_and_administrators_change_it(
    cast: dict[str, User], proven: Visit
) -> None:
    form = {"version": 1, "on": "on", "limit": "30", "role": "sales_lead"}
    for role, user in cast.items():
        visitor, sets = proven(user), role == Role.ADMINISTRATOR
        form_at = at("plan-rules-change", CUT)
        page = visitor.get(at("plan-rules"))
        assert page.status_code == 200, role
        assert (form_at in page.content.decode()) == sets
        assert visitor.get(form_at).status_code == (200 if sets else 403)
        assert visitor.post(form_at, form).status_code == (302 if sets else 403)


def test_a_change_needs_a_fresh_proof_and_goes_on_after_it(dragan: User, client_of: Visit) -> None:
    office, form_at = client_of(dragan), at("plan-rules-change", CUT)
    assert office.get(form_at).status_code == 200
    asked = office.post(form_at, {"version": 1, "on": "on", "limit": "30", "role": "sales_lead"})
    assert asked["Location"].startswith("/accounts/again/")
    assert not MarketGuardrail.objects.exists()
    done = office.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert "The guardrail is saved" in done.content.decode()
    assert one_of("main", CUT).limit == 30


def test_a_change_by_a_browser_through_the_api_needs_a_fresh_proof_too(
    dragan: User, client_of: Visit, proven: Visit
) -> None:
    place, sent = f"{MAIN}/guardrails/{CUT}", {"limit": 30}
    version = caller(dragan).get(place)["ETag"]
    for visit, status in ((client_of, 403), (proven, 200)):
        answer = visit(dragan).patch(
            place, sent, content_type="application/json", headers={"If-Match": version}
        )
        assert answer.status_code == status, answer.content
    assert one_of("main", CUT).limit == 30


@pytest.mark.django_db
def test_a_stranger_signs_in_first(client: Client) -> None:
    for address in (at("plan-rules"), at("plan-rules-change", CUT)):
        response = client.post(address, {"version": 1, "limit": "1", "role": "sales_lead"})
        assert response["Location"].startswith("/accounts/login/")
    assert not MarketGuardrail.objects.exists()


def test_everybody_reads_the_endpoint_and_administrators_change_it(cast: dict[str, User]) -> None:
    for role, user in cast.items():
        program = caller(user)
        assert program.get(f"{MAIN}/guardrails").status_code == 200, role
        assert program.get(f"{MAIN}/guardrails/history").status_code == 200
        etag = program.get(f"{MAIN}/guardrails/{CUT}")["ETag"]
        sent = program("PATCH", f"{MAIN}/guardrails/{CUT}", {"limit": 30}, If_Match=etag)
        assert sent.status_code == (200 if role == Role.ADMINISTRATOR else 403)


# What holds


def test_every_rule_of_the_library_has_a_name_and_a_range() -> None:
    assert set(TERMS) == set(RULES)
    assert set(STANDARD) < set(RULES)
    for rule, standard in STANDARD.items():
        assert TERMS[rule].low <= standard["limit"] <= TERMS[rule].high


@pytest.mark.django_db
def test_the_standard_holds_until_a_market_sets_its_own() -> None:
    found = {each.rule: (each.limit, each.approver, each.kinds) for each in in_force("main")}
    assert found == {
        "deepest_price_cut": (33, "sales_lead", ()),
        "least_roi": (-0.5, "marketing", ("promotion",)),
        "least_weeks_between": (2, "sales_lead", ()),
        "most_days": (42, "sales_lead", ("promotion", "display")),
    }


def test_a_market_sets_its_own_alone(dragan: User, settings: Settings) -> None:
    main = markets()[0]
    settings.OFFTAKE_MARKETS = (
        main, Market(key="other", title="Other", store=main.store, runs=main.runs)
    )  # fmt: skip
    change_guardrail(markets()[1], CUT, {"limit": 10}, version=1, by=dragan)
    assert one_of("main", CUT).limit == 33
    assert one_of("other", CUT).limit == 10
    assert past("main", "") == []


def test_a_changed_guardrail_is_seen_at_once(ana: User, milan: User, dragan: User) -> None:
    plan, market = draft(ana, kind="display", price_cut=30), markets()[0]
    assert broken(plan) == []
    assert board(market).judged[plan.pk].broken == ()
    set_rule(dragan, limit=25)
    assert broken(plan) == [CUT]
    assert [each.guardrail.rule for each in board(market).judged[plan.pk].broken] == [CUT]
    bring(plan, "proposed", marketing=ana, sales=milan)
    assert asked(milan) == [plan.pk]
    set_rule(dragan, kinds=["promotion"])
    assert broken(plan) == []
    assert asked(milan) == []
    set_rule(dragan, kinds=[])
    set_rule(dragan, on=False)
    assert broken(plan) == []


def test_a_rule_that_was_off_is_switched_on(ana: User, dragan: User) -> None:
    plan = draft(ana, kind="display", cost="5000")
    assert broken(plan) == []
    set_rule(dragan, "most_cost", on=True, limit=4999.5, role="marketing")
    assert broken(plan) == ["most_cost"]


def test_the_return_is_given_in_percent_and_held_as_a_ratio(dragan: User) -> None:
    set_rule(dragan, "least_roi", limit=12.5)
    found = next(each for each in in_force("main") if each.rule == "least_roi")
    assert (found.limit, found.given) == (0.125, 12.5)


@pytest.mark.parametrize(
    ("rule", "limit"),
    [("deepest_price_cut", 100.1), ("deepest_price_cut", -1), ("deepest_price_cut", 30.55),
     ("least_roi", -101), ("least_roi", 1001), ("most_days", 0), ("most_days", 1.5),
     ("least_weeks_between", -1), ("least_weeks_between", 0.5), ("least_lead_days", 731),
     ("most_cost", -0.01), ("most_cost", 0.001), ("most_cost", 1e12), ("most_store_share", 101),
     ("most_cost", float("nan")), ("most_cost", float("inf")), ("most_days", None)],
)  # fmt: skip
def test_a_limit_outside_of_its_range_is_refused(
    dragan: User, rule: Rule, limit: float | None
) -> None:
    with pytest.raises(ValidationError) as refused:
        set_rule(dragan, rule, limit=limit, on=True)
    assert set(refused.value.message_dict) == {"limit"}
    assert not MarketGuardrail.objects.exists()


@pytest.mark.parametrize("rule", RULES)
def test_both_ends_of_the_range_are_allowed(dragan: User, rule: Rule) -> None:
    for limit in (TERMS[rule].low, TERMS[rule].high):
        assert set_rule(dragan, rule, limit=float(limit), on=True).limit == limit


@pytest.mark.parametrize(
    ("values", "field"),
    [({"kinds": ["party"]}, "kinds"), ({"role": "viewer"}, "role"), ({"role": "nobody"}, "role")],
)
def test_other_values_outside_of_their_lists_are_refused(
    dragan: User, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        set_rule(dragan, **values)
    assert set(refused.value.message_dict) == {field}


# Who answers


def test_the_named_person_answers_and_nobody_else_of_the_role(
    ana: User, milan: User, dragan: User
) -> None:
    mira = person("mira", Role.SALES_LEAD, first_name="Mira", last_name="Ilić")
    plan = deep(ana, milan=milan)
    set_rule(dragan, person=mira)
    assert (asked(milan), asked(mira)) == ([], [plan.pk])
    with pytest.raises(PermissionDenied, match="Only Mira Ilić"):
        answer(plan, milan)
    assert answer(plan, mira).by == mira
    assert (asked(milan), asked(mira)) == ([], [])


def test_somebody_of_the_other_role_can_be_named(ana: User, milan: User, dragan: User) -> None:
    plan = deep(ana, milan=milan)
    with pytest.raises(PermissionDenied):
        answer(plan, ana)
    set_rule(dragan, person=ana)
    assert answer(plan, ana).yes


@pytest.mark.parametrize(
    "lapse",
    [{"is_active": False}, {"role": Role.VIEWER}, {"retailers": ["Dis"]}],
    ids=["left", "another role", "a part"],
)
def test_who_may_approve_no_longer_blocks_no_plan(
    ana: User, milan: User, dragan: User, client_of: Visit, lapse: dict[str, Any]
) -> None:
    mira = person("mira", Role.SALES_LEAD, first_name="Mira")
    plan = deep(ana, milan=milan)
    set_rule(dragan, person=mira)
    User.objects.filter(pk=mira.pk).update(**lapse)
    assert asked(milan) == [plan.pk]
    text = client_of(dragan).get(at("plan-rules")).content.decode()
    assert "Mira was named, and may approve no longer" in text
    assert answer(plan, milan).yes
    assert set_rule(dragan, limit=32, person=one_of("main", CUT).person).limit == 32
    set_rule(dragan, person=None)
    with pytest.raises(ValidationError, match="may not approve every plan"):
        set_rule(dragan, person=User.objects.get(pk=mira.pk))


@pytest.mark.parametrize("role", [role for role in Role if role not in APPROVERS])
def test_who_may_not_approve_is_not_named(cast: dict[str, User], role: Role) -> None:
    with pytest.raises(ValidationError, match="may not approve every plan"):
        set_rule(cast[Role.ADMINISTRATOR], person=cast[role])


def test_a_sign_in_name_is_no_role(ana: User, milan: User) -> None:
    """Somebody of marketing who is called like the role of the approver is still not it."""
    twin = person("sales_lead", Role.MARKETING)
    plan = deep(ana, milan=milan)
    assert asked(twin) == []
    with pytest.raises(PermissionDenied):
        answer(plan, twin)


# Answers under older limits


@pytest.mark.parametrize("rule", RULES)
def test_tighter_is_what_lets_less_pass(rule: Rule) -> None:
    more, less = (3.0, 2.0) if rule.startswith("least_") else (2.0, 3.0)
    assert tightened(rule, was=less, now=more)
    assert not tightened(rule, was=more, now=less)
    assert not tightened(rule, was=more, now=more)
    assert not tightened(rule, was=None, now=more)


def test_a_yes_is_asked_again_when_the_limit_is_tightened(
    ana: User, milan: User, dragan: User, client_of: Visit
) -> None:
    plan = deep(ana, milan=milan)
    assert answer(plan, milan).limit == 33
    assert asked(milan) == []
    set_rule(dragan, limit=35)
    assert asked(milan) == []
    set_rule(dragan, limit=30)
    assert asked(milan) == [plan.pk]
    text = client_of(milan).get(at("plan", plan.pk)).content.decode()
    assert "given under a limit of 33 %" in text
    assert f"{at('plan-rules')}#{CUT}" in text
    assert answer(plan, milan).limit == 30
    assert asked(milan) == []
    assert [each.limit for each in Approval.objects.all()] == [33, 30]
    text = client_of(milan).get(at("plan-history", plan.pk)).content.decode()
    assert "approved a guardrail (deepest price cut, 33 %)" in text


def test_a_plan_is_not_locked_on_an_outdated_yes(ana: User, milan: User, dragan: User) -> None:
    plan = deep(ana, "agreed", milan=milan)
    answer(plan, milan)
    set_rule(dragan, limit=30)
    with pytest.raises(PlanRuleError) as refused:
        actions_workflow.lock(plan, version=fresh(plan).version, by=milan)
    assert any("must approve a guardrail" in text for text in refused.value.messages)


def test_what_is_locked_stays_locked(ana: User, milan: User, dragan: User) -> None:
    plan = deep(ana, "locked", milan=milan)
    set_rule(dragan, limit=30)
    assert fresh(plan).state == "locked"
    assert asked(milan) == []


def test_an_answer_from_before_limits_were_kept_stands(
    ana: User, milan: User, dragan: User
) -> None:
    plan = deep(ana, milan=milan)
    answer(plan, milan)
    Approval.objects.update(limit=None)
    set_rule(dragan, limit=30)
    assert asked(milan) == []


def test_a_no_stays_whatever_the_limit(ana: User, milan: User, dragan: User) -> None:
    plan = deep(ana, milan=milan)
    answer(plan, milan, yes=False)
    set_rule(dragan, limit=30)
    assert asked(milan) == []


def test_who_saw_the_older_limit_is_told(
    ana: User, milan: User, dragan: User, client_of: Visit
) -> None:
    plan = deep(ana, milan=milan)
    set_rule(dragan, limit=30)
    sent = {"version": fresh(plan).version, "guardrail_version": 1, "answer": "yes"}
    page = client_of(milan).post(at("plan-rule", plan.pk, CUT), sent, follow=True)
    assert "has changed since you saw it" in page.content.decode()
    assert not Approval.objects.exists()
    client_of(milan).post(at("plan-rule", plan.pk, CUT), sent | {"guardrail_version": 2})
    assert Approval.objects.get().limit == 30


# Versions and history


def test_the_history_says_who_changed_what(dragan: User, milan: User, client_of: Visit) -> None:
    set_rule(dragan, limit=30, kinds=["promotion"])
    set_rule(dragan, person=milan)
    found = past("main", "")
    told = [{each.label: (each.before, each.after) for each in one.changes} for one in found]
    assert told == [
        {"person who alone says yes": ("nobody by name", "milan")},
        {"limit": ("33 %", "30 %"), "kinds of plan": ("all", "promotion")},
    ]
    assert [(each.who, each.rule, each.version) for each in found] == [
        ("dragan", CUT, 3), ("dragan", CUT, 2)
    ]  # fmt: skip
    text = client_of(milan).get(at("plan-rules")).content.decode()
    assert "<strong>dragan</strong>: deepest price cut" in text
    assert "<td>33 %</td><td>30 %</td>" in text


def test_what_changes_nothing_is_no_change(dragan: User) -> None:
    assert set_rule(dragan, limit=33, on=True, kinds=[], person=None).version == 1
    assert not MarketGuardrail.objects.exists()
    set_rule(dragan, limit=30)
    assert set_rule(dragan, limit=30).version == 2
    assert len(past("main", "")) == 1


def test_a_stale_change_is_refused_and_shows_both(dragan: User, milan: User, proven: Visit) -> None:
    set_rule(dragan, limit=30, person=milan)
    with pytest.raises(StaleGuardrailError) as stale:
        change_guardrail(markets()[0], CUT, {"limit": 20}, version=1, by=dragan)
    assert stale.value.current.limit == 30
    office = proven(dragan)
    form = {"version": 1, "on": "on", "limit": "20", "role": "sales_lead"}
    page = office.post(at("plan-rules-change", CUT), form)
    assert page.status_code == 409
    text = page.content.decode()
    assert "<td>20 %</td><td>30 %</td>" in text
    assert "<td>nobody by name</td><td>milan</td>" in text
    assert one_of("main", CUT).limit == 30
    assert 'name="version" value="2"' in text
    assert office.post(at("plan-rules-change", CUT), form | {"version": 2}).status_code == 302
    assert (one_of("main", CUT).limit, one_of("main", CUT).version) == (20, 3)


def test_the_page_says_what_is_wrong_with_a_limit(dragan: User, proven: Visit) -> None:
    office = proven(dragan)
    for limit, words in (("200", "0 % to 100 %"), ("", "needs a limit"), ("x", "Enter a number")):
        form = {"version": 1, "on": "on", "limit": limit, "role": "sales_lead"}
        page = office.post(at("plan-rules-change", CUT), form)
        assert page.status_code == 200
        text = page.content.decode()
        assert words in text
        assert text.count('class="summary"') == 1
    assert not MarketGuardrail.objects.exists()


def test_a_rule_that_nobody_knows_is_not_there(dragan: User, client_of: Visit) -> None:
    assert client_of(dragan).get(at("plan-rules-change", "most_fun")).status_code == 404


def test_a_name_is_shown_as_text(dragan: User, client_of: Visit) -> None:
    mira = person("mira", Role.SALES_LEAD, first_name="<b>Mira")
    set_rule(dragan, person=mira)
    for address in (at("plan-rules"), at("plan-rules-change", CUT)):
        text = client_of(dragan).get(address).content.decode()
        assert "&lt;b&gt;Mira" in text
        assert "<b>Mira" not in text


def test_the_page_asks_the_database_the_same_however_much_changed(
    client_of: Visit, dragan: User, milan: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reader = client_of(milan)
    for times in (1, 9):
        for number in range(times):
            set_rule(dragan, limit=10 * times + number)
        with django_assert_num_queries(4):  # session, user, guardrails, their history
            reader.get(at("plan-rules"))


def test_the_plan_leads_to_its_guardrails(client_of: Visit, milan: User) -> None:
    assert f'href="{at("plan-rules")}"' in client_of(milan).get(at("plan-list")).content.decode()


# Through the API


def test_the_api_shows_and_sets_a_guardrail(dragan: User, milan: User) -> None:
    program, place = caller(dragan), f"{MAIN}/guardrails/{CUT}"
    read = program.get(place)
    assert read["ETag"].startswith('"1-')
    assert read.json() == {
        "rule": CUT, "label": "deepest price cut", "version": 1, "on": True, "limit": 33.0,
        "unit": "percent", "low": 0, "high": 100, "kinds": [], "role": "sales_lead",
        "person": None, "person_may": False,
    }  # fmt: skip
    sent = {"limit": 30, "person": "milan", "kinds": ["display"]}
    changed = program("PATCH", place, sent, If_Match=read["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed["ETag"].startswith('"2-')
    body = changed.json()
    assert (body["limit"], body["kinds"], body["person_may"]) == (30.0, ["display"], True)
    assert body["person"] == {"username": "milan", "name": "milan"}
    assert len(program.get(f"{MAIN}/guardrails").json()) == len(RULES)
    events = program.get(f"{MAIN}/guardrails/history").json()
    assert [(each["who"], each["version"]) for each in events["items"]] == [("dragan", 2)]
    problem(program("PATCH", place, sent), "version-needed")
    stale = program("PATCH", place, {"limit": 20}, If_Match=read["ETag"])
    assert problem(stale, "stale")["current"]["limit"] == 30.0
    assert stale["ETag"] == '"2"'


@pytest.mark.parametrize(
    "sent",
    [{"limit": 101}, {"limit": "30"}, {"kinds": ["party"]}, {"role": "viewer"}, {"limit": None},
     {"person": "olga"}, {"person": "nobody"}, {"rule": "most_days"}, {"market": "other"}],
)  # fmt: skip
def test_the_api_refuses_what_is_not_allowed(
    dragan: User, olga: User, sent: dict[str, Any]
) -> None:
    program, place = caller(dragan), f"{MAIN}/guardrails/{CUT}"
    problem(program("PATCH", place, sent, If_Match=program.get(place)["ETag"]), "not-valid")
    assert not MarketGuardrail.objects.exists()


def test_the_api_says_that_a_yes_is_outdated(ana: User, milan: User, dragan: User) -> None:
    plan = deep(ana, milan=milan)
    answer(plan, milan)
    judgement = f"{MAIN}/plans/{plan.pk}/judgement"
    before = caller(milan).get(judgement).json()["guardrails"]
    assert [(each["answer"], each["outdated"], each["limit"]) for each in before] == [
        (True, False, 33.0)
    ]
    set_rule(dragan, limit=30)
    after = caller(milan).get(judgement).json()["guardrails"]
    assert [(each["answer"], each["outdated"], each["limit"]) for each in after] == [
        (None, True, 30.0)
    ]


@pytest.mark.django_db(transaction=True)
def test_one_of_many_changes_at_once_is_kept_and_the_rest_are_told(
    transactional_db: None, runs: Path
) -> None:
    crowd = [person(f"dragan{number}", Role.ADMINISTRATOR) for number in range(5)]

    def change(number: int) -> Callable[[], object]:
        values = {"limit": 10 + number}
        return lambda: change_guardrail(markets()[0], CUT, values, version=1, by=crowd[number])

    found = together([change(number) for number in range(5)])
    kinds = Counter(type(each) for each in found)
    assert kinds == {MarketGuardrail: 1, StaleGuardrailError: 4}, found
    assert (one_of("main", CUT).version, len(past("main", ""))) == (2, 1)
