"""Households and their purchases against the closed forms of the NBD-Dirichlet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import kstest, nbinom

from offtake.twin.arrays import Floats, Ints
from offtake.twin.assumptions import ASSUMPTIONS
from offtake.twin.market.shelf import blocks_of_stores, shelf
from offtake.twin.market.world import World, make_world
from offtake.twin.shoppers.baskets import baskets
from offtake.twin.shoppers.campaigns import draw_campaigns
from offtake.twin.shoppers.counted import counted, pick
from offtake.twin.shoppers.households import (
    Households,
    brand_shares,
    category_rates,
    draw_households,
    household_rows,
)
from offtake.twin.spec import EFFECTS, TwinSpec
from offtake.twin.tables import Made, merged

# Everything is listed everywhere: what is left is what households want.
ALL_LISTED = replace(ASSUMPTIONS, listed=1 - 1e-12, voids=0.0)
WEEKS, PANEL = 16, 20_000


def shop(world: World, households: Households) -> Made:
    campaigns = draw_campaigns(world, households)
    return merged(
        baskets(world, households, campaigns, of=of, blocks=shelf(world, of))
        for of in blocks_of_stores(world)
    )


@pytest.fixture(scope="module")
def quiet() -> World:
    """A world in which nothing happens."""
    spec = TwinSpec(
        stores=6,
        weeks=WEEKS,
        households=PANEL,
        categories=("COFFEE",),
        without=frozenset(EFFECTS),
    )
    return make_world(spec, ALL_LISTED)


@pytest.fixture(scope="module")
def panel(quiet: World) -> Households:
    return draw_households(quiet)


@pytest.fixture(scope="module")
def counts(quiet: World, panel: Households) -> Ints:
    """Purchases by household and brand."""
    lines = shop(quiet, panel).tables["basket_line"]
    who = place_of(panel.ids, lines["household_id"].to_pylist())
    item = place_of(quiet.items.ids, lines["product_id"].to_pylist())
    table = np.zeros((panel.count, len(quiet.brands.names)), dtype=np.int64)
    np.add.at(table, (who, quiet.items.brand[item]), 1)
    return table


def place_of(names: np.ndarray, values: list[str]) -> Ints:
    return np.searchsorted(names, np.array(values))


def within(found: float, expected: float, error: float) -> None:
    """Demand four standard errors: one false alarm in 16,000 checks."""
    assert abs(found - expected) < 4 * error, (found, expected, error)


def mean_purchases(world: World) -> float:
    return float(category_rates(world)[0]) * world.spec.weeks


def rate_shape(world: World) -> float:
    return world.measured.category(world.names[0]).rate_shape


def test_penetration_and_frequency_of_a_category_are_those_of_the_nbd(
    quiet: World, counts: Ints
) -> None:
    bought = counts.sum(axis=1)
    k, mean = rate_shape(quiet), mean_purchases(quiet)
    penetration = 1 - (1 + mean / k) ** -k
    share = float((bought > 0).mean())
    within(share, penetration, np.sqrt(penetration * (1 - penetration) / PANEL))
    buyers = bought[bought > 0]
    within(buyers.mean(), mean / penetration, buyers.std() / np.sqrt(len(buyers)))


def test_every_count_of_purchases_is_as_frequent_as_the_nbd_says(
    quiet: World, counts: Ints
) -> None:
    k = rate_shape(quiet)
    chance = nbinom.pmf(np.arange(12), k, k / (k + mean_purchases(quiet)))
    found = np.bincount(counts.sum(axis=1), minlength=12)[:12] / PANEL
    error = np.sqrt(chance * (1 - chance) / PANEL)
    assert (np.abs(found - chance) / error).max() < 4.5  # the largest of twelve


def dirichlet_penetration(world: World) -> Floats:
    """Share of households that buy each brand: sum over category counts (Ehrenberg 1988)."""
    k, loyalty, n = rate_shape(world), world.assumed.loyalty, np.arange(2_000)
    count = nbinom.pmf(n, k, k / (k + mean_purchases(world)))
    rest = loyalty * (1 - brand_shares(world)[:, None])
    never = gammaln(rest + n) - gammaln(rest) - gammaln(loyalty + n) + gammaln(loyalty)
    penetration: Floats = 1 - np.exp(never) @ count
    return penetration


def test_penetration_and_frequency_of_brands_are_those_of_the_dirichlet(
    quiet: World, counts: Ints
) -> None:
    expected = dirichlet_penetration(quiet)
    for brand, penetration in enumerate(expected):
        mine = counts[:, brand]
        error = np.sqrt(penetration * (1 - penetration) / PANEL)
        within((mine > 0).mean(), penetration, error)
        frequency = mean_purchases(quiet) * brand_shares(quiet)[brand] / penetration
        buyers = mine[mine > 0]
        within(buyers.mean(), frequency, buyers.std() / np.sqrt(len(buyers)))


def test_small_brands_have_fewer_buyers_who_also_buy_less_often(counts: Ints) -> None:
    buyers = (counts > 0).mean(axis=0)
    frequency = counts.sum(axis=0) / (counts > 0).sum(axis=0)
    largest, smallest = buyers.argmax(), buyers.argmin()
    assert buyers[largest] > 1.5 * buyers[smallest]
    assert frequency[largest] > frequency[smallest]
    # Penetration differs far more than frequency does: double jeopardy, not niches.
    assert buyers.std() / buyers.mean() > 2 * frequency.std() / frequency.mean()


def test_brands_share_buyers_with_others_in_line_with_their_size(counts: Ints) -> None:
    bought = (counts > 0).astype(float)
    both = bought.T @ bought / bought.sum(axis=0)[:, None]
    np.fill_diagonal(both, np.nan)
    assert np.corrcoef(np.nanmean(both, axis=0), bought.mean(axis=0))[0, 1] > 0.9


def test_households_go_to_stores_in_proportion_to_size(quiet: World, panel: Households) -> None:
    share = np.exp(quiet.stores.size) / np.exp(quiet.stores.size).sum()
    found = np.bincount(panel.store, minlength=quiet.stores.count) / PANEL
    assert (np.abs(found - share) / np.sqrt(share * (1 - share) / PANEL)).max() < 4
    number, place = panel.of_stores(np.array([4, 1]))
    assert (panel.store[number] == np.array([4, 1])[place]).all()
    assert len(number) == np.isin(panel.store, [4, 1]).sum()


def test_what_is_known_goes_along_with_what_is_done(panel: Households) -> None:
    large = panel.known["size"] == "5+"
    alone = panel.known["size"] == "1"
    assert panel.rate[large].mean() > 1.3 * panel.rate[alone].mean()
    seekers = panel.known["lifestyle"] == "value seeker"
    private = panel.preference[:, -1]  # the last brand of a category is private label
    assert private[seekers].mean() > 1.3 * private[~seekers].mean()


def test_truth_holds_every_rate_and_preference(quiet: World, panel: Households) -> None:
    made = household_rows(quiet, panel)
    truth = made.truth["household"]
    brands = len(quiet.brands.names)
    assert truth.num_rows == PANEL * brands
    preference = np.asarray(truth["preference"]).reshape(PANEL, brands)
    assert np.allclose(preference.sum(axis=1), 1)
    assert made.tables["household"]["household_id"].to_pylist() == panel.ids.tolist()


@pytest.fixture
def uniforms() -> Floats:
    return counted(7, "test", index=np.arange(200_000))


def test_counted_numbers_are_uniform_and_do_not_hang_together(uniforms: Floats) -> None:
    assert kstest(uniforms, "uniform").pvalue > 1e-4
    for lag in (1, 2, 64, 2048):
        assert abs(np.corrcoef(uniforms[lag:], uniforms[:-lag])[0, 1]) < 4 / np.sqrt(200_000)
    others = counted(7, "another", index=np.arange(200_000))
    assert abs(np.corrcoef(uniforms, others)[0, 1]) < 4 / np.sqrt(200_000)


def test_counted_numbers_belong_to_their_index(uniforms: Floats) -> None:
    index = np.array([199_999, 5, 5])
    assert (counted(7, "test", index=index) == uniforms[index]).all()


def test_indices_far_apart_have_their_own_numbers() -> None:
    index = np.concatenate([np.arange(1_000) << bits for bits in (0, 24, 41, 50)])
    index = np.unique(index)
    assert len(np.unique(counted(7, "test", index=index))) == len(index)


def test_preferences_have_the_mean_and_variance_of_the_dirichlet(
    quiet: World, panel: Households
) -> None:
    share = brand_shares(quiet)
    variance = share * (1 - share) / (quiet.assumed.loyalty + 1)
    for brand in range(len(share)):
        apart = (panel.preference[:, brand] - share[brand]) ** 2
        within(panel.preference[:, brand].mean(), share[brand], np.sqrt(variance[brand] / PANEL))
        within(apart.mean(), variance[brand], apart.std() / np.sqrt(PANEL))


def test_pick_follows_the_weights(uniforms: Floats) -> None:
    weights = np.tile([0.0, 1.0, 3.0, 0.0], (len(uniforms), 1))
    share = np.bincount(pick(weights, uniforms), minlength=4) / len(uniforms)
    assert share[0] == share[3] == 0
    within(share[2], 0.75, np.sqrt(0.75 * 0.25 / len(uniforms)))
