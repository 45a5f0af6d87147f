"""Each action on a plan, by each role, in each state."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import markets
from offtake_web.plans import actions, actions_talk, actions_workflow
from offtake_web.plans.actions_workflow import confirm
from offtake_web.plans.models import CONTENT, Plan
from offtake_web.plans.writing import PlanRuleError, StaleVersionError
from tests.web.plan_cast import bring, content, day, draft, fresh

Act = Callable[[Plan, User], object]
EDITORS = {Role.MARKETING, Role.SALES_LEAD, Role.KEY_ACCOUNT_MANAGER}
SALES = {Role.SALES_LEAD, Role.KEY_ACCOUNT_MANAGER}
ALL = ("draft", "proposed", "agreed", "locked", "executed", "reviewed", "cancelled")

ACTS: dict[str, tuple[Act, set[Role], set[str]]] = {
    "change": (
        lambda plan, by: actions.change(plan, {"name": "New"}, version=plan.version, by=by),
        EDITORS,
        {"draft", "proposed", "agreed"},
    ),
    "copy": (lambda plan, by: actions.copy(plan, by=by), EDITORS, set(ALL)),
    "link": (
        lambda plan, by: actions.link_result(plan, "E1", version=plan.version, by=by),
        EDITORS,
        {"locked", "executed", "reviewed"},
    ),
    "propose": (
        lambda plan, by: actions_workflow.propose(plan, version=plan.version, by=by),
        EDITORS,
        {"draft"},
    ),
    "agree": (
        lambda plan, by: actions_workflow.agree(plan, version=plan.version, by=by),
        EDITORS,
        {"proposed"},
    ),
    "withdraw": (
        lambda plan, by: actions_workflow.withdraw(plan, version=plan.version, by=by),
        EDITORS,
        {"proposed", "agreed"},
    ),
    "cancel": (
        lambda plan, by: actions_workflow.cancel(plan, version=plan.version, by=by),
        EDITORS,
        {"draft", "proposed", "agreed", "locked"},
    ),
    "reopen": (
        lambda plan, by: actions_workflow.reopen(plan, version=plan.version, by=by),
        EDITORS,
        {"locked", "cancelled"},
    ),
    "review": (
        lambda plan, by: actions_workflow.review(plan, "Good.", version=plan.version, by=by),
        EDITORS,
        {"executed"},
    ),
    "execute": (
        lambda plan, by: actions_workflow.record_execution(plan, on=plan.first_day, by=by),
        EDITORS | {Role.REP},
        {"executed"},
    ),
    "acknowledge": (
        lambda plan, by: confirm(plan, "brief_acknowledged", version=plan.version, by=by),
        SALES,
        {"draft", "proposed", "agreed", "locked"},
    ),
    "deliver": (
        lambda plan, by: confirm(plan, "material_delivered", version=plan.version, by=by),
        {Role.MARKETING},
        {"draft", "proposed", "agreed", "locked"},
    ),
    "let pass": (
        lambda plan, by: actions_workflow.let_pass(
            plan, "distribution", "We know.", version=plan.version, by=by
        ),
        {Role.MARKETING, Role.SALES_LEAD},
        {"agreed"},
    ),
    "commit": (
        lambda plan, by: actions_talk.commit(plan, "Order stock", due=day(5), by=by),
        EDITORS | {Role.REP},
        {"draft", "proposed", "agreed", "locked", "executed"},
    ),
    "comment": (
        lambda plan, by: actions_talk.comment(plan, "Fine.", by=by),
        EDITORS | {Role.REP, Role.ANALYST, Role.ADMINISTRATOR},
        set(ALL),
    ),
}  # fmt: skip


@pytest.fixture
def anywhere(cast: dict[str, User]) -> dict[str, User]:
    """Everybody with a scope that holds everything: here roles matter, not scope."""
    for user in cast.values():
        user.retailers, user.territories = [], []
        user.save()
    return cast


@pytest.mark.parametrize("state", ALL)
@pytest.mark.parametrize("name", ACTS)
def test_each_action_by_each_role_in_each_state(
    anywhere: dict[str, User], name: str, state: str
) -> None:
    act, roles, states = ACTS[name]
    ana, milan = anywhere[Role.MARKETING], anywhere[Role.SALES_LEAD]
    for role, user in anywhere.items():
        plan = bring(draft(ana), state, marketing=ana, sales=milan)
        if role not in roles:
            with pytest.raises(PermissionDenied):
                act(plan, user)
            assert fresh(plan).version == plan.version
        elif state in states:
            act(plan, user)
        else:
            with pytest.raises(PlanRuleError):
                act(plan, user)
            assert fresh(plan).version == plan.version


def test_a_plan_needs_both_sides_to_the_same_content(ana: User, milan: User) -> None:
    plan = actions_workflow.propose(draft(ana), version=1, by=ana)
    plan = actions_workflow.agree(plan, version=2, by=milan)
    assert (plan.state, plan.yes_of("sales"), plan.yes_of("marketing")) == ("proposed", True, False)
    plan = actions.change(plan, {"price_cut": 25}, version=3, by=ana).plan
    assert not plan.yes_of("sales")
    plan = actions_workflow.agree(plan, version=4, by=ana)
    assert plan.state == "proposed"
    plan = actions_workflow.agree(plan, version=5, by=milan)
    assert plan.state == "agreed"


def test_one_side_cannot_agree_for_both(ana: User, milan: User) -> None:
    plan = actions_workflow.propose(draft(ana), version=1, by=ana)
    actions_workflow.agree(plan, version=2, by=ana)
    with pytest.raises(PlanRuleError, match="said its word"):
        actions_workflow.agree(plan, version=3, by=ana)


def test_a_change_of_an_agreed_plan_takes_it_back_to_proposed(ana: User, milan: User) -> None:
    plan = bring(draft(ana), "agreed", marketing=ana, sales=milan)
    plan = actions.change(plan, {"cost": 100}, version=plan.version, by=milan).plan
    assert (plan.state, plan.yes_of("sales"), plan.yes_of("marketing")) == (
        "proposed",
        False,
        False,
    )


def test_no_lock_before_gates_are_green_or_let_pass(ana: User, milan: User) -> None:
    plan = bring(draft(ana), "agreed", marketing=ana, sales=milan)
    with pytest.raises(PlanRuleError) as refused:
        actions_workflow.lock(plan, version=plan.version, by=milan)
    assert len([each for each in refused.value.messages if "gate" in each]) == 5


def test_a_guardrail_only_by_its_named_approver(ana: User, milan: User, jelena: User) -> None:
    plan = draft(ana, price_cut=40)
    for who in (ana, jelena):
        with pytest.raises(PermissionDenied):
            actions_workflow.answer_guardrail(
                plan, "deepest_price_cut", yes=True, version=plan.version, by=who
            )
    actions_workflow.answer_guardrail(
        plan, "deepest_price_cut", yes=True, version=plan.version, by=milan
    )
    with pytest.raises(PlanRuleError, match="does not break"):
        actions_workflow.answer_guardrail(plan, "most_days", yes=True, version=1, by=milan)


def test_a_no_of_the_approver_stands_in_the_way(ana: User, milan: User) -> None:
    plan = bring(draft(ana, price_cut=40), "agreed", marketing=ana, sales=milan)
    for yes, in_the_way in ((False, True), (True, False)):
        actions_workflow.answer_guardrail(
            plan, "deepest_price_cut", yes=yes, version=plan.version, by=milan
        )
        with pytest.raises(PlanRuleError) as refused:
            actions_workflow.lock(plan, version=plan.version, by=milan)
        assert any("sales lead must approve" in each for each in refused.value.messages) == (
            in_the_way
        )


def test_a_locked_plan_takes_no_answer_to_a_guardrail(ana: User, milan: User) -> None:
    plan = bring(draft(ana, price_cut=40), "locked", marketing=ana, sales=milan)
    with pytest.raises(PlanRuleError, match="locked"):
        actions_workflow.answer_guardrail(
            plan, "deepest_price_cut", yes=False, version=plan.version, by=milan
        )


def test_a_word_for_other_days_does_not_hold(ana: User, milan: User) -> None:
    plan = draft(ana)
    confirm(plan, "slot_confirmed", version=plan.version, by=milan)
    confirm(plan, "brief_acknowledged", version=plan.version, by=milan)
    plan = actions.change(plan, {"last_day": day(80)}, version=1, by=ana).plan
    assert [each.gate for each in plan.confirmations.all()] == ["brief_acknowledged"]
    plan = actions.change(plan, {"message": "Other"}, version=2, by=ana).plan
    assert not plan.confirmations.exists()


def test_it_is_undone_as_a_new_change_and_again(ana: User) -> None:
    plan = draft(ana)
    plan = actions.change(plan, {"name": "B", "cost": 5}, version=1, by=ana).plan
    plan = actions.undo(plan, version=2, by=ana)
    assert (plan.name, plan.cost, plan.version) == ("Summer deal", None, 3)
    plan = actions.undo(plan, version=3, by=ana)
    assert (plan.name, plan.version) == ("B", 4)
    assert plan.history.count() == 4


def test_nothing_to_undo(ana: User) -> None:
    with pytest.raises(PlanRuleError, match="Nothing was changed"):
        actions.undo(draft(ana), version=1, by=ana)


def test_the_same_content_again_is_no_change(ana: User) -> None:
    plan = draft(ana)
    same = {name: getattr(plan, name) for name in CONTENT}
    assert actions.change(plan, same, version=1, by=ana).plan.version == 1


def test_changes_of_different_fields_both_stay_and_are_named(ana: User, milan: User) -> None:
    plan = draft(ana)
    actions.change(plan, {"name": "Ana's"}, version=1, by=ana)
    done = actions.change(plan, {"name": "Summer deal", "cost": 7}, version=1, by=milan)
    assert (done.plan.name, done.plan.cost, done.theirs) == ("Ana's", 7, ("name",))


def test_changes_of_the_same_field_are_shown_not_lost(ana: User, milan: User) -> None:
    plan = draft(ana)
    actions.change(plan, {"name": "Ana's"}, version=1, by=ana)
    with pytest.raises(StaleVersionError) as stale:
        actions.change(plan, {"name": "Milan's"}, version=1, by=milan)
    assert stale.value.plan.name == "Ana's"
    assert stale.value.before["name"] == "Summer deal"
    assert stale.value.mine == {"name": "Milan's"}
    assert fresh(plan).name == "Ana's"


def test_moves_want_the_version_that_was_seen(ana: User, milan: User) -> None:
    plan = actions_workflow.propose(draft(ana), version=1, by=ana)
    actions.change(plan, {"price_cut": 50}, version=2, by=ana)
    with pytest.raises(StaleVersionError):
        actions_workflow.agree(plan, version=2, by=milan)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"last_day": day(1)}, "__all__"),
        ({"price_cut": 100}, "__all__"),
        ({"price_cut": "lots"}, "price_cut"),
        ({"cost": -1}, "__all__"),
        ({"kind": "party"}, "kind"),
        ({"name": ""}, "name"),
        ({"retailers": "Korner"}, "retailers"),
        ({"first_day": "soon"}, "first_day"),
    ],
)
def test_what_is_not_allowed_is_refused_by_field(
    ana: User, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        draft(ana, **wrong)
    assert field in refused.value.message_dict


def test_there_is_no_field_for_the_base(ana: User) -> None:
    """A plan may change what is sold on top, never the base."""
    assert not [field.name for field in Plan._meta.get_fields() if "base" in field.name]
    with pytest.raises(ValidationError, match="Got base"):
        actions.create(markets()[0], content() | {"base": 100}, by=ana)


def test_who_changed_it_stands_in_the_history(ana: User, milan: User) -> None:
    plan = draft(ana)
    plan = actions.change(plan, {"name": "B"}, version=1, by=milan).plan
    confirm(plan, "slot_confirmed", version=plan.version, by=milan)
    kept = [(each.history_user, each.history_change_reason) for each in plan.history.all()]
    assert kept == [(milan, "changed"), (ana, "made")]
    assert plan.confirmations.get().history.get().history_user == milan
