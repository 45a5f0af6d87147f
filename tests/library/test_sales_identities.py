"""What must hold for measures of the shelf whatever was sold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import prod
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offtake.data.store import Store
from offtake.measures.ask import ask
from offtake.measures.catalogue import CATALOGUE
from offtake.measures.dimensions import of_kind
from tests.effort import examples

MONDAY = date(2017, 1, 2)
PRODUCTS = {
    "P1": ("A", "X", True),
    "P2": ("A", "X", True),
    "P3": ("B", "X", True),
    "P4": (None, "Y", True),
    "P5": ("V", "Z", False),
}
STORES = {"S1": "North", "S2": "North", "S3": "South", "S4": None}
LEVELS = ("brand", "product_id", "category", "store_id", "region", "week", "month")
WHOLE = st.integers(0, 20)
FACTORS = CATALOGUE["sales_identity"].parts
AGREES = {"rel": 1e-9, "abs": 1e-9}

Row = dict[str, Any]


@dataclass(frozen=True)
class Sale:
    """What one store sold of one item in one week; a value of None came without one."""

    store: str
    product: str
    week: int
    units: int
    value: int | None

    @property
    def brand(self) -> str | None:
        return PRODUCTS[self.product][0]

    @property
    def category(self) -> str:
        return PRODUCTS[self.product][1]

    @property
    def goods(self) -> int:
        return (self.value or 0) if PRODUCTS[self.product][2] else 0


def sales(values: st.SearchStrategy[Any] = WHOLE) -> st.SearchStrategy[list[Sale]]:
    cells = st.tuples(
        st.sampled_from(sorted(STORES)), st.sampled_from(sorted(PRODUCTS)), st.integers(0, 7)
    )
    amounts = st.tuples(st.integers(-1, 5), values)
    rows = st.dictionaries(cells, amounts, min_size=1, max_size=25)
    return rows.map(lambda found: [Sale(*cell, *amount) for cell, amount in found.items()])


some_levels = st.lists(st.sampled_from(LEVELS), unique=True, max_size=2)
some_filters = st.sampled_from(
    [[], ["category=X"], ["category=X", "brand=A"], ["brand!=A"], ["region=North"], ["brand=A"]]
)
quick = settings(max_examples=examples(8))


class Market:
    """A store whose facts are replaced for every example.

    The query of a question does not depend on the facts: it is made once.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.load([Sale("S1", "P1", 0, 2, 6), Sale("S2", "P3", 1, 1, 4)])
        self.promote([("S1", "P1", 0, True, False)])
        self.tables = store.tables()
        self.queries: dict[str, str] = {}

    def load(self, rows: list[Sale]) -> None:
        weeks = [MONDAY + timedelta(weeks=row.week) for row in rows]
        self._replace(
            "sales",
            store_id=[row.store for row in rows],
            product_id=[row.product for row in rows],
            date=weeks,
            days=[7] * len(rows),
            week=weeks,
            units=[float(row.units) for row in rows],
            value=pa.array([row.value for row in rows], pa.float64()),
        )

    def promote(self, cells: list[tuple[str, str, int, bool, bool]]) -> None:
        self._replace(
            "promotion",
            store_id=[cell[0] for cell in cells],
            product_id=[cell[1] for cell in cells],
            week=[MONDAY + timedelta(weeks=cell[2]) for cell in cells],
            status=["observed"] * len(cells),
            display=[cell[3] for cell in cells],
            feature=[cell[4] for cell in cells],
            price_cut=[False] * len(cells),
        )

    def _replace(self, contract: str, **columns: Any) -> None:
        table = pa.table({**columns, "load_id": pa.array([1] * len(columns["week"]), pa.int32())})
        self.store.execute(f"DELETE FROM main.{contract}")
        with self.store.registered("example", table):
            self.store.execute(f"INSERT INTO main.{contract} BY NAME SELECT * FROM example")

    def ask(self, measure: str, **question: Any) -> list[Row]:
        name = repr((measure, sorted(question.items())))
        if name not in self.queries:
            self.queries[name] = self.store.sql(ask(self.tables, measure, **question))
        rows: list[Row] = self.store.fetch_arrow(self.queries[name]).to_pylist()
        return rows

    def values(self, measure: str, by: str, **question: Any) -> dict[Any, Any]:
        return {row[by]: row["value"] for row in self.ask(measure, by=[by], **question)}


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    with Store(":memory:") as store:
        store.execute("SET threads = 1")
        for product, (brand, category, merchandise) in PRODUCTS.items():
            store.execute(
                "INSERT INTO main.product (product_id, brand, category, is_merchandise, load_id) "
                "VALUES (?, ?, ?, ?, 1)",
                [product, brand, category, merchandise],
            )
        for name, region in STORES.items():
            store.execute(
                "INSERT INTO main.store (store_id, region, load_id) VALUES (?, ?, 1)",
                [name, region],
            )
        yield Market(store)


