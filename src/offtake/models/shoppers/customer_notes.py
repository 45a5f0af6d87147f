"""What to beware of in figures of customer bases, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from offtake.models.shoppers.customer_bases import CustomerBase, CustomerBases
from offtake.models.shoppers.customer_columns import typed_table

if TYPE_CHECKING:
    import pyarrow as pa

LINKED = 0.1
"""Correlation from which spend and frequency hang together enough to say so."""
APART = 10.0
"""Points between models' shares of customers that still are, from which to say so."""
OFF = 0.1
"""Share by which a forecast must have been off to say so."""


def note_table(found: CustomerBases) -> pa.Table:
    """Return ``shopper_customer_notes``: a row per note; those of all names first."""
    notes = [("", note) for note in _of_all(found)]
    notes += [(base.name, note) for base in found.bases for note in _of_one(base)]
    return typed_table({
        "by": [found.spec.by] * len(notes),
        "name": [name for name, _ in notes],
        "note": [note for _, note in notes],
    })  # fmt: skip


def _of_all(found: CustomerBases) -> Iterator[str]:
    span = found.bases[0].held.span
    yield (
        f"A household that bought before the data begin ({span.monday}) looks like a new one: in a "
        "short panel most first purchases are not the first."
    )
    yield (
        "Panel households, each counted once: not the whole customer base of the market. Household "
        "weights are not used."
    )
    if found.allowance > 0:
        off = 100 * np.expm1(found.allowance)
        yield (
            f"In the {span.held_out} weeks held out forecasts were off by {off:.0f} % more than "
            "their intervals said, over all names: seasons, promotions and rivals move all "
            "customers at once. Intervals of totals to come are that much wider."
        )
    few = [base.name for base in found.bases if not base.trials]
    if few:
        yield (
            f"Fewer than {found.spec.least_repeaters} customers had bought again before the cut, "
            f"so no model was fitted: {', '.join(few)}."
        )
    if found.left_out:
        yield f"{found.left_out} names with fewer customers are left out."


def _of_one(base: CustomerBase) -> Iterator[str]:
    if not base.trials:
        return
    trial = base.trial
    if not (trial.fit.converged and trial.learned.converged):
        yield "The search for the parameters did not end: take the figures with care."
    names = np.array(trial.fit.names)[trial.fit.at_limit]
    if names.size:
        yield (
            f"The data do not tell {' and '.join(names)} of {trial.fit.model} apart from the rest: "
            "forecasts stand, these parameters do not."
        )
    shares = [100 * each.alive for each in base.trials if each.fit.model != "nbd"]
    if shares and max(shares) - min(shares) > APART:
        yield (
            f"Models put those who still are customers between {min(shares):.0f} and "
            f"{max(shares):.0f} %: they differ in when a customer may leave, which nobody sees."
        )
    if abs(trial.error) > OFF:
        more = "more" if trial.error > 0 else "fewer"
        yield (
            f"In the weeks held out {trial.fit.model} expected {100 * abs(trial.error):.0f} % "
            f"{more} repeat purchases than there were."
        )
    if base.spend is None:
        yield "Spend per purchase could not be modelled: too few values, or all of them alike."
        return
    linked = base.spend.independence
    if abs(linked.correlation) > LINKED and linked.low * linked.high > 0:
        way = "more" if linked.correlation > 0 else "less"
        yield (
            f"Frequent customers spend {way} at a purchase (correlation {linked.correlation:.2f}): "
            "values of customers are rougher than they look."
        )
