"""A small simulated company with everything in it, for tests that look at whole pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from offtake.data.store import Store
from offtake.pipeline.demo import TWIN, TWIN_VIEW, simulated_market
from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import Market
from offtake_web.feeds.actions import record_ledger
from offtake_web.runs.queries import current
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


def fill(market: Market) -> None:
    """Tell the workspace of the loads, and make the plans of the demonstration."""
    with Store(market.store, "twin", read_only=True) as store:
        record_ledger(market, store)
    if find_spec("offtake_web.plans.demo") is not None:
        import_module("offtake_web.plans.demo").seed(market)
