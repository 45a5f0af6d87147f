"""``offtake demo``: real data in, a scoreboard out, and a simulated market beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offtake.cli.output import progress_bar, say
from offtake.cli.refresh import (
    DEFAULT_CATEGORY,
    DEFAULT_MANUFACTURER,
    CategoryOption,
    ManufacturerOption,
)

if TYPE_CHECKING:
    from offtake.data.intake import Progress
    from offtake.data.store import Store
    from offtake.pipeline.view import View
    from offtake.report.run import Run

WORKERS = 2


def demo(
    *,
    folder: Annotated[Path, typer.Option("--out", help="Where to put store and runs.")] = Path(
        "demo"
    ),
    category: CategoryOption = DEFAULT_CATEGORY,
    manufacturer: ManufacturerOption = DEFAULT_MANUFACTURER,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over, even if the data are loaded already.")
    ] = False,
    no_twin: Annotated[
        bool, typer.Option("--no-twin", help="Leave the simulated market out.")
    ] = False,
) -> None:
    """Publish a scoreboard of a year of real grocery data, and one of a simulated market."""
    from offtake.pipeline.view import View
    from offtake.report.page import AVAILABILITY, PROMOTIONS, SCOREBOARD, SHOPPERS
    from offtake.report.text import summary

    folder.mkdir(parents=True, exist_ok=True)
    if fresh:
        _start_over(folder)
    real = _real(folder, View(category=category, manufacturer=manufacturer, currency="$"))
    twin = None if no_twin else _simulated(folder)
    print(summary(real))
    if twin is not None:
        print(f"\n{'-' * 88}\n\n{summary(twin)}")
    print(f"\nOpen the scoreboard:  {_page(real, SCOREBOARD)}")
    if twin is not None:
        print(f"The simulated one:    {_page(twin, SCOREBOARD)}")
        print(f"Idea or execution?    {_page(twin, PROMOTIONS)}")
        print(f"Is it there?          {_page(twin, AVAILABILITY)}")
    print(f"Who came back?        {_page(real, SHOPPERS)}")
    store = folder / "offtake.duckdb"
    print("Ask it something:     uv run offtake measure penetration --by manufacturer \\")
    print(f"                        --where 'category={category}' --period 2017 --store {store}")
    if twin is not None:
        print("Ask the simulated:    uv run offtake measure share_of_voice --by brand \\")
        print(f"                        --where 'category=BAG SNACKS' --simulated --store {store}")
    print("See what can be asked: uv run offtake measures")
    print(f"Load your own:        uv run offtake load FILE --as sales --store {store}")


def _page(run: Run, name: str) -> str:
    return (run.folder / name).resolve().as_uri()


def _start_over(folder: Path) -> None:
    import shutil

    for name in ("offtake.duckdb", "offtake.duckdb.wal"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "twin" / "data", ignore_errors=True)


def _real(folder: Path, view: View) -> Run:
    from offtake.pipeline.demo import open_store
    from offtake.pipeline.refresh import refresh

    with open_store(folder / "offtake.duckdb", say) as store:
        _load(store)
        with progress_bar("scoreboard") as bar:
            return refresh(store, folder / "runs", view, progress=bar, keep=True)


def _load(store: Store) -> None:
    from offtake.data.completejourney import load_completejourney
    from offtake.data.sources.completejourney.source import LABEL

    say(f"Loading {LABEL} into {store.path} ...")
    with ExitStack() as bars:
        done = load_completejourney(store, progress=_bars(bars))
    new = sum(load.loaded for load in done)
    rows = sum(load.rows_in for load in done)
    aside = sum(load.set_aside for load in done)
    if new:
        say(f"{rows:,} rows read, {new:,} loaded, {aside:,} set aside, in {len(done)} tables.")
    else:
        say(f"Loaded already: {rows:,} rows in {len(done)} tables, nothing changed.")


def _simulated(folder: Path) -> Run:
    from offtake.pipeline.demo import TWIN, TWIN_VIEW, simulated_market

    say("Making a simulated market, for what the real data lack: media, visits, people, ...")
    with ExitStack() as bars:
        done = simulated_market(folder, TWIN, TWIN_VIEW, workers=WORKERS, progress=_bars(bars))
    if done.loaded:
        say(f"{done.rows:,} simulated rows, loaded apart from the real ones (schema twin).")
    else:
        say(f"Made and loaded already: {done.rows:,} simulated rows, nothing changed.")
    return done.run


def _bars(stack: ExitStack) -> Callable[[str], Progress]:
    def one(step: str) -> Progress:
        stack.close()
        return stack.enter_context(progress_bar(step))

    return one
