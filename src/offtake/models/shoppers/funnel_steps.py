"""Where the funnel leaks: conversions of the latest wave against brands of the same size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from offtake.models.columns import Columns, as_table
from offtake.models.shoppers.funnel_draws import BEFORE, Funnel, interval, step_draws
from offtake.models.shoppers.funnel_norms import Norm, norms
from offtake.models.shoppers.funnel_tables import PERCENT, WORDS, BrandDraws, both_ends, stacked

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]

CHAIN = ("considers", "tried", "repeats", "loyal")
COMES_FROM = {"considers": "aware", "tried": "considers", "repeats": "tried", "loyal": "repeats"}
EDGE = 1e-4


def step_table(funnel: Funnel, draws: list[BrandDraws]) -> pa.Table:
    """Return ``shopper_funnel_steps``: the latest conversions beside the norm, and the leak.

    ``conversion`` is the catalogue's, smoothed: of those at the stage before, the part that is at
    this one. ``norm`` is what the category's other brands lead one to expect of a brand as well
    known as this; brands of that size lie between ``usual_low`` and ``usual_high``. ``lost`` is
    people in a hundred who are missing at this step, below 0 where it holds more than usual;
    ``households_lost`` is the same in households where their number is given. ``leak`` marks the
    step that loses most, where it surely loses.

    Parameters
    ----------
    funnel
        What was fitted.
    draws
        Of every brand.
    """
    known = np.stack([logit(_inside(each.stages["aware"][:, -1, 0])) for each in draws])
    size = np.median(known, axis=1)
    parts = []
    for step in CHAIN:
        found = [_conversion(funnel, each, step) for each in draws]
        if any(each is None for each in found):
            continue
        shares = np.stack([each for each in found if each is not None])
        logits = logit(_inside(shares))
        random = np.random.default_rng([funnel.spec.seed, 100 + CHAIN.index(step)])
        norm = norms(
            size, np.median(logits, axis=1), logits.std(axis=1), draws=funnel.spec.draws,
            random=random,
        )  # fmt: skip
        before = np.stack([each.stages[COMES_FROM[step]][:, -1, 0] for each in draws])
        parts.append(_compared(funnel, step, (shares, before), norm))
    table = _with_leak(stacked(parts), both_ends(funnel.spec.sure)) if parts else _none()
    return as_table(table)


def _inside(shares: Floats) -> Floats:
    return np.clip(shares, EDGE, 1 - EDGE)


def _conversion(funnel: Funnel, each: BrandDraws, step: str) -> Floats | None:
    """Return draws of the latest conversion everywhere, (D,); None where it is not known."""
    before, stages = COMES_FROM[step], each.stages
    if step not in stages or before not in stages:
        return None
    if before == BEFORE[step]:
        found: Floats = stages[step][:, -1, 0] / stages[before][:, -1, 0]
        return found
    # Some who bought it would not consider it now, so the two stages do not give the conversion.
    if "tried_if_considers" not in funnel.steps:
        return None
    share = step_draws(funnel, "tried_if_considers", each.brand)[:, -1]
    people = stages[before][:, -1, 1:] * funnel.rows.people
    return np.asarray((share * people).sum(axis=1) / people.sum(axis=1))


def _compared(funnel: Funnel, step: str, drawn: tuple[Floats, Floats], norm: Norm) -> Columns:
    shares, before = drawn
    brands = [str(name) for name in funnel.rows.brands]
    line = expit(norm.line)
    gap, lost = shares - line, before * (line - shares)
    found: Columns = {
        "brand": brands,
        "step": [step] * len(brands),
        "week": np.full(len(brands), funnel.rows.weeks[-1]),
        "people_before": PERCENT * np.median(before, axis=1),
    }
    for name, each in (("conversion", shares), ("norm", line), ("gap", gap), ("lost", lost)):
        middle, low, high = interval(PERCENT * each.T)
        found |= {name: middle, f"{name}_low": low, f"{name}_high": high}
    _, usual_low, usual_high = interval(PERCENT * expit(norm.brand).T)
    below = np.where(np.isnan(gap).any(axis=1), np.nan, PERCENT * (gap < 0).mean(axis=1))
    homes = funnel.spec.households
    people = np.nan if homes is None else homes / PERCENT
    return found | {
        "usual_low": usual_low, "usual_high": usual_high, "probability_below": below,
        "households_lost": people * found["lost"],
        "households_lost_low": people * found["lost_low"],
        "households_lost_high": people * found["lost_high"],
    }  # fmt: skip


def _with_leak(found: Columns, sure: float) -> Columns:
    brand, lost = np.asarray(found["brand"]), np.asarray(found["lost"])
    below = np.nan_to_num(np.asarray(found["probability_below"]))
    surely = np.where(below >= PERCENT * sure, np.nan_to_num(lost), -np.inf)
    worst = np.array([surely[brand == name].max() for name in brand])
    leak = np.isfinite(surely) & (surely == worst)
    words = [_words(found, row, bool(leak[row])) for row in range(brand.size)]
    return found | {"leak": leak, "words": words}


def _words(found: Columns, row: int, leaks: object) -> str:
    brand, step = found["brand"][row], found["step"][row]
    share, norm, lost = (float(found[name][row]) for name in ("conversion", "norm", "lost"))
    said = f"Of 100 people who {WORDS[COMES_FROM[step]]}, {share:.0f} {WORDS[step]}: {brand}."
    if np.isnan(norm):
        return f"{said} There are too few other brands to say what is usual."
    said += f" Usual for a brand as well known is {norm:.0f}."
    if leaks:
        return f"{said} Here it loses most: {lost:.1f} of every 100 people asked."
    return said


def _none() -> Columns:
    words, none = np.array([], dtype=np.str_), np.array([])
    ends = [f"{name}{end}" for name in ("conversion", "norm", "gap", "lost", "households_lost")
            for end in ("", "_low", "_high")]  # fmt: skip
    numbers = ["people_before", *ends, "usual_low", "usual_high", "probability_below"]
    return {
        "brand": words, "step": words, "week": np.array([], dtype="datetime64[D]"),
        **dict.fromkeys(numbers, none), "leak": none.astype(bool), "words": words,
    }  # fmt: skip
