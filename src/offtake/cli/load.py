"""``offtake load``: a file into the store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offtake.cli.options import (
    DEFAULT_STORE,
    Format,
    FormatOption,
    SimulatedOption,
    StoreOption,
    schema_for,
)
from offtake.cli.output import print_records, progress_bar, say
from offtake.errors import BadInputError

if TYPE_CHECKING:
    from offtake.data.ledger import Load

COUNTS = ("file", "contract", "rows_in", "loaded", "replaced", "set_aside", "duplicate", "combined")
SHOWN = 5


def load(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, Excel, Parquet, X12 852 or SLSRPT.")],
    *,
    as_contract: Annotated[
        str | None, typer.Option("--as", help="The contract to read it as, e.g. sales.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(help="Mapping profile (TOML) for the supplier's own columns.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and count, but write nothing.")
    ] = False,
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """Load a file. Bad rows are set aside with their reason; loading twice changes nothing."""
    from offtake.data.intake import load_file
    from offtake.data.ledger import set_aside_rows
    from offtake.data.profile import plain_profile, read_profile
    from offtake.data.store import Store

    if profile is None and as_contract is None:
        raise BadInputError("say what the file holds: --as CONTRACT (see: offtake contracts)")
    mapping = (
        plain_profile(str(as_contract))
        if profile is None
        else read_profile(profile, contract=as_contract)
    )
    schema = schema_for(simulated=simulated)
    with Store(store, schema) as opened, progress_bar(file.name) as bar:
        done = load_file(opened, file, profile=mapping, dry_run=dry_run, progress=bar)
        faults = set_aside_rows(opened, load_id=done.load_id, limit=SHOWN) if done.load_id else []
    print_records(COUNTS, [asdict(done)], form)
    _explain(done, dry_run=dry_run)
    for fault in faults:
        say(f"  row {fault.row}, {fault.column}: got {fault.value!r}; {fault.reason}")
    if done.set_aside and done.load_id:
        option = " --simulated" if simulated else ""
        say(f"All of them: offtake set-aside --load {done.load_id}{option} [--export mend.csv]")


def _explain(done: Load, *, dry_run: bool) -> None:
    if dry_run:
        say("Dry run: nothing was written.")
    elif done.already_loaded is not None and not done.load_id:
        say(f"This very file is load {done.already_loaded} already: nothing changed.")
    if done.unused_columns:
        say(f"Columns not read: {', '.join(done.unused_columns)}.")
    if done.unchecked_references:
        say(f"Ids not checked, nothing loaded there yet: {', '.join(done.unchecked_references)}.")
    if done.set_aside:
        say(f"{done.set_aside:,} rows set aside:")
