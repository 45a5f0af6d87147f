"""What people ask for at the same moment is done once, refused with a reason, and never lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import combinations_with_replacement

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from offtake_web.accounts.models import User
from offtake_web.api.models import Answer
from offtake_web.dashboards.actions import StaleError, change_view, delete_view, save_view
from offtake_web.dashboards.models import SavedView
from offtake_web.feeds import uploads
from offtake_web.jobs import actions as jobs
from offtake_web.jobs.actions import JobStateError
from offtake_web.jobs.models import AT_WORK, Job, State
from offtake_web.plans import actions_talk
from offtake_web.plans.actions_feed import MOST_LINKS, make_feed_link
from offtake_web.plans.models import Commitment, FeedLink
from offtake_web.plans.writing import PlanRuleError, StaleVersionError
from tests.web.api_cast import MAIN, caller
from tests.web.plan_cast import day, draft
from tests.web.together import together
from tests.web.work import market, other_market, small_kinds, started

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8  # one round seldom meets the moment at which two look before either writes
Act = Callable[[], object]


def statuses(found: list[object]) -> Counter[int]:
    assert all(isinstance(each, HttpResponse) for each in found), found
    return Counter(each.status_code for each in found if isinstance(each, HttpResponse))


@pytest.mark.parametrize(
    "pair", list(combinations_with_replacement((actions_talk.finish, actions_talk.drop), 2))
)
def test_a_promise_that_two_change_is_changed_once(
    pair: tuple[Callable[..., object], ...], ana: User
) -> None:
    plan = draft(ana)
    for _ in range(ROUNDS):
        row = actions_talk.commit(plan, "Call", due=day(1), by=ana)
        found = together([partial(act, row, version=1, by=ana) for act in pair])
        refused = [each for each in found if isinstance(each, Exception)]
        assert len(refused) == 1, found
        assert isinstance(refused[0], PlanRuleError | StaleVersionError), found
        last = Commitment.history.filter(id=row.pk).first()
        assert Commitment.objects.filter(pk=row.pk).exists() == (last.history_type != "-")


def test_whoever_keeps_a_promise_that_was_taken_back_is_told(ana: User, signed_in: Client) -> None:
    row = actions_talk.commit(draft(ana), "Call", due=day(1), by=ana)
    actions_talk.drop(row, version=1, by=ana)
    row.pk = row.id = Commitment.history.first().id
    with pytest.raises(PlanRuleError, match="taken back meanwhile"):
        actions_talk.finish(row, version=1, by=ana)


def test_there_are_never_too_many_secret_addresses(ana: User) -> None:
    for _ in range(MOST_LINKS - 1):
        make_feed_link(market(), "phone", by=ana)
    found = together([partial(make_feed_link, market(), "tablet", by=ana)] * 6)
    assert Counter(type(each) for each in found) == {tuple: 1, ValidationError: 5}, found
    assert FeedLink.objects.filter(user=ana).count() == MOST_LINKS


def test_a_view_that_one_changes_while_another_deletes_it(ana: User) -> None:
    for number in range(ROUNDS):
        view = save_view(market(), f"mine {number}", "/main/", shared=False, by=ana)
        change = partial(change_view, view, version=1, by=ana, name="yours", shared=True)
        found = together([change, partial(delete_view, view, by=ana), change])
        errors = [each for each in found if isinstance(each, Exception)]
        assert all(isinstance(each, SavedView.DoesNotExist | StaleError) for each in errors), found
        assert not SavedView.objects.exists()


def test_a_view_is_deleted_once(ana: User) -> None:
    for number in range(ROUNDS):
        view = save_view(market(), f"mine {number}", "/main/", shared=False, by=ana)
        found = together([partial(delete_view, view, by=ana) for _ in range(3)])
        assert found == [None] * 3
        gone = SavedView.history.filter(id=view.pk, history_type="-")
        assert gone.count() == 1


def test_a_view_deleted_meanwhile_is_not_found(ana: User, signed_in: Client) -> None:
    token = caller(ana)
    for number in range(ROUNDS):
        view = save_view(market(), f"mine {number}", "/main/", shared=False, by=ana)
        place, page = f"{MAIN}/views/{view.pk}", f"/main/views/{view.pk}"
        body = {"name": "yours", "shared": True}
        found = together(
            [
                partial(token, "PATCH", place, body, If_Match='"1"'),
                partial(token, "DELETE", place),
                partial(signed_in.post, f"{page}/", body | {"address": "/main/", "version": 1}),
            ]
        )
        assert statuses(found).keys() <= {200, 204, 302, 404, 409, 412}, found


def test_a_view_of_one_name_is_saved_once(ana: User) -> None:
    for number in range(ROUNDS):
        save = partial(save_view, market(), f"v{number}", "/main/", shared=False, by=ana)
        found = together([save] * 3)
        assert Counter(type(each) for each in found) == {SavedView: 1, ValidationError: 2}, found


def test_a_request_that_is_sent_many_times_at_once_is_done_once(vesna: User) -> None:
    token = caller(vesna)
    for number in range(ROUNDS):
        before = Job.objects.count()
        key = {"Idempotency_Key": f"order-{number}"}
        found = together([partial(token.post, f"{MAIN}/ledger", **key)] * 4)
        assert statuses(found).keys() <= {201, 409}
        assert Job.objects.count() == before + 1


def test_a_request_that_fails_many_times_at_once_gives_its_key_back(vesna: User) -> None:
    token = caller(vesna)
    for number in range(ROUNDS):
        key = {"Idempotency_Key": f"order-{number}"}
        found = together([partial(token.post, f"{MAIN}/refreshes", {}, **key)] * 6)
        assert statuses(found).keys() <= {409, 422}, found
    assert not Answer.objects.exists()


def test_uploads_that_go_while_old_ones_are_looked_for(settings: Settings) -> None:
    def come_and_go(number: int) -> None:
        for each in range(60):
            part = uploads.folder() / f"{number}-{each}.part"
            part.write_bytes(b"x")
            part.replace(part.with_suffix(".csv"))
            part.with_suffix(".csv").unlink()

    def tidy() -> int:
        return sum(uploads.tidy() for _ in range(60))

    found = together([partial(come_and_go, number) for number in range(3)] + [tidy, tidy])
    assert found == [None, None, None, 0, 0]


def job_acts(job: Job, by: User) -> dict[str, Act]:
    return {
        "stop": partial(jobs.stop_job, Job.objects.get(pk=job.pk), by=by),
        "restart": partial(jobs.restart_job, Job.objects.get(pk=job.pk), by=by),
        "claim": partial(jobs.claim, job.pk),
        "end": partial(jobs.end_job, Job.objects.get(pk=job.pk), State.DONE, outcome={}),
        "report": partial(jobs.report, Job.objects.get(pk=job.pk), "counting", 50.0),
        "sweep": jobs.sweep,
        "start": partial(started, by, where=market()),
    }


NAMES = ("stop", "restart", "claim", "end", "report", "sweep", "start")
BEFORE = (State.WAITING, State.RUNNING, State.STOPPED)


@pytest.mark.parametrize("state", BEFORE)
@pytest.mark.parametrize("pair", list(combinations_with_replacement(NAMES, 2)))
def test_what_changes_a_job_may_meet(pair: tuple[str, str], state: State, vesna: User) -> None:
    with small_kinds():
        for _ in range(2):
            Job.objects.all().delete()
            job, other = started(vesna), started(vesna, where=other_market())
            if state != State.WAITING:
                jobs.claim(job.pk)
            if state == State.STOPPED:
                jobs.end_job(Job.objects.get(pk=job.pk), State.STOPPED)
            acts = job_acts(job, vesna)
            found = together([acts[name] for name in pair] + [partial(jobs.claim, other.pk)])
            errors = [each for each in found if isinstance(each, Exception)]
            assert not [each for each in errors if not isinstance(each, JobStateError)], found
            assert Job.objects.filter(state__in=AT_WORK).count() <= 1
