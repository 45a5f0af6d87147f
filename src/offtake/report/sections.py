"""The parts of the scoreboard: which figures, charts and tables each of them shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offtake.report import story
from offtake.report.exhibits import (
    Charted,
    Exhibit,
    Group,
    kept,
    measure_of,
    source_line,
    tables_of,
)
from offtake.report.exhibits import spec as _spec
from offtake.report.field import field_groups
from offtake.report.figures import Grid, Heading, Line, Shown, Tile, competition, pairs, tiles
from offtake.report.minds import mind_groups
from offtake.report.run import Run
from offtake.report.words import amount, signed
from offtake.units import Unit


@dataclass(frozen=True, slots=True)
class Missing:
    """Figures that could not be made for the same reason."""

    titles: tuple[str, ...]
    reason: str
    load: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the page."""

    key: str
    title: str
    question: str
    sentences: tuple[str, ...]
    tiles: tuple[Tile, ...]
    exhibits: tuple[Exhibit, ...]
    missing: tuple[Missing, ...]
    groups: tuple[Group, ...] = ()


BOTH = (
    _spec("own_sales", "Value sales", "money"),
    _spec("own_units", "Unit sales", "units"),
    _spec("value_share", "Value share", "percent"),
    _spec("category_sales", "Category sales", "money"),
)
MARKETING = (
    _spec("penetration", "Penetration", "percent"),
    _spec("purchase_frequency", "Purchases per buyer", "per_household"),
    _spec("buy_rate_value", "Spend per buyer", "money"),
    _spec("repeat_rate", "Buyers who repeat", "percent"),
    _spec("scr", "Share of requirements", "percent"),
)
SUPPORT = (
    _spec("fair_share_index", "Share of support", "percent", "share_of_support"),
    _spec("fair_share_index", "Share of sales", "percent", "share_of_sales"),
    _spec("fair_share_index", "Fair share index", "index"),
)
SWITCHING = (
    _spec("switching", "New category buyers", "units", "gained_from_new_category_buyers", "sign"),
    _spec("switching", "Lapsed category buyers", "units", "lost_to_lapsed_category_buyers", "sign"),
    _spec("switching", "Category more", "units", "category_more", "sign"),
    _spec("switching", "Category less", "units", "category_less", "sign"),
    _spec("switching", "Net switching", "units", "net_switching", "sign"),
    _spec("switching", "Change in units", "units", "value", "sign"),
)
SALES = (
    _spec("numeric_distribution", "Numeric distribution", "percent"),
    _spec("weighted_distribution", "Weighted distribution", "percent"),
    _spec("rate_of_sale", "Rate of sale", "per_store_week"),
    _spec("average_price", "Price paid", "money_per_unit"),
    _spec("promoted_share", "Sold on promotion", "percent"),
)
SCORECARD = (
    _spec("sales_value", "Value sales", "money"),
    _spec("value_share", "Value share", "percent"),
    _spec("penetration", "Penetration", "percent"),
    _spec("weighted_distribution", "Weighted distribution", "percent"),
    _spec("average_price", "Price paid", "money_per_unit"),
)
WEEKLY = (
    "weekly_sales",
    "weekly_price",
    "weekly_regular_price",
    "weekly_display",
    "weekly_feature",
)
VOIDS_SHOWN = 15


def sections(run: Run, charts: Sequence[str]) -> tuple[Section, ...]:
    """Return the three parts of the scoreboard.

    Parameters
    ----------
    run
        The run.
    charts
        Names of the charts that there are.
    """
    return (_both(run, charts), _marketing(run, charts), _sales(run, charts))


_HOUSEHOLDS = (
    "Households shopping x penetration x spend per buyer. Each bar starts where the one above it "
    "ended; together they are the whole change."
)
_STORES = "Active stores x distribution x rate of sale x price paid. "


def _split_texts(run: Run) -> tuple[str, str]:
    """Return what each split shows: one change twice, or that of a panel beside that of stores."""
    share = story.panel_share(run)
    if share is None:
        return _HOUSEHOLDS, f"{_STORES}The same change, the other way round."
    shown = amount(100 * share, "percent")
    return (
        f"{_HOUSEHOLDS} These are the households of the panel alone, whose purchases come to "
        f"{shown} of the sales in stores: the amounts are theirs.",
        f"{_STORES}All sales in stores.",
    )


