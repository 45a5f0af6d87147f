"""A storm: everybody does everything to the same few plans at once; what has to hold, holds."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from offtake.decisions.planning.workflow import FIXED
from offtake_web.accounts.access import side_of
from offtake_web.accounts.actions import StaleVersionError as StalePersonError
from offtake_web.accounts.models import Role, SignInRules, User
from offtake_web.plans.actions_feed import MOST_LINKS
from offtake_web.plans.actions_guardrails import StaleGuardrailError
from offtake_web.plans.models import (
    CONTENT,
    Commitment,
    Confirmation,
    FeedLink,
    MarketGuardrail,
    Mention,
    Plan,
    State,
)
from offtake_web.plans.queries import board, judged
from offtake_web.plans.writing import StaleVersionError
from tests.effort import examples
from tests.web.conftest import person
from tests.web.plan_cast import day, draft
from tests.web.storm import Storm
from tests.web.together import together
from tests.web.work import market

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
REFUSALS = (
    PermissionDenied,
    StaleVersionError,
    StalePersonError,
    StaleGuardrailError,
    ValidationError,
)
SEED, ACTS, THREADS, PLANS = 20260105, 120, 6, 4
BOTH_SAID_YES = (State.AGREED, State.LOCKED, State.EXECUTED, State.REVIEWED)


def blow(seed: int, plans: list[int]) -> Counter[str]:
    """Act one time after the other; return how often what was done, refusals among it."""
    storm, done = Storm(seed, plans), Counter[str]()
    for _ in range(examples(ACTS)):
        name, act = storm.next()
        try:
            act()
            done[name] += 1
        except REFUSALS:
            done["refused"] += 1
    return done


@pytest.fixture
def after(transactional_db: None) -> Counter[str]:
    """How often what was done in the storm."""
    cast = {"ana": Role.MARKETING, "mira": Role.MARKETING, "milan": Role.SALES_LEAD}
    cast |= {"eva": Role.ADMINISTRATOR, "dragan": Role.ADMINISTRATOR, "olga": Role.VIEWER}
    crowd = {name: person(name, role, first_name=name) for name, role in cast.items()}
    plans = [
        draft(crowd["ana"], price_cut=50, first_day=day(-2), last_day=day(3)).pk
        for _ in range(PLANS)
    ]
    found = together([partial(blow, SEED + each, plans) for each in range(THREADS)])
    assert not [each for each in found if isinstance(each, Exception)], found
    return sum((each for each in found if isinstance(each, Counter)), Counter())


def test_whatever_is_done_at_once_what_has_to_hold_holds(after: Counter[str]) -> None:
    assert {"agree", "rewrite", "comment", "close", "change", "guardrail"} <= after.keys(), after
    for plan in Plan.objects.all():
        _has_its_history(plan)
        _said_yes_to_what_it_is(plan)
        _is_judged_as_it_is(plan)
    for row in (*User.objects.all(), *MarketGuardrail.objects.all(), *Commitment.objects.all()):
        assert row.history.count() == row.version, (row, row.version)  # type: ignore[attr-defined]
    _no_promise_is_lost()
    assert User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists()
    rules = SignInRules.objects.first()
    assert rules is None or rules.version == rules.history.count() + 1
    for user in User.objects.all():
        assert FeedLink.objects.filter(user=user, revoked=None).count() <= MOST_LINKS
    assert Mention.objects.count() == 2 * after["comment"]


def _has_its_history(plan: Plan) -> None:
    rows = list(plan.history.order_by("version"))
    assert [row.version for row in rows] == list(range(1, plan.version + 1))
    for name in (*CONTENT, "state", "content_version", "marketing_yes", "sales_yes"):
        assert getattr(rows[-1], name) == getattr(plan, name), name
    for before, after in pairwise(rows):
        changed = any(getattr(before, name) != getattr(after, name) for name in CONTENT)
        assert after.content_version - before.content_version == changed
        assert not (changed and before.state in FIXED)
        for side in ("marketing", "sales"):
            said = getattr(after, f"{side}_yes")
            if said is not None and said != getattr(before, f"{side}_yes"):
                assert side_of(after.history_user) == side
                assert said == before.content_version


def _said_yes_to_what_it_is(plan: Plan) -> None:
    if plan.state in BOTH_SAID_YES:
        assert plan.yes_of("marketing")
        assert plan.yes_of("sales")
    for word in plan.confirmations.all():
        assert Confirmation.history.filter(plan=plan, gate=word.gate).first().history_type != "-"


def _is_judged_as_it_is(plan: Plan) -> None:
    kept, now = board(market()).judged[plan.pk], judged(plan)
    assert (kept.activity, kept.gates, kept.broken) == (now.activity, now.gates, now.broken)


def _no_promise_is_lost() -> None:
    made = Commitment.history.filter(history_type="+").count()
    dropped = Commitment.history.filter(history_type="-").count()
    assert Commitment.objects.count() == made - dropped
