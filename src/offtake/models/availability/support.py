"""What moves an item's demand for a while, as regressors: price cuts, display, feature.

A cut is the one recorded. Where none is, it is read from the price paid beside the regular price,
and where the item did not sell in the step, from what other stores of the retailer took for it: a
store-item that sold nothing has no price of its own, and its usual price must not stand in.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from offtake.models.availability.series import Floats, Integers

LEAST_CUT = 5.0
"""Percent below the regular price from which it is a cut; less is rounding and mixed weeks."""
MOST_CUT = 95.0


def cuts(facts: Mapping[str, Floats], place: Integers) -> Floats:
    """Return the price cut of every step, (N,) percent; 0 where none is known.

    Parameters
    ----------
    facts
        ``units``, ``value``, ``regular_price``, ``discount`` by step; NaN where not known.
    place
        (N,) codes of the item at a retailer in a step.

    Examples
    --------
    >>> found = cuts(
    ...     {"units": np.array([2.0, 0.0]), "value": np.array([3.0, np.nan]),
    ...      "regular_price": np.array([2.0, np.nan]), "discount": np.full(2, np.nan)},
    ...     np.array([7, 7]),
    ... )
    >>> found.tolist()
    [25.0, 25.0]
    """
    sold = (facts["units"] > 0) & (facts["value"] > 0) & (facts["regular_price"] > 0)
    paid = np.divide(facts["value"], facts["units"], out=np.zeros(sold.size), where=sold)
    below = np.divide(paid, facts["regular_price"], out=np.ones(sold.size), where=sold)
    own = np.where(sold, np.clip(100 * (1 - below), 0.0, MOST_CUT), 0.0)
    code = np.unique(place, return_inverse=True)[1]
    stores = np.bincount(code, sold)
    others = np.divide(np.bincount(code, own), stores, out=np.zeros(stores.size), where=stores > 0)[
        code
    ]
    read = np.where(sold, own, others)
    found: Floats = np.where(
        np.isfinite(facts["discount"]),
        np.clip(facts["discount"], 0.0, MOST_CUT),
        np.where(read >= LEAST_CUT, read, 0.0),
    )
    return found


def regressors(cut: Floats, facts: Mapping[str, Floats]) -> Floats:
    """Return the log of what a cut leaves of the price, display, feature, and both, (N, 4)."""
    display, feature = (np.nan_to_num(facts[name]) for name in ("display", "feature"))
    return np.column_stack([np.log1p(-cut / 100), display, feature, display * feature])


def promoted(cut: Floats, facts: Mapping[str, Floats]) -> Integers:
    """Return the kind of promotion of every step, (N,): none, a price cut alone, with support."""
    supported = (np.nan_to_num(facts["display"]) > 0) | (np.nan_to_num(facts["feature"]) > 0)
    found: Integers = np.where(supported, 2, np.where(cut > 0, 1, 0))
    return found
