"""``offtake demo``: real data in, a scoreboard out."""

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
) -> None:
    """Load a year of real grocery data and publish one manufacturer's scoreboard."""
    from offtake.data.store import Store
    from offtake.pipeline.refresh import View, refresh
    from offtake.report.text import summary

    folder.mkdir(parents=True, exist_ok=True)
    path, runs = folder / "offtake.duckdb", folder / "runs"
    if fresh:
        path.unlink(missing_ok=True)
    with Store(path, memory_limit="3GB") as store:
        _load(store)
        with progress_bar("scoreboard") as bar:
            view = View(category=category, manufacturer=manufacturer, currency="$")
            run = refresh(store, runs, view, progress=bar)
    print(summary(run))
    page = (run.folder / "scoreboard.html").resolve()
    print(f"\nOpen the scoreboard:  {page.as_uri()}")
    print("Ask it something:     uv run offtake measure penetration --by manufacturer \\")
    print(f"                        --where 'category={category}' --period 2017 --store {path}")
    print("See what can be asked: uv run offtake measures")
    print(f"Load your own:        uv run offtake load FILE --as sales --store {path}")


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


def _bars(stack: ExitStack) -> Callable[[str], Progress]:
    def one(contract: str) -> Progress:
        stack.close()
        return stack.enter_context(progress_bar(contract))

    return one
