"""A small simulated company with everything in it, for tests that look at whole pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from offtake.data.store import Store
from offtake.pipeline.demo import TWIN, TWIN_VIEW, simulated_market
from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import Market
from offtake_web.feeds.actions import record_ledger
from offtake_web.jobs.models import Job
from offtake_web.jobs.models import State as JobState
from offtake_web.plans import actions_talk
from offtake_web.plans.models import Plan, State
from offtake_web.runs.queries import current
from tests.web import plan_cast
from tests.web.conftest import person

SMALL = replace(TWIN, stores=12, weeks=60, items=6, households=150, respondents=100)
NAMES = {
    Role.ADMINISTRATOR: "admin",
    Role.MARKETING: "marketing",
    Role.SALES_LEAD: "sales_lead",
    Role.KEY_ACCOUNT_MANAGER: "key_account",
    Role.REP: "rep",
    Role.ANALYST: "analyst",
    Role.VIEWER: "viewer",
}


def build(folder: Path) -> Market:
    """Make its data and publish a run of them: half a minute."""
    simulated_market(folder, SMALL, TWIN_VIEW, workers=1, progress=_silent)
    return Market(
        key="main",
        title="Alder",
        store=folder / "offtake.duckdb",
        runs=folder / "twin" / "runs",
        simulated=True,
        category=TWIN_VIEW.category,
        manufacturer=TWIN_VIEW.manufacturer,
        currency="EUR",
    )


def _silent(step: str) -> Callable[[str, int], None]:
    return lambda what, share: None


def people(market: Market) -> dict[Role, User]:
    """Make one person of each role; the key account manager and the rep have their part."""
    run = current(market)
    assert run is not None
    stores = run.rows("planning_stores")
    scopes = {
        Role.KEY_ACCOUNT_MANAGER: {"retailers": [stores[0]["retailer"]]},
        Role.REP: {"territories": [stores[0]["territory"]]},
    }
    return {role: person(name, role, **scopes.get(role, {})) for role, name in NAMES.items()}


def fill(market: Market, cast: dict[Role, User]) -> None:
    """Tell the workspace of the loads, and make plans and jobs in each state."""
    with Store(market.store, "twin", read_only=True) as store:
        record_ledger(market, store)
    plans(market, cast)
    for state in JobState.values:
        Job.objects.create(
            market=str(market),
            store=f"{market.store}{state}",
            kind="refresh",
            title=f"A refresh that is {state}",
            state=state,
            share=40.0,
            step="promotions",
            started_by=cast[Role.ANALYST],
            started=timezone.now(),
            heartbeat=timezone.now(),
            error="week: got 32, allowed: 1 to 26" if state == JobState.FAILED else "",
        )


def plans(market: Market, cast: dict[Role, User]) -> dict[str, Plan]:
    """Make one promotion in each state, of the company's first item, with what hangs on it."""
    run = current(market)
    assert run is not None
    item = next(row for row in run.rows("planning_items") if row["manufacturer"] == "Alder")
    retailer = run.rows("planning_stores")[0]["retailer"]
    marketing, sales = cast[Role.MARKETING], cast[Role.SALES_LEAD]
    made = {}
    for place, state in enumerate(State.values):
        plan = plan_cast.draft(
            marketing,
            name=f"Deal {state}",
            product_ids=[item["product_id"]],
            brands=[item["brand"]],
            retailers=[retailer],
            first_day=plan_cast.day(30 + 20 * place),
            last_day=plan_cast.day(43 + 20 * place),
        )
        actions_talk.comment(plan, "Shall we take the corner? @sales_lead", by=marketing)
        made[state] = plan_cast.bring(plan, state, marketing=marketing, sales=sales)
    return made