@quick
@given(rows=sales(st.none() | st.integers(0, 20)), by=some_levels, where=some_filters)
def test_sales_are_stores_times_distribution_times_rate_of_sale_times_weeks_times_price(
    market: Market, rows: list[Sale], by: list[str], where: list[str]
) -> None:
    market.load(rows)
    found = market.ask("sales_identity", by=by, where=where)
    whole = [row for row in found if all(row[factor] is not None for factor in FACTORS)]
    for row in whole:
        assert prod(row[factor] for factor in FACTORS) == pytest.approx(row["value"], **AGREES)
    net = sum(row.units for row in rows if row.value is not None)
    assert whole or where or by or net <= 0
    known = [row for row in market.ask("sales_value", by=by, where=where) if row["value"]]
    assert [row["value"] for row in found if row["value"]] == pytest.approx(
        [row["value"] for row in known]
    )


@quick
@given(rows=sales(), by=some_levels)
def test_factors_of_sales_are_the_measures_of_the_same_names(
    market: Market, rows: list[Sale], by: list[str]
) -> None:
    market.load(rows)
    found = {tuple(row[b] for b in by): row for row in market.ask("sales_identity", by=by)}
    for measure in ("rate_of_sale", "average_price"):
        for row in market.ask(measure, by=by):
            assert found[tuple(row[b] for b in by)][measure] == pytest.approx(row["value"])
    for row in market.ask("numeric_distribution", by=by):
        fraction = found[tuple(row[b] for b in by)]["distribution_fraction"]
        percent = None if fraction is None else 100 * fraction
        assert percent == pytest.approx(row["value"])


@quick
@given(rows=sales(), by=some_levels, where=some_filters)
def test_what_adds_up_does_over_any_grouping(
    market: Market, rows: list[Sale], by: list[str], where: list[str]
) -> None:
    market.load(rows)
    for measure in ("sales_units", "sales_value"):
        groups, (whole,) = (
            market.ask(measure, by=by, where=where),
            market.ask(measure, where=where),
        )
        assert sum(row["value"] or 0 for row in groups) == pytest.approx(whole["value"] or 0)


@quick
@given(rows=sales(), where=some_filters, over=st.sampled_from(["brand", "product_id", "category"]))
def test_distribution_points_add_up_over_items(
    market: Market, rows: list[Sale], where: list[str], over: str
) -> None:
    market.load(rows)
    items, (whole,) = market.ask("tdp", by=[over], where=where), market.ask("tdp", where=where)
    if whole["value"] is not None:
        assert sum(row["value"] for row in items) == pytest.approx(whole["value"])


