"""Campaigns from the store to tables, on households whose purchases are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pytest

from offtake.data.store import Store, Tables
from offtake.errors import BadInputError, MissingContractError, UnknownNameError
from offtake.models.shoppers.campaign_fit import CampaignFit, CampaignFits, fit_campaigns
from offtake.models.shoppers.campaign_plan import campaign_contacts, campaign_plan
from offtake.models.shoppers.campaign_query import purchases
from offtake.models.shoppers.campaign_spec import CampaignSpec, Windows, reference_weeks
from offtake.models.shoppers.campaign_tables import campaign_tables, tables_of
from tests.library import small_campaigns as small

SPEC = CampaignSpec(draws=200, least_contacted=30)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(":memory:") as opened:
        yield small.fill_campaigns(opened, tmp_path_factory.mktemp("campaigns"))


@pytest.fixture(scope="module")
def fits(store: Store) -> CampaignFits:
    return fit_campaigns(store, store.tables(), "Coffee", spec=SPEC)


@pytest.fixture(scope="module")
def tables(fits: CampaignFits) -> dict[str, pa.Table]:
    return tables_of(fits)


def one(fits: CampaignFits, name: str) -> CampaignFit:
    return next(fit for fit in fits.fits if fits.plan.ids[fit.campaign] == name)


def row(tables: dict[str, pa.Table], name: str) -> dict[str, object]:
    rows = tables["shopper_campaigns"].to_pylist()
    return next(each for each in rows if each["campaign_id"] == name)


def test_purchases_are_summed_by_household_and_week_as_by_hand(store: Store) -> None:
    tables = store.tables()
    plan = campaign_plan(store, tables, "Coffee")
    contacts = campaign_contacts(store, tables, plan)
    campaign = plan.ids.tolist().index("C1")
    windows = Windows(14, 4, 4, 8)
    found = purchases(
        store, tables, "Coffee", of=(plan, campaign), within=(contacts, windows)
    )  # fmt: skip
    wanted = {name: np.zeros((small.HOUSEHOLDS, 22)) for name in found}
    for line in small.baskets():
        at = int(str(line["household_id"])[1:]), int(str(line["basket_id"]).split("-")[1])
        if at[1] >= 22:
            continue
        item, units, money = str(line["product_id"]), line["units"], line["value"]
        scopes = {"P1": ("products", "brand", "category"), "P2": ("category",), "M1": ()}[item]
        for scope in scopes:
            wanted[scope, "units"][at] += units
            wanted[scope, "money"][at] += money
            wanted[scope, "trips"][at] = 1
        wanted["store", "money"][at] += money
        wanted["store", "trips"][at] = 1
    for name, level in wanted.items():
        np.testing.assert_allclose(found[name], level, err_msg=str(name))


def test_what_was_added_is_found_again(fits: CampaignFits) -> None:
    effects = one(fits, "C1").effects
    assert effects is not None
    at = effects.outcomes.index(("products", "units", "during"))
    added = small.ADDED * small.RUNS * effects.compared.many
    error = effects.totals.errors[at]
    assert abs(effects.totals.incremental[at] - added) < 3 * error
    assert error < 0.15 * added  # narrow enough that a quarter left out would show


def test_money_trips_and_households_follow_from_units(fits: CampaignFits) -> None:
    effects = one(fits, "C1").effects
    assert effects is not None
    found = dict(zip(effects.outcomes, effects.totals.incremental, strict=True))
    units = found["products", "units", "total"]
    assert found["products", "money", "total"] == pytest.approx(3 * units)
    bought = dict(zip(effects.outcomes, effects.totals.bought, strict=True))
    # Whoever was sent it bought in every week that it ran.
    assert bought["products", "households", "during"] == effects.compared.many
    assert bought["products", "trips", "during"] == small.RUNS * effects.compared.many


def test_nothing_is_found_after_it_nor_before_it(tables: dict[str, pa.Table]) -> None:
    weeks = [each for each in tables["shopper_campaign_weeks"].to_pylist()
             if each["scope"] == "products" and each["measure"] == "units"]  # fmt: skip
    inside = [each["band_low"] <= 0 <= each["band_high"] for each in weeks
              if each["period"] != "during"]  # fmt: skip
    assert np.mean(inside) > 0.85
    assert all(each["incremental_low"] > 0 for each in weeks if each["period"] == "during")
    assert {each["week"] for each in weeks} == set(range(-8, 8))


def test_subsidised_redemptions_are_those_beyond_the_households_won(
    tables: dict[str, pa.Table], fits: CampaignFits
) -> None:
    found = row(tables, "C1")
    many = len(small.redeemed())
    assert found["redemptions"] == found["redeeming_households"] == many
    won = float(str(found["households_during"]))
    assert found["subsidised"] == pytest.approx(np.clip(many - won, 0, many))


def test_one_row_a_campaign_and_one_for_all(tables: dict[str, pa.Table]) -> None:
    rows = tables["shopper_campaigns"].to_pylist()
    assert [each["campaign_id"] for each in rows] == ["C0", "C1", "all"]
    told, together = row(tables, "C1"), row(tables, "all")
    for name in ("units", "units_low", "units_high", "lift", "lift_low"):
        assert together[name] == pytest.approx(told[name])
    assert told["products_promoted"] == 1
    assert told["contacted"] == int(small.sent().sum())


def test_a_campaign_that_began_too_soon_cannot_be_told(tables: dict[str, pa.Table]) -> None:
    found = row(tables, "C0")
    assert found["grade"] == "cannot tell"
    assert "too few weeks" in str(found["reason"])
    assert found["units"] is None
    assert found["contacted"] == 60


def test_nobody_left_to_compare_with_cannot_be_told(store: Store) -> None:
    tables = store.tables()
    plan = tables["campaign_contact"]
    contacted = plan.filter(plan.campaign_id == "C1")
    lines = tables["basket_line"].semi_join(contacted, "household_id")
    found = fit_campaigns(store, changed(store, basket_line=lines), "Coffee", spec=SPEC)
    (fit,) = [each for each in found.fits if found.plan.ids[each.campaign] == "C1"]
    assert fit.grade.letter == "cannot tell"
    assert fit.grade.reasons == ("alone",)
    together = row(tables_of(found), "all")
    assert together["grade"] == "cannot tell"
    assert together["units"] is None
    assert "none of them" in str(together["reason"])


def test_a_category_without_campaigns_gives_empty_tables_and_says_so(store: Store) -> None:
    found = campaign_tables(store, store.tables(), "Tea", spec=SPEC)
    assert found["shopper_campaigns"].num_rows == 0
    assert "contacted" in found["shopper_campaigns"].column_names
    assert "No campaign" in found["shopper_campaign_notes"]["note"][0].as_py()


def test_brand_campaigns_without_coupons_promote_the_brand(store: Store) -> None:
    tables = store.tables()
    plan = campaign_plan(store, tables, "Milk")
    assert plan.products[plan.ids.tolist().index("C2")] == 1
    assert not plan.by_coupon[plan.ids.tolist().index("C2")]
    found = tables_of(fit_campaigns(store, tables, "Milk", spec=SPEC))
    assert any("No coupon" in note for note in found["shopper_campaign_notes"]["note"].to_pylist())


def test_other_campaigns_are_counted_by_the_weeks_they_share(fits: CampaignFits) -> None:
    checks = {each.item: each.value for each in one(fits, "C1").checks}
    milk = float(np.mean((np.arange(small.HOUSEHOLDS) % 5 == 0)[small.sent()]))
    coffee = float(np.mean((np.arange(small.HOUSEHOLDS) < 60)[small.sent()]))
    # Milk days run for two weeks before the start of C1 and 15 days after it, and may act for four
    # weeks more. The first campaign for coffee may still act on the first 8 days compared with.
    assert checks["before: weeks, contacted"] == pytest.approx(2 * milk + 8 / 7 * coffee)
    assert checks["before, in the category: weeks, contacted"] == pytest.approx(8 / 7 * coffee)
    assert checks["from the start on: weeks, contacted"] == pytest.approx((15 / 7 + 4) * milk)
    assert checks["from the start on, in the category: weeks, contacted"] == 0


def test_categories_it_has_nothing_to_do_with_are_checked(fits: CampaignFits) -> None:
    names = [each.item for each in one(fits, "C1").checks if each.kind == "control_category"]
    # Everybody buys milk in every week: there is nothing to find, and nothing to test.
    assert names in ([], ["Milk"])


@pytest.mark.parametrize("absent", ["campaign", "campaign_contact", "basket_line"])
def test_what_is_not_loaded_is_named(tmp_path: Path, absent: str) -> None:
    without = (absent, "basket_line", "campaign_contact", "coupon", "redemption")
    with Store(":memory:") as opened:
        small.fill_campaigns(opened, tmp_path, without=without)
        with pytest.raises(MissingContractError, match=absent):
            campaign_tables(opened, opened.tables(), "Coffee")


def changed(store: Store, **by_name: object) -> Tables:
    tables = store.tables()
    return replace(tables, by_name=MappingProxyType({**tables.by_name, **by_name}))


def test_what_is_not_needed_may_be_absent(store: Store, fits: CampaignFits) -> None:
    named = {name: store.tables()[name].limit(0) for name in ("household", "coupon", "redemption")}
    found = fit_campaigns(store, changed(store, **named), "Coffee", spec=SPEC)
    told, wanted = one(found, "C1"), one(fits, "C1")
    assert told.redeemed.coupons == 0
    assert told.effects is not None
    assert wanted.effects is not None
    # The brand stands for the coupon; only age is known no more.
    assert told.effects.totals.bought[0] == wanted.effects.totals.bought[0]


@pytest.mark.parametrize("many", [1, 2, 12])
def test_few_households_cannot_tell(store: Store, many: int) -> None:
    lines = store.tables()["basket_line"]
    few = lines.filter(lines.household_id < f"H{many:03d}")
    found = fit_campaigns(store, changed(store, basket_line=few), "Coffee", spec=SPEC)
    assert {fit.grade.letter for fit in found.fits} == {"cannot tell"}
    assert tables_of(found)["shopper_campaigns"].num_rows == 3


def test_what_hardly_sold_cannot_be_told(store: Store) -> None:
    lines = store.tables()["basket_line"]
    unsold = lines.filter(lines.product_id != "P1")
    found = fit_campaigns(store, changed(store, basket_line=unsold), "Coffee", spec=SPEC)
    assert one(found, "C1").grade.reasons == ("unsold",)
    assert one(found, "C1").effects is None


def test_a_category_that_does_not_exist_is_named(store: Store) -> None:
    with pytest.raises(BadInputError, match="Tee"):
        campaign_tables(store, store.tables(), "Tee")


def test_the_same_twice_is_the_same(store: Store, tables: dict[str, pa.Table]) -> None:
    again = tables_of(fit_campaigns(store, store.tables(), "Coffee", spec=SPEC))
    assert all(again[name].equals(tables[name]) for name in tables)


def test_numbers_that_are_not_known_are_empty_and_not_nan(tables: dict[str, pa.Table]) -> None:
    for table in tables.values():
        for column in table.columns:
            if pa.types.is_floating(column.type):
                assert not any(np.isnan(value) for value in column.to_pylist() if value is not None)


def test_windows_leave_weeks_to_know_households_by() -> None:
    for history in range(8, 40):
        for post in range(1, 20):
            weeks = reference_weeks(history, post, 13)
            assert 4 <= weeks <= 13
            assert history - weeks >= 4


def test_a_specification_out_of_range_is_named() -> None:
    with pytest.raises(BadInputError, match="after"):
        CampaignSpec(after=-1)
    with pytest.raises(BadInputError, match="level"):
        CampaignSpec(level=1.0)
    with pytest.raises(UnknownNameError, match="trend"):
        CampaignSpec(trend="none")  # type: ignore[arg-type]
