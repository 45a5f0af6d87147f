"""By what alarms and lost sales are added up: dimensions, weeks, guessed causes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from offtake.models.availability.lost import Groups, Sums
from offtake.models.availability.outages import Outages
from offtake.models.availability.rows import AvailabilityRows
from offtake.models.availability.series import Bools, Floats, Integers
from offtake.models.columns import Columns
from offtake.models.names import UNNAMED, Names, coded

EVERYBODY = ""
"""Stands for all manufacturers together."""
OfSeries = Callable[[AvailabilityRows], Names]
DIMENSIONS: Mapping[str, OfSeries] = MappingProxyType(
    {
        "category": lambda rows: np.full(rows.series.count, rows.category),
        "manufacturer": lambda rows: rows.makers[rows.item],
        "brand": lambda rows: rows.brands[rows.item],
        "item": lambda rows: rows.items[rows.item],
        "retailer": lambda rows: rows.retailers[rows.store],
        "region": lambda rows: rows.regions[rows.store],
        "territory": lambda rows: rows.territories[rows.store],
        "store": lambda rows: rows.stores[rows.store],
    }
)
"""What sums are made by, and the name of every store-item's group."""
CAUSED = ("category", "brand", "item", "retailer", "territory")
"""Dimensions in which sums are made by guessed cause as well."""
CAUSE = "cause, "
WEEK = "week"
MONDAY = np.datetime64("1970-01-05", "D")


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of store-items, runs or steps, under their names.

    Parameters
    ----------
    names
        (G,) columns that tell the groups apart.
    groups
        Which of them each store-item, run or step is in.
    """

    names: Columns
    groups: Groups

    @property
    def count(self) -> int:
        """Number of groups, G."""
        return self.groups.count


@dataclass(frozen=True, slots=True)
class Groupings:
    """All that is added up; each once for all manufacturers together and once for each of them.

    Parameters
    ----------
    dimensions
        Groups of store-items, by dimension.
    causes
        Groups of listed runs by guessed cause, by dimension.
    weeks
        Groups of steps by week.
    """

    dimensions: Mapping[str, tuple[Grouping, ...]]
    causes: Mapping[str, tuple[Grouping, ...]]
    weeks: tuple[Grouping, ...]

    def sums(self, price: Floats) -> Sums:
        """Return what is to be drawn; names are those of :func:`named`."""
        return Sums(
            price=price,
            series=_groups("", self.dimensions),
            runs=_groups(CAUSE, self.causes),
            steps=_groups("", {WEEK: self.weeks}),
        )


def named(name: str, number: int) -> str:
    """Return the name of a sum: of a dimension, the number of the grouping within it.

    Examples
    --------
    >>> named("retailer", 0), named(CAUSE + "retailer", 1)
    ('retailer 0', 'cause, retailer 1')
    """
    return f"{name} {number}"


def _groups(prefix: str, by: Mapping[str, tuple[Grouping, ...]]) -> dict[str, Groups]:
    return {
        named(prefix + name, number): each.groups
        for name, both in by.items()
        for number, each in enumerate(both)
    }


def grouping(inside: Bools, **columns: NDArray[np.generic]) -> Grouping:
    """Return a group for every combination of names that occurs, in their order.

    Parameters
    ----------
    inside
        (N,) what is grouped at all.
    **columns
        (N,) names.

    Examples
    --------
    >>> found = grouping(np.array([True, True, False]), name=np.array(["b", "a", "c"]))
    >>> found.names["name"].tolist(), found.groups.of.tolist()
    (['a', 'b'], [1, 0, -1])
    """
    at = np.flatnonzero(inside)
    whole = np.zeros(at.size, np.int64)
    for values in columns.values():
        each, code = np.unique(values[at], return_inverse=True)
        whole = whole * max(each.size, 1) + code
    _, place, code = np.unique(whole, return_index=True, return_inverse=True)
    of = np.full(inside.size, -1)
    of[at] = code
    names: Columns = {name: values[at[place]] for name, values in columns.items()}
    return Grouping(names, Groups(of, place.size))


def _both(makers: Names, inside: Bools, **columns: NDArray[np.generic]) -> tuple[Grouping, ...]:
    """Return groups of all manufacturers together, and of each that has a name."""
    return (
        grouping(inside, manufacturer=np.full(makers.size, EVERYBODY), **columns),
        grouping(inside & (makers != UNNAMED), manufacturer=makers, **columns),
    )


def by_dimension(rows: AvailabilityRows) -> dict[str, tuple[Grouping, ...]]:
    """Return groups of store-items by dimension."""
    every = np.ones(rows.series.count, bool)
    makers = rows.makers[rows.item]
    return {name: _both(makers, every, name=of(rows)) for name, of in DIMENSIONS.items()}


def by_cause(
    rows: AvailabilityRows, found: Outages, cause: Names
) -> dict[str, tuple[Grouping, ...]]:
    """Return groups of listed runs by dimension and guessed cause."""
    makers = rows.makers[rows.item[found.series]]
    return {
        name: _both(makers, found.listed, name=DIMENSIONS[name](rows)[found.series], cause=cause)
        for name in CAUSED
    }


def by_week(rows: AvailabilityRows) -> tuple[Grouping, ...]:
    """Return groups of steps by the week they are in, named by its Monday."""
    series = rows.series
    of, weeks = series.of, (rows.day(series.step) - MONDAY).astype(np.int64) // 7
    first = int(weeks.min())
    count = int(weeks.max()) - first + 1
    makers, maker = coded(rows.makers[rows.item])
    found = []
    for code, names, counted in (
        (np.zeros(series.count, np.int64), np.array([EVERYBODY]), np.array([True])),
        (maker, makers, makers != UNNAMED),
    ):
        step: Integers = np.where(counted[code][of], code[of] * count + weeks - first, -1)
        known = np.unique(step[step >= 0])
        place = np.full(names.size * count, -1)
        place[known] = np.arange(known.size)
        columns: Columns = {
            "manufacturer": names[known // count],
            "week": MONDAY + 7 * (first + known % count),
        }
        found.append(Grouping(columns, Groups(np.append(place, -1)[step], known.size)))
    return tuple(found)
