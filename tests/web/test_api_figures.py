"""Runs and their figures through the API: the rows of the run's tables, within a scope."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from offtake.measures.catalogue import CATALOGUE
from offtake_web.accounts.models import User
from offtake_web.jobs.models import Job
from tests.web.api_cast import MAIN, SALES, caller, publish
from tests.web.test_api_frame import problem

RUN = f"{MAIN}/runs/published"
ROWS = f"{RUN}/tables/sales/rows"
FILE = f"{RUN}/tables/sales/file"


@pytest.fixture
def published(runs: Path) -> str:
    return publish(runs)


def test_markets_say_what_is_published(olga: User, published: str) -> None:
    (market,) = caller(olga).get("/markets").json()
    assert market == caller(olga).get("/markets/main").json()
    assert (market["key"], market["published"]) == ("main", published)


def test_the_catalogue_of_measures(olga: User) -> None:
    token = caller(olga)
    found = token.get("/measures?size=500").json()
    assert [each["id"] for each in found["items"]] == list(CATALOGUE)
    one = found["items"][0]
    assert token.get(f"/measures/{one['id']}").json() == one
    problem(token.get("/measures/none"), "not-found")


def test_nothing_published(olga: User) -> None:
    problem(caller(olga).get(RUN), "not-found")


@pytest.mark.parametrize("run", ["..", ".", "..%2F..", "published/x", "%00"])
def test_a_run_never_leads_out_of_the_folder(olga: User, published: str, run: str) -> None:
    assert caller(olga).get(f"{MAIN}/runs/{run}").status_code in (400, 404)


def test_a_run(olga: User, published: str) -> None:
    run = caller(olga).get(RUN).json()
    assert run == caller(olga).get(f"{MAIN}/runs/{published}").json()
    assert (run["run_id"], run["category"], run["published"]) == (published, "SNACKS", True)
    assert run["table_names"] == ["sales"]
    assert run["charts"] == ["weekly_sales"]
    assert run["pages"] == ["scoreboard.html"]
    assert run["loads"][0]["file"] == "sales.csv"


def test_a_damaged_run(olga: User, published: str, runs: Path) -> None:
    assert caller(olga).get(f"{RUN}/check").json() == {"damaged": []}
    (runs / published / "scoreboard.html").write_text("changed", encoding="utf-8")
    assert caller(olga).get(f"{RUN}/check").json() == {"damaged": ["scoreboard.html"]}


def test_a_run_that_cannot_be_read(olga: User, published: str, runs: Path) -> None:
    (runs / "20260101T000000000Z-0000dead").mkdir()
    (runs / "20260101T000000000Z-0000dead" / "manifest.json").write_text("{", encoding="utf-8")
    problem(caller(olga).get(f"{MAIN}/runs/20260101T000000000Z-0000dead"), "damaged")
    lines = caller(olga).get(f"{MAIN}/runs").json()["items"]
    assert [line["readable"] for line in lines] == [True, False]


def test_charts_and_pages_are_those_of_the_run(olga: User, published: str) -> None:
    token = caller(olga)
    chart = token.get(f"{RUN}/charts/weekly_sales")
    assert json.loads(chart.content) == {"mark": "line"}
    page = token.get(f"{RUN}/pages/scoreboard.html")
    assert page["Content-Disposition"].startswith("attachment")
    assert b"Scoreboard" in page.content
    for path in (
        "charts/none",
        "charts/..%2Fmanifest",
        "pages/manifest.json",
        "pages/shoppers.html",
    ):
        problem(token.get(f"{RUN}/{path}"), "not-found")


def test_a_table_has_its_passport(olga: User, published: str) -> None:
    token = caller(olga)
    table = token.get(f"{RUN}/tables/sales").json()
    assert [each["name"] for each in table["columns"]] == list(SALES)
    assert table["passport"] == token.get(f"{RUN}/passports/sales_value").json()
    assert token.get(f"{RUN}/passports").json()["items"] == [table["passport"]]
    assert token.get(f"{RUN}/tables").json()["total"] == 1
    problem(token.get(f"{RUN}/tables/none"), "not-found")
    problem(token.get(f"{RUN}/passports/none"), "not-found")


def test_all_rows(olga: User, published: str) -> None:
    found = caller(olga).get(ROWS).json()
    assert found["columns"] == list(SALES)
    assert found["run_id"] == published
    assert [row["value"] for row in found["items"]] == [10.0, 20.0, 30.0, None, 50.0]


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("where=retailer=Korner", [10.0, 20.0]),
        ("where=retailer=-", [50.0]),
        ("where=value=>=20&where=brand==Alder", [30.0, 50.0]),
        ("where=value=10..30&sort=-value", [30.0, 20.0, 10.0]),
        ("sort=value&size=2&page=2", [30.0, 50.0]),
    ],
)
def test_rows_are_chosen_as_on_the_pages(
    olga: User, published: str, query: str, values: list[float]
) -> None:
    found = caller(olga).get(f"{ROWS}?{query}").json()
    assert [row["value"] for row in found["items"]] == values


def test_columns_are_chosen(olga: User, published: str) -> None:
    found = caller(olga).get(f"{ROWS}?columns=value&columns=brand&size=1").json()
    assert found["columns"] == ["value", "brand"]
    assert found["items"] == [{"value": 10.0, "brand": "Alder"}]


@pytest.mark.parametrize(
    "query", ["columns=secret", "where=secret=1", "where=value=many", "sort=secret", "where=value"]
)
def test_what_cannot_be_chosen(olga: User, published: str, query: str) -> None:
    response = caller(olga).get(f"{ROWS}?{query}")
    if query == "where=value":
        assert response.json()["total"] == 5  # wishes for nothing
    else:
        assert problem(response, "not-valid")["errors"][0]["allowed"]


def test_a_scope_leaves_out_the_rows_of_others(jelena: User, published: str) -> None:
    token = caller(jelena)
    assert {row["retailer"] for row in token.get(ROWS).json()["items"]} == {"Korner"}
    assert token.get(f"{RUN}/tables/sales").json()["narrowed"] is True
    rows = pyarrow.csv.read_csv(io.BytesIO(token.get(FILE).content))
    assert set(rows["retailer"].to_pylist()) == {"Korner"}


def test_files_hold_the_rows(olga: User, published: str) -> None:
    token = caller(olga)
    query = "where=retailer=Korner&columns=brand&columns=value"
    text = token.get(f"{FILE}?{query}")
    assert text.content.decode().splitlines() == ['"brand","value"', '"Alder",10', '"Birch",20']
    parquet = token.get(f"{FILE}?{query}&format=parquet")
    assert pq.read_table(io.BytesIO(parquet.content))["value"].to_pylist() == [10.0, 20.0]
    excel = token.get(f"{FILE}?{query}&format=xlsx")
    book = load_workbook(io.BytesIO(excel.content))
    assert list(book["Table"].values) == [("brand", "value"), ("Alder", 10), ("Birch", 20)]
    assert f"sales-{published}.xlsx" in excel["Content-Disposition"]
    problem(token.get(f"{FILE}?format=pdf"), "not-valid")


def test_two_runs_side_by_side(olga: User, runs: Path) -> None:
    first = publish(runs, "20260101T083000000Z-00000001")
    second = publish(runs, "20260102T083000000Z-00000002",
                     sales={**SALES, "value": [11.0, 20.0, 30.0, 40.0, 50.0]})  # fmt: skip
    found = caller(olga).get(f"{MAIN}/runs/{second}/comparison").json()
    assert (found["before"], found["after"]) == (first, second)
    (table,) = found["tables"]
    assert {figure["change"] for figure in table["figures"]} >= {1.0}
    assert caller(olga).get(f"{RUN}/comparison?against={first}").json() == found
    problem(caller(olga).get(f"{MAIN}/runs/{first}/comparison"), "not-found")


def test_an_earlier_run_is_published_again(vesna: User, olga: User, runs: Path) -> None:
    first = publish(runs, "20260101T083000000Z-00000001")
    publish(runs, "20260102T083000000Z-00000002")
    response = caller(vesna).post(f"{MAIN}/runs/{first}/publish")
    assert response.json()["published"] is True
    assert caller(olga).get("/markets/main").json()["published"] == first


def test_a_refresh_starts_from_what_the_last_one_looked_at(vesna: User, published: str) -> None:
    response = caller(vesna).post(f"{MAIN}/refreshes", {"weeks": 4, "models": ["promotion"]})
    assert response.status_code == 201
    job = Job.objects.get()
    assert response["Location"] == f"{MAIN}/jobs/{job.pk}"
    assert job.arguments["category"] == "SNACKS"
    assert job.arguments["manufacturer"] == "Alder"
    assert (job.arguments["weeks"], job.arguments["models"]) == (4, ["promotion"])


def test_a_refresh_needs_a_category(vesna: User) -> None:
    faults = problem(caller(vesna).post(f"{MAIN}/refreshes", {}), "not-valid")["errors"]
    assert {fault["field"] for fault in faults} == {"body.category", "body.manufacturer"}
