"""People who write the same plan at the same moment: nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from offtake_web.accounts.models import Role, User
from offtake_web.plans import actions, actions_talk, actions_workflow
from offtake_web.plans.writing import StaleVersionError
from tests.web.conftest import person
from tests.web.plan_cast import day, draft, fresh
from tests.web.together import together

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 6


@pytest.fixture
def crowd(transactional_db: None) -> list[User]:
    return [person(f"mira{number}", Role.MARKETING) for number in range(PEOPLE)]


def test_one_of_many_changes_of_a_field_is_kept_and_the_rest_are_told(crowd: list[User]) -> None:
    plan = draft(crowd[0])

    def rename(user: User) -> Callable[[], object]:
        return lambda: actions.change(plan, {"name": str(user)}, version=1, by=user)

    found = together([rename(user) for user in crowd])
    kinds = Counter(type(each) for each in found)
    assert kinds == {actions.Changed: 1, StaleVersionError: PEOPLE - 1}
    kept = fresh(plan)
    assert kept.version == 2
    assert {each.plan.name for each in found if isinstance(each, StaleVersionError)} == {kept.name}


def test_changes_of_different_fields_all_stay(crowd: list[User]) -> None:
    plan = draft(crowd[0])
    fields = ["benefit", "emotion", "lifestyle", "audience", "message", "name"]

    def write(user: User, field: str) -> Callable[[], object]:
        return lambda: actions.change(plan, {field: f"by {user}"}, version=1, by=user)

    found = together([write(user, field) for user, field in zip(crowd, fields, strict=True)])
    assert all(isinstance(each, actions.Changed) for each in found), found
    kept = fresh(plan)
    assert [getattr(kept, field) for field in fields] == [f"by {user}" for user in crowd]
    assert (kept.version, kept.history.count()) == (PEOPLE + 1, PEOPLE + 1)


def test_a_yes_and_a_change_never_meet(crowd: list[User]) -> None:
    """Whoever comes second is told; a yes is never to what its giver did not see."""
    milan = person("milan", Role.SALES_LEAD)
    for _ in range(5):
        plan = actions_workflow.propose(draft(crowd[0]), version=1, by=crowd[0])
        found = together(
            [
                lambda plan=plan: actions_workflow.agree(plan, version=2, by=milan),  # type: ignore[misc]
                lambda plan=plan: actions.change(plan, {"cost": 5}, version=2, by=crowd[0]),  # type: ignore[misc]
            ]
        )
        kept = fresh(plan)
        stale = [each for each in found if isinstance(each, StaleVersionError)]
        assert not kept.yes_of("sales")
        assert kept.cost == 5
        assert len(stale) in (0, 1)
        assert not [each for each in found if isinstance(each, Exception) and each not in stale]


def test_a_promise_is_finished_once(crowd: list[User]) -> None:
    plan = draft(crowd[0])
    row = actions_talk.commit(plan, "Call", due=day(1), by=crowd[0])
    found = together(
        [lambda user=user: actions_talk.finish(row, version=1, by=user) for user in crowd]  # type: ignore[misc]
    )
    assert Counter(type(each) for each in found)[StaleVersionError] == PEOPLE - 1


def test_a_gate_confirmed_by_many_has_one_word(crowd: list[User]) -> None:
    plan = draft(crowd[0])
    found = together(
        [
            lambda user=user: actions_workflow.confirm(
                plan, "material_delivered", version=plan.version, by=user
            )  # type: ignore[misc]
            for user in crowd
        ]
    )
    assert not [each for each in found if isinstance(each, Exception)], found
    assert plan.confirmations.count() == 1
