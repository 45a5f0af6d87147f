"""The catalogue: every measure by its id."""

from __future__ import annotations

from types import MappingProxyType

from offtake.errors import UnknownNameError
from offtake.measures import (
    availability,
    buyer_flow,
    buyer_groups,
    campaigns,
    cross_purchase,
    distribution,
    households,
    loyalty,
    media,
    missions,
    notes,
    people,
    promotion,
    sales,
    survey,
    switching,
    trial,
    velocity,
    weighted,
)
from offtake.measures.measure import Measure

SUBJECTS = (
    sales,
    distribution,
    velocity,
    promotion,
    availability,
    media,
    households,
    loyalty,
    buyer_groups,
    buyer_flow,
    trial,
    cross_purchase,
    missions,
    switching,
    weighted,
    campaigns,
    survey,
    people,
    notes,
)

CATALOGUE: MappingProxyType[str, Measure] = MappingProxyType(
    {measure.id: measure for subject in SUBJECTS for measure in subject.MEASURES}
)


def measure(measure_id: str) -> Measure:
    """Return the measure with this id.

    Raises
    ------
    UnknownNameError
        When the catalogue has no such measure; the message suggests the nearest.

    Examples
    --------
    >>> measure("penetration").unit
    'percent'
    """
    if measure_id not in CATALOGUE:
        raise UnknownNameError("measure", measure_id, CATALOGUE)
    return CATALOGUE[measure_id]
