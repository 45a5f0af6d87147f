"""What a worker does to load a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _

from offtake.data.intake import load_file
from offtake.data.ledger import Load
from offtake.data.profile import Profile, plain_profile, read_profile
from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake_web.feeds import actions, uploads
from offtake_web.jobs.kinds import Kind, Outcome, Work, add_kind

_SHOWN = (
    "load_id", "contract", "file", "rows_in", "loaded", "replaced", "set_aside", "duplicate",
    "combined", "unused_columns", "unchecked_references", "already_loaded",
)  # fmt: skip


def load(work: Work) -> Outcome:
    """Load an upload, copy the ledger, and remove the upload."""
    asked = work.arguments
    try:
        done = _loaded(work)
    except BadInputError as error:
        _remove(work)
        raise BadInputError(uploads.without_place(str(error))) from error
    _remove(work)
    return {name: value for name, value in asdict(done).items() if name in _SHOWN} | {
        "dry_run": asked["dry_run"]
    }


def _loaded(work: Work) -> Load:
    asked = work.arguments
    file, profile = _file(asked["file"]), _profile(asked["profile"], asked["contract"])
    with Store(work.market.store, work.market.schema) as store:
        done = load_file(
            store, file, profile=profile, dry_run=asked["dry_run"], progress=work.progress
        )
        actions.record_ledger(work.market, store)
    return done


def _file(place: str) -> Path:
    path = uploads.inside(place)
    if path is None:
        raise BadInputError("the file that was sent is no longer there; please send it again")
    return path


def _profile(place: str | None, contract: str) -> Profile:
    return read_profile(_file(place), contract=contract) if place else plain_profile(contract)


def _remove(work: Work) -> None:
    for name in ("file", "profile"):
        uploads.remove(work.arguments[name])
    uploads.tidy()


def read_ledger(work: Work) -> Outcome:
    """Copy the ledger of the store as it is."""
    work.progress("reading", 0.0)
    with Store(work.market.store, work.market.schema, read_only=True) as store:
        return {"loads": actions.record_ledger(work.market, store)}


def _has_its_file(arguments: Mapping[str, Any]) -> bool:
    needed = [place for place in (arguments["file"], arguments["profile"]) if place]
    return all(uploads.inside(place) for place in needed)


def add_kinds() -> None:
    add_kind(
        Kind(
            name=actions.LOAD,
            label=_("Load of a file"),
            permission="feeds.load",
            run=load,
            template="feeds/outcome.html",
            restartable=_has_its_file,
        )
    )
    add_kind(
        Kind(
            name=actions.LEDGER,
            label=_("Reading of the ledger"),
            permission="feeds.load",
            run=read_ledger,
            template="feeds/outcome_ledger.html",
        )
    )
