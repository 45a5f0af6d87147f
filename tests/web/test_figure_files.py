"""What is seen, as a file: the same rows, with their source and whether they are simulated."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client
from openpyxl import load_workbook

from offtake_web.accounts.models import User
from offtake_web.dashboards import reading
from tests.web.board import EVENTS, SIMULATED, all_tables, write_run
from tests.web.conftest import Visit

Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    reading.forget()


@pytest.fixture
def board(runs: Path) -> Path:
    write_run(runs, "twin", simulated=SIMULATED)
    return runs


def csv_of(client: Client, page: str) -> list[dict[str, str]]:
    response = client.get(f"/main/{page}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="simulated-')
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def excel_of(client: Client, page: str) -> tuple[Rows, dict[str, str]]:
    book = load_workbook(io.BytesIO(client.get(f"/main/{page}").content))
    heads, *lines = book["Table"].iter_rows(values_only=True)
    about = {str(name): str(value) for name, value in book["About"].iter_rows(values_only=True)}
    return [dict(zip(map(str, heads), line, strict=True)) for line in lines], about


def table(runs: Path, name: str) -> Rows:
    rows: Rows = pq.read_table(runs / "twin" / "tables" / f"{name}.parquet").to_pylist()
    return rows


def test_a_table_comes_back_as_it_is(board: Path, signed_in: Client) -> None:
    rows = csv_of(signed_in, "tables/weekly_sales/?format=csv")
    assert [(row["week"], float(row["value"])) for row in rows] == [
        (row["week"].isoformat(), row["value"]) for row in table(board, "weekly_sales")
    ]


def test_every_row_of_csv_says_where_it_is_from(board: Path, signed_in: Client) -> None:
    for page in ("tables/weekly_sales/", "promotions/", "availability/alarms/", "scoreboard/"):
        rows = csv_of(signed_in, f"{page}?format=csv")
        assert {row["simulated"] for row in rows} == {SIMULATED}, page
        assert all(SIMULATED in row["source"] or "small" in row["source"] for row in rows), page


@pytest.mark.parametrize(
    "page", ["scoreboard/", "promotions/", "availability/alarms/", "tables/weekly_sales/"]
)
def test_a_page_leads_to_its_files(board: Path, signed_in: Client, page: str) -> None:
    text = signed_in.get(f"/main/{page}?sort=value").content.decode()
    for ending in ("csv", "xlsx"):
        assert f'href="?sort=value&amp;format={ending}"' in text


def test_excel_has_the_rows_shown_in_their_order(board: Path, signed_in: Client) -> None:
    page = "promotions/?retailer=Korner&sort=incremental&format=xlsx"
    rows, about = excel_of(signed_in, page)
    wanted = [row for row in EVENTS if row["retailer"] == "Korner"]
    wanted.sort(key=lambda row: row["incremental"])
    assert [(row["promotion_id"], row["incremental"]) for row in rows] == [
        (row["promotion_id"], row["incremental"]) for row in wanted
    ]
    assert about["Simulated"] == SIMULATED
    assert about["Sources"].startswith("small")
    assert about["Address"] == f"http://testserver/main/{page}"
    assert about["Definition"] == "What promotion_events is."


def test_a_text_that_begins_like_a_formula_stays_text(runs: Path, signed_in: Client) -> None:
    tables = all_tables() | {"notes": [{"team": "=1+1", "value": 2.0}]}
    write_run(runs, "twin", tables, simulated=SIMULATED)
    rows, _ = excel_of(signed_in, "tables/notes/?format=xlsx")
    assert rows[0]["team"] == "=1+1"
    book = load_workbook(io.BytesIO(signed_in.get("/main/tables/notes/?format=xlsx").content))
    assert book["Table"]["A2"].data_type == "s"


def test_the_scoreboard_as_a_file_has_the_figures_of_the_run(
    board: Path, signed_in: Client
) -> None:
    rows = csv_of(signed_in, "scoreboard/?format=csv")
    sales = [row for row in rows if row["figure"] == "Value sales" and not row["line"]]
    assert [float(row["value"]) for row in sales] == [table(board, "own_sales")[0]["value"]]
    share = {
        row["line"]: float(row["value"])
        for row in rows
        if row["figure"] == "Value share" and row["line"]
    }
    assert share == {row["manufacturer"]: row["value"] for row in table(board, "value_share")}
    assert {row["part"] for row in csv_of(signed_in, "scoreboard/?for=sales&format=csv")} == {
        "For sales"
    }


def test_a_table_too_large_for_excel_says_so(runs: Path, signed_in: Client) -> None:
    write_run(runs, "twin", simulated=SIMULATED)
    long = pa.table({"value": range(300_000)})
    pq.write_table(long, runs / "twin" / "tables" / "weekly_sales.parquet")
    response = signed_in.get("/main/tables/weekly_sales/?format=xlsx")
    assert response.status_code == 413
    assert "Too large for Excel" in response.content.decode()


def test_a_format_that_there_is_not_is_a_page(board: Path, signed_in: Client) -> None:
    response = signed_in.get("/main/tables/weekly_sales/?format=exe")
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "page",
    ["charts/scoreboard/weekly_sales.png", "charts/availability/lost.png",
     "charts/shoppers/trends.png", "charts/promotion/stores.png?promotion=E1"],
)  # fmt: skip
def test_charts_are_pictures(board: Path, signed_in: Client, page: str) -> None:
    response = signed_in.get(f"/main/{page}")
    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    assert 'filename="simulated-' in response["Content-Disposition"]
    assert len(response.content) > 10_000


def test_a_picture_says_its_source_and_that_it_is_simulated(board: Path) -> None:
    from offtake_web.accounts.access import Scope
    from offtake_web.common.markets import markets
    from offtake_web.dashboards.charts import titled
    from offtake_web.dashboards.reading import scoped
    from offtake_web.runs.queries import current

    run = current(markets()[0])
    assert run is not None
    warned = {"text": "Simulated data", "subtitle": ["offtake.twin", "Not evidence."]}
    title = titled(scoped(run, Scope()), "weekly_sales", warned)
    lines = " ".join([title["text"], *title["subtitle"]])
    for word in ("Weekly sales", "Simulated data: offtake.twin", "Not evidence.", "Source: small",
                 "Run twin", "Acme, Snacks"):  # fmt: skip
        assert word in lines


def test_a_picture_is_called_as_on_its_page(board: Path, signed_in: Client) -> None:
    from offtake_web.accounts.access import Scope
    from offtake_web.common.markets import markets
    from offtake_web.dashboards.reading import scoped
    from offtake_web.dashboards.subjects.scoreboard import titles_of
    from offtake_web.runs.queries import current

    run = current(markets()[0])
    assert run is not None
    titles = titles_of(scoped(run, Scope()))
    assert titles["weekly_sales"] == "Sales by week"
    page = signed_in.get("/main/scoreboard/").content.decode()
    assert titles["weekly_sales"] in page


# Scope


def test_a_file_holds_only_ones_part(board: Path, client_of: Visit, jelena: User) -> None:
    rows = csv_of(client_of(jelena), "promotions/?whose=all&format=csv")
    assert {row["retailer"] for row in rows} == {"Korner"}
    _, about = excel_of(client_of(jelena), "promotions/?format=xlsx")
    assert about["Part of the business"] == "Korner"


@pytest.mark.parametrize(
    ("page", "column", "wanted"),
    [
        ("tables/promotion_events/", "promotion_id", {"E2", "week 3: a/b"}),
        ("tables/promotion_weeks/", "promotion_id", {"E2", "week 3: a/b"}),
        ("tables/promotion_stores/", "promotion_id", set()),
        ("tables/availability_alerts/", "store_id", {"S2"}),
        ("tables/voids_by_store/", "store_id", {"S2"}),
        ("tables/promotion_retailers/", "retailer", set()),
    ],
)
def test_a_key_account_manager_sees_one_retailer(
    board: Path, client_of: Visit, jelena: User, page: str, column: str, wanted: set[str]
) -> None:
    assert {row[column] for row in csv_of(client_of(jelena), f"{page}?format=csv")} == wanted


def test_a_representative_sees_one_territory(board: Path, client_of: Visit, petar: User) -> None:
    client = client_of(petar)
    rows = csv_of(client, "tables/availability_alerts/?format=csv")
    assert {row["store_id"] for row in rows} == {"S1", "S4", "S9"}
    rows = csv_of(client, "tables/voids_by_store/?format=csv")
    assert {row["store_id"] for row in rows} == {"S1", "S7"}
    sums = csv_of(client, "tables/availability_totals/?format=csv")
    assert {row["name"] for row in sums if row["dimension"] == "territory"} == {"North 1"}


def test_a_brand_narrows_too(board: Path, client_of: Visit, olga: User) -> None:
    olga.brands = ["Rival"]
    olga.save()
    rows = csv_of(client_of(olga), "tables/promotion_events/?format=csv")
    assert {row["promotion_id"] for row in rows} == {"R1"}
    rows = csv_of(client_of(olga), "tables/promotion_stores/?format=csv")
    assert {row["promotion_id"] for row in rows} == {"R1"}


def test_another_part_of_the_business_is_not_found(
    board: Path, client_of: Visit, jelena: User
) -> None:
    client = client_of(jelena)
    assert client.get("/main/promotions/E2/").status_code == 200
    assert client.get("/main/promotions/E1/").status_code == 404
    assert client.get("/main/charts/promotion/weeks.png?promotion=E1").status_code == 404


def test_figures_of_the_whole_market_say_so(board: Path, client_of: Visit, jelena: User) -> None:
    client = client_of(jelena)
    note = "This table is not split by your part"
    assert note in client.get("/main/tables/own_sales/").content.decode()
    assert note not in client.get("/main/tables/promotion_events/").content.decode()
    for page in ("", "scoreboard/"):
        text = client.get(f"/main/{page}").content.decode()
        assert "Figures that are not split by it are of the whole market" in text


def test_what_one_may_see_is_not_kept_for_another(
    board: Path, client_of: Visit, ana: User, jelena: User
) -> None:
    assert "4 promotions" in client_of(ana).get("/main/promotions/").content.decode()
    assert "2 promotions" in client_of(jelena).get("/main/promotions/").content.decode()
    assert "4 promotions" in client_of(ana).get("/main/promotions/").content.decode()
