"""Runs as pages read them: read-only, and each manifest once, because a run never changes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from offtake.data.contracts.simulated import origin_words
from offtake.errors import OfftakeError
from offtake.pipeline.run import published_id, read_run, run_ids
from offtake.report.run import Run
from offtake_web.common.markets import Market
from offtake_web.jobs.models import UNDER_WAY, Job
from offtake_web.jobs.queries import jobs_of

logger = logging.getLogger(__name__)
KEPT = 64
REFRESH = "refresh"
"""The kind of work that makes a run."""


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """The run that the library's pointer names.

    Parameters
    ----------
    name
        Its id.
    made
        When it was made; None where the run cannot be read.
    simulated
        Which simulation its data come from; empty for real data.
    """

    name: str
    made: datetime | None
    simulated: str = ""


@lru_cache(maxsize=KEPT)
def _read(runs: Path, run_id: str) -> Run:
    return read_run(runs, run_id)


def run_named(market: Market, run_id: str) -> Run | None:
    """Return a run by its id; None where it is not there or cannot be read."""
    try:
        run = _read(market.runs, run_id)
        datetime.fromisoformat(run.manifest.created)
    except (OfftakeError, KeyError, TypeError, ValueError):
        logger.exception("run %r cannot be read", run_id)
        return None
    return run


def all_ids(market: Market) -> tuple[str, ...]:
    """Return the id of every run of a market, newest first."""
    return run_ids(market.runs)


def run_before(market: Market, run_id: str) -> Run | None:
    """Return the run made before another; None for the first."""
    earlier = [name for name in all_ids(market) if name < run_id]
    return run_named(market, earlier[0]) if earlier else None


def current(market: Market) -> Run | None:
    """Return the published run; None where nothing is published, or it cannot be read."""
    name = published_id(market.runs)
    return None if name is None else run_named(market, name)


def refresh_under_way(market: Market) -> Job | None:
    """Return the refresh of a market that is next to end; None where none is asked for."""
    return jobs_of(market).filter(kind=REFRESH, state__in=UNDER_WAY).last()


def published_run(market: Market) -> PublishedRun | None:
    """Say which run is published, or None where nothing was published yet."""
    name = published_id(market.runs)
    if name is None:
        return None
    run = run_named(market, name)
    if run is None:
        return PublishedRun(name, made=None)
    made = datetime.fromisoformat(run.manifest.created)
    return PublishedRun(name, made, origin_words(run.manifest.frame.simulated))