def _both(run: Run, charts: Sequence[str]) -> Section:
    titles = ("Sales change through households", "Sales change through stores")
    splits = tuple(zip(story.SPLITS, titles, _split_texts(run), strict=True))
    exhibits = [
        Exhibit(title=title, text=text, chart=_known(table, charts), measure=measure_of(run, table),
                grid=_split_grid(run, table), source=source_line(run, [table]))
        for table, title, text in splits
    ]  # fmt: skip
    card = competition(run, "Size, buyers, reach and price, with the change", SCORECARD)
    exhibits.append(
        Exhibit(title="Against the main competitors", grid=card, wide=True,
                source=source_line(run, tables_of(SCORECARD)))
    )  # fmt: skip
    return Section(
        key="both",
        title="For both",
        question="What moved, and through what?",
        sentences=_spoken(*(story.through(run, table) for table, _, _ in splits)),
        tiles=tiles(run, BOTH),
        exhibits=kept(exhibits),
        missing=_missing(run, [*tables_of(BOTH), *(table for table, _, _ in splits)]),
    )


def _marketing(run: Run, charts: Sequence[str]) -> Section:
    exhibits = [
        Exhibit(title="Buyers, against the main competitors", wide=True,
                grid=competition(run, "Who buys and how loyally, with the change", MARKETING),
                source=source_line(run, tables_of(MARKETING))),
        Exhibit(title="Gain and loss",
                text="Where the change in our units came from, household by household.",
                chart=_known("gain_loss", charts), measure=measure_of(run, "switching"),
                grid=competition(run, "Gain and loss of each manufacturer", SWITCHING),
                source=source_line(run, ["switching"])),
        Exhibit(title="Share of promotion support against share of sales",
                text="An index of 100 is a fair share; below it, others are promoted more than "
                     "they sell.",
                grid=competition(run, "Support and sales", SUPPORT),
                source=source_line(run, ["fair_share_index"])),
        Exhibit(title="Who else our buyers buy", wide=True,
                text="Of the households that bought the manufacturer of the row, the part that "
                     "also bought that of the column.",
                grid=pairs(run, "duplication", "Duplication of purchase"),
                source=source_line(run, ["duplication"])),
    ]  # fmt: skip
    return Section(
        key="marketing",
        title="For marketing",
        question="Who buys, how loyally, and who is winning them?",
        sentences=_spoken(story.marketing(run)),
        tiles=tiles(run, (*MARKETING, SUPPORT[-1])),
        exhibits=kept(exhibits),
        missing=_missing(run, [*tables_of(MARKETING, SUPPORT), "switching", "duplication"]),
        groups=mind_groups(Charted(run=run, charts=tuple(charts))),
    )


def _sales(run: Run, charts: Sequence[str]) -> Section:
    exhibits = [
        Exhibit(title="Distribution and rate of sale, against the main competitors", wide=True,
                grid=competition(run, "Where it is sold, how fast and at what price", SALES),
                source=source_line(run, tables_of(SALES))),
        *_weekly(run, charts),
        Exhibit(title="Distribution against rate of sale, item by item",
                text="Items at the upper left sell fast in few stores: ask for them first. The "
                     "upward scale is logarithmic.",
                chart=_known("items", charts), measure=measure_of(run, "item_rate_of_sale"),
                source=source_line(run, ["item_distribution", "item_rate_of_sale"])),
        Exhibit(title="Voids by store", grid=_void_grid(run), text=_void_text(run),
                source=source_line(run, ["voids_by_store"])),
    ]  # fmt: skip
    return Section(
        key="sales",
        title="For sales",
        question="Where is it sold, how fast, and where is it missing?",
        sentences=_spoken(story.sales(run)),
        tiles=tiles(run, SALES),
        exhibits=kept(exhibits),
        missing=_missing(run, [*tables_of(SALES), "voids_by_store", *WEEKLY]),
        groups=field_groups(Charted(run=run, charts=tuple(charts))),
    )


