"""``offtake fit``: fit a model to the store and print what it says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from offtake.cli.fit_availability import availability
from offtake.cli.fit_shoppers import shoppers
from offtake.cli.options import (
    DEFAULT_STORE,
    Format,
    FormatOption,
    PageOption,
    SimulatedOption,
    StoreOption,
    schema_for,
)
from offtake.cli.output import print_shown, progress_bar, say, write_page, write_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

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


app.command("availability")(availability)
app.command("shoppers")(shoppers)


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
LeadsOption = Annotated[
    int,
    typer.Option(help="Look for dips so many weeks before a promotion: shoppers who wait for it."),
]
ExplainOption = Annotated[
    str | None, typer.Option("--explain", help="Tell one promotion in plain words.")
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
RETURNS = ("planned", "executed", "fully")
MARGINS: dict[str, tuple[str, Unit | None]] = {
    "margin": ("incremental_margin", "money"),
    "at least": ("incremental_margin_low", "money"),
    "at most": ("incremental_margin_high", "money"),
}
"""What stands in place of returns where margins are known, but no cost."""
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
    "over the chain; "
)
READ_RETURNS = "net return as planned, where executed, if fully executed: 0 breaks even"
READ_MARGINS = (
    "incremental margin before the cost, which is not loaded (promotion_cost): it was worth it at "
    "a cost below that"
)


def figures(
    rows: list[dict[str, Any]], shown: Mapping[str, tuple[str, Unit | None]]
) -> Mapping[str, tuple[str, Unit | None]]:
    """Return which columns to show: margins in place of returns where no cost is known.

    Examples
    --------
    >>> rows = [{"roi_net": None, "incremental_margin": 9.0}]
    >>> list(figures(rows, {"planned": ("roi_net", "ratio"), "verdict": ("verdict", None)}))
    ['margin', 'at least', 'at most', 'verdict']
    """
    returned = any(row["roi_net"] is not None for row in rows)
    earned = any(row["incremental_margin"] is not None for row in rows)
    if returned or not earned:
        return shown
    found: dict[str, tuple[str, Unit | None]] = {}
    for head, column in shown.items():
        found |= MARGINS if head in RETURNS else {head: column}
    return found


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
    leads: LeadsOption = 0,
    seed: Annotated[int, typer.Option(help="Of the draws of partial pooling.")] = 0,
    simulated: SimulatedOption = False,
    store: StoreOption = DEFAULT_STORE,
    form: FormatOption = Format.table,
) -> None:
    """Say what every promotion of a category did, and whether it was idea or execution."""
    from offtake.data.store import Store
    from offtake.models.promotion.design import PromotionSpec
    from offtake.models.promotion.fit import fit_promotions
    from offtake.models.promotion.tables import promotion_tables

    spec = PromotionSpec(
        leads=leads, margin_share=margin_share, selection_sd=selection_sd, seed=seed
    )
    schema = schema_for(simulated=simulated)
    with Store(store, schema, read_only=True) as opened, progress_bar("fit") as bar:
        tables = opened.tables()
        fit = fit_promotions(opened, tables, category, spec=spec, progress=bar)
    found = _Found(fit, promotion_tables(fit), tables.label, manufacturer)
    show: Callable[[], None]
    # What cannot be shown is refused before anything is written.
    if explain is not None:
        show = partial(_explain, found, found.event(explain))
    elif by is By.promotion:
        show = partial(_print_events, found, found.events(), limit, form)
    else:
        show = partial(found.printed, found.totals(by.value), ADDED, form)
    if out is not None:
        write_tables(found.tables, found.label, out)
    if page is not None:
        _write_page(found, page)
    show()
    for each in fit.notes:
        say(f"Beware: {each}")


@dataclass(frozen=True, slots=True)
class _Found:
    """A fit with its tables, the label of simulated data, and whose promotions to print."""

    fit: PromotionFit
    tables: Mapping[str, pa.Table]
    label: str
    manufacturer: str | None

    def events(self) -> list[dict[str, Any]]:
        """Return the promotions of the manufacturer asked for, the largest gain first."""
        from offtake.errors import UnknownNameError

        rows: list[dict[str, Any]] = self.tables["promotion_events"].to_pylist()
        makers = {row["manufacturer"] for row in rows}
        if self.manufacturer is not None and self.manufacturer not in makers:
            raise UnknownNameError("manufacturer", self.manufacturer, makers)
        ours = [row for row in rows if self.manufacturer in (None, row["manufacturer"])]
        return sorted(ours, key=lambda row: -row["incremental"])

    def event(self, promotion_id: str) -> dict[str, Any]:
        """Return one promotion, of whatever manufacturer."""
        from offtake.errors import UnknownNameError

        rows = {row["promotion_id"]: row for row in self.tables["promotion_events"].to_pylist()}
        if promotion_id not in rows:
            raise UnknownNameError("promotion", promotion_id, rows)
        row: dict[str, Any] = rows[promotion_id]
        return row

    def totals(self, by: str) -> list[dict[str, Any]]:
        """Return the promotions of the manufacturer asked for, added up."""
        from offtake.models.promotion.tables import total_table

        rows: list[dict[str, Any]] = total_table(
            self.fit, [by], manufacturer=self.manufacturer
        ).to_pylist()
        return rows

    def printed(
        self, rows: list[dict[str, Any]], shown: Mapping[str, tuple[str, Unit | None]], form: Format
    ) -> None:
        """Print some columns under short headings for people, and all of them for programs."""
        if form is Format.table:
            shown = figures(rows, shown)
        read = READ + (READ_MARGINS if "margin" in shown else READ_RETURNS)
        title = f"Promotions of {self.fit.rows.category}. {read}"
        print_shown(rows, shown, form, title=title, label=self.label)


def _print_events(found: _Found, rows: list[dict[str, Any]], limit: int, form: Format) -> None:
    found.printed(rows if form is not Format.table else rows[:limit], ONE, form)
    if form is Format.table and len(rows) > limit:
        say(f"The {limit} largest of {len(rows):,}; --limit shows more, --format csv all.")


def _explain(found: _Found, row: dict[str, Any]) -> None:
    from offtake.models.promotion.grade import REASONS
    from offtake.report.promotion import sentence

    if found.label:
        print(found.label)
    print(sentence(row, ""))
    print(f"Grade {row['grade']}.", *(f"{REASONS[each]}." for each in row["reasons"].split()))


def _write_page(found: _Found, path: Path) -> None:
    from offtake.report.answer import parts_outside
    from offtake.report.promotion import PromotionAnswer, render_promotions

    parts = parts_outside(
        found.tables,
        category=found.fit.rows.category,
        manufacturer=found.manufacturer,
        label=found.label,
    )
    write_page(path, render_promotions(PromotionAnswer(**parts)))
