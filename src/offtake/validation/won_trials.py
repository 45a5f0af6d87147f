"""Trials of how buyers were won: what won them, and what being won on a deal does to repeat.

In the twin a household that first bought a brand at a cut price makes each later purchase of it
with a probability below 1. The same world without that, made beside, tells of every household
whether it would have come back: the truth is the mean difference over those won by a trigger.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from offtake.data.store import Store
from offtake.measures.loyalty import FOLLOW_UP_WEEKS
from offtake.models.shoppers.won_effects import effects
from offtake.models.shoppers.won_rows import Flags, Floats, Integers, WonRows, won_rows
from offtake.models.shoppers.won_spec import LEVEL, WonSpec
from offtake.models.shoppers.won_triggers import (
    DEAL,
    DISPLAY,
    FULL_PRICE,
    LEAFLET,
    TRIGGERS,
    after,
    triggers,
)
from offtake.twin.assumptions import ASSUMPTIONS
from offtake.twin.load import load_twin
from offtake.twin.market.shelf import blocks_of_stores, shelf
from offtake.twin.market.world import make_world
from offtake.twin.output.folder import read_manifest
from offtake.twin.shoppers.baskets import baskets
from offtake.twin.shoppers.campaigns import draw_campaigns
from offtake.twin.shoppers.households import draw_households
from offtake.twin.spec import TwinSpec
from offtake.twin.truth import read_truth
from offtake.validation.promotion_effect_trials import Found
from offtake.validation.scores import Estimates
from offtake.validation.trial import Trial

CATEGORY = "BAG SNACKS"
TABLES = (
    "product", "store", "basket_line", "promotion", "campaign", "coupon", "redemption", "household",
    "unit_margin",
)  # fmt: skip
TRIED = (DISPLAY, LEAFLET, DEAL)
BRANDS = 3
"""Brands, those with most first-time buyers, whose own differences are held to the truth."""
DAYS = 7
WORLD = TwinSpec(
    stores=20,
    weeks=78,
    items=12,
    categories=(CATEGORY,),
    households=3000,
    respondents=0,
    stock_weeks=0,
)


def fit_won(folder: Path, seed: int) -> Estimates:
    """Tell what won the buyers of a twin, and compare their repeat with full-price buyers'.

    Returns
    -------
    Estimates
        The share of first purchases whose trigger is told rightly, beside 1; by trigger the
        difference in repeat to buyers like them won at full price, over all brands and for the
        largest ones, and the difference as counted.
    """
    rows = _rows(folder)
    won, then, spec = triggers(rows), after(rows), WonSpec(seed=seed % 2**31)
    told = effects(rows, won, then, spec)
    lost = _lost(folder, rows)
    found = Found()
    right = float(np.mean(_true_triggers(folder, rows) == won.trigger))
    error = float(np.sqrt(right * (1 - right) / max(rows.trials.size, 1)))
    found.add("first purchases whose trigger is told rightly", 1.0, right, error)
    brands = np.argsort(-np.bincount(rows.trials.group, minlength=rows.groups.size))[:BRANDS]
    for kind in TRIED:
        name, mine = TRIGGERS[kind], then.followed & (won.trigger == kind)
        truth = float(lost[mine].mean())
        found.add(f"{name}, adjusted", truth, float(told.overall[kind]),
                  float(told.overall_error[kind]))  # fmt: skip
        base = then.followed & (won.trigger == FULL_PRICE)
        found.add(f"{name}, as counted", truth, *_counted(then.again, mine, base))
        for rank, brand in enumerate(brands, start=1):
            here = mine & (rows.trials.group == brand)
            found.add(
                f"{name}, adjusted, brand {rank}",
                float(lost[here].mean()) if here.any() else 0.0,
                float(told.pooled[brand, kind]),
                _error(told.low[brand, kind], told.high[brand, kind]),
            )
    return found.estimates


def _rows(folder: Path) -> WonRows:
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=TABLES)
        return won_rows(store, store.tables(), CATEGORY)


def _error(low: float, high: float) -> float:
    """Return the standard error of which an interval of `LEVEL` is as wide."""
    from scipy import stats

    return float((high - low) / 2 / stats.norm.ppf(0.5 + LEVEL / 2))


def _counted(again: Flags, mine: Flags, base: Flags) -> tuple[float, float]:
    shares = [float(again[each].mean()) for each in (mine, base)]
    variances = [share * (1 - share) / each.sum() for share, each in zip(shares, (mine, base),
                                                                        strict=True)]  # fmt: skip
    return shares[0] - shares[1], float(np.sqrt(sum(variances)))


def _true_triggers(folder: Path, rows: WonRows) -> Integers:
    """Return the true trigger of every first purchase, (T,); -1 where the truth has none."""
    truth = read_truth(folder, "trial")
    columns = [truth[name].to_pylist() for name in ("household_id", "brand", "date", "trigger")]
    told = {key[:3]: TRIGGERS.index(key[3]) for key in zip(*columns, strict=True)}
    trials = rows.trials
    days = (rows.first_day + trials.day).tolist()
    keys = zip(rows.households[trials.household], rows.groups[trials.group], days, strict=True)
    return np.array([told.get((str(home), str(brand), day), -1) for home, brand, day in keys])


def _lost(folder: Path, rows: WonRows) -> Floats:
    """Return what being won on a deal did to repeat in the follow-up, (T,): -1, or 0 for nothing.

    The world is made again with every later purchase kept.
    """
    spec = _spec(folder)
    world = make_world(spec, replace(ASSUMPTIONS, deal_won_repeat=1.0))
    homes = draw_households(world)
    campaigns = draw_campaigns(world, homes)
    parts = [
        baskets(world, homes, campaigns, of=of, blocks=shelf(world, of)).tables["basket_line"]
        for of in blocks_of_stores(world)
    ]
    brand_of = dict(zip(world.items.ids, world.brands.names[world.items.brand], strict=True))
    free = _again(rows, pa.concat_tables(parts).unify_dictionaries(), brand_of)
    held = (rows.trials.again >= 0) & (rows.trials.again <= DAYS * FOLLOW_UP_WEEKS)
    return held.astype(np.float64) - free


def _spec(folder: Path) -> TwinSpec:
    from datetime import date

    words = read_manifest(folder)["spec"]
    changed = {
        "first_week": date.fromisoformat(words["first_week"]),
        "without": frozenset(words["without"]),
        "categories": tuple(words["categories"]),
    }
    return TwinSpec(**(words | changed))


def _again(rows: WonRows, lines: pa.Table, brand_of: dict[str, str]) -> Flags:
    """Return whether each first purchase is followed by another in the follow-up, (T,)."""
    columns = {name: lines[name].to_numpy(zero_copy_only=False)
               for name in ("household_id", "product_id", "date")}  # fmt: skip
    brand = np.array([brand_of[item] for item in columns["product_id"]])
    span = rows.last + 2 + DAYS * FOLLOW_UP_WEEKS
    home = np.searchsorted(rows.households, columns["household_id"].astype(np.str_))
    group = np.searchsorted(rows.groups, brand)
    day = (columns["date"].astype("datetime64[D]") - rows.first_day).astype(np.int64)
    kept = day >= 0
    key = np.unique(((home * rows.groups.size + group) * span + day)[kept])
    trials = rows.trials
    pair = (trials.household * rows.groups.size + trials.group) * span + trials.day
    following = np.searchsorted(key, pair, side="right")
    found: Flags = key[np.minimum(following, key.size - 1)] - pair <= DAYS * FOLLOW_UP_WEEKS
    return found & (following < key.size)


TRIALS = (
    Trial(
        name="won",
        title="How buyers were won: what won them, and repeat after a deal, a display, a leaflet "
        "less that of buyers like them at full price",
        holds="what being won at a cut price did to each household's repeat (the same world "
        "without it), and the triggers (truth table trial)",
        spec=WORLD,
        fit=fit_won,
    ),
)
