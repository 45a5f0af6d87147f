"""What planning reads of a run: items, stores, distribution, stock, and what forecasts need.

Pages never open the store, so all that a plan is judged by is a table of the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from offtake.calendars import Period
from offtake.calendars.period import week_range_label
from offtake.measures.ask import ask
from offtake.measures.dimensions import NOT_STATED
from offtake.pipeline.modelled import Modelled, ModelTable, Progress
from offtake.pipeline.question import Ground, settled

if TYPE_CHECKING:
    import pyarrow as pa

RECENT = 4
"""Weeks that say where an item sells now."""
YEAR = 52
PERCENT = 100.0
Row = dict[str, Any]


def _planning(ground: Ground, progress: Progress) -> Mapping[str, pa.Table]:
    progress("planning: where items are", 0)
    found = {
        "planning_items": _items(ground),
        "planning_stores": _stores(ground),
        "planning_distribution": _distribution(ground),
    }
    if "stock" in ground.tables.filled:
        found["planning_cover"] = _cover(ground)
    return {name: settled(table) for name, table in found.items()}


def _latest(ground: Ground, weeks: int) -> Period:
    last = ground.framed.everything.last_week
    first = max(ground.framed.everything.first_week, last - timedelta(weeks=weeks - 1))
    return Period(first, last, week_range_label(first, last))


def _asked(ground: Ground, measure: str, by: Sequence[str], weeks: int) -> list[Row]:
    expression = ask(
        ground.tables,
        measure,
        by=by,
        where=ground.framed.category,
        period=_latest(ground, weeks),
    )
    rows: list[Row] = ground.store.run(expression).to_pylist()
    return rows


def _items(ground: Ground) -> pa.Table:
    product = ground.tables["product"]
    frame = ground.framed.frame
    mine = product.filter(product.category == frame.category)
    names = ("product_id", "description", "brand", "manufacturer", "category", "subcategory",
             "pack_size")  # fmt: skip
    own = (mine.manufacturer == frame.manufacturer).fill_null(False)
    return ground.store.run(mine.select(*names, own=own).order_by("product_id"))


def _stores(ground: Ground) -> pa.Table:
    """Return every store with its part of its retailer's sales of the category, percent."""
    import pyarrow as pa

    store = ground.tables["store"]
    names = ("store_id", "name", "retailer", "region", "territory")
    rows: list[Row] = ground.store.run(store.select(*names).order_by("store_id")).to_pylist()
    sold = {row["store_id"]: row["value"] or 0.0
            for row in _asked(ground, "sales_value", ["store_id"], YEAR)}  # fmt: skip
    whole: dict[str, float] = {}
    for row in rows:
        row["retailer"] = row["retailer"] or NOT_STATED
        row["value"] = max(0.0, sold.get(row["store_id"], 0.0))
        whole[row["retailer"]] = whole.get(row["retailer"], 0.0) + row["value"]
    for row in rows:
        value = row.pop("value")
        row["share"] = PERCENT * value / whole[row["retailer"]] if whole[row["retailer"]] else 0.0
    texts = {name: pa.string() for name in names}
    return pa.Table.from_pylist(rows, pa.schema([*texts.items(), ("share", pa.float64())]))


def _distribution(ground: Ground) -> pa.Table:
    """Return where every item is at every retailer, from the measures of distribution."""
    import pyarrow as pa

    by = ("product_id", "retailer")
    numeric = _by_pair(_asked(ground, "numeric_distribution", by, RECENT))
    weighted = _by_pair(_asked(ground, "weighted_distribution_category", by, RECENT))
    has_list = "distribution_list" in ground.tables.filled
    listed = _by_pair(_asked(ground, "void_stores", by, RECENT)) if has_list else {}
    later = _listed_later(ground) if has_list else {}
    stores = {row["retailer"]: row["stores_in_universe"] for row in numeric.values()}
    rows = []
    for pair in sorted({*numeric, *listed, *later}):
        selling = numeric.get(pair, {})
        rows.append({
            "product_id": pair[0],
            "retailer": pair[1],
            "stores": stores.get(pair[1], 0),
            "listed": listed.get(pair, {}).get("stores_expected", 0) if has_list else None,
            "listed_later": later.get(pair, 0) if has_list else None,
            "selling": selling.get("stores_selling") or 0,
            "numeric": selling.get("value") or 0.0,
            "weighted": weighted.get(pair, {}).get("value") or 0.0,
        })  # fmt: skip
    counts = [(name, pa.int64()) for name in ("stores", "listed", "listed_later", "selling")]
    shares = [(name, pa.float64()) for name in ("numeric", "weighted")]
    texts = [(name, pa.string()) for name in by]
    return pa.Table.from_pylist(rows, pa.schema([*texts, *counts, *shares]))


def _by_pair(rows: Sequence[Row]) -> dict[tuple[str, str], Row]:
    return {(row["product_id"], row["retailer"]): row for row in rows}


def _listed_later(ground: Ground) -> dict[tuple[str, str], int]:
    """Return stores in which a listing begins after the latest week, by item and retailer."""
    tables = ground.tables
    listed, product, store = tables["distribution_list"], tables["product"], tables["store"]
    last = ground.framed.everything.last_week + timedelta(days=6)
    mine = product.filter(product.category == ground.framed.frame.category)
    coming = listed.filter(listed.listed_from > last).semi_join(mine, "product_id")
    placed = coming.inner_join(store.select("store_id", "retailer"), "store_id")
    counted = placed.group_by(["product_id", "retailer"]).aggregate(count=placed.store_id.nunique())
    return {
        (row["product_id"], row["retailer"] or NOT_STATED): row["count"]
        for row in ground.store.run(counted).to_pylist()
    }


