"""The pages of jobs: who sees what, live while there is something to see, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts.access import may
from offtake_web.accounts.models import Role, User
from offtake_web.jobs.actions import claim, report, stop_job
from offtake_web.jobs.models import SILENCE, Job
from tests.web.conftest import Visit
from tests.web.work import other_market, small_kinds, started, work

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    with small_kinds():
        yield


@pytest.fixture
def job(vesna: User) -> Job:
    return started(vesna)


@pytest.fixture
def analyst(client: Client, vesna: User) -> Client:
    client.force_login(vesna)
    return client


def text(client: Client, job: Job, **more: object) -> str:
    response = client.get(f"/main/jobs/{job.pk}/", **more)  # type: ignore[arg-type]  # of the client
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("role", [*Role, None])
def test_who_opens_the_pages(
    cast: dict[str, User], client_of: Visit, role: Role | None, job: Job
) -> None:
    user = None if role is None else cast[role]
    visitor = client_of(user)
    expected = 302 if user is None else 200 if may(user, "feeds.view") else 403
    for address in ("/main/jobs/", f"/main/jobs/{job.pk}/"):
        response = visitor.get(address)
        assert response.status_code == expected, address
    if expected == 200 and user is not None:
        buttons = "Stop</button>" in visitor.get(f"/main/jobs/{job.pk}/").content.decode()
        assert buttons == may(user, "feeds.load")


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("what", ["stop", "restart"])
def test_who_stops_and_restarts(
    cast: dict[str, User], client_of: Visit, role: Role | None, what: str, job: Job
) -> None:
    if what == "restart":
        stop_job(job, by=cast[Role.ANALYST])
    before = job.state
    user = None if role is None else cast[role]
    response = client_of(user).post(f"/main/jobs/{job.pk}/{what}/")
    job.refresh_from_db()
    if user is not None and may(user, "feeds.load"):
        assert response.status_code == 302
        assert job.state != before
    else:
        assert response.status_code == (302 if user is None else 403)
        assert job.state == before


def test_nothing_is_changed_by_looking(analyst: Client, job: Job) -> None:
    for what in ("stop", "restart"):
        assert analyst.get(f"/main/jobs/{job.pk}/{what}/").status_code == 405


def test_an_empty_list(analyst: Client) -> None:
    assert "Nothing has been loaded or refreshed" in analyst.get("/main/jobs/").content.decode()


def test_a_job_belongs_to_its_market(analyst: Client, job: Job) -> None:
    other_market()
    assert analyst.get(f"/other/jobs/{job.pk}/").status_code == 404
    assert analyst.get("/main/jobs/999/").status_code == 404
    assert "count &lt;b&gt;" not in analyst.get("/other/jobs/").content.decode()


def test_names_are_shown_as_text(analyst: Client, job: Job) -> None:
    for page in (text(analyst, job), analyst.get("/main/jobs/").content.decode()):
        assert "count &lt;b&gt;" in page
        assert "count <b>" not in page


def test_a_job_that_waits_says_for_what(analyst: Client, vesna: User, job: Job) -> None:
    assert "waits for a worker" in text(analyst, job)
    claim(job.pk)
    second = started(vesna)
    assert "It waits for its turn, after: count &lt;b&gt;." in text(analyst, second)


def test_a_running_job_shows_how_far_it_is_and_asks_again(analyst: Client, job: Job) -> None:
    mine = claim(job.pk)
    assert mine is not None
    report(mine, "own <sales>", 41.6)
    page = text(analyst, job)
    assert '<progress max="100" value="42"' in page
    assert "own &lt;sales&gt;" in page
    assert 'hx-trigger="every 1500ms"' in page
    assert 'role="status"' in page
    assert '<meta http-equiv="refresh"' in page


def test_the_live_part_comes_alone_and_only_when_it_is_new(analyst: Client, job: Job) -> None:
    part = text(analyst, job, headers=HTMX)
    assert "<html" not in part
    seen = part.split("?seen=")[1].split('"')[0]
    again = analyst.get(f"/main/jobs/{job.pk}/?seen={seen}", headers=HTMX)
    assert (again.status_code, again.content) == (204, b"")
    claim(job.pk)
    assert "running" in text(analyst, job, headers=HTMX, query_params={"seen": seen})


def test_asking_ends_when_the_job_has_ended(analyst: Client, job: Job) -> None:
    assert "hx-trigger" in text(analyst, job)
    assert 'hx-trigger="every 2s"' in analyst.get("/main/jobs/").content.decode()
    work()
    page = text(analyst, job)
    assert "hx-trigger" not in page
    assert "http-equiv" not in page
    assert "It is done." in page
    assert "hx-trigger" not in analyst.get("/main/jobs/", headers=HTMX).content.decode()


def test_why_a_job_failed_is_said(analyst: Client, vesna: User) -> None:
    job = started(vesna, "refuse")
    work()
    page = text(analyst, job)
    assert "It could not be done. Nothing half-done was kept." in page
    assert "week: got &lt;32&gt;, allowed: 1 to 26" in page
    assert "Start again" in page


def test_a_lost_job_says_so_and_can_be_started_again(analyst: Client, job: Job) -> None:
    claim(job.pk)
    old = timezone.now() - SILENCE - timedelta(seconds=5)
    Job.objects.filter(pk=job.pk).update(heartbeat=old)
    page = text(analyst, job)
    assert "The worker that did it is gone." in page
    assert "Start again" in page
    assert "Stop</button>" not in page
    analyst.post(f"/main/jobs/{job.pk}/restart/")
    work()
    assert "It is done." in text(analyst, job)


def test_what_cannot_be_stopped_is_told(analyst: Client, job: Job) -> None:
    work()
    response = analyst.post(f"/main/jobs/{job.pk}/stop/", follow=True)
    assert "there is nothing to stop" in response.content.decode()
    response = analyst.post(f"/main/jobs/{job.pk}/restart/", follow=True)
    assert "it cannot be started again" in response.content.decode()


def test_the_pages_in_serbian(analyst: Client, job: Job) -> None:
    analyst.cookies["django_language"] = "sr-latn"
    assert "Čeka radni proces" in text(analyst, job)
    assert "Poslovi u toku" in analyst.get("/main/jobs/").content.decode()


def test_how_often_the_database_is_asked(
    analyst: Client, vesna: User, job: Job, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):  # session, user, job, two for what it waits for
        text(analyst, job)
    work()
    with django_assert_num_queries(3):
        text(analyst, job)
    for _ in range(9):
        started(vesna)
    with django_assert_num_queries(4):  # session, user, count, jobs
        analyst.get("/main/jobs/")
