"""How far an answer can be trusted, as one letter, and what would make it better.

The letter is about the width of the interval of incremental units. It is held down where what the
width rests on is itself weak: prices cuts derived rather than stated, few stores, responses that
come from the category because the item was hardly ever promoted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offtake.models.promotion.account import Interval
from offtake.models.promotion.fit import PromotionFit
from offtake.models.promotion.rows import Bools, Floats

GRADES = ("A", "B", "C", "D")
WIDTHS = (0.15, 0.30, 0.60)
"""Half the interval over the estimate, up to which an answer is an A, a B, a C."""
FEW_STORES = 5
BORROWED = 0.9
"""Share of a response that comes from the category, from which on it hardly is the item's own."""
GUESSED = 0.5
"""Share of store-weeks without a price of their own from which on it matters."""

REASONS = {
    "wide": "the interval is wide: more weeks or stores with the same support narrow it",
    "few_stores": "few stores took part: run it in more, or judge it with others of its kind",
    "borrowed": "the item was hardly ever promoted like this, so its response is the category's: "
    "promote it again, or judge it with others of its kind",
    "derived": "price cuts are derived from prices paid: load the discounts agreed",
    "guessed": "in most store-weeks nothing sold, so prices there are those of other stores: load "
    "shelf prices",
    "no_plan": "no plan is loaded, so that nobody knows who should have taken part: load planned "
    "promotions",
    "not_converged": "the regression did not converge: look for items that never sold without "
    "support",
}
"""What would make an answer better, by the reason that holds its grade down."""
LEAST = {"few_stores": 2, "borrowed": 2, "derived": 1, "guessed": 1, "not_converged": 3}
"""Best grade possible under a reason: 0 is A, 3 is D."""


@dataclass(frozen=True, slots=True)
class Grades:
    """Of E promotions.

    Parameters
    ----------
    grade
        (E,) A to D.
    reasons
        For each promotion the names of `REASONS` that hold, the weightiest first.
    """

    grade: NDArray[np.str_]
    reasons: tuple[tuple[str, ...], ...]


def grades(fit: PromotionFit, incremental: Interval) -> Grades:
    """Grade what is known of every promotion.

    Parameters
    ----------
    fit
        The category.
    incremental
        (E,) of its promotions.
    """
    wide = by_width(incremental)
    held = _reasons(fit)
    place = wide.copy()
    for reason, least in LEAST.items():
        place = np.where(held[reason], np.maximum(place, least), place)
    held["wide"] = (wide > 0) & (wide == place)
    order = sorted(REASONS, key=lambda reason: (reason != "wide", -LEAST.get(reason, 0)))
    reasons = tuple(
        tuple(reason for reason in order if held[reason][event]) for event in range(place.size)
    )
    return Grades(np.array(GRADES)[place], reasons)


def by_width(incremental: Interval) -> NDArray[np.int64]:
    """Return the place of the grade that widths alone allow, (E,).

    Examples
    --------
    >>> two = Interval(np.array([100.0, 1.0]), np.array([90.0, -2.0]), np.array([110.0, 4.0]))
    >>> by_width(two).tolist()
    [0, 3]
    """
    half = (incremental.high - incremental.low) / 2
    size = np.abs(incremental.value)
    width = np.divide(half, size, out=np.full(size.size, np.inf), where=size > 0)
    place: NDArray[np.int64] = np.searchsorted(WIDTHS, width).astype(np.int64)
    return place


def _reasons(fit: PromotionFit) -> dict[str, Bools]:
    rows, events = fit.rows, fit.events
    everywhere = np.ones(events.count, bool)
    inside = events.of >= 0
    count = np.bincount(events.of[inside], minlength=events.count)
    guessed = np.bincount(events.of[inside], rows.imputed[inside], minlength=events.count) / count
    stores = fit.execution.executed.sum(axis=1)
    return {
        "few_stores": stores < FEW_STORES,
        "borrowed": _borrowed(fit) > BORROWED,
        "derived": everywhere & (rows.cut_from == "derived"),
        "guessed": guessed > GUESSED,
        "no_plan": everywhere & (not rows.has_plan),
        "not_converged": everywhere & (not fit.response.converged),
        "wide": ~everywhere,
    }


def _borrowed(fit: PromotionFit) -> Floats:
    """Return how much of an event's response is the category's, weighed by what it did, (E,)."""
    events = fit.events
    inside = events.of >= 0
    group = fit.design.group[inside]
    responses = fit.design.of_rows(fit.sober.parameters)[inside]
    weight = np.abs(fit.design.support[inside] * responses)
    shrunk = (weight * fit.sober.shrinkage[group]).sum(axis=1)
    of = events.of[inside]
    total = np.bincount(of, weight.sum(axis=1), minlength=events.count)
    share = np.bincount(of, shrunk, minlength=events.count)
    found: Floats = np.divide(share, total, out=np.ones(events.count), where=total > 0)
    return found
