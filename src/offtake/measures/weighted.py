"""Measures of households with each panel household counted as those it stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from offtake.measures import households, loyalty
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope

if TYPE_CHECKING:
    import ibis.expr.types as ir

PROJECTED = (
    "household_sales_units",
    "household_sales_value",
    "buyers",
    "trips",
    "penetration",
    "purchase_frequency",
    "buy_rate",
    "buy_rate_value",
    "scr",
    "scr_value",
    "repeat_rate_buyers_with_2plus",
)
"""Measures offered weighted; each is written so that it honours ``Scope.weighted``."""

HOW = (
    "Each panel household is counted as the number of households it stands for, together with all "
    "it bought; a household without a stated weight counts as one."
)
BEWARE = "Differs from the unweighted figure where the panel is not self-weighting."


def weighted(plain: Measure) -> Measure:
    """Return the weighted variant of a measure of households.

    Parameters
    ----------
    plain
        A measure whose expression honours ``Scope.weighted``.

    Examples
    --------
    >>> from offtake.measures.households import MEASURES
    >>> weighted(MEASURES[2]).id
    'buyers_weighted'
    """

    def build(scope: Scope) -> ir.Table:
        return plain.build(replace(scope, weighted=True))

    return replace(
        plain,
        id=f"{plain.id}_weighted",
        title=f"{plain.title}, weighted",
        definition=f"{plain.definition} {HOW}",
        formula=f"{plain.formula}, each household times its weight",
        needs=(*plain.needs, "household"),
        build=build,
        variant="_".join(part for part in (plain.variant, "household_weights") if part),
        trap=f"{plain.trap} {BEWARE}".strip(),
    )


MEASURES = tuple(
    weighted(plain) for plain in (*households.MEASURES, *loyalty.MEASURES) if plain.id in PROJECTED
)
