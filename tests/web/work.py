"""Work for tests of jobs: kinds that do little, and a worker in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from offtake.errors import BadInputError
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market, markets
from offtake_web.jobs import kinds
from offtake_web.jobs.actions import start_job
from offtake_web.jobs.kinds import Kind, Outcome, Work
from offtake_web.jobs.management.commands.worker import JobWorker
from offtake_web.jobs.models import Job


def work() -> None:
    """Do everything that waits."""
    JobWorker().run()


def market() -> Market:
    return markets()[0]


def other_market(store: Path | None = None) -> Market:
    """A second market beside ``main``, in the same store unless another is named."""
    first = markets()[0]
    other = replace(first, key="other", title="Other", store=store or first.store)
    settings.OFFTAKE_MARKETS = (first, other)
    return other


def _count(work: Work) -> Outcome:
    work.progress("counting", 50.0)
    return {"counted": work.arguments["to"]}


def _refuse(work: Work) -> Outcome:
    raise BadInputError("week: got <32>, allowed: 1 to 26")


def _break(work: Work) -> Outcome:
    raise ZeroDivisionError("a fault of ours")


@contextmanager
def small_kinds() -> Iterator[None]:
    """Add kinds ``count``, ``refuse`` and ``break`` while a block runs."""
    known = dict(kinds._KINDS)
    for name, run in {"count": _count, "refuse": _refuse, "break": _break}.items():
        kinds.add_kind(Kind(name=name, label=name, permission="feeds.load", run=run))
    try:
        yield
    finally:
        kinds._KINDS.clear()
        kinds._KINDS.update(known)


def started(by: User, kind: str = "count", where: Market | None = None) -> Job:
    return start_job(where or market(), kind, f"{kind} <b>", arguments={"to": 3}, by=by)
