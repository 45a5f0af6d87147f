"""Pages of figures: each for each role, whole, with gaps, damaged, and fast the second time."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts.models import User
from offtake_web.common.kept import Kept
from offtake_web.common.markets import markets
from offtake_web.dashboards import reading
from offtake_web.dashboards.queries import plans_of
from offtake_web.plans.models import Plan
from tests.web.board import ALERTS, EVENTS, HOSTILE, SIMULATED, scoreboard_rows, write_run
from tests.web.conftest import Visit

PAGES = [
    "", "scoreboard/", "scoreboard/?for=sales", "promotions/", "promotions/?verdict=paid",
    "promotions/E2/", "promotions/week%203:%20a/b/", "availability/", "availability/alarms/",
    "availability/opportunities/", "availability/gaps/", "shoppers/", "shoppers/trends/",
    "tables/", "tables/promotion_events/", "tables/weekly_sales/?sort=-value",
    "passports/measures/value_share/", "passports/promotions/incremental/",
    "passports/availability/lost/", "passports/shoppers/trend/", "glossary/", "compare/",
]  # fmt: skip
CHARTS = [
    "charts/scoreboard/weekly_sales.png", "charts/availability/lost.png",
    "charts/shoppers/trends.png", "charts/promotion/weeks.png?promotion=E1",
]  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    reading.forget()


@pytest.fixture
def board(runs: Path) -> Path:
    write_run(runs, "2024-w08-a")
    return runs


def text_of(client: Client, page: str, status: int = 200) -> str:
    response = client.get(f"/main/{page}")
    assert response.status_code == status, page
    return response.content.decode()


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


@pytest.mark.parametrize("page", [*PAGES, *CHARTS[:1]])
def test_everybody_who_is_signed_in_may_read(
    board: Path, cast: dict[str, User], client_of: Visit, page: str
) -> None:
    for user in cast.values():
        assert client_of(user).get(f"/main/{page}").status_code == 200, user.role


@pytest.mark.django_db
@pytest.mark.parametrize("page", [*PAGES, *CHARTS, "views/", "views/new/"])
def test_a_stranger_is_sent_to_sign_in(board: Path, client: Client, page: str) -> None:
    response = client.get(f"/main/{page}")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_the_database_as_often_as_it_must(
    board: Path,
    signed_in: Client,
    page: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    more = {"": 3, "promotions/E2/": 1, "promotions/week%203:%20a/b/": 1}
    # The session and the user; today, what waits; for one promotion, the plan it comes from.
    with django_assert_num_queries(2 + more.get(page, 0)):
        text_of(signed_in, page)


@pytest.mark.parametrize("page", PAGES)
def test_simulated_data_say_so_on_every_page(runs: Path, signed_in: Client, page: str) -> None:
    write_run(runs, "twin", simulated=SIMULATED)
    text = text_of(signed_in, page)
    if page != "compare/":
        assert "Simulated data: offtake.twin, seed 7, version 1." in plain(text)


@pytest.mark.parametrize("page", PAGES)
def test_names_are_text(board: Path, signed_in: Client, page: str) -> None:
    assert HOSTILE not in text_of(signed_in, page)
    assert "<img src=x" not in text_of(signed_in, page)


def test_a_hostile_name_is_shown_as_it_is(board: Path, signed_in: Client) -> None:
    assert "&lt;/script&gt;&lt;img src=x" in text_of(signed_in, "promotions/")
    chart = text_of(signed_in, "promotions/E4/")
    assert HOSTILE not in chart


@pytest.mark.parametrize(
    "page",
    ["promotions/nobody/", "tables/nothing/", "tables/..%2Fpublished/", "shoppers/nothing/",
     "availability/nothing/", "passports/measures/nothing/", "passports/nothing/base/",
     "charts/scoreboard/nothing.png", "charts/nothing/weekly_sales.png",
     "charts/promotion/weeks.png"],
)  # fmt: skip
def test_what_is_not_there(board: Path, signed_in: Client, page: str) -> None:
    text_of(signed_in, page, status=404)


@pytest.mark.parametrize(
    "page", ["promotions/", "availability/", "availability/alarms/", "shoppers/"]
)
def test_a_run_without_a_subject_says_what_is_missing(
    runs: Path, signed_in: Client, page: str
) -> None:
    write_run(runs, "small", scoreboard_rows())
    assert "This run has no such figures" in text_of(signed_in, page)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "compare/"])
def test_no_run(signed_in: Client, page: str) -> None:
    assert "Nothing is published yet" in text_of(signed_in, page)


@pytest.mark.parametrize(
    ("table", "page"),
    [("own_sales", "scoreboard/"), ("promotion_events", "promotions/"),
     ("promotion_weeks", "promotions/E1/"), ("availability_totals", "availability/"),
     ("shopper_trends", "shoppers/"), ("weekly_sales", "tables/weekly_sales/")],
)  # fmt: skip
def test_a_damaged_table(board: Path, signed_in: Client, table: str, page: str) -> None:
    (board / "2024-w08-a" / "tables" / f"{table}.parquet").write_bytes(b"PAR1nonsense")
    assert "The published run cannot be read" in text_of(signed_in, page, status=503)


def test_gaps_say_what_to_load(board: Path, signed_in: Client) -> None:
    assert "offtake load FILE --as store" in plain(text_of(signed_in, "scoreboard/"))
    assert "no stores" in text_of(signed_in, "tables/")


def test_a_damaged_table_is_no_damage_to_other_pages(board: Path, signed_in: Client) -> None:
    (board / "2024-w08-a" / "tables" / "own_sales.parquet").unlink()
    text_of(signed_in, "promotions/")


# The figures are those of the run


def test_the_scoreboard_shows_the_runs_figures(board: Path, signed_in: Client) -> None:
    text = plain(text_of(signed_in, "scoreboard/"))
    assert "Value sales $1,200 ▲ +20.0%" in text
    assert "Unit sales 600" in text
    assert "Acme sold $1,200 of Snacks" in text


def test_the_parts_of_the_scoreboard(board: Path, signed_in: Client) -> None:
    text = text_of(signed_in, "scoreboard/?for=sales")
    assert 'id="sales"' in text
    assert 'id="marketing"' not in text


def test_the_sums_are_those_of_the_rows_shown(board: Path, signed_in: Client) -> None:
    ours = [row for row in EVENTS if row["manufacturer"] == "Acme"]
    korner = [row for row in ours if row["retailer"] == "Korner"]
    for page, rows in (("promotions/", ours), ("promotions/?retailer=Korner", korner)):
        text = plain(text_of(signed_in, page))
        whole = sum(row["incremental"] or 0.0 for row in rows)
        assert f"{len(rows)} promotions , added up: Incremental units {whole:,.0f}" in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["E1", "E2", "week 3: a/b", "E4"]),
        ("?whose=all", ["R1", "E1", "E2", "week 3: a/b", "E4"]),
        ("?retailer=Maxi", ["E1", "E4"]),
        ("?verdict=bad_idea", ["E2"]),
        ("?item=P2", ["E2"]),
        ("?lever=price+cut&sort=incremental", ["E2", "E1", "E4"]),
        ("?retailer=Maxi&whose=all&brand=Rival", ["R1"]),
        ("?from=2024-03-12", []),
        ("?to=2024-03-04", ["E1", "E2", "week 3: a/b", "E4"]),
    ],
)
def test_promotions_are_filtered_and_sorted(
    board: Path, signed_in: Client, query: str, names: list[str]
) -> None:
    found = re.findall(
        r'href="/main/promotions/([^"/]+(?:/b)?)/"', text_of(signed_in, f"promotions/{query}")
    )
    assert [name.replace("%20", " ") for name in found] == names


def test_a_filter_that_is_not_understood_says_so(board: Path, signed_in: Client) -> None:
    text = text_of(signed_in, "promotions/?from=yesterday")
    assert "“&gt;=yesterday” is not understood" in text
    text = text_of(signed_in, "tables/weekly_sales/?where.value=many")
    assert "“many” is not understood. Allowed: 12, &gt;=12, &lt;12, 10..20." in text


def test_one_promotion(board: Path, signed_in: Client) -> None:
    text = text_of(signed_in, "promotions/E1/")
    assert "Three results side by side" in text
    for chart in ("weeks", "sources", "stores"):
        assert f'id="chart-{chart}"' in text
        assert f"/main/charts/promotion/{chart}.png?promotion=E1" in text
    assert "It gained 300 units" in plain(text)


def test_alarms_are_filtered(board: Path, signed_in: Client) -> None:
    ours = [row for row in ALERTS if row["listed"] and row["manufacturer"] == "Acme"]
    assert f"{len(ours)} rows" in text_of(signed_in, "availability/alarms/")
    assert "2 rows" in text_of(signed_in, "availability/alarms/?territory=South+1")
    assert "1 row " in plain(
        text_of(signed_in, "availability/alarms/?territory=South+1&ongoing=yes")
    )
    assert "No row is like this" in text_of(signed_in, "availability/alarms/?item=none")


def test_a_table_is_filtered_by_any_column(board: Path, signed_in: Client) -> None:
    text = plain(
        text_of(signed_in, "tables/weekly_sales/?where.value=>=103&where.week=..2024-01-29")
    )
    assert "2 rows" in text
    assert "103" in text
    assert "104" in text
    assert "105" not in text


def test_every_heading_leads_to_its_passport(board: Path, signed_in: Client) -> None:
    for page in ("scoreboard/", "promotions/", "availability/", "shoppers/"):
        links = set(re.findall(r'href="(/main/passports/[^"]+)"', text_of(signed_in, page)))
        assert links, page
        for link in links:
            assert signed_in.get(link).status_code == 200, link


def test_a_passport_says_it_all(runs: Path, signed_in: Client) -> None:
    write_run(runs, "twin", simulated=SIMULATED)
    text = plain(text_of(signed_in, "passports/measures/value_share/"))
    for word in ("What value_share is.", "a / b", "small", SIMULATED, "2024-W01..2024-W08",
                 "probability of 80 %"):  # fmt: skip
        assert word in text


def test_every_chart_has_its_figures_beside_it(board: Path, signed_in: Client) -> None:
    for page in ("scoreboard/", "promotions/E1/", "availability/", "shoppers/trends/"):
        text = text_of(signed_in, page)
        figures = re.findall(r"<figure[^>]*data-chart.*?</figure>", text, re.DOTALL)
        assert figures, page
        for figure in figures:
            assert "<details" in figure
            assert "<tbody><tr" in re.sub(r">\s+<", "><", figure)


# Plans


def plan_of(user: User, **more: object) -> Plan:
    given = {"market": "main", "kind": "promotion", "name": "Spring <deal>", "side": "marketing",
             "first_day": date(2024, 3, 4), "last_day": date(2024, 3, 17)}  # fmt: skip
    return Plan.objects.create(**(given | more), created_by=user, updated_by=user)


def test_a_promotion_names_the_plan_it_comes_from(
    board: Path, signed_in: Client, ana: User
) -> None:
    assert "Planned as" not in text_of(signed_in, "promotions/E2/")
    plan = plan_of(ana, promotion_id="E2")
    text = text_of(signed_in, "promotions/E2/")
    assert f'Planned as <a href="/main/plan/{plan.pk}/">Spring &lt;deal&gt;</a>' in text
    assert "Planned as" not in text_of(signed_in, "promotions/E1/")


def test_a_plan_is_known_by_the_number_it_was_exported_with(ana: User) -> None:
    plan = plan_of(ana)
    (market,) = markets()
    assert plans_of(ana, market, f"plan-{plan.pk}") == [plan]
    assert plans_of(ana, market, "plan-") == plans_of(ana, market, "plan-x") == []
    plan.promotion_id = "E2"
    plan.save()
    assert plans_of(ana, market, f"plan-{plan.pk}") == []


def test_plans_that_are_one_promotion_in_the_data_are_all_named(
    board: Path, signed_in: Client, ana: User
) -> None:
    one, other = plan_of(ana), plan_of(ana, name="Second")
    (market,) = markets()
    assert set(plans_of(ana, market, f"plan-{one.pk}+plan-{other.pk}")) == {one, other}
    one.promotion_id = other.promotion_id = "E2"
    one.save()
    assert "Several plans are" not in text_of(signed_in, "promotions/E2/")
    other.save()
    text = text_of(signed_in, "promotions/E2/")
    assert "Several plans are this one promotion in the data" in text
    assert text.count("Planned as") == 2


def test_a_plan_of_another_retailer_is_not_named(
    board: Path, client_of: Visit, ana: User, jelena: User
) -> None:
    plan_of(ana, promotion_id="E2", retailers=["Maxi"])
    assert "Planned as" not in text_of(client_of(jelena), "promotions/E2/")
    assert "Planned as" in text_of(client_of(ana), "promotions/E2/")


def test_today_says_what_waits_even_without_a_run(signed_in: Client, ana: User) -> None:
    assert "Nothing waits for you." in text_of(signed_in, "")
    plan_of(ana, state="proposed", sales_yes=True)
    text = text_of(signed_in, "")
    assert "Spring &lt;deal&gt;" in text
    assert "Nothing waits for you." not in text


def test_all_that_waits_can_be_reached(signed_in: Client, ana: User) -> None:
    for number in range(11):
        plan_of(ana, state="proposed", sales_yes=True, name=f"Deal {number}")
    text = text_of(signed_in, "")
    assert "more things</summary>" in text
    assert all(f">Deal {number}<" in text for number in range(11))


def test_a_day_is_said_once(signed_in: Client, ana: User) -> None:
    ahead = timezone.localdate() + timedelta(days=60)
    plan_of(ana, state="agreed", first_day=ahead, last_day=ahead)
    waiting = text_of(signed_in, "").split('id="waiting"')[1].split("</section>")[0]
    due = "The material is not delivered yet; due on "
    day = waiting.split(due)[1].split(".")[0]
    assert waiting.count(day) == 1


# Another run


def test_against_another_run(board: Path, signed_in: Client) -> None:
    write_run(board, "2024-w09-b", {**scoreboard_rows(more=100.0)}, code_version="1")
    text = plain(text_of(signed_in, "scoreboard/?against=2024-w08-a"))
    assert "Value sales $1,300 ▲ was $1,200, +$100" in text
    assert "Changes are those from the run of 2 June 2024" in text
    assert "Value sales $1,300 ▲ +" in plain(text_of(signed_in, "scoreboard/?against=nothing"))


def test_a_table_against_another_run(board: Path, signed_in: Client) -> None:
    write_run(board, "2024-w09-b", {**scoreboard_rows(more=100.0)})
    text = plain(text_of(signed_in, "tables/value_share/?against=2024-w08-a"))
    assert "130.0 ▲ was 30.0" in text
    assert "28.0 same" in text


def test_today_says_what_changed(board: Path, signed_in: Client) -> None:
    write_run(board, "2024-w09-b", code_version="1")
    assert "Offtake itself changed" in text_of(signed_in, "")
    write_run(board, "2024-w10-c", {**scoreboard_rows(more=1.0)}, code_version="1")
    text = plain(text_of(signed_in, ""))
    assert "The weeks, the data and the method are the same." in text
    assert "/main/scoreboard/?against=2024-w09-b" in text_of(signed_in, "")


def test_choosing_a_run_leads_back(board: Path, signed_in: Client) -> None:
    write_run(board, "2024-w09-b")
    assert "2024-w08-a" in text_of(signed_in, "compare/?next=/main/promotions/%3Fgrade%3DB")
    response = signed_in.get(
        "/main/compare/", {"next": "/main/promotions/?grade=B", "against": "2024-w08-a"}
    )
    assert response["Location"] == "/main/promotions/?grade=B&against=2024-w08-a"


@pytest.mark.parametrize(
    "away", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"]
)
def test_choosing_a_run_leads_nowhere_else(board: Path, signed_in: Client, away: str) -> None:
    response = signed_in.get("/main/compare/", {"next": away, "against": "2024-w08-a"})
    assert response["Location"] == "/main/scoreboard/?against=2024-w08-a"


# Speed


@pytest.mark.parametrize("page", [page for page in PAGES if page not in ("", "compare/")])
def test_an_unchanged_page_is_not_sent_again(board: Path, signed_in: Client, page: str) -> None:
    text_of(signed_in, page)  # after which the browser has every cookie
    tag = signed_in.get(f"/main/{page}")["ETag"]
    again = signed_in.get(f"/main/{page}", headers={"if-none-match": tag})
    assert again.status_code == 304
    assert again.content == b""


def test_another_run_person_or_language_is_another_page(
    board: Path, client_of: Visit, ana: User, jelena: User
) -> None:
    tags = [client_of(user).get("/main/scoreboard/")["ETag"] for user in (ana, jelena)]
    client = client_of(ana)
    client.cookies["django_language"] = "sr-latn"
    tags.append(client.get("/main/scoreboard/")["ETag"])
    write_run(board, "2024-w09-b")
    tags.append(client_of(ana).get("/main/scoreboard/")["ETag"])
    assert len(set(tags)) == 4


def test_the_second_reader_waits_for_no_table(
    board: Path, client_of: Visit, ana: User, milan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = text_of(client_of(ana), "scoreboard/")

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("offtake_web.runs.tables.table", refuse)
    assert text_of(client_of(milan), "scoreboard/").count("<table") == first.count("<table")


def test_what_is_kept_has_a_bound() -> None:
    kept: Kept[str] = Kept(10, size=len)
    for name in "abcd":
        kept.get(name, lambda name=name: name * 4)  # type: ignore[misc]  # bound at once
    assert (len(kept), kept.used) == (2, 8)
    assert kept.get("d", lambda: "new") == "dddd"
    assert kept.get("a", lambda: "new") == "new"
    assert kept.get("long", lambda: "x" * 11) == "x" * 11
    assert kept.used <= 10


def test_the_chart_library_is_only_on_pages_with_charts(board: Path, signed_in: Client) -> None:
    assert "vendor/vega.js" in text_of(signed_in, "scoreboard/")
    assert "vendor/vega.js" not in text_of(signed_in, "tables/")
