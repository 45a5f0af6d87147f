"""Asking for the shared plan to be taken into the data, as any other source is."""

from __future__ import annotations

from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.jobs.actions import start_job
from offtake_web.jobs.models import Job
from offtake_web.runs.actions import PLANS


def ask_for_plans(market: Market, *, by: User) -> Job:
    """Put the taking in of the firm plans of a market in the queue of its store."""
    return start_job(market, PLANS, market.title, arguments={}, by=by)