def _weekly(run: Run, charts: Sequence[str]) -> list[Exhibit]:
    money = f", {run.manifest.frame.currency}" if run.manifest.frame.currency else ""
    specs = [
        ("weekly_sales", "weekly_sales", "Sales by week", f"Value sales{money}, all weeks loaded."),
        ("weekly_price", "weekly_price", "Price by week",
         f"Average price paid per unit{money}, and what a unit would have cost without any "
         "promotion. The axis does not start at zero."),
        ("weekly_support", "weekly_display", "Promotion support by week",
         "Of the weeks in which a store sold it, the per cent with an item on display, or in a "
         "mailer or leaflet."),
    ]  # fmt: skip
    return [
        Exhibit(title=title, text=text, chart=_known(chart, charts), measure=measure_of(run, table),
                source=source_line(run, [table]), wide=True)
        for chart, table, title, text in specs
    ]  # fmt: skip


def _known(name: str, charts: Sequence[str]) -> str:
    return name if name in charts else ""


def _spoken(*sentences: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)


def _missing(run: Run, tables: Iterable[str]) -> tuple[Missing, ...]:
    """Group what could not be made by what would have to be loaded."""
    wanted = set(tables)
    found: dict[tuple[str, ...], Missing] = {}
    for gap in run.manifest.gaps:
        if gap.name in wanted:
            before = found.get(gap.load, Missing((), gap.reason, gap.load))
            found[gap.load] = Missing((*before.titles, gap.title), before.reason, gap.load)
    return tuple(found.values())


_FACTOR_UNITS: Mapping[str, Unit] = {
    "households": "households",
    "penetration": "percent",
    "buy_rate": "money",
    "stores_in_universe": "stores",
    "distribution_fraction": "percent",
    "rate_of_sale": "per_store_week",
    "weeks": "weeks",
    "average_price": "money_per_unit",
}
_FRACTIONS = ("penetration", "distribution_fraction")


def _split_grid(run: Run, table: str) -> Grid | None:
    rows = run.rows(table)
    if not rows:
        return None
    measure, currency = run.entry(table).measure, run.manifest.frame.currency
    heads = ("Before", "Period", "Part of the change")
    lines = [
        Line(
            story.FACTOR_LABELS[row["factor"]],
            False,
            (
                Shown(_factor(row["factor"], row["before"], currency)),
                Shown(_factor(row["factor"], row["after"], currency)),
                Shown(signed(row["part"], "money", currency, scale=row["total_after"])),
            ),
        )
        for row in rows
    ]
    before, after = rows[0]["total_before"], rows[0]["total_after"]
    whole = tuple(Shown(amount(total, "money", currency)) for total in (before, after))
    parts = Shown(signed(rows[0]["change"], "money", currency))
    lines.append(Line("Value sales", True, (*whole, parts)))
    headings = tuple(Heading(text, measure, "") for text in heads)
    return Grid("Factors and their parts of the change", "Factor", headings, tuple(lines))


def _factor(name: str, value: float | None, currency: str) -> str:
    shown = value * 100 if value is not None and name in _FRACTIONS else value
    return amount(shown, _FACTOR_UNITS[name], currency)


def _void_grid(run: Run) -> Grid | None:
    rows = run.rows("voids_by_store")[:VOIDS_SHOWN]
    if not rows:
        return None
    currency = run.manifest.frame.currency
    measure = run.entry("voids_by_store").measure
    lines = tuple(
        Line(row["store_id"], False, (Shown(amount(row["category_sales"], "money", currency)),))
        for row in rows
    )
    head = Heading("Category sales", measure, "in the period")
    return Grid("Stores that sold the category without us", "Store", (head,), lines)


def _void_text(run: Run) -> str:
    count = len(run.rows("voids_by_store"))
    if count <= VOIDS_SHOWN:
        return "Stores that sold the category and nothing of ours."
    return (
        f"The {VOIDS_SHOWN} largest of {count:,} stores that sold the category and nothing of "
        "ours; all of them are in the run's table voids_by_store."
    )
