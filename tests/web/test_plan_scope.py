"""Plans and the part of the business that somebody's account is for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import markets
from offtake_web.plans import actions, actions_talk, actions_workflow
from offtake_web.plans.export import planned_rows
from offtake_web.plans.models import Plan
from offtake_web.plans.queries import board, waiting_for, whole
from offtake_web.plans.sight import changeable, visible
from tests.web.conftest import Visit, person
from tests.web.plan_cast import bring, content, day, draft, fresh
from tests.web.plan_run import publish_planning


@pytest.fixture
def run(runs: Path) -> Path:
    publish_planning(runs)
    return runs


SCOPES = [
    # what the plan is about, whose account it is, whether they see it and may change all of it
    ({"retailers": ["Korner"]}, {"retailers": ["Korner"]}, True, True),
    ({"retailers": ["Korner", "Dis"]}, {"retailers": ["Korner"]}, True, False),
    ({"retailers": ["Dis"]}, {"retailers": ["Korner"]}, False, False),
    ({"retailers": []}, {"retailers": ["Korner"]}, True, False),
    ({"product_ids": ["P1"]}, {"brands": ["Alder Red"]}, True, True),
    ({"product_ids": ["P1", "P2"]}, {"brands": ["Alder Red"]}, True, False),
    ({"product_ids": ["P2"]}, {"brands": ["Alder Red"]}, False, False),
    ({"product_ids": [], "brands": ["Alder Red"]}, {"brands": ["Alder Red"]}, True, True),
    ({"product_ids": []}, {"brands": ["Alder Red"]}, True, False),
    ({"retailers": ["Korner"]}, {"territories": ["North 1", "North 2"]}, True, True),
    ({"retailers": ["Korner"]}, {"territories": ["North 1"]}, True, False),
    ({"retailers": ["Dis"]}, {"territories": ["North 1"]}, False, False),
    ({"store_ids": ["S1"]}, {"territories": ["North 1"]}, True, True),
    ({"store_ids": ["S2"]}, {"territories": ["North 1"]}, False, False),
    ({"retailers": []}, {"territories": ["North 1"]}, True, False),
    ({"retailers": ["Korner"]}, {"retailers": ["Korner"], "brands": ["Elm"]}, False, False),
]


@pytest.mark.parametrize(("about", "scope", "seen", "theirs"), SCOPES)
def test_who_sees_and_who_may_change(
    run: Path,
    ana: User,
    about: dict[str, list[str]],
    scope: dict[str, list[str]],
    seen: bool,
    theirs: bool,
) -> None:
    plan = draft(ana, **about)
    user = person("mira", Role.SALES_LEAD, **scope)
    market = markets()[0]
    assert list(visible(user, market)) == ([plan] if seen else [])
    assert changeable(user, plan) == theirs
    if not seen:
        with pytest.raises(Plan.DoesNotExist):
            whole(user, market, plan.pk)
    if not theirs:
        with pytest.raises(PermissionDenied):
            actions.change(plan, {"cost": 1}, version=1, by=user)


def test_nobody_moves_a_plan_out_of_or_into_their_part(run: Path, ana: User, jelena: User) -> None:
    plan = draft(ana)
    with pytest.raises(PermissionDenied):
        actions.change(plan, {"retailers": ["Korner", "Dis"]}, version=1, by=jelena)
    assert fresh(plan).retailers == ["Korner"]
    with pytest.raises(PermissionDenied):
        actions.create(markets()[0], content(retailers=["Dis"]), by=jelena)


def test_territories_that_nobody_knows_are_nobodys(ana: User, petar: User) -> None:
    draft(ana)
    assert not visible(petar, markets()[0]).exists()


def test_a_rep_records_in_their_own_stores_alone(
    run: Path, ana: User, milan: User, petar: User
) -> None:
    plan = bring(draft(ana), "executed", marketing=ana, sales=milan)
    record = actions_workflow.record_execution(plan, on=day(-1), store_ids=["S1"], by=petar)
    assert record.store_ids == ["S1"]
    with pytest.raises(PermissionDenied, match="S2 is outside"):
        actions_workflow.record_execution(plan, on=day(-1), store_ids=["S2"], by=petar)
    with pytest.raises(ValidationError, match="S3 is none of its stores"):
        actions_workflow.record_execution(plan, on=day(-1), store_ids=["S3"], by=milan)


@pytest.mark.parametrize("ahead", [-4, 1])
def test_a_record_is_of_a_day_that_was(run: Path, ana: User, milan: User, ahead: int) -> None:
    plan = bring(draft(ana), "executed", marketing=ana, sales=milan)
    with pytest.raises(ValidationError, match="A day from"):
        actions_workflow.record_execution(plan, on=day(ahead), by=milan)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"product_ids": ["P9"]}, "product_ids"), ({"retailers": ["Lidl"]}, "retailers"),
     ({"store_ids": ["S9"]}, "store_ids")],
)  # fmt: skip
def test_names_that_the_run_does_not_know(
    run: Path, ana: User, wrong: dict[str, list[str]], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        draft(ana, **wrong)
    assert list(refused.value.message_dict) == [field]


def test_the_brands_of_its_items_come_by_themselves(run: Path, ana: User) -> None:
    assert draft(ana, product_ids=["P1", "P2"]).brands == ["Alder Blue", "Alder Red"]


def test_brands_go_with_the_items_that_brought_them(run: Path, ana: User) -> None:
    plan = draft(ana, product_ids=["P1"], brands=["Alder Gold"])
    assert plan.brands == ["Alder Gold", "Alder Red"]
    sent = {"product_ids": ["P2"], "brands": plan.brands}
    assert actions.change(plan, sent, version=1, by=ana).plan.brands == ["Alder Blue", "Alder Gold"]


def test_only_who_may_see_the_plan_is_named(
    run: Path, ana: User, jelena: User, milan: User
) -> None:
    plan = draft(ana, retailers=["Dis"])
    said = actions_talk.comment(plan, "@jelena @MILAN. mail@milan @nobody, look", by=ana)
    assert [mention.user for mention in said.mentions.all()] == [milan]


def test_a_comment_of_ones_own_reads_what_waited(ana: User, milan: User) -> None:
    plan, market = draft(ana), markets()[0]
    first = actions_talk.comment(plan, "@milan?", by=ana)
    assert [each.matter for each in waiting_for(milan, market)] == ["mention"]
    actions_talk.comment(plan, "Yes.", by=milan, reply_to=first)
    assert waiting_for(milan, market) == []


def test_a_reply_is_to_the_same_plan(ana: User) -> None:
    elsewhere = actions_talk.comment(draft(ana), "Here", by=ana)
    with pytest.raises(ValidationError, match="another plan"):
        actions_talk.comment(draft(ana), "There", by=ana, reply_to=elsewhere)


def test_a_promise_is_finished_by_its_owner_or_their_side(
    ana: User, milan: User, jelena: User, petar: User
) -> None:
    petar.territories = []
    petar.save()
    plan = draft(ana)
    row = actions_talk.commit(plan, "Order", due=day(3), by=petar)
    for who in (ana,):
        with pytest.raises(PermissionDenied, match="not yours"):
            actions_talk.finish(row, version=1, by=who)
    assert actions_talk.finish(row, version=1, by=jelena).done_on == day(0)
    row = actions_talk.finish(row, version=2, by=petar, done=False)
    assert row.done_on is None
    actions_talk.drop(row, version=3, by=petar)
    assert not plan.commitments.exists()


def test_a_promise_for_somebody_else_is_for_ones_own_side(
    ana: User, milan: User, jelena: User, petar: User
) -> None:
    plan = draft(ana)
    assert actions_talk.commit(plan, "Call", due=day(3), by=milan, owner=jelena).side == "sales"
    for by, owner in ((ana, milan), (milan, ana), (milan, petar)):
        with pytest.raises(PermissionDenied):
            actions_talk.commit(plan, "Call", due=day(3), by=by, owner=owner)


def test_what_waits_for_whom(run: Path, cast: dict[str, User]) -> None:
    ana, milan = cast[Role.MARKETING], cast[Role.SALES_LEAD]
    market = markets()[0]
    plan = bring(draft(ana, price_cut=40), "proposed", marketing=ana, sales=milan)
    actions_talk.commit(plan, "Order", due=day(-1), by=milan)
    found = {
        role: sorted(each.matter for each in waiting_for(user, market))
        for role, user in cast.items()
    }
    assert found == {
        Role.MARKETING: ["agree", "approve", "confirm"],
        Role.SALES_LEAD: ["agree", "approve", "commitment", "confirm", "confirm"],
        Role.KEY_ACCOUNT_MANAGER: ["agree", "confirm", "confirm"],
        Role.REP: [],
        Role.ANALYST: [],
        Role.VIEWER: [],
        Role.ADMINISTRATOR: [],
    }
    assert waiting_for(milan, market)[0].late


def test_the_board_is_worked_out_again_after_each_change(ana: User, milan: User) -> None:
    market = markets()[0]
    plan = draft(ana)
    before = board(market)
    assert board(market) is before
    actions_talk.comment(plan, "Hm.", by=ana)
    assert board(market) is before
    actions_workflow.confirm(plan, "slot_confirmed", version=plan.version, by=milan)
    gates = board(market).judged[plan.pk].readiness
    assert gates is not None
    assert gates.by_name["slot_confirmed"].status == "green"


def test_locked_plans_become_rows_of_the_contracts(run: Path, ana: User, milan: User) -> None:
    first = day(14 - day(14).weekday())
    plan = draft(ana, first_day=first, last_day=first + timedelta(days=9), display=True,
                 cost=80, product_ids=["P1", "P2"])  # fmt: skip
    assert planned_rows(markets()[0])["promotion"].num_rows == 0
    plan = bring(plan, "locked", marketing=ana, sales=milan)
    found = planned_rows(markets()[0])
    rows = found["promotion"].to_pylist()
    assert len(rows) == 2 * 2 * 2
    assert {row["store_id"] for row in rows} == {"S1", "S2"}
    assert {(row["week"], row["display_days"]) for row in rows} == {
        (first, 7.0),
        (first + timedelta(days=7), 3.0),
    }
    assert {(row["discount"], row["status"]) for row in rows} == {(20.0, "planned")}
    assert found["promotion_cost"].to_pylist() == [
        {"promotion_id": f"plan-{plan.pk}", "fixed_cost": 80.0, "cost_per_unit": 0.0}
    ]
    actions.link_result(plan, "E1", version=plan.version, by=milan)
    assert planned_rows(markets()[0])["promotion"].num_rows == 0


def test_the_result_is_read_from_the_run(
    run: Path, client_of: Visit, ana: User, milan: User
) -> None:
    plan = bring(draft(ana), "executed", marketing=ana, sales=milan)
    actions.link_result(plan, "E1", version=plan.version, by=milan)
    text = client_of(ana).get(f"/main/plan/{plan.pk}/").content.decode()
    for words in ("Executed in 8 of 10 stores", "it paid", "20.0%", "EUR 60"):
        assert words in text
