"""A refresh asked for on its page, done by a worker, watched in a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from offtake.data.store import Store
from offtake.pipeline.run import list_runs, read_run
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.feeds.models import LoadRecord
from offtake_web.jobs import kinds, reporter
from offtake_web.jobs.kinds import Kind, Outcome, Work
from offtake_web.jobs.models import Job
from tests.library import small_twin
from tests.web.conftest import PASSWORD
from tests.web.test_browser import assert_fits, phone
from tests.web.work import small_kinds, started, work

pytestmark = pytest.mark.slow


@pytest.fixture
def twin(tmp_path: Path, settings: Settings) -> Market:
    """A market on a small twin that was never refreshed."""
    market = Market(
        key="main", title="Twin", store=tmp_path / "offtake.duckdb", runs=tmp_path / "runs",
        simulated=True, category="COFFEE", manufacturer="Alder", currency="EUR",
    )  # fmt: skip
    with Store(market.store, market.schema) as store:
        small_twin.fill_twin(store, tmp_path)
    settings.OFFTAKE_MARKETS = (market,)
    return market


@pytest.mark.django_db(transaction=True)
def test_a_refresh_from_the_page_to_the_published_run(
    client: Client, vesna: User, twin: Market
) -> None:
    client.force_login(vesna)
    form = client.get("/main/runs/refresh/").content.decode()
    assert 'value="COFFEE"' in form
    asked = {"category": "COFFEE", "manufacturer": "Alder", "currency": "EUR", "models": []}
    address = client.post("/main/runs/refresh/", asked)["Location"]
    work()
    page = client.get(address).content.decode()
    assert "A run was published:" in page
    run = read_run(twin.runs)
    assert f"/main/runs/{run.run_id}/" in page
    assert run.manifest.frame.currency == "EUR"
    assert "Simulated data" in client.get(f"/main/runs/{run.run_id}/").content.decode()
    assert LoadRecord.objects.count() == len(run.manifest.loads)

    again = client.post("/main/runs/refresh/", asked)["Location"]
    work()
    assert "Nothing has changed since the last run" in client.get(again).content.decode()
    assert len(list_runs(twin.runs)) == 1

    wrong = client.post("/main/runs/refresh/", asked | {"category": "COFEE"})["Location"]
    work()
    page = client.get(wrong).content.decode()
    assert "Did you mean" in page
    assert read_run(twin.runs).run_id == run.run_id


@pytest.fixture
def slow_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Add a kind of work that goes on until the event is set."""
    monkeypatch.setattr(reporter, "EVERY", 0.05)
    finish = threading.Event()

    def slow(work: Work) -> Outcome:
        while not finish.wait(0.05):
            work.progress("half of it", 50.0)
        return {}

    with small_kinds():
        kinds.add_kind(Kind(name="slow", label="slow", permission="feeds.load", run=slow))
        yield finish


def _work_aside() -> None:
    try:
        work()
    finally:
        connection.close()


@pytest.mark.browser
@pytest.mark.parametrize("end", ["done", "stopped"])
def test_a_job_is_watched_without_loading_the_page_again(
    chromium: str, live_server: LiveServer, transactional_db: None, vesna: User,
    slow_kind: threading.Event, end: str,
) -> None:  # fmt: skip
    job = started(vesna, "slow")
    with phone(chromium, live_server, "light") as (page, complaints):
        page.goto(f"/main/jobs/{job.pk}/")
        page.get_by_label("Username").fill("vesna")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        state = page.locator("#job").get_by_role("status")
        expect(state).to_contain_text("waiting")
        worker = threading.Thread(target=_work_aside)
        worker.start()
        expect(page.get_by_role("progressbar", name="How far it is")).to_have_attribute(
            "value", "50"
        )
        expect(state).to_contain_text("running")
        assert_fits(page)
        if end == "done":
            slow_kind.set()
        else:
            page.get_by_role("button", name="Stop").press("Enter")
        expect(state).to_contain_text(end)
        expect(page.get_by_role("progressbar")).to_have_count(0)
        worker.join(20)
        assert_fits(page)
    assert complaints == []
    assert Job.objects.get().state == end
