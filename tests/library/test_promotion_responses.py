"""Responses by item, brand and retailer: how they are laid out, pooled and told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from offtake.models.promotion.design import PromotionSpec, design, regrouped
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.groups import (
    Groups,
    brands_of_sets,
    contrasts,
    pull_groups,
    response_groups,
    retailer_contrasts,
    retailer_groups,
)
from offtake.models.promotion.layout import LEVERS, Layout
from offtake.models.promotion.market import brand_of_items
from offtake.models.promotion.pooling import sober
from offtake.models.promotion.response import fit_response
from offtake.models.promotion.response_tables import (
    item_retailer_table,
    response_table,
    retailer_table,
)
from offtake.models.promotion.rows import PromotionRows, Support
from offtake.models.promotion.tables import promotion_tables
from tests.library.small_promotions import fitted


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> PromotionFit:
    return fitted(tmp_path_factory.mktemp("responses"))


@pytest.fixture(scope="module")
def rows(fit: PromotionFit) -> PromotionRows:
    return fit.rows


@pytest.fixture(scope="module")
def tables(fit: PromotionFit) -> dict[str, pa.Table]:
    return dict(promotion_tables(fit))


def test_what_retailers_add_is_around_the_mean_of_what_they_tell(rows: PromotionRows) -> None:
    groups = retailer_groups(rows, 3)
    basis = retailer_contrasts(rows, groups)
    assert basis.shape == (4, 3, len(LEVERS))
    of_row = groups[rows.retailer]
    for lever in range(len(LEVERS)):
        told = rows.units * rows.seen.columns[:, lever] ** 2 * rows.counted
        weight = np.bincount(of_row, told)
        assert weight @ basis[:, :, lever] == pytest.approx(np.zeros(3), abs=1e-9 * weight.sum())
        # Retailers differ from each other as independent numbers of size 1 do: by sqrt(2).
        apart = basis[:, None, :, lever] - basis[None, :, :, lever]
        size = np.sqrt((apart**2).sum(axis=2))[~np.eye(4, dtype=bool)]
        assert size == pytest.approx(np.full(12, np.sqrt(2)))


def test_contrasts_are_orthonormal_and_sum_to_zero() -> None:
    found = contrasts(5)
    assert found.T @ found == pytest.approx(np.eye(4))
    assert found.sum(axis=0) == pytest.approx(np.zeros(4))


def test_a_retailer_that_never_uses_a_lever_does_not_blur_the_items(rows: PromotionRows) -> None:
    unused = Support(
        rows.seen.cut, np.where(rows.retailer == 0, 0.0, rows.seen.display), rows.seen.feature
    )
    basis = retailer_contrasts(replace(rows, seen=unused), retailer_groups(rows, 8))
    # It is the last that is set against the others, so that it is in one contrast only.
    assert np.count_nonzero(np.abs(np.diff(basis[:, :, 1], axis=0)).sum(axis=0)) == 4
    told = np.bincount(rows.retailer, rows.units * unused.display**2)
    assert told[0] == 0
    assert told @ basis[:, :, 1] == pytest.approx(np.zeros(4), abs=1e-9 * told.sum())


def test_one_retailer_adds_nothing(rows: PromotionRows) -> None:
    alone = replace(rows, retailer=np.zeros_like(rows.retailer))
    groups = Groups(response_groups(rows, 4), retailer_groups(alone, 8), pull_groups(rows, 2))
    found = regrouped(design(alone, PromotionSpec()), alone, groups)
    assert found.layout.contrasts == 0
    parameters = np.random.default_rng(1).normal(size=found.layout.size)
    assert found.responses(parameters)[:, 0] == pytest.approx(found.layout.by_item(parameters))


def test_items_of_a_brand_are_drawn_to_it(fit: PromotionFit) -> None:
    """An item of a brand whose others are sure of -3.5, itself hardly sure of -2.3."""
    layout = Layout(groups=6, contrasts=0, pulls=1, lags=0, trends=0)
    parameters = np.zeros(layout.size)
    elasticities = np.array([-3.5, -3.5, -2.3, -1.5, -1.5, -1.5])
    parameters[: layout.responses : len(LEVERS)] = elasticities
    variances = np.full(layout.size, 0.02**2)
    unsure = slice(2 * len(LEVERS), 3 * len(LEVERS))
    variances[unsure] = 4.0
    response = replace(
        fit.response, parameters=parameters, covariance=np.diag(variances), degrees=30.0,
        weighing=np.diag(variances), known=np.ones(layout.size, bool),
    )  # fmt: skip
    brands = np.array([0, 0, 0, 1, 1, 1])
    with_brand = sober(response, layout, brands, seed=1)
    without = sober(response, layout, np.full(6, -1), seed=1)
    near, far = (layout.by_item(each.parameters)[2, 0] for each in (with_brand, without))
    assert near < far - 0.3
    assert far == pytest.approx(-2.3, abs=0.4)
    for found in (with_brand, without):
        assert np.linalg.eigvalsh(found.covariance).min() > 0
        assert found.retailer_spread.tolist() == [0.0] * len(LEVERS)


def test_responses_at_retailers_are_those_that_effects_are_worked_out_with(
    fit: PromotionFit, tables: dict[str, pa.Table]
) -> None:
    used = fit.design.of_rows(fit.sober.parameters)
    rows = fit.rows
    found = {
        (row["product_id"], row["retailer"]): row
        for row in tables["promotion_item_retailers"].to_pylist()
    }
    assert sum(row["units"] for row in found.values()) == pytest.approx(rows.units.sum())
    for place in np.random.default_rng(4).integers(0, rows.size, 30):
        row = found[rows.names.items[rows.item[place]], rows.names.retailers[rows.store[place]]]
        assert row["elasticity"] == pytest.approx(used[place, 0])
        assert row["display_lift"] == pytest.approx(100 * np.expm1(used[place, 1]))
        both = used[place, 1:].sum()
        assert row["display_and_feature_lift"] == pytest.approx(100 * np.expm1(both))
        assert row["elasticity_low"] < row["elasticity"] < row["elasticity_high"]


def test_an_item_at_a_retailer_is_the_item_and_what_the_retailer_adds(
    tables: dict[str, pa.Table],
) -> None:
    items = {row["product_id"]: row for row in tables["promotion_responses"].to_pylist()}
    retailers = {row["retailer"]: row for row in tables["promotion_retailers"].to_pylist()}
    for row in tables["promotion_item_retailers"].to_pylist():
        item, added = items[row["product_id"]], retailers[row["retailer"]]
        assert row["elasticity"] == pytest.approx(
            item["elasticity"] + added["elasticity_difference"]
        )
        for name in ("display", "feature", "display_and_feature"):
            lift = (1 + item[f"{name}_lift"] / 100) * (1 + added[f"{name}_difference"] / 100) - 1
            assert row[f"{name}_lift"] == pytest.approx(100 * lift)


def test_with_one_retailer_the_tables_of_retailers_are_empty(fit: PromotionFit) -> None:
    rows = replace(fit.rows, retailer=np.zeros_like(fit.rows.retailer))
    design, response = fit_response(rows, PromotionSpec())
    brands = brands_of_sets(design.group_of_item, brand_of_items(rows))
    pooled = sober(response, design.layout, brands, seed=1)
    alone = replace(fit, rows=rows, design=design, response=response, sober=pooled)
    assert retailer_table(alone).num_rows == item_retailer_table(alone).num_rows == 0
    assert response_table(alone).num_rows == rows.names.items.size
