"""Norms of buying as tables; numbers that are not known are empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from offtake.models.columns import Columns, as_table
from offtake.models.kernels.brand_choice import norm_curve, purchase_shares
from offtake.models.shoppers.norm_deviations import TESTED, Deviations, deviations
from offtake.models.shoppers.norm_figures import FIGURES, RATES
from offtake.models.shoppers.norm_fit import NormFit, brand_counts, fit_norms, told
from offtake.models.shoppers.norm_notes import data_notes, fit_notes
from offtake.models.shoppers.norm_pairs import SharedBuyers, shared_buyers_of
from offtake.models.shoppers.norm_parameters import parameter_columns
from offtake.models.shoppers.norm_purchases import BrandPurchases, Floats, Integers
from offtake.models.shoppers.norm_query import brand_purchases, question
from offtake.models.shoppers.norm_spec import NormSpec
from offtake.models.shoppers.norm_words import directions, readings

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables

Progress = Callable[[str, float], None]
PERCENT = 100.0
MOST = 10
"""Purchases from which households are taken together."""
POINTS = 60
WHOLE = "(category)"
NAMES = {
    "penetration": "penetration", "frequency": "purchase_frequency",
    "category_frequency": "category_frequency", "requirements": "scr_purchases",
    "sole": "sole_buyers", "sole_frequency": "sole_frequency",
    "twice": "bought_twice", "repeat": "repeat",
}  # fmt: skip
"""What figures are called in tables."""


def norm_tables(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: NormSpec | None = None,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """Return every table on how brands of a category are bought beside how they usually are.

    ``shopper_norms``, ``shopper_norm_fit``, ``shopper_norm_counts``, ``shopper_norm_line``,
    ``shopper_duplication``, ``shopper_norm_notes``. Intervals hold 80 %; rates are percent.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    spec
        What is compared, and how.
    progress
        Called with what is being done and how far it is (0 to 100).

    Raises
    ------
    MissingContractError
        When no baskets or products are loaded.
    BadInputError
        When nobody bought anything of the category, or only one brand of it.
    """
    spec = spec or NormSpec()
    said = progress or _silent
    said("purchases of every household", 0.0)
    purchases = brand_purchases(store, tables, question(tables, category, spec))
    said("norms of the brands", 50.0)
    found = purchase_norm_tables(purchases, spec)
    said("norms of the brands", 100.0)
    return found


def _silent(_doing: str, _share: float) -> None:
    pass


def purchase_norm_tables(
    purchases: BrandPurchases, spec: NormSpec | None = None
) -> dict[str, pa.Table]:
    """Return the tables of :func:`norm_tables` of what households bought.

    Parameters
    ----------
    purchases
        Rows of households and brands.
    spec
        How the market is fitted, and what is told.

    Raises
    ------
    BadInputError
        When nobody bought, or only one brand.
    """
    spec = spec or NormSpec()
    fit = fit_norms(purchases, spec)
    found = deviations(fit)
    direction = directions(found, spec)
    pairs = shared_buyers_of(fit)
    notes = [*data_notes(purchases, spec), *fit_notes(fit, spec, direction)]
    return {
        "shopper_norms": _labelled(brand_table(fit, found, direction), spec),
        "shopper_norm_fit": as_table(parameter_columns(fit, found, pairs.coefficient)),
        "shopper_norm_counts": _labelled(count_table(fit), spec),
        "shopper_norm_line": line_table(fit, found),
        "shopper_duplication": _labelled(pair_table(purchases, pairs, spec), spec),
        "shopper_norm_notes": as_table({"note": notes}),
    }


def _labelled(table: pa.Table, spec: NormSpec) -> pa.Table:
    """Return a table with what its names are names of."""
    return table.add_column(0, "by", [[spec.by] * table.num_rows])


def brand_table(fit: NormFit, found: Deviations, direction: Integers) -> pa.Table:
    """Return ``shopper_norms``: one row per brand, the largest first, the other brands last.

    ``buyers`` and ``trips`` count households and baskets; all else weighs households.
    ``scr`` is the measure of that name, in units; ``scr_purchases`` the same in purchases, which is
    what there is a norm for. ``repeat``: of the buyers in the first half of the period, those who
    bought in the second half too. ``..._expected`` is the norm, ``..._index`` observed over
    expected times 100, ``..._q`` the share of false discoveries at which the difference would be
    told, ``..._deviates`` ``above``, ``below`` or ``no``. ``switching`` is the S that would give
    the brand's own penetration: lower than the market's, more loyal.
    """
    purchases, share = fit.purchases, fit.market.share
    order = np.lexsort((purchases.brands, -share, ~purchases.listed))
    heavy, norm = _from_heavy(purchases)
    columns: Columns = {
        "name": purchases.brands,
        "buyers": np.diff(purchases.bounds),
        "trips": np.bincount(purchases.brand, purchases.purchases, share.size).astype(np.int64),
        "share_of_purchases": PERCENT * share,
        "scr": PERCENT * _unit_requirements(purchases),
        "bought_by_heavy": PERCENT * heavy,
        "bought_by_heavy_expected": np.full(share.size, PERCENT * norm),
        "switching": fit.by_brand,
    }
    for figure in FIGURES:
        columns |= _figure(figure, found, direction)
    columns = {name: np.asarray(values)[order] for name, values in columns.items()}
    words = readings(purchases, direction)
    return as_table(columns | {"reading": [words[place] for place in order]})


def _figure(figure: str, found: Deviations, direction: Integers) -> Columns:
    at, name = FIGURES.index(figure), NAMES[figure]
    scale = PERCENT if figure in RATES else 1.0
    columns = {name: scale * found.observed[at], f"{name}_expected": scale * found.expected[at]}
    if figure not in TESTED:
        return columns
    index = np.divide(
        PERCENT * found.observed[at], found.expected[at],
        out=np.full(found.expected[at].shape, np.nan), where=found.expected[at] > 0,
    )  # fmt: skip
    return columns | {
        f"{name}_low": scale * found.low[at],
        f"{name}_high": scale * found.high[at],
        f"{name}_expected_low": scale * found.expected_low[at],
        f"{name}_expected_high": scale * found.expected_high[at],
        f"{name}_index": index,
        f"{name}_q": found.q[at],
        f"{name}_deviates": _ways(direction[at], found.q[at]),
    }


def _ways(direction: Integers, tested: Floats) -> list[str | None]:
    words = {-1: "below", 0: "no", 1: "above"}
    return [
        None if np.isnan(q) else words[int(way)] for way, q in zip(direction, tested, strict=True)
    ]


def _unit_requirements(purchases: BrandPurchases) -> Floats:
    """Return units of a brand over all units of the category that its buyers bought, (J,)."""
    size = purchases.weight.size
    everything = np.bincount(purchases.household, purchases.units, size).astype(np.float64)
    needs = purchases.sums(everything[purchases.household])
    found: Floats = purchases.sums(purchases.units) / needs
    return found


def _from_heavy(purchases: BrandPurchases) -> tuple[Floats, float]:
    """Return the share of purchases by the category's heaviest fifth of buyers, (J,), and of all.

    Under the Dirichlet it is the same for every brand. Households that bought as often stay
    together, so that it is about a fifth.
    """
    total = purchases.total
    weight = np.bincount(total, purchases.weight).astype(np.float64)
    weight[0] = 0.0
    above = np.cumsum(weight[::-1])[::-1]
    heavy = total >= int(np.argmin(np.abs(above[1:] - above[1] / 5))) + 1
    bought = purchases.purchases.astype(np.float64)
    some, whole = purchases.sums(bought * heavy[purchases.household]), purchases.sums(bought)
    return some / whole, float(some.sum() / whole.sum())


def count_table(fit: NormFit) -> pa.Table:
    """Return ``shopper_norm_counts``: households by how often they bought, observed and expected.

    For the category, called ``(category)``, and every brand: percent of all households that bought
    it 0, 1, ... times, the last row being 10 times and more (``and_more``). Households who are not
    in the data because they never buy are counted too.
    """
    purchases, market = fit.purchases, fit.market
    weight = purchases.weight.sum()
    category = np.bincount(purchases.total, purchases.weight).astype(np.float64)[None, :]
    brands = brand_counts(purchases)
    brands[:, 0] = weight - brands.sum(axis=1)
    seen = np.concatenate([_lumped(category), _lumped(brands)]) / weight
    norm = np.concatenate([
        _lumped(market.category.distribution()[None, :]), purchase_shares(market, MOST)
    ])  # fmt: skip
    names = np.concatenate([[WHOLE], purchases.brands])
    counts = np.tile(np.arange(MOST + 1), names.size)
    return as_table({
        "name": np.repeat(names, MOST + 1),
        "purchases": counts,
        "and_more": counts == MOST,
        "households": PERCENT * seen.ravel(),
        "households_expected": PERCENT * norm.ravel(),
    })  # fmt: skip


def _lumped(counts: Floats) -> Floats:
    """Take all counts from `MOST` on together, (J, MOST + 1)."""
    found = np.zeros((counts.shape[0], MOST + 1))
    width = min(counts.shape[1], MOST)
    found[:, :width] = counts[:, :width]
    found[:, MOST] = counts[:, width:].sum(axis=1)
    return found


def line_table(fit: NormFit, found: Deviations) -> pa.Table:
    """Return ``shopper_norm_line``: penetration and frequency of brands from small to large.

    ``purchase_frequency`` is by the Dirichlet, ``purchase_frequency_simple`` by the rule of thumb
    that frequency times the share of households that do not buy is the same for all brands.
    """
    share = fit.market.share
    top = min(1.25 * share.max(), 1.0)
    bought, frequency = norm_curve(fit.market, np.geomspace(share.min() / 2, top, POINTS))
    constant = line_constant(fit, found)
    return as_table({
        "penetration": PERCENT * np.minimum(bought / fit.purchases.seen, 1.0),
        "purchase_frequency": frequency,
        "purchase_frequency_simple": constant / (1 - bought),
    })  # fmt: skip


def line_constant(fit: NormFit, found: Deviations) -> float:
    """Return the mean of w (1 - b) over single brands, by their shares in purchases."""
    b, w = (found.observed[FIGURES.index(name)] for name in ("penetration", "frequency"))
    b = b * fit.purchases.seen
    share = fit.market.share * told(fit.purchases)
    return float(share @ (w * (1 - b)) / share.sum())


def pair_table(purchases: BrandPurchases, pairs: SharedBuyers, spec: NormSpec) -> pa.Table:
    """Return ``shopper_duplication``: of a brand's buyers, those who also buy another one.

    Each pair stands in two rows, one from either side. ``duplication`` is percent of the buyers of
    ``name``; ``duplication_expected`` is D times the penetration of ``also_bought``: the rule of
    the measure ``duplication_of_purchase``, over the brands compared and with households weighted.
    It passes 100 % for a leader that most households buy.
    ``buyers_weight`` and ``both_weight`` count households by their weights. ``duplication_norm`` is
    shaped by the Dirichlet instead, and ``index`` is over that.
    ``deviates`` is ``above`` where more buyers are shared than the norm says (a part of the market
    of its own), ``below`` where fewer are.
    """
    one, other = np.nonzero(~np.eye(pairs.brand.size, dtype=bool) & ~np.isnan(pairs.p))
    both, norm = pairs.both[one, other], pairs.norm[one, other]
    index = np.divide(both, norm, out=np.ones_like(both), where=norm > 0)
    sure = pairs.q[one, other] < spec.false_discoveries
    way = np.where(sure & (np.abs(index - 1) >= spec.least_deviation), np.sign(index - 1), 0)
    names, buyers = purchases.brands[pairs.brand], pairs.buyers[one]
    return as_table({
        "name": names[one],
        "also_bought": names[other],
        "buyers_weight": buyers,
        "both_weight": both,
        "duplication": PERCENT * both / buyers,
        "duplication_expected": PERCENT * pairs.law[one, other] / buyers,
        "duplication_norm": PERCENT * norm / buyers,
        "index": PERCENT * index,
        "p": pairs.p[one, other],
        "q": pairs.q[one, other],
        "deviates": _ways(way.astype(np.int64), pairs.q[one, other]),
    })  # fmt: skip
