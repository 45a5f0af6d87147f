"""Survey answers from the store, as counts by brand, wave, group of people and house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from offtake.errors import BadInputError, MissingContractError
from offtake.measures.dimensions import NOT_STATED
from offtake.measures.scope import Filter, Scope
from offtake.measures.survey import known_answers
from offtake.models.names import Names, coded, texts

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from offtake.data.store import Store, Tables

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Days = NDArray[np.datetime64]
Group = Literal["region", "segment"]

SURVEY = "survey_answer"
STEPS = (
    "aware", "considers", "tried", "repeats", "loyal", "first_mention", "tried_if_considers",
)  # fmt: skip
"""Answers, each among those who gave the answer before: see :func:`_asked`."""
DAYS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Effective numbers of people, (B, T, G, H): brand, wave, group of people, house.

    Parameters
    ----------
    yes
        Those who said yes.
    asked
        Those who were asked.
    """

    yes: Floats
    asked: Floats


@dataclass(frozen=True, slots=True, eq=False)
class SurveyRows:
    """The survey of a category: B brands, T waves, G groups of people, H houses.

    Parameters
    ----------
    category
        As the survey calls it.
    group
        What people are grouped by.
    brands, groups, houses
        (B,), (G,), (H,) names.
    weeks
        (T,) Mondays of the waves.
    people
        (G,) part of all people, from the survey's weights.
    counts
        By step of the funnel; a step that was never answered is left out.
    """

    category: str
    group: Group
    brands: Names
    groups: Names
    houses: Names
    weeks: Days
    people: Floats
    counts: Mapping[str, Counts]

    @property
    def elapsed(self) -> Floats:
        """(T,) weeks since the wave before; 1 for the first."""
        since = np.diff(self.weeks).astype("timedelta64[D]").astype(np.float64) / DAYS
        return np.concatenate([[1.0], since])


def survey_rows(
    store: Store, tables: Tables, category: str, *, group: Group = "region"
) -> SurveyRows:
    """Return the counts of a category's survey.

    Parameters
    ----------
    store, tables
        Where the answers are.
    category
        As the survey calls it.
    group
        What people are grouped by.

    Raises
    ------
    MissingContractError
        When no survey answers are loaded.
    BadInputError
        When none are of this category.
    """
    if SURVEY not in tables.filled:
        raise MissingContractError(
            f"the brand funnel needs {SURVEY}, and nothing has been loaded into it. Load it with: "
            f"offtake load FILE --as {SURVEY}"
        )
    found = store.run(_sums(tables, category, group))
    if not found.num_rows:
        raise BadInputError(
            f"category: got {category!r}, in which nobody was asked about a brand; "
            "see: offtake measure survey_respondents --by category"
        )
    return _rows(found, category, group)


def _sums(tables: Tables, category: str, group: Group) -> ir.Table:
    scope = Scope(tables, by=("brand", group, "week"), where=(Filter("category", (category,)),))
    rows = known_answers(scope.facts(SURVEY))
    rows = rows.mutate(house=rows.house.fill_null(NOT_STATED))
    columns = {}
    for step, (base, hit) in _asked(rows).items():
        columns[f"{step}_base"] = rows.weight.sum(where=base)
        columns[f"{step}_yes"] = rows.weight.sum(where=base & hit)
        columns[f"{step}_squares"] = (rows.weight * rows.weight).sum(where=base)
    keys = ["brand", group, "house", "week"]
    return rows.group_by(keys).aggregate(**columns).order_by(keys)


def _asked(rows: ir.Table) -> dict[str, tuple[ir.BooleanValue, ir.BooleanValue]]:
    """Return who was asked at every step, and what counts as a yes."""
    bought = rows.aware & rows.tried
    again = bought & rows.repeats
    considers = rows.aware & rows.considers
    return {
        "aware": (rows.aware.notnull(), rows.aware),
        "considers": (rows.aware & rows.considers.notnull(), rows.considers),
        "tried": (rows.aware & rows.tried.notnull(), rows.tried),
        "repeats": (bought & rows.repeats.notnull(), rows.repeats),
        "loyal": (again & rows.loyal.notnull(), rows.loyal),
        # A mention that is not stated is none, as in the catalogue's shares in heads.
        "first_mention": (rows.aware, rows.first_mention.fill_null(False)),
        "tried_if_considers": (considers & rows.tried.notnull(), rows.tried),
    }


def _rows(found: pa.Table, category: str, group: Group) -> SurveyRows:
    brands, brand = coded(_values(found, "brand"))
    groups, part = coded(_values(found, group))
    houses, house = coded(_values(found, "house"))
    weeks, week = np.unique(_values(found, "week").astype("datetime64[D]"), return_inverse=True)
    shape = (brands.size, weeks.size, groups.size, houses.size)
    at = (brand, week, part, house)
    counts = {}
    for step in STEPS:
        base, yes, squares = (_numbers(found, f"{step}_{n}") for n in ("base", "yes", "squares"))
        size = np.divide(base**2, squares, out=np.zeros_like(base), where=squares > 0)
        share = np.divide(yes, base, out=np.zeros_like(base), where=base > 0)
        if size.any() and (step != "first_mention" or yes.any()):
            counts[step] = Counts(_laid(shape, at, size * share), _laid(shape, at, size))
    # A person counts once, however many brands are asked about: by the brand most were asked about.
    asked = _laid(shape, at, _numbers(found, "aware_base")).sum(axis=3)
    people = asked.max(axis=0).sum(axis=0)
    return SurveyRows(
        category=category,
        group=group,
        brands=brands,
        groups=groups,
        houses=houses,
        weeks=weeks,
        people=people / people.sum(),
        counts=counts,
    )


def _values(found: pa.Table, name: str) -> NDArray[Any]:
    values: NDArray[Any] = found[name].to_numpy(zero_copy_only=False)
    return values if name == "week" else texts(values)


def _numbers(found: pa.Table, name: str) -> Floats:
    values: Floats = found[name].to_numpy(zero_copy_only=False).astype(np.float64)
    return np.nan_to_num(values)


def _laid(shape: tuple[int, ...], at: tuple[Integers, ...], values: Floats) -> Floats:
    laid = np.zeros(shape)
    laid[at] = values
    return laid
