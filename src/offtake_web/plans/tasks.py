"""What a worker does to take the shared plan into the data."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

from offtake.data.planned import LeftOut, PlansTaken, load_plans
from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake_web.common.markets import Market
from offtake_web.feeds.actions import record_ledger
from offtake_web.jobs.kinds import Kind, Outcome, Work, add_kind
from offtake_web.plans.export import firm_plans, planned_rows
from offtake_web.plans.facts import known
from offtake_web.plans.models import NUMBERED
from offtake_web.runs.actions import PLANS

_SHOWN = ("load_id", "contract", "rows_in", "loaded", "replaced", "set_aside")


def take_in(work: Work) -> Outcome:
    """Load the firm plans of a market in place of those that it loaded before."""
    market = work.market
    _demand_places(market)
    rows = planned_rows(market)
    with Store(market.store, market.schema) as store:
        done = load_plans(
            store,
            rows["promotion"],
            rows["promotion_cost"],
            name=f"plan of {market.key}",
            progress=work.progress,
        )
        record_ledger(market, store)
    return _outcome(done)


def _demand_places(market: Market) -> None:
    """Refuse to take plans in before anything is known of stores: they would seem withdrawn."""
    if not known(market).facts.stores and firm_plans(market).exists():
        raise BadInputError(
            "where the plans apply is not known: no run with planning tables is published; "
            "refresh without the plan first"
        )


def _outcome(done: PlansTaken) -> Outcome:
    """Name plans by number alone: who sees a job need not see every plan."""
    return {
        "taken": len(done.taken),
        "withdrawn": done.withdrawn,
        "costs_withdrawn": len(done.costs_withdrawn),
        "left_out": [_left_out(each) for each in done.left_out],
        "shared": list(done.shared),
        "loads": [{name: getattr(load, name) for name in _SHOWN} for load in done.loads],
    }


def _left_out(each: LeftOut) -> dict[str, Any]:
    number = each.promotion_id.removeprefix(NUMBERED)
    return {
        "promotion_id": each.promotion_id,
        "plan": int(number) if number.isdecimal() else None,
        "reason": each.reason,
    }


def add_kinds() -> None:
    add_kind(
        Kind(
            name=PLANS,
            label=_("Shared plan: into the data"),
            permission="feeds.load",
            run=take_in,
            template="plans/taken.html",
        )
    )
