"""``offtake refresh`` and ``offtake runs``: publish a run, and list those published."""

from __future__ import annotations

from typing import Annotated

import typer

from offtake.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STORE,
    Format,
    FormatOption,
    RunsOption,
    SimulatedOption,
    StoreOption,
    schema_for,
)
from offtake.cli.output import print_records, progress_bar, say

CategoryOption = Annotated[str, typer.Option(help="The market to look at.")]
ManufacturerOption = Annotated[str, typer.Option(help="Whose view to take.")]
DEFAULT_CATEGORY = "BAG SNACKS"
DEFAULT_MANUFACTURER = "544"


def refresh(
    *,
    category: CategoryOption = DEFAULT_CATEGORY,
    manufacturer: ManufacturerOption = DEFAULT_MANUFACTURER,
    weeks: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Length of the period; by itself the longest of "
            "52, 26, 13, 4 and 1 that can be compared.",
        ),
    ] = None,
    currency: Annotated[str, typer.Option(help="Sign put before money, e.g. $.")] = "",
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    runs: RunsOption = DEFAULT_RUNS,
) -> None:
    """Work out the scoreboard afresh and publish it as a run."""
    from offtake.data.store import Store
    from offtake.pipeline.refresh import View
    from offtake.pipeline.refresh import refresh as run_refresh
    from offtake.report.page import SCOREBOARD
    from offtake.report.words import simulated_warning

    schema = schema_for(simulated=simulated)
    with Store(store, schema, read_only=True) as opened, progress_bar("refresh") as bar:
        view = View(category=category, manufacturer=manufacturer, weeks=weeks, currency=currency)
        run = run_refresh(opened, runs, view, progress=bar)
    say(f"Published run {run.run_id}: {run.folder / SCOREBOARD}")
    if simulated:
        say(simulated_warning(run.manifest.frame))


def runs(
    *,
    publish: Annotated[
        str | None, typer.Option(help="Make this run the published one again first.")
    ] = None,
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = Format.table,
) -> None:
    """List the runs, newest first, and say which one is published."""
    from offtake.pipeline.run import list_runs, published_id, republish

    if publish is not None:
        republish(runs, publish)
    current = published_id(runs)
    rows = [
        {
            "run": run.run_id,
            "published": run.run_id == current,
            "simulated": run.manifest.frame.simulated,
            "folder": str(run.folder),
        }
        for run in list_runs(runs)
    ]
    print_records(("run", "published", "simulated", "folder"), rows, form)
