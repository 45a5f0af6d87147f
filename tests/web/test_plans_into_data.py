"""The shared plan enters the data as any other source does, and the next run shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from pytest_django import Settings

from offtake.data.store import Store
from offtake.pipeline.refresh import refresh
from offtake.pipeline.run import read_run
from offtake.pipeline.view import View
from offtake_web.accounts.access import GRANTS
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market, markets
from offtake_web.feeds.models import LoadRecord
from offtake_web.jobs.models import Job
from offtake_web.plans import actions, actions_workflow
from offtake_web.plans.models import Plan
from offtake_web.plans.writing import PlanRuleError
from offtake_web.runs.actions import ask_for_refresh
from tests.library import small_twin
from tests.library.small_market import load_rows
from tests.web.api_cast import caller
from tests.web.conftest import Visit
from tests.web.plan_cast import bring, draft, fresh, ready
from tests.web.plan_run import ITEMS, STORES, publish_planning
from tests.web.work import work

TAKE_IN = "/main/plan/take-in/"


@pytest.fixture
def market(runs: Path, tmp_path: Path, db: None) -> Market:
    """A market whose run and data know two retailers and three items."""
    publish_planning(runs)
    found = markets()[0]
    with Store(found.store) as store:
        load_rows(store, "store", [{"store_id": row["store_id"]} for row in STORES], tmp_path)
        items = [{"product_id": row["product_id"], "category": "Bags"} for row in ITEMS]
        load_rows(store, "product", items, tmp_path)
    return found


def locked(ana: User, milan: User, **more: Any) -> Plan:
    return bring(draft(ana, cost=80, **more), "locked", marketing=ana, sales=milan)


def agreed(plan: Plan, ana: User, milan: User) -> Plan:
    for who in (ana, milan):
        actions_workflow.agree(fresh(plan), version=fresh(plan).version, by=who)
    ready(fresh(plan), marketing=ana, sales=milan)
    return fresh(plan)


def taken_in(client: Client) -> Job:
    address = client.post(TAKE_IN)["Location"]
    work()
    job = Job.objects.order_by("-pk")[0]
    assert address == f"/main/jobs/{job.pk}/"
    return job


def planned(market: Market) -> list[dict[str, Any]]:
    with Store(market.store, market.schema, read_only=True) as store:
        return store.run(store.tables()["promotion"]).to_pylist()


def costs(market: Market) -> dict[str, float]:
    with Store(market.store, market.schema, read_only=True) as store:
        rows = store.run(store.tables()["promotion_cost"]).to_pylist()
    return {row["promotion_id"]: row["fixed_cost"] for row in rows}


@pytest.mark.django_db(transaction=True)
def test_locked_plans_go_in_once_and_the_ledger_shows_it(
    client: Client, market: Market, ana: User, milan: User, vesna: User
) -> None:
    plan = locked(ana, milan)
    client.force_login(vesna)
    assert "Take in the shared plan" in client.get("/main/loads/").content.decode()
    job = taken_in(client)
    assert (job.state, job.error) == ("done", "")
    assert {row["promotion_id"] for row in planned(market)} == {f"plan-{plan.pk}"}
    assert {row["status"] for row in planned(market)} == {"planned"}
    plans = LoadRecord.objects.filter(source="plan of the workspace")
    assert {(each.contract, each.profile) for each in plans} == {
        ("promotion", "plan of main"),
        ("promotion_cost", "plan of main"),
    }
    page = client.get(f"/main/jobs/{job.pk}/").content.decode()
    assert "What became of the plans" in page
    assert f"/main/loads/{plans[0].load_id}/" in page

    count = LoadRecord.objects.count()
    job = taken_in(client)
    assert LoadRecord.objects.count() == count
    assert "nothing changed" in client.get(f"/main/jobs/{job.pk}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_plan_that_is_cancelled_after_it_went_in_is_taken_back(
    client: Client, market: Market, ana: User, milan: User, vesna: User
) -> None:
    plan = locked(ana, milan)
    client.force_login(vesna)
    taken_in(client)
    actions_workflow.cancel(fresh(plan), version=plan.version, by=milan)
    job = taken_in(client)
    assert job.outcome["withdrawn"] == len(planned(market)) > 0
    assert {(row["promotion_id"], row["price_cut"]) for row in planned(market)} == {(None, False)}
    assert costs(market) == {f"plan-{plan.pk}": 0.0}
    page = client.get(f"/main/jobs/{job.pk}/").content.decode()
    assert "Costs taken back" in page


@pytest.mark.django_db(transaction=True)
def test_a_corrected_cost_is_restated_and_one_that_was_in_the_data_is_not_left_out(
    client: Client, market: Market, ana: User, milan: User, vesna: User
) -> None:
    plan = locked(ana, milan)
    client.force_login(vesna)
    taken_in(client)
    assert costs(market) == {f"plan-{plan.pk}": 80.0}

    def agreed_with(cost: float | None) -> Plan:
        now = fresh(plan)
        if now.state == "locked":
            now = actions_workflow.reopen(now, version=now.version, by=milan)
        actions.change(now, {"cost": cost}, version=now.version, by=milan)
        return agreed(plan, ana, milan)

    now = agreed_with(None)
    page = Client()
    page.force_login(milan)
    assert "the data cannot forget one" in page.get(f"/main/plan/{plan.pk}/").content.decode()
    with pytest.raises(PlanRuleError, match="state its cost"):
        actions_workflow.lock(now, version=now.version, by=milan)
    now = agreed_with(95)
    actions_workflow.lock(now, version=now.version, by=milan)
    taken_in(client)
    assert costs(market) == {f"plan-{plan.pk}": 95.0}


def test_a_plan_that_never_had_a_cost_owes_none(
    client: Client, market: Market, ana: User, milan: User
) -> None:
    plan = bring(draft(ana), "locked", marketing=ana, sales=milan)
    actions_workflow.reopen(plan, version=plan.version, by=milan)
    now = agreed(plan, ana, milan)
    assert actions_workflow.lock(now, version=now.version, by=milan).state == "locked"


@pytest.mark.django_db(transaction=True)
def test_a_plan_is_left_out_whole_by_its_number_alone(
    client: Client, market: Market, ana: User, milan: User, vesna: User, tmp_path: Path
) -> None:
    plan = locked(ana, milan, name="Very secret deal")
    week = plan.first_day - timedelta(days=plan.first_day.weekday())
    theirs = {"store_id": "S1", "product_id": "P1", "week": week.isoformat(), "status": "planned",
              "display": "true", "promotion_id": "E9"}  # fmt: skip
    with Store(market.store) as store:
        load_rows(store, "promotion", [theirs], tmp_path)
    client.force_login(vesna)
    job = taken_in(client)
    assert [row["promotion_id"] for row in planned(market)] == ["E9"]
    page = client.get(f"/main/jobs/{job.pk}/").content.decode()
    assert f'<a href="/main/plan/{plan.pk}/">plan-{plan.pk}</a>' in page
    assert "another source has planned" in page
    assert "secret" not in page


@pytest.mark.django_db(transaction=True)
def test_without_a_run_plans_are_not_taken_for_withdrawn(
    client: Client, market: Market, ana: User, milan: User, vesna: User
) -> None:
    locked(ana, milan)
    client.force_login(vesna)
    taken_in(client)
    (market.runs / "published").unlink()
    before = planned(market)
    job = taken_in(client)
    assert job.state == "failed"
    assert "where the plans apply is not known" in job.error
    assert planned(market) == before


def test_only_who_loads_data_takes_plans_in(
    market: Market, cast: dict[str, User], client_of: Visit
) -> None:
    for role, user in cast.items():
        status = client_of(user).post(TAKE_IN).status_code
        assert status == (302 if "feeds.load" in GRANTS[role] else 403), role
    jobs = Job.objects.count()
    assert "main/plan" in client_of(None).post(TAKE_IN)["Location"].partition("?next=")[2]
    assert Job.objects.count() == jobs
    assert client_of(cast["analyst"]).get(TAKE_IN).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_refresh_whose_plans_fail_publishes_nothing(
    client: Client, market: Market, ana: User, milan: User, vesna: User
) -> None:
    locked(ana, milan)
    (market.runs / "published").unlink()
    client.force_login(vesna)
    asked = {"category": "Bags", "manufacturer": "Alder", "models": [], "plans_first": "on"}
    client.post("/main/runs/refresh/", asked)
    work()
    job = Job.objects.get()
    assert (job.state, job.arguments["plans_first"]) == ("failed", True)
    assert "where the plans apply is not known" in job.error
    assert not (market.runs / "published").exists()


def test_the_api_takes_plans_in_too(market: Market, vesna: User) -> None:
    program = caller(vesna, "data")
    answer = program.post("/markets/main/plan-loads")
    assert (answer.status_code, answer.json()["kind"]) == (201, "plans")
    asked = {"category": "Bags", "manufacturer": "Alder", "plans_first": True}
    answer = program.post("/markets/main/refreshes", asked)
    assert answer.status_code == 201, answer.content
    assert [job.arguments.get("plans_first") for job in Job.objects.order_by("pk")] == [None, True]


def test_who_may_only_refresh_takes_no_plans_in_on_the_way(market: Market, vesna: User) -> None:
    vesna.limited_to = frozenset({"runs.refresh"})
    view = View(category="Bags", manufacturer="Alder")
    ask_for_refresh(market, view, by=vesna)
    with pytest.raises(PermissionDenied, match=r"feeds\.load"):
        ask_for_refresh(market, view, by=vesna, plans_first=True)


@pytest.fixture
def twin(tmp_path: Path, settings: Settings) -> Market:
    """A small twin with a run that knows what planning needs."""
    market = Market(
        key="main", title="Twin", store=tmp_path / "offtake.duckdb", runs=tmp_path / "runs",
        simulated=True, category="COFFEE", manufacturer="Alder", currency="EUR",
    )  # fmt: skip
    with Store(market.store, market.schema) as store:
        small_twin.fill_twin(store, tmp_path)
        refresh(store, market.runs, replace(small_twin.VIEW, models=("promotion", "planning")))
    settings.OFFTAKE_MARKETS = (market,)
    return market


def quiet(market: Market) -> dict[str, Any]:
    """Find an item of ours that nobody promoted for two weeks in any store of a retailer."""
    with Store(market.store, market.schema, read_only=True) as store:
        tables = store.tables()
        sold = store.run(
            tables["sales"]
            .filter(tables["sales"].units > 0)
            .select("store_id", "product_id", "week")
        )
        promoted = store.run(tables["promotion"].select("store_id", "product_id", "week"))
    run = read_run(market.runs)
    shops = {row["store_id"]: row["retailer"] for row in run.rows("planning_stores")}
    busy = {(shops[s], item, week) for s, item, week in triples(promoted)}
    there = {(shops[s], item, week) for s, item, week in triples(sold)}
    ours = [row["product_id"] for row in run.rows("planning_items") if row["own"]]
    for retailer, item, week in sorted(there):
        weeks = [week + timedelta(weeks=number) for number in range(2)]
        inside = date(2024, 2, 5) <= week <= date(2024, 6, 3)
        if item in ours and inside and not any((retailer, item, each) in busy for each in weeks):
            stores = {s for s, i, w in triples(sold) if (i, w) == (item, week)}
            named = sorted(s for s in stores if shops[s] == retailer)
            return {"retailers": [retailer], "product_ids": [item], "store_ids": named,
                    "days": (week, week + timedelta(days=13))}  # fmt: skip
    raise AssertionError("everything is promoted everywhere")


def triples(table: pa.Table) -> list[tuple[str, str, date]]:
    return [(row["store_id"], row["product_id"], row["week"]) for row in table.to_pylist()]


def events_of(market: Market, plan: Plan) -> list[dict[str, Any]]:
    rows = read_run(market.runs).rows("promotion_events")
    return [row for row in rows if f"plan-{plan.pk}" in row["promotion_id"]]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_locked_plan_is_an_event_of_the_next_run_and_goes_when_it_is_cancelled(
    client: Client, twin: Market, ana: User, milan: User, vesna: User
) -> None:
    where = quiet(twin)
    days = where.pop("days")
    plan = locked(ana, milan, display=True, **where)
    Plan.objects.filter(pk=plan.pk).update(first_day=days[0], last_day=days[1])
    client.force_login(vesna)
    assert "Take in the shared plan first" in client.get("/main/runs/refresh/").content.decode()
    asked = {"category": "COFFEE", "manufacturer": "Alder", "currency": "EUR",
             "models": ["promotion", "planning"], "plans_first": "on"}  # fmt: skip

    def refreshed() -> str:
        address = client.post("/main/runs/refresh/", asked)["Location"]
        work()
        job = Job.objects.order_by("-pk")[0]
        assert (job.state, job.error) == ("done", "")
        return client.get(address).content.decode()

    before = len(read_run(twin.runs).rows("promotion_events"))
    page = refreshed()
    assert "What became of the plans" in page
    assert "A run was published:" in page
    [event] = events_of(twin, plan)
    assert event["promotion_id"] == f"plan-{plan.pk}"
    assert (event["first_week"], event["last_week"]) == (
        days[0],
        days[1] - timedelta(days=6),
    )
    assert event["stores_agreed"] == len(where["store_ids"])
    assert event["stores_executed"] == 0
    assert len(read_run(twin.runs).rows("promotion_events")) == before + 1
    label = read_run(twin.runs).manifest.frame.simulated
    assert label.endswith("offtake.twin: plan of the workspace, seed 5, version 1"), label

    assert "Nothing has changed since the last run" in refreshed()
    actions_workflow.cancel(fresh(plan), version=plan.version, by=milan)
    refreshed()
    assert events_of(twin, plan) == []
    assert len(read_run(twin.runs).rows("promotion_events")) == before
