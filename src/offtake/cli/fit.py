"""``offtake fit``: fit a model to the store and print what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offtake.models.promotion.fit import PromotionFit
    from offtake.units import Unit

app = typer.Typer(
    name="fit",
    help="Fit a model to what the store holds.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _needs() -> None:
    """Fit a model to what the store holds."""
    from offtake.errors import MissingExtraError
    from offtake.models.extra import installed

    if not installed():
        raise MissingExtraError("models are not installed: pip install 'offtake[models]'")


class By(StrEnum):
    """What promotions are added up by."""

    promotion = "promotion"
    category = "category"
    manufacturer = "manufacturer"
    brand = "brand"
    retailer = "retailer"
    levers = "levers"
    quarter = "quarter"


CategoryOption = Annotated[str, typer.Option(help="The category to fit.")]
ManufacturerOption = Annotated[
    str | None, typer.Option(help="Print the promotions of this manufacturer only.")
]
ByOption = Annotated[By, typer.Option(help="Print promotions one by one, or added up.")]
LimitOption = Annotated[
    int, typer.Option(min=1, help="Print so many promotions, the largest gains first.")
]
MarginOption = Annotated[
    float | None,
    typer.Option(help="Margin as a share of the regular price, where none is loaded, e.g. 0.35."),
]
SelectionOption = Annotated[
    float,
    typer.Option(
        help="How far the response of stores that did not execute may be from the others', beyond "
        "what the data tell: a standard deviation; 0 takes both as equal."
    ),
]
ExplainOption = Annotated[
    str | None, typer.Option("--explain", help="Tell one promotion in plain words.")
]
PageOption = Annotated[
    Path | None, typer.Option("--page", help="Write the page of all promotions to this file.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write all tables as Parquet files to this folder.")
]
FIGURES: dict[str, tuple[str, Unit | None]] = {
    "base": ("base", "units"),
    "extra": ("incremental", "units"),
    "from": ("incremental_low", "units"),
    "to": ("incremental_high", "units"),
    "lift": ("lift_in_promoted_stores", "percent"),
    "chain": ("lift_whole_chain", "percent"),
    "planned": ("roi_net", "ratio"),
    "executed": ("roi_net_where_executed", "ratio"),
    "fully": ("roi_net_if_fully_executed", "ratio"),
    "verdict": ("verdict", None),
}
"""Headings for people, and the columns of the tables they show."""
ONE: dict[str, tuple[str, Unit | None]] = {
    "promotion": ("promotion_id", None),
    "retailer": ("retailer", None),
    "week": ("first_week", None),
    "did": ("stores_executed", "stores"),
    "agreed": ("stores_agreed", "stores"),
    **FIGURES,
    "grade": ("grade", None),
}
ADDED: dict[str, tuple[str, Unit | None]] = {
    "name": ("name", None),
    "promotions": ("events", "count"),
    **FIGURES,
}
READ = (
    "extra: incremental units with the ends of their 80 % interval; lift in promoted stores and "
    "over the chain; net return as planned, where executed, if fully executed: 0 breaks even"
)


@app.command("promotion")
def promotion(
    *,
    category: CategoryOption,
    manufacturer: ManufacturerOption = None,
    by: ByOption = By.promotion,
    limit: LimitOption = 20,
    explain: ExplainOption = None,
    page: PageOption = None,
    out: OutOption = None,
    margin_share: MarginOption = None,
    selection_sd: SelectionOption = 0.25,
    seed: Annotated[int, typer.Option(help="Of the draws of partial pooling.")] = 0,
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """Say what every promotion of a category did, and whether it was idea or execution."""
    from offtake.data.store import Store
    from offtake.models.promotion.design import PromotionSpec
    from offtake.models.promotion.fit import fit_promotions

    spec = PromotionSpec(margin_share=margin_share, selection_sd=selection_sd, seed=seed)
    schema = schema_for(simulated=simulated)
    with Store(store, schema, read_only=True) as opened, progress_bar("fit") as bar:
        tables = opened.tables()
        fit = fit_promotions(opened, tables, category, spec=spec, progress=bar)
    found = _Found(fit, tables.label, manufacturer)
    if out is not None:
        _write(found, out)
    if page is not None:
        _write_page(found, page)
    if explain is not None:
        _explain(found, explain)
    elif by is By.promotion:
        _print_events(found, limit, form)
    else:
        _print_totals(found, by.value, form)
    _say_weak(fit)


@dataclass(frozen=True, slots=True)
class _Found:
    """A fit, the label of simulated data, and whose promotions to print."""

    fit: PromotionFit
    label: str
    manufacturer: str | None

    def ours(
        self, rows: list[dict[str, Any]], column: str = "manufacturer"
    ) -> list[dict[str, Any]]:
        """Keep the rows of the manufacturer asked for."""
        from offtake.errors import UnknownNameError

        if self.manufacturer is None:
            return rows
        kept = [row for row in rows if row[column] == self.manufacturer]
        if not kept:
            makers = sorted({row[column] for row in rows})
            raise UnknownNameError("manufacturer", self.manufacturer, makers)
        return kept

    def printed(
        self, rows: list[dict[str, Any]], shown: Mapping[str, tuple[str, Unit | None]], form: Format
    ) -> None:
        """Print some columns under short headings for people, and all of them for programs."""
        if form is not Format.table:
            more = {"label": self.label} if self.label else {}
            print_records([*rows[0], *more] if rows else [], [row | more for row in rows], form)
            return
        title = f"Promotions of {self.fit.rows.category}. {READ}"
        print_records(
            list(shown),
            [{head: row[column] for head, (column, _) in shown.items()} for row in rows],
            form,
            title="\n".join(filter(None, (self.label, title))),
            units={head: unit for head, (_, unit) in shown.items() if unit is not None},
        )


def _print_events(found: _Found, limit: int, form: Format) -> None:
    from offtake.models.promotion.tables import event_table

    rows = found.ours(event_table(found.fit).to_pylist())
    rows.sort(key=lambda row: -row["incremental"])
    found.printed(rows if form is not Format.table else rows[:limit], ONE, form)
    if form is Format.table and len(rows) > limit:
        say(f"The {limit} largest of {len(rows):,}; --limit shows more, --format csv all.")


def _print_totals(found: _Found, by: str, form: Format) -> None:
    from offtake.models.promotion.tables import total_table

    rows = total_table(found.fit, [by], manufacturer=found.manufacturer).to_pylist()
    found.printed(rows, ADDED, form)


def _explain(found: _Found, promotion_id: str) -> None:
    from offtake.errors import UnknownNameError
    from offtake.models.promotion.grade import REASONS
    from offtake.models.promotion.tables import event_table
    from offtake.report.promotion import sentence

    rows = {row["promotion_id"]: row for row in event_table(found.fit).to_pylist()}
    if promotion_id not in rows:
        raise UnknownNameError("promotion", promotion_id, sorted(rows))
    row = rows[promotion_id]
    if found.label:
        print(found.label)
    print(sentence(row, ""))
    print(f"Grade {row['grade']}.", *(f"{REASONS[each]}." for each in row["reasons"].split()))


def _write(found: _Found, folder: Path) -> None:
    import pyarrow.parquet as pq

    from offtake.models.promotion.tables import promotion_tables

    folder.mkdir(parents=True, exist_ok=True)
    for name, table in promotion_tables(found.fit).items():
        path = folder / f"{name}.parquet"
        part = path.with_name(f".{path.name}.part")
        label = {"simulated": found.label} if found.label else {}
        pq.write_table(table.replace_schema_metadata(label), part, compression="zstd")
        part.replace(path)
    say(f"Wrote {', '.join(sorted(path.name for path in folder.glob('promotion_*.parquet')))}")


def _write_page(found: _Found, path: Path) -> None:
    from offtake.models.promotion.tables import promotion_tables
    from offtake.report.promotion import PromotionAnswer, render_promotions

    tables = {name: table.to_pylist() for name, table in promotion_tables(found.fit).items()}
    answer = PromotionAnswer(
        tables=tables,
        category=found.fit.rows.category,
        manufacturer=found.manufacturer or "",
        currency="",
        simulated=found.label,
        source="",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        run_id="",
    )
    path.write_text(render_promotions(answer), encoding="utf-8")
    say(f"Wrote {path}")


def _say_weak(fit: PromotionFit) -> None:
    """Say what weakens all answers alike."""
    if not fit.response.converged:
        say("Beware: the regression did not converge; take the figures as rough.")
    if not fit.rows.has_plan:
        say("No plan is loaded: as planned, where executed and if fully executed are the same.")
    if fit.rows.cut_from == "derived":
        say("Price cuts are derived from prices paid, as no discounts are loaded.")
