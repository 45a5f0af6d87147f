"""Lists of availability name items and stores, on the page and in files, as far as a run knows."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from django.test import Client

from offtake_web.accounts.models import User
from offtake_web.dashboards import reading
from tests.web.board import all_tables, write_run
from tests.web.conftest import Visit

ITEMS = [{"product_id": "P1", "description": "Chips 150 g", "brand": "Acme"}]
STORES = [
    {"store_id": "S1", "name": "Main street", "retailer": "Maxi", "territory": "North 1"},
    {"store_id": "S2", "name": "Riverside", "retailer": "Korner", "territory": "South 1"},
]


@pytest.fixture(autouse=True)
def board(runs: Path) -> None:
    reading.forget()
    write_run(runs, "one", all_tables() | {"planning_items": ITEMS, "planning_stores": STORES})


def rows(client: Client, page: str) -> list[str]:
    text = client.get(f"/main/{page}").content.decode()
    found = re.findall(r"<tr>(.*?)</tr>", text, flags=re.DOTALL)
    return [re.sub(r"(<[^>]*>\s*)+", "|", row).strip("|") for row in found][1:]


def test_alarms_name_item_and_store(signed_in: Client) -> None:
    found = rows(signed_in, "availability/alarms/")
    assert [row.split("|")[:2] for row in found] == [
        ["Acme Chips 150 g (P1)", "Main street (S1)"],
        ["Acme Chips 150 g (P1)", "Riverside (S2)"],
        ["Acme Chips 150 g (P1)", "S3"],
    ]


def test_keys_are_shown_as_words(signed_in: Client) -> None:
    text = signed_in.get("/main/availability/opportunities/").content.decode()
    assert "retail value" in text
    assert '<option value="listed_never_sold">listed never sold</option>' in text


@pytest.mark.parametrize(
    ("query", "stores"),
    [
        ("store=riverside", ["Riverside (S2)"]),
        ("store=S2", ["Riverside (S2)"]),
        ("item=chips&store=main", ["Main street (S1)"]),
        ("item=P1&store=main", ["Main street (S1)"]),
        ("item=nuts", []),
    ],
)
def test_a_list_is_searched_by_code_or_name(
    signed_in: Client, query: str, stores: list[str]
) -> None:
    found = rows(signed_in, f"availability/alarms/?{query}")
    assert [row.split("|")[1] for row in found] == stores


def test_a_file_holds_codes_and_names(signed_in: Client) -> None:
    text = signed_in.get("/main/availability/alarms/?format=csv&store=S1").content.decode()
    (cells,) = csv.DictReader(text.lstrip("\N{BOM}").splitlines())
    assert (cells["store_id"], cells["store_name"]) == ("S1", "Main street")
    assert (cells["product_id"], cells["description"]) == ("P1", "Chips 150 g")


def test_the_overview_names_them_too(signed_in: Client) -> None:
    text = signed_in.get("/main/availability/").content.decode()
    assert "S9" in text
    assert "Acme P2: listed never sold" in text


def test_a_promotion_names_its_items_and_stores(signed_in: Client) -> None:
    text = signed_in.get("/main/promotions/E1/").content.decode()
    assert "Items: Chips 150 g (P1)" in text
    assert text.count("Main street (S1)") == 2  # on its mark, and in the table beside the map


def test_names_outside_the_readers_part_stay_unknown(
    cast: dict[str, User], client_of: Visit, jelena: User
) -> None:
    found = rows(client_of(jelena), "availability/alarms/")
    assert [row.split("|")[1] for row in found] == ["Riverside (S2)"]
    assert "Main street" not in client_of(jelena).get("/main/availability/").content.decode()