@quick
@given(rows=sales(), by=some_levels, where=some_filters)
def test_distribution_lies_between_its_best_item_and_its_points(
    market: Market, rows: list[Sale], by: list[str], where: list[str]
) -> None:
    market.load(rows)
    names = ("weighted_distribution_acv_max_item", "weighted_distribution_acv", "tdp")
    found = [
        {tuple(row[b] for b in by): row["value"] for row in market.ask(name, by=by, where=where)}
        for name in names
    ]
    for group, best in found[0].items():
        if best is not None:
            reach, points = found[1][group], found[2][group]
            assert -1e-9 <= best <= reach + 1e-9
            assert reach <= min(100, points) + 1e-9


@quick
@given(rows=sales(), by=some_levels, where=some_filters)
def test_distribution_is_a_percentage(
    market: Market, rows: list[Sale], by: list[str], where: list[str]
) -> None:
    market.load(rows)
    for measure in (
        "numeric_distribution",
        "weighted_distribution_acv",
        "weighted_distribution_category",
    ):
        values = [row["value"] for row in market.ask(measure, by=by, where=where)]
        assert all(-1e-9 <= value <= 100 + 1e-9 for value in values if value is not None)


@quick
@given(rows=sales())
def test_weighted_distribution_agrees_with_adding_up_stores(
    market: Market, rows: list[Sale]
) -> None:
    market.load(rows)
    active = {row.store for row in rows if row.units > 0}
    size = {store: sum(row.goods for row in rows if row.store == store) for store in active}
    whole = sum(size.values())
    for brand in ("A", "B"):
        selling = {row.store for row in rows if row.brand == brand and row.units > 0}
        found = market.values("weighted_distribution_acv", "brand").get(brand)
        expected = 100 * sum(size[store] for store in selling) / whole if whole else None
        if selling:
            assert found == (None if expected is None else pytest.approx(expected))


@quick
@given(rows=sales(), brand=st.sampled_from("AB"))
def test_distribution_never_falls_as_the_period_grows(
    market: Market, rows: list[Sale], brand: str
) -> None:
    always = [Sale(store, "P5", 0, 1, 0) for store in STORES]
    market.load([row for row in rows if (row.product, row.week) != ("P5", 0)] + always)
    values = [
        market.ask(
            "numeric_distribution", where=[f"brand={brand}"], period=f"2017-W01..2017-W0{last}"
        )[0]["value"]
        for last in (1, 2, 5, 8)
    ]
    assert values == sorted(values)


@quick
@given(rows=sales(), by=st.lists(st.sampled_from(["brand", "product_id"]), min_size=1, unique=True))
def test_shares_come_to_100_in_each_market(market: Market, rows: list[Sale], by: list[str]) -> None:
    market.load(rows)
    for measure in ("value_share", "unit_share"):
        for level in ("category", "region"):
            shares: dict[Any, float] = {}
            for row in market.ask(measure, by=[level, *by]):
                if row["value"] is not None:
                    shares[row[level]] = shares.get(row[level], 0) + row["value"]
            assert all(total == pytest.approx(100) for total in shares.values())


@quick
@given(rows=sales(), brand=st.sampled_from("AB"))
def test_a_share_is_the_same_grouped_and_filtered(
    market: Market, rows: list[Sale], brand: str
) -> None:
    market.load(rows)
    groups = market.values("value_share", "brand", where=["category=X"])
    (alone,) = market.ask("value_share", where=["category=X", f"brand={brand}"])
    missing = None if alone["value"] is None else 0.0
    assert groups.get(brand, missing) == pytest.approx(alone["value"])


@quick
@given(rows=sales())
def test_items_without_a_brand_have_their_share_too(market: Market, rows: list[Sale]) -> None:
    market.load(rows)
    groups = market.values("unit_share", "brand")
    (alone,) = market.ask("unit_share", where=["brand=(not stated)"])
    if "(not stated)" in groups:
        assert groups["(not stated)"] == pytest.approx(alone["value"])


