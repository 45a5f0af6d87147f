"""More heads or more stores? A brand's share in people's heads against its share of distribution.

Both shares are the catalogue's (``mental_vs_physical``); the one in heads is smoothed over waves,
with what houses do taken off. Only distribution is counted, not sampled, so that the interval of
the difference is that of the share in heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offtake.calendars import Period
from offtake.measures.ask import ask
from offtake.measures.scope import Filter
from offtake.models.columns import Columns, as_table
from offtake.models.shoppers.funnel_draws import Funnel, interval
from offtake.models.shoppers.funnel_spec import FunnelSpec
from offtake.models.shoppers.funnel_tables import EVERYWHERE, PERCENT, BrandDraws, places, stacked

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables

Floats = NDArray[np.float64]
Answer = dict[tuple[str, str], dict[str, Any]]

MENTAL = {"first_mention": "mental_vs_physical", "considers": "mental_vs_physical_consideration"}
"""Stage in people's heads, and the measure that sets it against distribution."""
YEAR = 52
FEWEST = 8
"""Pairs of brand and region without which it is not worked out what a share is worth."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the catalogue says of brands and regions in the latest weeks."""

    shares: Answer
    distribution: Answer
    value: Answer
    year: float


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """How value shares go with shares in heads and in stores, over brands and regions.

    Parameters
    ----------
    heads, stores
        (D,) draws of the elasticities, 0 to 1; NaN where there are too few brands.
    """

    heads: Floats
    stores: Floats


def heads_or_stores(
    store: Store, tables: Tables, funnel: Funnel, draws: Sequence[BrandDraws]
) -> pa.Table:
    """Return ``shopper_heads_or_stores``: where a brand needs more heads, and where more stores.

    A row per brand, region (and ``all``) and ``basis`` (``first_mention``, ``considers``).
    ``mental`` is the smoothed share in heads, ``mental_raw`` the catalogue's figure of the same
    weeks, ``physical`` the share of distribution, ``gap`` mental less physical in points.
    ``recommendation`` is ``more stores``, ``more heads``, ``balanced``, ``stores full`` (stronger
    in heads, but in nearly every store already) or ``cannot tell``; ``probability`` is that of the
    likeliest of the first three. ``worth`` is sales value a year if the lagging share came up to
    the other, as brands with larger shares sell more: an association, and at most that. It is
    empty where neither more heads nor more stores are advised.

    Parameters
    ----------
    store, tables
        Where sales and the survey are.
    funnel
        Smoothed by region.
    draws
        Of every brand.
    """
    parts = []
    for basis, measure in MENTAL.items():
        if basis in funnel.stages:
            facts = _facts(store, tables, funnel, measure)
            parts.append(_basis(funnel, draws, basis, facts))
    return as_table(stacked(parts) or _none())


def mental_shares(
    draws: Sequence[BrandDraws], stage: str, *, asked: NDArray[np.bool_] | None = None
) -> Floats:
    """Return draws of each brand's part of all cases in the latest wave, (B, D, 1 + G).

    Parameters
    ----------
    draws
        Of every brand.
    stage
        What counts as a case.
    asked
        (B, 1 + G) which brands people are asked about: the market. Others have no share.
    """
    cases = np.stack([each.stages[stage][:, -1] for each in draws])
    if asked is not None:
        cases = np.where(asked[:, None, :], cases, np.nan)
    total = np.nansum(cases, axis=0)
    found: Floats = np.divide(
        cases, total, out=np.full_like(cases, np.nan), where=np.broadcast_to(total, cases.shape) > 0
    )
    return found


def _facts(store: Store, tables: Tables, funnel: Funnel, measure: str) -> _Facts:
    last: date = funnel.rows.weeks[-1].astype(object)
    period = _weeks_to(tables, last, funnel.spec.physical_weeks)
    year = _weeks_to(tables, last, YEAR)
    where = (Filter("category", (funnel.rows.category,)),)

    def answer(name: str, weeks: Period) -> Answer:
        found: Answer = {}
        for by in (("brand",), ("brand", "region")):
            rows = store.run(ask(tables, name, by=by, where=where, period=weeks)).to_pylist()
            found |= {(row["brand"], row.get("region", EVERYWHERE)): row for row in rows}
        return found

    return _Facts(
        shares=answer(measure, period),
        distribution=answer("weighted_distribution_acv", period),
        value=answer("sales_value", year),
        year=_a_year(tables, year),
    )


def _weeks_to(tables: Tables, last: date, weeks: int) -> Period:
    """Return the latest loaded weeks; those up to the last wave where it lies before them all."""
    end = tables.span[1] if tables.span else last
    first = end - timedelta(weeks=weeks - 1)
    if last < first:
        first, end = last - timedelta(weeks=weeks - 1), last
    return Period(first, end, f"{weeks} weeks to {end.isoformat()}")


