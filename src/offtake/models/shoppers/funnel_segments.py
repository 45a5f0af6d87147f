"""The funnel by lifestyle or need segment: where a brand is strong, and where it is weak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from offtake.measures.survey import STAGES
from offtake.models.columns import Columns, as_table
from offtake.models.shoppers.funnel_draws import Funnel, interval
from offtake.models.shoppers.funnel_tables import PERCENT, BrandDraws, both_ends, stacked

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]


def segment_table(funnel: Funnel, draws: list[BrandDraws]) -> pa.Table:
    """Return ``shopper_segments``: the latest wave by segment, segments of a brand pooled.

    ``share`` is the segment's, ``against_all`` that less the brand's share of all people, in
    points. ``against_usual`` is what is left of it, in logits, once the segment's habit with all
    brands is taken off: some segments know every brand better. ``finding`` goes by that:
    ``strong``, ``weak`` or ``as usual``. ``respondents`` is the effective number of answers over
    all waves.

    Parameters
    ----------
    funnel
        Smoothed by segment.
    draws
        Of every brand.
    """
    if funnel.rows.groups.size < 2:
        return as_table(_none())
    stages = [stage for stage in STAGES if stage in funnel.stages]
    parts = [_stage(funnel, draws, stage) for stage in stages]
    return as_table(stacked(parts) or _none())


def _stage(funnel: Funnel, draws: list[BrandDraws], stage: str) -> Columns:
    shares = np.stack([each.stages[stage][:, -1] for each in draws])
    own = logit(np.clip(shares, 1e-6, 1 - 1e-6))
    above = own[..., 1:] - own[..., :1]
    beyond = above - above.mean(axis=0)
    brands, groups = funnel.rows.brands, funnel.rows.groups
    asked = funnel.rows.counts["aware"].asked.sum(axis=(1, 3))
    found: Columns = {
        "brand": np.repeat(brands, groups.size),
        "segment": np.tile(groups, brands.size),
        "stage": [stage] * (brands.size * groups.size),
        "week": np.full(brands.size * groups.size, funnel.rows.weeks[-1]),
        "respondents": asked.ravel(),
    }
    points = PERCENT * (shares[..., 1:] - shares[..., :1])
    for name, each in (
        ("share", PERCENT * shares[..., 1:]), ("against_all", points), ("against_usual", beyond),
    ):  # fmt: skip
        middle, low, high = interval(np.moveaxis(each, 1, 0))
        found |= {name: middle.ravel(), f"{name}_low": low.ravel(), f"{name}_high": high.ravel()}
    up = (beyond > 0).mean(axis=1).ravel()
    sure = both_ends(funnel.spec.sure)
    finding = np.where(up >= sure, "strong", np.where(up <= 1 - sure, "weak", "as usual"))
    return found | {"probability_above": PERCENT * up, "finding": finding}


def _none() -> Columns:
    words, none = np.array([], dtype=np.str_), np.array([])
    ends = [f"{name}{end}" for name in ("share", "against_all", "against_usual")
            for end in ("", "_low", "_high")]  # fmt: skip
    return {
        "brand": words, "segment": words, "stage": words,
        "week": np.array([], dtype="datetime64[D]"), "respondents": none,
        **dict.fromkeys(ends, none), "probability_above": none, "finding": words,
    }  # fmt: skip
