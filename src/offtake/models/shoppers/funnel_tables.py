"""The smoothed funnel as tables: levels, changes and house effects, in percent.

Intervals are 80 % ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from offtake.measures.ask import ask
from offtake.measures.scope import Filter
from offtake.measures.survey import STAGES
from offtake.models.columns import Columns, as_table
from offtake.models.kernels.normal_ends import normal_ends
from offtake.models.names import texts
from offtake.models.shoppers.funnel_draws import Funnel, interval, stage_draws
from offtake.models.shoppers.funnel_fit import contrasts

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables

Floats = NDArray[np.float64]

PERCENT = 100.0
EVERYWHERE = "all"
MEASURES = {
    "aware": "funnel_aware", "considers": "funnel_considered", "tried": "funnel_tried",
    "repeats": "funnel_repeat", "loyal": "funnel_loyal",
}  # fmt: skip
WORDS = {
    "aware": "know it", "considers": "would consider it", "tried": "have bought it",
    "repeats": "have bought it again", "loyal": "buy it most", "first_mention": "name it first",
}  # fmt: skip
Z_80 = normal_ends(0.8)


@dataclass(frozen=True, slots=True, eq=False)
class BrandDraws:
    """Draws of one brand's stages.

    Parameters
    ----------
    brand
        Its place.
    stages
        (D, T, 1 + G) shares by stage: everywhere, then by group.
    """

    brand: int
    stages: dict[str, Floats]


def brand_draws(funnel: Funnel) -> Iterator[BrandDraws]:
    """Draw brand after brand, so that only one brand's paths are held at a time.

    Parameters
    ----------
    funnel
        From :func:`offtake.models.shoppers.funnel_draws.fit_funnel`.
    """
    for brand in range(funnel.rows.brands.size):
        found = {}
        for stage, draws in stage_draws(funnel, brand).items():
            everywhere = draws @ funnel.rows.people
            found[stage] = np.concatenate([everywhere[..., None], draws], axis=2)
        yield BrandDraws(brand, found)


def places(funnel: Funnel) -> tuple[str, ...]:
    """Return what the last axis of drawn stages stands for: everywhere, then the groups."""
    return (EVERYWHERE, *(str(name) for name in funnel.rows.groups))


def raw_levels(store: Store, tables: Tables, funnel: Funnel) -> dict[tuple[str, ...], Any]:
    """Return the catalogue's figures of every wave, by stage, brand, place and week.

    Parameters
    ----------
    store, tables
        Where the survey is.
    funnel
        Whose stages are wanted.
    """
    group, where = funnel.rows.group, (Filter("category", (funnel.rows.category,)),)
    found: dict[tuple[str, ...], Any] = {}
    for stage in STAGES:
        if stage not in funnel.stages:
            continue
        for by in (("brand", "week"), ("brand", group, "week")):
            answer = store.run(ask(tables, MEASURES[stage], by=by, where=where))
            for row in answer.to_pylist():
                key = (stage, row["brand"], row.get(group, EVERYWHERE), str(row["week"]))
                found[key] = (row["value"], row["respondents"], row["effective_sample"])
    return found


def funnel_table(
    funnel: Funnel, draws: list[BrandDraws], raw: dict[tuple[str, ...], Any]
) -> pa.Table:
    """Return ``shopper_funnel``: every stage by brand, region (and ``all``) and wave.

    ``raw``, ``respondents`` and ``effective_sample`` are the catalogue's, of that wave alone,
    houses as they came. ``share`` is smoothed over waves, with what houses do taken off.

    Parameters
    ----------
    funnel
        What was fitted.
    draws
        Of every brand.
    raw
        From :func:`raw_levels`.
    """
    names, weeks = places(funnel), [str(day) for day in funnel.rows.weeks]
    parts = []
    for each in draws:
        brand = str(funnel.rows.brands[each.brand])
        for stage in _told(funnel):
            middle, low, high = (PERCENT * end for end in interval(each.stages[stage]))
            keys = [(stage, brand, name, week) for week in weeks for name in names]
            found = [raw.get(key, (None, 0, None)) for key in keys]
            parts.append({
                "brand": [brand] * len(keys),
                funnel.rows.group: [key[2] for key in keys],
                "week": np.repeat(funnel.rows.weeks, len(names)),
                "stage": [stage] * len(keys),
                "raw": [row[0] for row in found],
                "respondents": [row[1] for row in found],
                "effective_sample": [row[2] for row in found],
                "share": middle.ravel(), "share_low": low.ravel(), "share_high": high.ravel(),
            })  # fmt: skip
    return as_table(stacked(parts))


def _told(funnel: Funnel) -> tuple[str, ...]:
    return tuple(stage for stage in STAGES if stage in funnel.stages)


def stacked(parts: list[Columns]) -> Columns:
    """Return columns one under the other.

    Examples
    --------
    >>> stacked([{"a": [1]}, {"a": [2.5]}])
    {'a': [1, 2.5]}
    """
    if not parts:
        return {}
    found: Columns = {}
    for name in parts[0]:
        columns = [part[name] for part in parts]
        arrays = all(isinstance(column, np.ndarray) for column in columns)
        found[name] = np.concatenate(columns) if arrays else [x for each in columns for x in each]
    return found


def both_ends(sure: float) -> float:
    """Return the probability from which an interval that holds so much is all on one side.

    Examples
    --------
    >>> both_ends(0.8)
    0.9
    """
    return 0.5 + sure / 2


def change_table(funnel: Funnel, draws: list[BrandDraws]) -> pa.Table:
    """Return ``shopper_funnel_changes``: the latest wave against earlier ones, in points.

    ``weeks_back`` is what was asked for, ``against`` the wave nearest to it. ``finding`` is
    ``grew`` or ``fell`` where the interval is all on one side of 0.

    Parameters
    ----------
    funnel
        What was fitted.
    draws
        Of every brand.
    """
    parts = [
        _change(funnel, each, (stage, back, wave))
        for each in draws
        for stage in _told(funnel)
        for back, wave in _earlier(funnel)
    ]
    return as_table(stacked(parts) or _change_names(funnel))


def _earlier(funnel: Funnel) -> list[tuple[int, int]]:
    """Return the weeks back that were asked for, and the wave nearest to each that is near."""
    weeks = funnel.rows.weeks
    age = (weeks[-1] - weeks).astype("timedelta64[D]").astype(np.float64) / 7
    near = max(4.0, float(np.median(np.diff(age * -1))) / 2) if age.size > 1 else 0.0
    found: dict[int, int] = {}
    for back in funnel.spec.back:
        wave = int(np.abs(age - back).argmin())
        if age[wave] > 0 and abs(age[wave] - back) <= min(near, back / 4):
            found.setdefault(wave, back)
    return [(back, wave) for wave, back in found.items()]


def _change(funnel: Funnel, each: BrandDraws, at: tuple[str, int, int]) -> Columns:
    stage, back, wave = at
    shares = PERCENT * each.stages[stage]
    change = shares[:, -1] - shares[:, wave]
    middle, low, high = interval(change)
    up = (change > 0).mean(axis=0)
    sure, names = both_ends(funnel.spec.sure), places(funnel)
    finding = np.where(up >= sure, "grew", np.where(up <= 1 - sure, "fell", "not sure"))
    return {
        "brand": [str(funnel.rows.brands[each.brand])] * len(names),
        funnel.rows.group: list(names),
        "stage": [stage] * len(names),
        "week": np.full(len(names), funnel.rows.weeks[-1]),
        "against": np.full(len(names), funnel.rows.weeks[wave]),
        "weeks_back": np.full(len(names), back),
        "share": np.median(shares[:, -1], axis=0),
        "share_against": np.median(shares[:, wave], axis=0),
        "change": middle, "change_low": low, "change_high": high,
        "probability_up": PERCENT * up,
        "finding": finding,
    }  # fmt: skip


def _change_names(funnel: Funnel) -> Columns:
    words, none = np.array([], dtype=np.str_), np.array([])
    days = np.array([], dtype="datetime64[D]")
    return {
        "brand": words, funnel.rows.group: words, "stage": words, "week": days, "against": days,
        "weeks_back": none.astype(np.int64), "share": none, "share_against": none, "change": none,
        "change_low": none, "change_high": none, "probability_up": none, "finding": words,
    }  # fmt: skip


def house_table(funnel: Funnel) -> pa.Table:
    """Return ``shopper_houses``: how much more readily people say yes to each house, by step.

    ``effect`` is in logits, and in ``points`` at the category's share of that step. Effects of a
    step add up to 0 over houses: what all houses get wrong together, no survey shows.
    ``answers_first`` and ``answers_last`` are the house's parts of the first and last third of the
    waves, in percent: where they differ, raw figures drift with the mix of houses.

    Parameters
    ----------
    funnel
        What was fitted.
    """
    houses = funnel.rows.houses
    parts = [_houses(funnel, step) for step in funnel.steps if houses.size > 1]
    names = ("house", "step", "effect", "effect_low", "effect_high", "points", "answers_first",
             "answers_last", "finding")  # fmt: skip
    words = {"house", "step", "finding"}
    empty = {n: texts(np.array([])) if n in words else np.array([]) for n in names}
    return as_table(stacked(parts) or empty)


def house_effects(funnel: Funnel, step: str) -> tuple[Floats, Floats]:
    """Return the effects of the houses at one step in logits, and their errors, (H,) each.

    Parameters
    ----------
    funnel
        What was fitted.
    step
        One of its steps.
    """
    houses = funnel.rows.houses.size
    effects, basis = funnel.steps[step].fit.tracked.effects, contrasts(houses)
    mine = slice(0, houses - 1)
    covariance = basis @ effects.covariance[mine, mine] @ basis.T
    return basis @ effects.mean[mine], np.sqrt(np.maximum(np.diag(covariance), 0.0))


def _houses(funnel: Funnel, step: str) -> Columns:
    effect, error = house_effects(funnel, step)
    counts = funnel.rows.counts[step]
    share = float((counts.yes.sum() + 0.5) / (counts.asked.sum() + 1))
    asked = funnel.rows.counts["aware"].asked.sum(axis=(0, 2))
    third = max(len(asked) // 3, 1)
    first, last = (
        part.sum(axis=0) / max(part.sum(), 1e-9) for part in (asked[:third], asked[-third:])
    )
    over = ndtr(effect / np.maximum(error, 1e-12))
    sure = both_ends(funnel.spec.sure)
    return {
        "house": [str(name) for name in funnel.rows.houses],
        "step": [step] * effect.size,
        "effect": effect, "effect_low": effect - Z_80 * error, "effect_high": effect + Z_80 * error,
        "points": PERCENT * (expit(logit(share) + effect) - share),
        "answers_first": PERCENT * first, "answers_last": PERCENT * last,
        "finding": np.where(over >= sure, "says yes more", np.where(over <= 1 - sure,
                            "says yes less", "not told apart")),
    }  # fmt: skip