def _a_year(tables: Tables, period: Period) -> float:
    """Return by what sales of a period are multiplied to be those of a year."""
    if tables.span is None:
        return 1.0
    first = max(tables.span[0], period.first_week)
    loaded = max((period.last_week - first).days // 7 + 1, 1)
    return YEAR / loaded


def _basis(funnel: Funnel, draws: Sequence[BrandDraws], basis: str, facts: _Facts) -> Columns:
    names, brands = places(funnel), [str(name) for name in funnel.rows.brands]
    keys = [(brand, name) for brand in brands for name in names]
    physical = _column(facts.shares, keys, "physical_share").reshape(len(brands), -1)
    # Both shares are of the brands that people were asked about of late.
    mental = PERCENT * mental_shares(draws, basis, asked=np.isfinite(physical))
    reach = _column(facts.distribution, keys, "value")
    value = facts.year * _column(facts.value, keys, "value").reshape(len(brands), -1)
    gap = np.moveaxis(mental, 1, 0) - physical
    worth = _worths(mental, physical, value, _elasticities(mental, physical, value, funnel.spec))
    flat = gap.reshape(len(gap), -1)
    advice = _advice(flat, reach, funnel.spec)
    worth = worth.reshape(flat.shape)
    worth[:, ~np.isin(advice["recommendation"], ("more heads", "more stores"))] = np.nan
    found: Columns = {
        "brand": [key[0] for key in keys],
        "region": [key[1] for key in keys],
        "basis": [basis] * len(keys),
        "week": np.full(len(keys), funnel.rows.weeks[-1]),
        "mental_raw": _column(facts.shares, keys, "mental_share"),
        "physical": physical.ravel(),
        "distribution": reach,
    }
    shown = (("mental", np.moveaxis(mental, 1, 0).reshape(flat.shape)), ("gap", flat),
             ("worth", worth))  # fmt: skip
    for name, each in shown:
        middle, low, high = interval(each)
        found |= {name: middle, f"{name}_low": low, f"{name}_high": high}
    return found | advice


def _column(answer: Answer, keys: list[tuple[str, str]], name: str) -> Floats:
    values = [answer.get(key, {}).get(name) for key in keys]
    return np.array([np.nan if value is None else float(value) for value in values])


def _advice(gap: Floats, reach: Floats, spec: FunnelSpec) -> Columns:
    """Return what to do about gaps, (D, N), in words and with its probability."""
    known = np.isfinite(gap).all(axis=0)
    chance = np.stack([
        (gap > spec.close).mean(axis=0),
        (gap < -spec.close).mean(axis=0),
        (np.abs(gap) <= spec.close).mean(axis=0),
    ])  # fmt: skip
    best = chance.argmax(axis=0)
    probability = np.where(known, chance.max(axis=0), np.nan)
    sure = known & (chance.max(axis=0) >= spec.sure)
    advice = np.array(["more stores", "more heads", "balanced"], dtype="<U20")[best]
    advice[sure & (best == 0) & (reach >= spec.full)] = "stores full"
    advice[~sure] = "cannot tell"
    return {
        "recommendation": advice,
        "probability": PERCENT * probability,
        "words": [WORDS[name].format(close=spec.close) for name in advice],
    }


WORDS = {
    "more stores": "Stronger in heads than in stores: who wants it does not find it everywhere.",
    "more heads": "Stronger in stores than in heads: it stands where few think of it first.",
    "balanced": "Heads and stores go together, within {close:g} points.",
    "stores full": "Stronger in heads than in stores, but in nearly all stores already: win places "
    "on the shelf, not stores.",
    "cannot tell": "The survey is too small to tell, or distribution is not known.",
}


def _elasticities(mental: Floats, physical: Floats, value: Floats, spec: FunnelSpec) -> Worth:
    """Return how value shares go with both shares, regions pooled, with errors over brands.

    The error is a jackknife's over brands, since the regions of a brand are alike.
    """
    share = value / np.nansum(value, axis=0)
    heads, stores, sold = np.median(mental, axis=1)[:, 1:], physical[:, 1:], share[:, 1:]
    usable = (heads > 0) & (stores > 0) & (sold > 0)
    nothing = np.full(spec.draws, np.nan)
    if usable.sum() < FEWEST or usable.any(axis=1).sum() < 4:
        return Worth(nothing, nothing)

    def slopes(mine: NDArray[np.bool_]) -> Floats:
        ones = np.ones(int(mine.sum()))
        design = np.stack([ones, np.log(heads[mine]), np.log(stores[mine])], axis=1)
        # A slope prior of sd 1 keeps two shares that go together from chasing each other.
        bend = np.diag([0.0, 1.0, 1.0]) * np.var(np.log(sold[mine]))
        return np.linalg.solve(design.T @ design + bend, design.T @ np.log(sold[mine]))[1:]

    whole = slopes(usable)
    brands = np.flatnonzero(usable.any(axis=1))
    left_out = np.arange(len(usable))[:, None]
    without = np.stack([slopes(usable & (left_out != one)) for one in brands])
    factor = (len(brands) - 1) / len(brands)
    spread = factor * (without - without.mean(axis=0)).T @ (without - without.mean(axis=0))
    random = np.random.default_rng([spec.seed, 300])
    drawn = random.multivariate_normal(whole, spread, spec.draws, method="eigh")
    return Worth(*np.clip(drawn, 0.0, 1.0).T)


def _worths(mental: Floats, physical: Floats, value: Floats, worth: Worth) -> Floats:
    """Return draws of sales gained if the lagging share came up to the other, (D, B, 1 + G)."""
    heads = np.moveaxis(mental, 1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((heads > 0) & (physical > 0), heads / physical, np.nan)
        power = np.where(ratio > 1, worth.stores[:, None, None], -worth.heads[:, None, None])
        found: Floats = value * (ratio**power - 1)
    return found


def _none() -> Columns:
    words, none = np.array([], dtype=np.str_), np.array([])
    ends = [f"{name}{end}" for name in ("mental", "gap", "worth") for end in ("", "_low", "_high")]
    return {
        "brand": words, "region": words, "basis": words,
        "week": np.array([], dtype="datetime64[D]"),
        **dict.fromkeys(("mental_raw", "physical", "distribution", *ends), none),
        "recommendation": words, "probability": none, "words": words,
    }  # fmt: skip
