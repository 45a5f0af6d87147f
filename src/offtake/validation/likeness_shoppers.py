"""How households buy a category: penetration, frequency, and the spread of rates behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from offtake.data.store import Store
from offtake.measures.ask import ask

LEAST_SHAPE, MOST_SHAPE = 1e-3, 1e3


@dataclass(frozen=True, slots=True)
class Shoppers:
    """One category in a household panel.

    Parameters
    ----------
    penetration
        Share of households that bought it in the year.
    frequency
        Purchase occasions of a buyer.
    shape
        Gamma shape of the purchase rates between households that makes the two agree (NBD); NaN
        when none does.
    loyalty
        Share of category requirements of the manufacturer with the most buyers.
    """

    penetration: float
    frequency: float
    shape: float
    loyalty: float


def shoppers(store: Store, categories: Iterable[str], period: str) -> dict[str, Shoppers]:
    """Describe how the households of a store's panel buy categories, by the measures of Offtake.

    Parameters
    ----------
    store
        With households and baskets.
    categories
        As the product table calls them.
    period
        As in a question, e.g. ``"2017"``.
    """
    tables, names = store.tables(), list(categories)
    found = {
        measure: {
            row["category"]: row["value"]
            for row in store.run(ask(tables, measure, by=["category"], period=period)).to_pylist()
        }
        for measure in ("penetration", "purchase_frequency")
    }
    return {
        name: _shoppers(
            found["penetration"][name] / 100,
            found["purchase_frequency"][name],
            _loyalty(store, name, period),
        )
        for name in names
    }


def _shoppers(penetration: float, frequency: float, loyalty: float) -> Shoppers:
    shape = nbd_shape(penetration, penetration * frequency)
    return Shoppers(penetration, frequency, shape, loyalty)


def _loyalty(store: Store, category: str, period: str) -> float:
    answer = ask(
        store.tables(), "scr", by=["manufacturer"], where=[f"category={category}"], period=period
    )
    rows = store.run(answer).sort_by([("buyers", "descending"), ("manufacturer", "ascending")])
    return float(rows["value"][0].as_py()) / 100


def nbd_shape(penetration: float, mean: float) -> float:
    """Return the shape of the gamma-distributed purchase rates that fits penetration and mean.

    Parameters
    ----------
    penetration
        Share of households that bought at all.
    mean
        Purchases per household, buyers or not.

    Returns
    -------
    float
        K that solves ``penetration = 1 - (1 + mean / K) ** -K``; NaN when no K does.

    References
    ----------
    Ehrenberg, A. S. C. (1959). The pattern of consumer purchases. Applied Statistics 8, 26-41.

    Examples
    --------
    >>> round(nbd_shape(1 - 3.0**-1, 2.0), 6)
    1.0
    """

    def excess(log_shape: float) -> float:
        shape = np.exp(log_shape)
        return float(1 - (1 + mean / shape) ** -shape - penetration)

    low, high = np.log(LEAST_SHAPE), np.log(MOST_SHAPE)
    if excess(low) > 0 or excess(high) < 0:
        return float("nan")
    return float(np.exp(brentq(excess, low, high)))