@quick
@given(rows=sales(), brand=st.sampled_from("AB"))
def test_without_a_list_every_store_of_the_market_should_sell(
    market: Market, rows: list[Sale], brand: str
) -> None:
    market.load(rows)
    sold = [row for row in rows if row.units > 0 and row.category == "X"]
    expected = {row.store for row in sold}
    selling = {row.store for row in sold if row.brand == brand}
    where = ["category=X", f"brand={brand}"]
    (answer,) = market.ask("void_stores", where=where)
    assert answer["value"] == len(expected - selling)
    if selling:
        by_store = market.values("void_stores", "store_id", where=where)
        grouped = market.ask("void_stores", by=["brand", "store_id"], where=where)
        assert by_store == {store: int(store not in selling) for store in expected}
        assert {row["store_id"]: row["value"] for row in grouped} == by_store


cells = st.tuples(
    st.sampled_from(("S1", "S2", "S3")),
    st.sampled_from(sorted(PRODUCTS)),
    st.integers(0, 7),
    st.booleans(),
    st.booleans(),
)
supports = st.lists(cells, min_size=1, max_size=20, unique_by=lambda cell: cell[:3])


@quick
@given(rows=sales(), support=supports, by=some_levels)
def test_promoted_units_agree_with_looking_each_sale_up(
    market: Market,
    rows: list[Sale],
    support: list[tuple[str, str, int, bool, bool]],
    by: list[str],
) -> None:
    market.load(rows)
    market.promote(support)
    kinds = {cell[:3]: cell[3] or cell[4] for cell in support}
    promoted = sum(row.units for row in rows if kinds.get((row.store, row.product, row.week)))
    assert sum(row["value"] for row in market.ask("promoted_units", by=by)) == promoted
    reporting = {cell[0] for cell in support}
    units = sum(row.units for row in rows if row.store in reporting)
    (share,) = market.ask("promoted_share")
    assert (share["promoted_units"], share["units"] or 0) == (promoted, units)


@quick
@given(rows=sales(), support=supports, by=some_levels)
def test_any_support_is_at_least_each_kind_and_at_most_both(
    market: Market,
    rows: list[Sale],
    support: list[tuple[str, str, int, bool, bool]],
    by: list[str],
) -> None:
    market.load(rows)
    market.promote(support)
    kinds = [market.ask(f"{kind}_support", by=by) for kind in ("display", "feature", "any")]
    for display, feature, some in zip(*kinds, strict=True):
        one, other = display["supported_store_weeks"], feature["supported_store_weeks"]
        assert max(one, other) <= some["supported_store_weeks"] <= one + other
        assert some["supported_store_weeks"] <= some["selling_store_weeks"]


@quick
@given(rows=sales(), support=supports)
def test_fair_shares_weighted_by_sales_come_to_100(
    market: Market, rows: list[Sale], support: list[tuple[str, str, int, bool, bool]]
) -> None:
    market.load(rows)
    market.promote(support)
    found = market.ask("fair_share_index", by=["product_id"])
    assert sum(row["share_of_support"] or 0 for row in found) == pytest.approx(
        100 if any(cell[3] or cell[4] for cell in support) else 0
    )
    for row in found:
        if row["value"] is not None:
            product = row["value"] * row["share_of_sales"] / 100
            assert product == pytest.approx(row["share_of_support"])


def test_every_grouping_of_the_shelf_is_answered(market: Market) -> None:
    market.load([Sale("S1", "P1", 0, 2, 6), Sale("S2", "P3", 1, 1, 4)])
    market.promote([("S1", "P1", 0, True, False)])
    filled = market.tables.filled
    wanted = [m for m in CATALOGUE.values() if {"sales"} <= set(m.needs) <= filled]
    wanted = [m for m in wanted if m.id != "regular_price"]  # these sales came without any
    for measure in wanted:
        names = sorted(measure.dimensions & of_kind("item", "market", "store", "time"))
        answer = market.ask(measure.id, by=names)
        assert answer, measure.id
        assert set(names) <= answer[0].keys(), measure.id
    assert len(wanted) > 15
