"""What a worker does to refresh a market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django.utils.translation import gettext_noop as _

from offtake.data.store import Store
from offtake.pipeline.refresh import refresh
from offtake.pipeline.run import published_id
from offtake.pipeline.view import View
from offtake.report.run import Run
from offtake_web.feeds.actions import record_ledger
from offtake_web.jobs.kinds import Kind, Outcome, Work, add_kind, kind_named
from offtake_web.runs.actions import PLANS
from offtake_web.runs.queries import REFRESH


def refresh_market(work: Work) -> Outcome:
    """Work out what is new, publish the run, and copy the ledger it rests on."""
    market, view = work.market, _view(work.arguments)
    before = published_id(market.runs)
    plans = _plans(work) if work.arguments.get("plans_first") else {}
    with Store(market.store, market.schema, read_only=True) as store:
        run = refresh(store, market.runs, view, progress=work.progress, keep=True)
        record_ledger(market, store)
    return _outcome(run, unchanged=run.run_id == before) | plans


def _plans(work: Work) -> Outcome:
    """Take the shared plan in before the refresh; where that fails, nothing is refreshed."""
    kind = kind_named(PLANS)
    return {"plans": kind.run(work), "plans_template": kind.template}


def _view(arguments: Mapping[str, Any]) -> View:
    known = {each.name: arguments[each.name] for each in fields(View) if each.name in arguments}
    return View(**{**known, "models": tuple(arguments["models"])})


def _outcome(run: Run, *, unchanged: bool) -> Outcome:
    tables = run.manifest.tables
    return {
        "run": run.run_id,
        "unchanged": unchanged,
        "tables": len(tables),
        "reused": sum(1 for entry in tables if entry.reused_from),
        "gaps": len(run.manifest.gaps),
    }


def add_kinds() -> None:
    add_kind(
        Kind(
            name=REFRESH,
            label=_("Refresh: data to published run"),
            permission="runs.refresh",
            run=refresh_market,
            template="runs/outcome.html",
        )
    )
