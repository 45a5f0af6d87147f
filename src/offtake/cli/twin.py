"""``offtake twin``: a simulated market with known truth, always labelled as such."""

from __future__ import annotations

import os
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offtake.cli.options import DEFAULT_STORE, Format, FormatOption, StoreOption
from offtake.cli.output import print_records, progress_bar, say
from offtake.cli.twin_verify import verify
from offtake.errors import BadInputError

if TYPE_CHECKING:
    from offtake.data.intake import Progress
    from offtake.twin.spec import TwinSpec

app = typer.Typer(
    name="twin",
    help="A simulated market with known truth: to test models and to show what real data lack.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _needs() -> None:
    """A simulated market with known truth: to test models and to show what real data lack."""
    from offtake.errors import MissingExtraError
    from offtake.twin.extra import installed

    if not installed():
        raise MissingExtraError(
            "the twin is not installed; install it: pip install 'offtake[twin]'"
        )


WIDE, ACROSS = 10, 5
"""More columns than `WIDE` are printed on their side, `ACROSS` rows at most."""


class Replaced(StrEnum):
    """What a load may throw away."""

    nothing = "nothing"
    others = "others"


StoresOption = Annotated[int, typer.Option("--stores", help="Stores.")]
WeeksOption = Annotated[int, typer.Option("--weeks", help="Weeks.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed: the same gives the same bytes.")]
ItemsOption = Annotated[int, typer.Option("--items", help="Items in each category.")]
WorkersOption = Annotated[
    int | None,
    typer.Option(min=1, help="Processes; default: one per core. The bytes do not depend on it."),
]
TwinArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a twin.")]


@app.command("build")
def build(
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder to write the twin to.")],
    stores: StoresOption = 100,
    weeks: WeeksOption = 104,
    seed: SeedOption = 7,
    items: ItemsOption = 12,
    category: Annotated[
        list[str] | None, typer.Option(help="Only this category; repeat. Default: all calibrated.")
    ] = None,
    households: Annotated[int, typer.Option(help="Households in the panel.")] = 1000,
    respondents: Annotated[int, typer.Option(help="People asked in each survey wave.")] = 400,
    stock_weeks: Annotated[
        int, typer.Option(help="How many of the last weeks have daily stock records.")
    ] = 8,
    first_week: Annotated[
        str, typer.Option(help="Monday of the first week, YYYY-MM-DD.")
    ] = "2024-01-01",
    daily: Annotated[bool, typer.Option("--daily", help="Sales by day, not by week.")] = False,
    without: Annotated[
        list[str] | None, typer.Option(help="Switch an effect off; repeat. See the how-to page.")
    ] = None,
    heterogeneity: Annotated[
        float, typer.Option(help="Scale of the spread of responses between items.")
    ] = 1.0,
    truth: Annotated[
        str, typer.Option(help="events, or rows: truth by store, item and week too.")
    ] = "events",
    workers: WorkersOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Make a twin: a whole market of simulated stores, people and shoppers, with its truth."""
    from offtake.twin.build import build as build_twin

    spec = _spec(
        stores=stores,
        weeks=weeks,
        seed=seed,
        items=items,
        categories=tuple(category or ()),
        households=households,
        respondents=respondents,
        stock_weeks=stock_weeks,
        first_week=_day(first_week),
        daily=daily,
        without=frozenset(without or ()),
        heterogeneity=heterogeneity,
        truth=truth,
    )
    with progress_bar("twin") as bar:
        built = build_twin(spec, out, workers=workers or os.cpu_count() or 1, progress=bar)
    rows = [
        *({"table": name, "rows": count, "kind": "data"} for name, count in built.rows.items()),
        *({"table": name, "rows": count, "kind": "truth"} for name, count in built.truth.items()),
    ]
    print_records(("table", "rows", "kind"), rows, form)
    if not built.new:
        say(f"This very twin was in {out} already: nothing changed.")
    say(f"Simulated, seed {seed}. Load it: offtake twin load {out} --store twin.duckdb")


def _spec(**given: object) -> TwinSpec:
    from offtake.twin.spec import TwinSpec

    return TwinSpec(**given)  # type: ignore[arg-type]  # checked by the spec itself, by name


def _day(text: str) -> object:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"first_week: got {text!r}, allowed: a Monday, YYYY-MM-DD") from error


@app.command("load")
def load(
    folder: TwinArgument,
    *,
    replace: Annotated[
        Replaced, typer.Option(help="others: throw another simulation in the store away first.")
    ] = Replaced.nothing,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """Load a twin into a store, into the schema of simulated data, through the ordinary intake."""
    from offtake.data.store import Store
    from offtake.twin.load import load_twin

    with Store(store, schema="twin") as opened, ExitStack() as bars:

        def bar(contract: str) -> Progress:
            bars.close()
            return bars.enter_context(progress_bar(contract))

        done = load_twin(opened, folder, replace=replace.value, progress=bar)
    names = tuple(dict.fromkeys(each.contract for each in done))
    counts = ("rows_in", "loaded", "set_aside", "duplicate", "combined")
    rows: list[dict[str, object]] = [
        {
            "contract": name,
            **{
                count: sum(getattr(each, count) for each in done if each.contract == name)
                for count in counts
            },
        }
        for name in names
    ]
    print_records(("contract", *counts), rows, form)
    aside = sum(each.set_aside for each in done)
    if aside:
        say(f"{aside:,} rows were set aside: offtake set-aside --simulated --store {store}")
    say(f"Simulated data. Ask it: offtake measure sales_value --simulated --store {store}")


@app.command("truth")
def truth(
    folder: TwinArgument,
    name: Annotated[str | None, typer.Argument(help="Show this truth table.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many lines.")] = 20,
    form: FormatOption = Format.table,
) -> None:
    """List the truth tables of a twin, or show one: what a model should have found."""
    from offtake.data.contracts.simulated import LABEL_NAMES as LABEL
    from offtake.data.contracts.simulated import state_label, warning
    from offtake.twin.truth import origin_of, read_truth, truth_tables

    title = warning(state_label([origin_of(folder)]))
    if name is None:
        listed = [{"truth": each, "rows": rows} for each, rows in truth_tables(folder).items()]
        print_records(("truth", "rows"), listed, form, title=title)
        return
    table = read_truth(folder, name)
    shown = [each for each in table.column_names if form is not Format.table or each not in LABEL]
    wide = form is Format.table and len(shown) > WIDE
    rows = table.slice(0, min(limit, ACROSS) if wide else limit).select(shown).to_pylist()
    if wide:
        print_records(*_turned(shown, rows), form, title=title)
    else:
        print_records(shown, rows, form, title=title)
    if table.num_rows > len(rows):
        say(
            f"The first {len(rows)} of {table.num_rows:,} rows; --limit and --format csv give more."
        )


def _turned(
    columns: list[str], rows: list[dict[str, object]]
) -> tuple[list[str], list[dict[str, object]]]:
    """Return a table with many columns on its side: a line for each column."""
    heads = [str(place) for place in range(1, len(rows) + 1)]
    lines: list[dict[str, object]] = [
        {"column": name, **{head: row[name] for head, row in zip(heads, rows, strict=True)}}
        for name in columns
    ]
    return ["column", *heads], lines


@app.command("placebo")
def placebo(
    *,
    category: Annotated[str, typer.Option(help="Category whose sales they are laid over.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    seed: SeedOption = 7,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """Lay drivers over real sales that cannot have had any effect: displays, leaflets, media."""
    from offtake.data.store import Store
    from offtake.twin.placebo import build_placebo

    with Store(store, read_only=True) as opened:
        rows = build_placebo(opened, out, seed=seed, category=category)
    print_records(("table", "rows"), [{"table": n, "rows": c} for n, c in rows.items()], form)
    say(f"Simulated drivers over real sales, seed {seed}: every effect found of them is false.")


@app.command("calibrate")
def calibrate(
    *,
    out: Annotated[Path, typer.Option("--out", help="JSON file to write.")],
    outages: Annotated[
        Path | None, typer.Option(help="FreshRetailNet as Parquet, for out-of-stocks.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Measure on real data what the twin is made of; the result ships with Offtake."""
    from offtake.data.store import Store
    from offtake.validation.calibrate import as_json
    from offtake.validation.calibrate import calibrate as measure

    say("Measuring demand and out-of-stocks; this takes half a minute.")
    with Store(store, read_only=True) as opened:
        found = measure(opened, outages=outages)
    out.write_text(as_json(found) + "\n", encoding="utf-8")
    say(f"{len(found['categories'])} categories written to {out}.")


app.command("verify")(verify)
