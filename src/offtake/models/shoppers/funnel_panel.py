"""What people say beside what they do: the survey's funnel and the household panel's behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offtake.calendars import Period
from offtake.measures.ask import ask
from offtake.measures.scope import Filter
from offtake.models.columns import Columns, as_table
from offtake.models.shoppers.funnel_draws import Funnel, interval
from offtake.models.shoppers.funnel_tables import PERCENT, BrandDraws, stacked

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables

Floats = NDArray[np.float64]

YEAR = 52
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of the survey, and the panel's that should go with it.

    Parameters
    ----------
    name
        What both are about.
    part, whole
        Stages whose ratio the survey gives; an empty `whole` is everybody asked.
    measure
        Of the catalogue.
    at_least
        Whether the survey's must not be below the panel's: whoever bought this year has bought.
    """

    name: str
    part: str
    whole: str
    measure: str
    at_least: bool


PAIRS = (
    Pair("bought at all", "tried", "", "penetration", at_least=True),
    Pair("bought again", "repeats", "tried", "repeat_rate_buyers_with_2plus", at_least=True),
    Pair("loyal", "loyal", "repeats", "scr", at_least=False),
)


def panel_table(
    store: Store, tables: Tables, funnel: Funnel, draws: Sequence[BrandDraws]
) -> pa.Table:
    """Return ``shopper_funnel_panel``: the latest wave beside the panel's last 52 weeks.

    ``survey`` is smoothed, ``panel`` the catalogue's ``measure``, both in percent. ``correlation``
    is Spearman's over the category's brands. ``plausible`` is false where surely fewer people say
    that they ever bought than bought within the year; where the two define things differently
    (buying it most, and share of requirements) it is empty, and only the order can be compared.

    Parameters
    ----------
    store, tables
        Where the panel is.
    funnel
        What was fitted.
    draws
        Of every brand.
    """
    period = _year(tables, funnel)
    where = (Filter("category", (funnel.rows.category,)),)
    parts = []
    for pair in PAIRS:
        if pair.part not in funnel.stages:
            continue
        answer = store.run(ask(tables, pair.measure, by=("brand",), where=where, period=period))
        panel = {row["brand"]: row for row in answer.to_pylist()}
        parts.append(_beside(funnel, draws, pair, panel))
    return as_table(stacked(parts) or _none())


def _year(tables: Tables, funnel: Funnel) -> Period:
    last = funnel.rows.weeks[-1].astype(object)
    end = tables.span[1] if tables.span else last
    return Period(end - timedelta(weeks=YEAR - 1), end, f"{YEAR} weeks to {end.isoformat()}")


def _beside(
    funnel: Funnel, draws: Sequence[BrandDraws], pair: Pair, panel: dict[str, dict[str, Any]]
) -> Columns:
    brands = [str(name) for name in funnel.rows.brands]
    survey = np.stack([_share(each, pair) for each in draws])
    seen = np.array([_number(panel.get(name, {}).get("value")) for name in brands])
    buyers = np.array([_number(panel.get(name, {}).get("buyers")) for name in brands])
    middle, low, high = interval(survey.T)
    drawn = np.array([spearman(each, seen) for each in survey.T])
    correlation, worst, best = (float(end) for end in interval(drawn))
    count = len(brands)
    plausible: list[bool | None] = [None] * count
    if pair.at_least:
        fewer = (survey < seen[:, None]).mean(axis=1) > funnel.spec.sure
        plausible = [None if np.isnan(x) else not bool(f) for x, f in zip(seen, fewer, strict=True)]
    return {
        "brand": brands, "about": [pair.name] * count, "measure": [pair.measure] * count,
        "survey": middle, "survey_low": low, "survey_high": high, "panel": seen,
        "buyers": buyers, "plausible": plausible,
        "correlation": np.full(count, correlation),
        "correlation_low": np.full(count, worst), "correlation_high": np.full(count, best),
    }  # fmt: skip


def _share(each: BrandDraws, pair: Pair) -> Floats:
    part = each.stages[pair.part][:, -1, 0]
    whole = each.stages[pair.whole][:, -1, 0] if pair.whole else 1.0
    return np.asarray(PERCENT * part / whole)


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def spearman(one: Floats, other: Floats) -> float:
    """Return the rank correlation of pairs that are both known; NaN for fewer than three.

    Examples
    --------
    >>> round(spearman(np.array([1.0, 2.0, 3.0, np.nan]), np.array([2.0, 5.0, 9.0, 1.0])), 9)
    1.0
    """
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < FEWEST:
        return np.nan
    ranks = [np.argsort(np.argsort(each[known])).astype(np.float64) for each in (one, other)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _none() -> Columns:
    words, none = np.array([], dtype=np.str_), np.array([])
    numbers = ("survey", "survey_low", "survey_high", "panel", "buyers")
    return {
        "brand": words, "about": words, "measure": words, **dict.fromkeys(numbers, none),
        "plausible": none.astype(bool),
        **{f"correlation{end}": none for end in ("", "_low", "_high")},
    }  # fmt: skip
