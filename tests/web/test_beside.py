"""Pages of figures set against another run: what each chart, list and sentence says of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from offtake_web.accounts.models import User
from offtake_web.dashboards import reading
from tests.web.board import all_tables, manifest_of, write_run
from tests.web.conftest import Visit

BEFORE, NOW = "2024-w08-a", "2024-w09-b"
AGAINST = f"?against={BEFORE}"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    reading.forget()


@pytest.fixture
def two(runs: Path) -> Path:
    """Two runs, of which the later has other sales of the last week."""
    write_run(runs, BEFORE)
    tables = all_tables(more=100.0)
    tables["weekly_sales"] = [
        *tables["weekly_sales"][:-1],
        tables["weekly_sales"][-1] | {"value": 500.0},
    ]
    write_run(runs, NOW, tables)
    return runs


def text_of(client: Client, page: str, status: int = 200) -> str:
    response = client.get(f"/main/{page}")
    assert response.status_code == status, page
    return response.content.decode()


def plain(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)))


def chart(html: str, name: str) -> dict[str, Any]:
    (found,) = re.findall(
        rf'<script type="application/json" id="chart-{name}">(.*?)</script>', html
    )
    spec: dict[str, Any] = json.loads(found)
    return spec


def figure(html: str, name: str) -> str:
    (found,) = re.findall(rf'<figure [^>]*data-chart="chart-{name}".*?</figure>', html, re.DOTALL)
    return str(found)


def frame_of_run(**more: object) -> dict[str, Any]:
    return {"frame": replace(manifest_of(BEFORE, {}).frame, **more)}  # type: ignore[arg-type]


def _half(row: dict[str, Any]) -> dict[str, Any]:
    halves = {name: row[name] / 2 for name in row if name.startswith("incremental") and row[name]}
    return row | halves


def test_a_chart_shows_the_other_run_behind_todays(two: Path, signed_in: Client) -> None:
    spec = chart(text_of(signed_in, f"scoreboard/{AGAINST}"), "weekly_sales")
    _bars, behind = spec["layer"]
    assert behind["data"]["values"][-1]["value"] == 107.0
    assert behind["encoding"]["stroke"]["datum"] == "the run of 2 Jun 2024, 08:00 UTC"


def test_without_another_run_charts_are_as_they_were_made(two: Path, signed_in: Client) -> None:
    html = text_of(signed_in, "scoreboard/")
    assert "layer" not in chart(html, "weekly_sales")
    assert "as far as it goes" not in html


def test_a_chart_that_stayed_says_so(two: Path, signed_in: Client) -> None:
    html = text_of(signed_in, f"scoreboard/{AGAINST}")
    said = "The other run shows the same, as far as it goes."
    assert said in figure(html, "weekly_price")
    assert said not in figure(html, "weekly_sales")


def test_a_chart_that_the_other_run_has_not_says_so(two: Path, signed_in: Client) -> None:
    (two / BEFORE / "charts" / "weekly_sales.json").unlink()
    found = figure(text_of(signed_in, f"scoreboard/{AGAINST}"), "weekly_sales")
    assert "The other run has nothing here to compare with." in found


@pytest.mark.parametrize("page", ["availability/", "shoppers/", "promotions/E1/"])
def test_other_pages_say_of_every_chart_how_it_was(two: Path, signed_in: Client, page: str) -> None:
    html = text_of(signed_in, f"{page}{AGAINST}")
    names = re.findall(r'data-chart="chart-([\w-]+)"', html)
    assert names
    for name in names:
        note = "The other run" in figure(html, name)
        assert note or "the run of 2 Jun 2024" in json.dumps(chart(html, name)), name


def test_the_picture_is_of_what_the_page_shows(two: Path, signed_in: Client) -> None:
    html = figure(text_of(signed_in, f"scoreboard/{AGAINST}"), "weekly_sales")
    address = f"charts/scoreboard/weekly_sales.png{AGAINST}"
    assert f'href="/main/{address}"' in html
    beside = signed_in.get(f"/main/{address}").content
    assert beside.startswith(b"\x89PNG")
    assert beside != signed_in.get("/main/charts/scoreboard/weekly_sales.png").content


def test_a_wish_cannot_pass_for_another_run(two: Path, signed_in: Client) -> None:
    address = "/main/charts/scoreboard/weekly_sales.png"
    plain = signed_in.get(address).content
    folder = two / BEFORE
    assert signed_in.get(address, {"promotion": f"against {folder}"}).content == plain
    beside = signed_in.get(address, {"against": BEFORE}).content
    assert signed_in.get(address).content == plain
    assert beside != plain


def test_the_picture_of_a_promotion_keeps_both_of_its_wishes(two: Path, signed_in: Client) -> None:
    html = text_of(signed_in, f"promotions/E1/{AGAINST}")
    assert f"weeks.png?promotion=E1&amp;against={BEFORE}" in html


@pytest.mark.parametrize("page", ["promotions/", "promotions/E1/"])
def test_the_sums_of_promotions_say_what_they_were(
    runs: Path, signed_in: Client, page: str
) -> None:
    tables = all_tables()
    for name in ("promotion_events", "promotion_totals"):
        tables[name] = [_half(row) for row in tables.get(name, ())]
    write_run(runs, BEFORE, tables)
    write_run(runs, NOW)
    three = text_of(signed_in, f"{page}{AGAINST}").split('id="results"')[1].split("</section>")[0]
    assert "was " in plain(three)


def test_the_page_says_which_days_the_other_run_is_of(runs: Path, signed_in: Client) -> None:
    write_run(runs, BEFORE, **frame_of_run(first_week="2023-12-04", last_week="2024-01-22"))
    write_run(runs, NOW)
    text = plain(text_of(signed_in, f"scoreboard/{AGAINST}"))
    assert "It is of 4 Dec 2023 \N{EN DASH} 28 Jan 2024." in text
    assert "cannot be compared" not in text


def test_the_same_days_are_not_said_again(two: Path, signed_in: Client) -> None:
    text = plain(text_of(signed_in, f"scoreboard/{AGAINST}"))
    assert "Changes are those from the run of" in text
    assert "It is of" not in text


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"weeks": 52}, "That run looks at 52 weeks, this one at 8"),
        ({"manufacturer": "Rival"}, "That run is of something else: Snacks, seen from Rival."),
        ({"category": "Drinks"}, "That run is of something else: Drinks, seen from Acme."),
    ],
)
def test_what_cannot_be_compared_is_warned_of(
    runs: Path, signed_in: Client, other: dict[str, object], said: str
) -> None:
    write_run(runs, BEFORE, **frame_of_run(**other))
    write_run(runs, NOW)
    assert said in plain(text_of(signed_in, f"shoppers/{AGAINST}"))


def test_a_run_that_went_is_missed(two: Path, signed_in: Client) -> None:
    said = "The run to compare with is not there any more"
    assert said in text_of(signed_in, "scoreboard/?against=gone")
    assert said not in text_of(signed_in, f"scoreboard/?against={NOW}")
    assert said not in text_of(signed_in, "scoreboard/")


def test_what_changed_is_told_of_the_run_chosen(two: Path, signed_in: Client) -> None:
    write_run(two, "2024-w10-c")
    html = text_of(signed_in, f"scoreboard/{AGAINST}")
    assert f'href="/main/runs/2024-w10-c/changes/?with={BEFORE}"' in html


def test_runs_are_chosen_by_the_days_they_are_of(two: Path, signed_in: Client) -> None:
    text = plain(text_of(signed_in, "compare/?next=/main/scoreboard/"))
    assert "2 June 2024, 08:00 UTC · 8 weeks, 1 Jan 2024 \N{EN DASH} 25 Feb 2024" in text


@pytest.mark.parametrize("page", ["glossary/", "tables/", "availability/alarms/"])
def test_pages_without_figures_of_a_run_offer_no_comparison(
    two: Path, signed_in: Client, page: str
) -> None:
    html = text_of(signed_in, f"{page}{AGAINST}")
    assert "Compare with another run" not in html
    assert "Changes are those from" not in html


@pytest.mark.parametrize("page", ["scoreboard/", "availability/", "shoppers/", "promotions/"])
def test_everybody_who_may_read_may_compare(
    two: Path, cast: dict[str, User], client_of: Visit, page: str
) -> None:
    for user in cast.values():
        assert "Changes are those from" in text_of(client_of(user), f"{page}{AGAINST}"), user.role
