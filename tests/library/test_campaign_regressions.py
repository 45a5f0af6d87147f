"""Campaigns and buyers won: what was wrong once stays right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from offtake.data.store import Store
from offtake.models.shoppers.campaign_fit import CampaignFits, fit_campaigns
from offtake.models.shoppers.campaign_spec import CampaignSpec
from offtake.models.shoppers.campaign_tables import tables_of
from offtake.models.shoppers.won_tables import won_tables
from tests.library import small_campaigns as small
from tests.library.small_market import Rows, load_rows
from tests.library.small_purchases import Purchase, fill_panel

SPEC = CampaignSpec(draws=100, least_contacted=30)
FIRST, LAST = small.day(small.START), small.day(small.START + small.RUNS, -1)
AGAIN: Rows = [
    {"campaign_id": name, "name": "Coffee again", "kind": "mailing", "brand": "Acme",
     "first_day": FIRST, "last_day": LAST}
    for name in ("C3", "C4")
]  # fmt: skip
BOTH_COUPONS: Rows = [
    {"campaign_id": name, "coupon_id": "Q1", "product_id": "P1"} for name in ("C1", "C3")
]
Fitted = Callable[..., CampaignFits]
Row = dict[str, object]


def loaded(opened: Store, folder: Path, **rows: Rows) -> Store:
    """Load the small campaigns, contacts first, with other rows for some of the contracts."""
    order = ("campaign_contact", *(name for name in small.TABLES if name != "campaign_contact"))
    for contract in order:
        load_rows(opened, contract, rows.get(contract) or small.TABLES[contract](), folder)
    return opened


@pytest.fixture
def fitted(tmp_path: Path) -> Fitted:
    def fit(spec: CampaignSpec = SPEC, **rows: Rows) -> CampaignFits:
        with Store(":memory:") as opened:
            store = loaded(opened, tmp_path, **rows)
            return fit_campaigns(store, store.tables(), "Coffee", spec=spec)

    return fit


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """Return the tables of the small campaigns as they are."""
    with Store(":memory:") as opened:
        store = loaded(opened, tmp_path_factory.mktemp("usual"))
        return tables_of(fit_campaigns(store, store.tables(), "Coffee", spec=SPEC))


def row(tables: dict[str, pa.Table], name: str) -> Row:
    rows = tables["shopper_campaigns"].to_pylist()
    return next(each for each in rows if each["campaign_id"] == name)


def notes(tables: dict[str, pa.Table], name: str) -> str:
    rows = tables["shopper_campaign_notes"].to_pylist()
    return " ".join(each["note"] for each in rows if each["campaign_id"] == name)


def sent_on(day: str) -> Rows:
    """Return the contacts of the small campaigns, those of C1 dated."""
    return [
        each | {"contacted": day if each["campaign_id"] == "C1" else ""}
        for each in small.contacts()
    ]


def sent_to(name: str, who: np.ndarray) -> Rows:
    return [
        {"campaign_id": name, "household_id": f"H{household:03d}"}
        for household in np.flatnonzero(who)
    ]


def test_contacts_of_a_campaign_that_is_not_loaded_are_nobodys(
    fitted: Fitted, usual: dict[str, pa.Table]
) -> None:
    # One of them sorts between the loaded ones, and one after them all.
    who = np.arange(small.HOUSEHOLDS) >= 200
    strangers = sent_to("C05", who) + sent_to("Z9", who)
    found = tables_of(fitted(campaign_contact=small.contacts() + strangers))
    assert found["shopper_campaigns"].equals(usual["shopper_campaigns"])
    assert found["shopper_campaign_effects"].equals(usual["shopper_campaign_effects"])


def test_one_contact_dated_weeks_before_all_others_moves_nothing(
    fitted: Fitted, usual: dict[str, pa.Table]
) -> None:
    contacts = sent_on(FIRST)
    next(each for each in contacts if each["campaign_id"] == "C1")["contacted"] = small.day(3)
    found = tables_of(fitted(campaign_contact=contacts))
    assert row(found, "C1") == row(usual, "C1")


def test_a_campaign_begins_when_it_is_sent_and_not_when_it_is_announced(
    fitted: Fitted, usual: dict[str, pa.Table]
) -> None:
    announced = small.day(small.START - 3)
    early = [
        each | ({"first_day": announced} if each["campaign_id"] == "C1" else {})
        for each in small.campaigns()
    ]
    fits = fitted(campaign=early, campaign_contact=sent_on(FIRST))
    start = dict(zip(fits.plan.ids.tolist(), fits.plan.start.astype(str).tolist(), strict=True))
    assert start["C1"] == FIRST
    found = tables_of(fits)
    assert row(found, "C1")["units"] == row(usual, "C1")["units"]
    said = notes(found, "C1")
    assert f"loaded to begin on {announced}" in said
    assert f"sent from {FIRST} on" in said


@pytest.mark.parametrize(("many", "grade"), [(20, ""), (400, "cannot tell")])
def test_contacted_households_that_bought_nothing_before_are_left_out_and_counted(
    fitted: Fitted, usual: dict[str, pa.Table], many: int, grade: str
) -> None:
    names = [f"N{number:03d}" for number in range(many)]
    late: Rows = [
        {"basket_id": f"B{name}", "household_id": name, "store_id": "S1", "product_id": "P1",
         "date": small.day(15), "units": 2, "value": 6.0}
        for name in names
    ]  # fmt: skip
    new: Rows = [{"campaign_id": "C1", "household_id": name} for name in names]
    fits = fitted(
        campaign_contact=small.contacts() + new, basket_line=small.baskets() + late,
        household=[
            *small.TABLES["household"](), *({"household_id": name, "age": ""} for name in names)
        ],
    )  # fmt: skip
    found = tables_of(fits)
    told = row(found, "C1")
    assert told["contacted"] == int(small.sent().sum()) + many
    if grade:
        assert told["grade"] == grade
        assert "nobody like them" in str(told["reason"])
        return
    (fit,) = [each for each in fits.fits if fits.plan.ids[each.campaign] == "C1"]
    assert fit.effects is not None
    compared = fit.effects.compared
    assert compared.outside == told["contacted"] - compared.many >= many
    assert "bought nothing at all before" in notes(found, "C1")
    assert str(told["grade"]) >= str(row(usual, "C1")["grade"])


def again() -> np.ndarray:
    """Return who was sent the same campaign a second time, (240,)."""
    random = np.random.default_rng(5)
    sent = small.sent()
    return (sent & (random.random(sent.size) < 0.6)) | (~sent & (random.random(sent.size) < 0.2))


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """Return the tables of a campaign sent twice, and a third time to nobody."""
    rows: dict[str, Rows] = {
        "campaign": small.campaigns() + AGAIN,
        "coupon": BOTH_COUPONS,
        "campaign_contact": small.contacts() + sent_to("C3", again()),
        "redemption": [
            each | {"campaign_id": name} for each in small.redeemed() for name in ("C1", "C3")
        ],
    }
    with Store(":memory:") as opened:
        store = loaded(opened, tmp_path_factory.mktemp("twice"), **rows)
        spec = replace(SPEC, least_controls=10.0)
        return tables_of(fit_campaigns(store, store.tables(), "Coffee", spec=spec))


def test_a_campaign_that_nobody_was_sent_says_so(twice: dict[str, pa.Table]) -> None:
    told = row(twice, "C4")
    assert (told["contacted"], told["grade"]) == (0, "cannot tell")
    assert "campaign_contact" in str(told["reason"])


def test_all_counts_households_once_that_were_sent_two_campaigns(
    twice: dict[str, pa.Table],
) -> None:
    either = small.sent() | again() | (np.arange(small.HOUSEHOLDS) < 60)
    assert row(twice, "all")["contacted"] == int(either.sum())
    assert row(twice, "all")["redeeming_households"] == len(small.redeemed())


def test_all_is_graded_no_better_than_what_holds_most_of_its_parts(
    twice: dict[str, pa.Table],
) -> None:
    grades = [str(row(twice, name)["grade"]) for name in ("C1", "C3", "all")]
    assert "cannot tell" not in grades
    assert grades[2] >= min(grades[:2])


def test_the_order_of_rows_does_not_change_the_last_digit(fitted: Fitted, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    odd = [
        each | {"value": round(float(str(each["value"])) * random.uniform(0.5, 1.5), 2)}
        for each in small.baskets()
    ]
    one, two = (tables_of(fitted(basket_line=rows)) for rows in (odd, odd[::-1]))
    assert all(one[name].equals(two[name]) for name in one)


def alike(full: int) -> list[Purchase]:
    """Return buyers of A: some at full price, alike in what they bought, the others on deal."""
    random = np.random.default_rng(3)
    bought: list[Purchase] = []
    for number in range(60):
        name, start, deal = f"H{number:03d}", 7 * (16 + number % 8), number >= full
        off = 0.5 + 0.5 * (number % 2) if deal else 0.0
        item = str(random.choice(["A1", "A2"])) if deal else "A1"
        shops = [week for week in range(40) if not deal or random.random() < 0.6]
        before = [1, 3, 5, 7, 9, 11][: int(random.integers(1, 7)) if deal else 6]
        bought += [Purchase(name, "Z1", 7 * week) for week in shops]
        bought += [Purchase(name, "B1", 7 * week + 1) for week in before]
        bought.append(Purchase(name, item, start + 2, off=off))
        if random.random() < 0.4:
            bought.append(Purchase(name, "A1", start + 31))
    return bought


@pytest.mark.parametrize(("full", "told"), [(7, True), (10, False)])
def test_what_all_full_price_buyers_have_alike_gives_no_impossible_difference(
    *, full: int, told: bool
) -> None:
    with Store(":memory:") as opened:
        store = fill_panel(opened, alike(full), weeks=40)
        # What they all bought is dearer than what is usual, all by the same.
        store.execute("UPDATE main.basket_line SET value = value + units WHERE product_id = 'A1'")
        found = won_tables(store, store.tables(), "SNACKS")
    rows = [*found["shopper_won"].to_pylist(), *found["shopper_won_category"].to_pylist()]
    names = ("difference", "own_difference")
    known = [each[name] for each in rows for name in names if each.get(name) is not None]
    assert all(-100 <= value <= 100 for value in known)
    # Of ten, chance makes buyers on deal so much unlike them that nothing can be said.
    assert bool(known) == told


@pytest.mark.parametrize("weeks", [10, 20])
def test_in_few_weeks_of_data_late_buyers_are_new(weeks: int) -> None:
    late = [
        Purchase(f"H{number:02d}", "A1", 7 * (weeks - (9 if number < 10 else 2)) + 1)
        for number in range(20)
    ]
    with Store(":memory:") as opened:
        store = fill_panel(opened, late, weeks=weeks)
        rows = won_tables(store, store.tables(), "SNACKS")["shopper_buyer_types"].to_pylist()
    told = {each["type"]: each["households"] for each in rows if each["households"]}
    assert told == {"new": 20}
