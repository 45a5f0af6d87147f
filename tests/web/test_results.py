"""What became of a plan: alone, or in one event with others, which both pages then say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts.models import User
from offtake_web.plans import actions
from offtake_web.plans.models import Plan
from tests.web.conftest import Visit
from tests.web.plan_cast import bring, draft, fresh
from tests.web.plan_run import EVENTS, publish_planning

SHARES = "It shares its event in the data with others"
ALONE = "Below is what it did alone"
Measured = Callable[..., None]


def event(name: str, **more: Any) -> dict[str, Any]:
    return {**EVENTS[0], "promotion_id": name, **more}


@pytest.fixture
def measured(runs: Path) -> Measured:
    """Publish a run that measured some events."""

    def publish(*events: dict[str, Any]) -> None:
        publish_planning(runs, f"planning-{len(list(runs.iterdir()))}", promotion_events=events)

    publish_planning(runs)
    return publish


@pytest.fixture
def two(measured: Measured, ana: User, milan: User) -> tuple[Plan, Plan]:
    found = [bring(draft(ana, name=name, price_cut=20 + number), "executed", marketing=ana,
                   sales=milan) for number, name in enumerate(("Spring", "Second"))]  # fmt: skip
    return found[0], found[1]


def together(*plans: Plan) -> str:
    return "+".join(f"plan-{each.pk}" for each in plans)


def page(client: Client, plan: Plan, language: str = "en") -> str:
    answer = client.get(f"/main/plan/{plan.pk}/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_plan_alone_shares_nothing(
    two: tuple[Plan, Plan], measured: Measured, client_of: Visit, milan: User
) -> None:
    measured(event(f"plan-{two[0].pk}"), event(f"plan-{two[1].pk}0"))
    text = page(client_of(milan), two[0])
    assert f"Promotion plan-{two[0].pk} as the published run measures it" in text
    assert SHARES not in text
    assert ALONE not in text
    assert "as the published run measures it" not in page(client_of(milan), two[1])


def test_both_plans_say_with_whom_they_share_an_event(
    two: tuple[Plan, Plan], measured: Measured, client_of: Visit, milan: User
) -> None:
    measured(event(together(*two)))
    reader = client_of(milan)
    for mine, other in (two, two[::-1]):
        text = page(reader, mine)
        assert SHARES in text
        assert f'<li><a href="/main/plan/{other.pk}/">{other.name}</a></li>' in text
        assert f'<li><a href="/main/plan/{mine.pk}/">' not in text
        assert f"/main/promotions/{together(*two)}/" in text.replace("%2B", "+")


def test_what_it_did_alone_comes_first_and_says_where_the_rest_is(
    two: tuple[Plan, Plan], measured: Measured, client_of: Visit, milan: User
) -> None:
    mine = f"plan-{two[0].pk}"
    measured(event(together(*two), cost=None), event(mine, cost=50.0))
    text = page(client_of(milan), two[0])
    places = [text.index(words) for words in (ALONE, f"Promotion {mine} as", SHARES)]
    assert places == sorted(places)
    assert text.count("as the published run measures it") == 2
    other = page(client_of(milan), two[1])
    assert ALONE not in other
    assert other.count("as the published run measures it") == 1


def test_two_plans_that_are_linked_to_one_promotion_share_it(
    two: tuple[Plan, Plan], measured: Measured, client_of: Visit, milan: User
) -> None:
    measured(event("E1"), event("E1+E2"))
    for each in two:
        actions.link_result(each, "E1", version=fresh(each).version, by=milan)
    text = page(client_of(milan), fresh(two[0]))
    assert text.count(SHARES) == 2
    assert text.count(f'<li><a href="/main/plan/{two[1].pk}/">Second</a></li>') == 2
    assert "<li>promotion E2 of the data</li>" in text


def test_a_plan_outside_of_ones_part_is_counted_and_not_named(
    measured: Measured, client_of: Visit, ana: User, milan: User, jelena: User
) -> None:
    mine = bring(draft(ana), "executed", marketing=ana, sales=milan)
    secret = bring(draft(ana, name="Very secret", retailers=["Dis"]), "executed", marketing=ana,
                   sales=milan)  # fmt: skip
    measured(event(together(mine, secret)))
    text = page(client_of(jelena), mine)
    assert "1 plan outside your part of the business" in text
    assert "secret" not in text
    measured(event(together(mine, secret), retailer="Dis"))
    assert SHARES not in page(client_of(jelena), mine), "an event of others' stores"


def test_every_role_that_sees_the_plan_sees_that_it_shares(
    two: tuple[Plan, Plan], measured: Measured, client_of: Visit, cast: dict[str, User]
) -> None:
    measured(event(together(*two)))
    for role, user in cast.items():
        assert SHARES in page(client_of(user), two[0]), role


def test_in_serbian(
    two: tuple[Plan, Plan], measured: Measured, client_of: Visit, milan: User
) -> None:
    measured(event(together(*two)))
    assert "U podacima deli događaj s drugima" in page(client_of(milan), two[0], "sr-latn")


def test_a_shared_event_asks_the_database_once_more(
    two: tuple[Plan, Plan],
    measured: Measured,
    signed_in: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    page(signed_in, two[0])
    with django_assert_num_queries(16):
        page(signed_in, two[0])
    measured(event(together(*two)), event(f"plan-{two[0].pk}"))
    page(signed_in, two[0])
    with django_assert_num_queries(17):
        page(signed_in, two[0])
