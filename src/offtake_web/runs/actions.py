"""Every change of what is published: asking for a refresh, and going back to an earlier run."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict

from offtake.pipeline.run import republish
from offtake.pipeline.view import View
from offtake.report.run import Run
from offtake_web.accounts.access import demand
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.jobs.actions import start_job
from offtake_web.jobs.kinds import kind_named
from offtake_web.jobs.models import Job
from offtake_web.runs.queries import REFRESH

logger = logging.getLogger(__name__)
PLANS = "plans"
"""The kind of work that takes the shared plan into the data; the app that plans knows how."""


def ask_for_refresh(market: Market, view: View, *, by: User, plans_first: bool = False) -> Job:
    """Put a refresh in the queue of the market's store, the shared plan taken in before it."""
    if plans_first:
        demand(by, kind_named(PLANS).permission)
    return start_job(
        market,
        REFRESH,
        f"{view.category}, {view.manufacturer}",
        arguments=asdict(view) | {"plans_first": plans_first},
        by=by,
    )


def publish_run(market: Market, run_id: str, *, by: User) -> Run:
    """Make an earlier run the published one again.

    Raises
    ------
    OfftakeError
        As :func:`offtake.pipeline.run.republish` says.
    """
    demand(by, "runs.publish")
    run = republish(market.runs, run_id)
    logger.info("%s published run %s of market %s", by.get_username(), run_id, market)
    return run


def view_of(market: Market, run: Run | None, models: Sequence[str]) -> View:
    """Return what a refresh looks at unless somebody says otherwise: what the last one did."""
    if run is None:
        return View(
            category=market.category, manufacturer=market.manufacturer, currency=market.currency,
            models=tuple(models),
        )  # fmt: skip
    frame = run.manifest.frame
    return View(
        category=frame.category,
        manufacturer=frame.manufacturer,
        currency=frame.currency,
        competitors=max(len(frame.competitors), 5),
        models=tuple(models),
    )
