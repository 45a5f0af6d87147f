"""Every change of what is loaded: asking for a load, and copying the ledger after it."""

from __future__ import annotations

import secrets
from datetime import UTC
from pathlib import Path

from django.db import close_old_connections, transaction

from offtake.data.ledger import Load, export_set_aside, loads, open_entries, set_aside_rows
from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.feeds import uploads
from offtake_web.feeds.models import Fault, LoadRecord
from offtake_web.jobs.actions import start_job
from offtake_web.jobs.models import Job

LOAD, LEDGER = "load", "ledger"
FAULTS_KEPT = 2000
_COPIED = (
    "load_id", "contract", "file", "source", "profile", "rows_in", "loaded", "replaced",
    "set_aside", "duplicate", "combined", "seconds",
)  # fmt: skip


def ask_for_load(
    market: Market, file: Path, *, contract: str, profile: Path | None, dry_run: bool, by: User
) -> Job:
    """Put the load of a kept upload in the queue."""
    return start_job(
        market,
        LOAD,
        f"{file.name} → {contract}",
        arguments={
            "file": str(file),
            "contract": contract,
            "profile": None if profile is None else str(profile),
            "dry_run": dry_run,
        },
        by=by,
    )


def ask_for_ledger(market: Market, *, by: User) -> Job:
    """Ask for the ledger of the store to be read: what was loaded elsewhere is then shown too."""
    return start_job(market, LEDGER, market.title, arguments={}, by=by)


def record_ledger(market: Market, store: Store) -> int:
    """Copy what is new in the ledger of an open store; return how many loads it holds."""
    close_old_connections()  # the work before may have taken hours
    entries = loads(store)
    open_now = {
        load.load_id: open_entries(store, load.load_id) for load in entries if load.set_aside
    }
    known = {record.load_id: record for record in LoadRecord.objects.filter(market=market.key)}
    new = [
        load
        for load in entries
        if not _same(known.get(load.load_id), load, open_now.get(load.load_id, 0))
    ]
    records = [_record(market, store, load, open_now.get(load.load_id, 0)) for load in new]
    faults = [fault for record in records for fault in _faults(store, record)]
    unchanged = {load.load_id for load in entries} - {load.load_id for load in new}
    old = [record for number, record in known.items() if number not in unchanged]
    with transaction.atomic():
        LoadRecord.objects.filter(pk__in=[record.pk for record in old]).delete()
        LoadRecord.objects.bulk_create(records)
        Fault.objects.bulk_create(faults)
    for name in (record.mend_file for record in old if record.mend_file):
        (uploads.mend_folder() / name).unlink(missing_ok=True)
    return len(entries)


def _same(known: LoadRecord | None, load: Load, open_rows: int) -> bool:
    """Say whether a record still holds; numbers begin anew where simulated data are replaced."""
    return known is not None and (known.started, known.file, known.still_open) == (
        load.started.replace(tzinfo=UTC),
        load.file,
        open_rows,
    )


def _record(market: Market, store: Store, load: Load, open_rows: int) -> LoadRecord:
    return LoadRecord(
        market=market.key,
        **{name: getattr(load, name) for name in _COPIED},
        unused_columns=list(load.unused_columns),
        unchecked_references=list(load.unchecked_references),
        started=load.started.replace(tzinfo=UTC),
        still_open=open_rows,
        mend_file=_mend_file(store, load.load_id) if open_rows else "",
    )


def _mend_file(store: Store, load_id: int) -> str:
    """Write the open rows of a load to be mended; return the file's name, empty for none."""
    name = f"{secrets.token_hex(16)}.csv"
    try:
        export_set_aside(store, load_id, uploads.mend_folder() / name)
    except BadInputError:  # what was set aside is no rows: a message cut off in the middle
        return ""
    return name


def _faults(store: Store, record: LoadRecord) -> list[Fault]:
    if not record.still_open:
        return []
    return [
        Fault(
            load=record, row=each.row, column=each.column or "", value=each.value,
            reason=each.reason,
        )
        for each in set_aside_rows(store, load_id=record.load_id, limit=FAULTS_KEPT)
    ]  # fmt: skip
