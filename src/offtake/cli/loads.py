"""``offtake loads`` and ``offtake set-aside``: the ledger, and the rows that wait to be mended."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from offtake.cli.options import (
    DEFAULT_STORE,
    Format,
    FormatOption,
    SimulatedOption,
    StoreOption,
    schema_for,
)
from offtake.cli.output import print_records, say
from offtake.errors import BadInputError

LEDGER = (
    "load_id", "schema", "started", "contract", "file", "rows_in", "loaded", "replaced",
    "set_aside", "duplicate", "combined", "seconds",
)  # fmt: skip
FAULTS = ("load_id", "entry", "contract", "file", "row", "column", "value", "reason")


def loads(
    *,
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """List every load with its counts: rows in = loaded + set aside + duplicate + combined."""
    from offtake.data.ledger import loads as all_loads
    from offtake.data.store import Store

    with Store(store, schema_for(simulated=simulated), read_only=True) as opened:
        print_records(LEDGER, [asdict(done) for done in all_loads(opened)], form)


def set_aside(
    *,
    load: Annotated[int | None, typer.Option(help="Only the rows of this load.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write them to a CSV to mend and load again.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many lines.")] = 100,
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """List the rows set aside, or export those of one load to be mended."""
    from offtake.data.ledger import export_set_aside, set_aside_rows
    from offtake.data.store import Store

    if export is not None and load is None:
        raise BadInputError("--export needs --load: one file is mended at a time")
    with Store(store, schema_for(simulated=simulated), read_only=True) as opened:
        if export is not None and load is not None:
            count = export_set_aside(opened, load, export)
            say(f"{count:,} rows written to {export}. Mend them, then load the file again.")
            return
        faults = set_aside_rows(opened, load_id=load, limit=limit + 1)
    print_records(FAULTS, [asdict(fault) for fault in faults[:limit]], form)
    if len(faults) > limit:
        say(f"There are more than {limit}; raise --limit or export them.")