def _cover(ground: Ground) -> pa.Table:
    """Return the latest stock of every item at every retailer, from the measure of cover."""
    import pyarrow as pa

    by = ("product_id", "retailer")
    as_of = _recorded(ground)
    rows = [
        {
            "product_id": row["product_id"],
            "retailer": row["retailer"],
            "on_hand": row["on_hand"],
            "units_per_week": row["units_per_week"],
            "weeks": row["value"],
            "as_of": as_of[row["product_id"], row["retailer"]][0],
            "stores": as_of[row["product_id"], row["retailer"]][1],
        }
        for row in _asked(ground, "weeks_of_cover", by, RECENT)
        if row["on_hand"] is not None and (row["product_id"], row["retailer"]) in as_of
    ]
    numbers = [(name, pa.float64()) for name in ("on_hand", "units_per_week", "weeks")]
    texts = [(name, pa.string()) for name in by]
    rest = [("as_of", pa.date32()), ("stores", pa.int64())]
    return pa.Table.from_pylist(rows, pa.schema([*texts, *numbers, *rest]))


def _recorded(ground: Ground) -> dict[tuple[str, str], tuple[Any, int]]:
    """Return the day of the latest record and the stores with one, by item and retailer."""
    tables = ground.tables
    stock = tables["stock"].filter(tables["stock"].on_hand.notnull())
    placed = stock.inner_join(tables["store"].select("store_id", "retailer"), "store_id")
    found = placed.group_by(["product_id", "retailer"]).aggregate(
        as_of=placed.date.max(), stores=placed.store_id.nunique()
    )
    return {
        (row["product_id"], row["retailer"] or NOT_STATED): (row["as_of"], row["stores"])
        for row in ground.store.run(found).to_pylist()
    }


PLANNING = Modelled(
    name="planning",
    needs=("sales", "product", "store"),
    reads=("sales", "product", "store", "distribution_list", "stock"),
    fit=_planning,
    tables=(
        ModelTable(
            name="planning_items",
            title="Items to plan with",
            definition="Every item of the category, and whether it is ours.",
            formula="as the product list has it",
            unit="products",
            additivity="rows are items",
        ),
        ModelTable(
            name="planning_stores",
            title="Stores to plan with",
            definition="Every store with its retailer and territory, and its part of its "
            "retailer's sales of the category over a year.",
            formula="sales of the category in the store / in all stores of its retailer x 100",
            unit="percent",
        ),
        ModelTable(
            name="planning_distribution",
            title="Where items are",
            definition="Stores of each retailer that list an item, or will, and that sold it in "
            "the latest four weeks; numeric and weighted distribution.",
            formula="as the measures numeric_distribution, weighted_distribution_category and "
            "void_stores",
            unit="percent",
            additivity="never add it up over items, stores or weeks",
        ),
        ModelTable(
            name="planning_cover",
            title="Stock of items",
            definition="Latest stock of each item at each retailer, and how long it would last at "
            "the rate of the latest four weeks.",
            formula="as the measure weeks_of_cover",
            unit="weeks",
            additivity="units add up, weeks do not",
            needs=("stock",),
        ),
    ),
)

FORECAST_TABLES = (
    ModelTable(
        name="planning_base",
        title="What items sell without promotions",
        definition="Expected units of each item at each retailer in a week of the mean season, "
        "with how far that errs, latest price and margin.",
        formula="mean over the latest 13 weeks of units less the effect of the brand's promotions, "
        "season taken off",
        unit="units",
        caveat="No trend is carried forward; other brands go on promoting as they did",
    ),
    ModelTable(
        name="planning_season",
        title="Season of the category",
        definition="How much more or less the category sells in each week of the year, promotions "
        "taken off; empty where less than two years are loaded.",
        formula="mean by ISO week of the base around its trend, drawn towards none where years "
        "disagree",
        unit="ratio",
    ),
    ModelTable(
        name="planning_responses",
        title="Responses that forecasts use",
        definition="What each item responds with at each retailer, and which parameters of the "
        "fitted model that is made of.",
        formula="response of the item + what the retailer adds, in logs",
        unit="ratio",
    ),
    ModelTable(
        name="planning_parameters",
        title="Parameters of the fitted model",
        definition="The parameters that effects of promotions depend on, with their covariance.",
        formula="as fitted and pooled",
        unit="ratio",
    ),
    ModelTable(
        name="planning_execution",
        title="What retailers usually do of what is agreed",
        definition="Of base units in stores with a display, a leaflet or a price cut agreed, the "
        "part where it was done; empty where no plan is loaded.",
        formula="base units where done / base units where agreed x 100",
        unit="percent",
    ),
    ModelTable(
        name="planning_errors",
        title="What forecasts err by beyond the parameters",
        definition="Errors of the base, tried on earlier weeks, and of single promotions around "
        "what the responses say.",
        formula="standard deviations of logs",
        unit="ratio",
    ),
)
"""Tables that the promotion model gives for planning, from the same fit."""
