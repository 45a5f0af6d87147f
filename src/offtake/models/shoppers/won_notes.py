"""What to beware of in how buyers were won, and the rules of kinds of buyers, in words."""

from __future__ import annotations

import numpy as np

from offtake.measures.first_purchases import WASHOUT_WEEKS
from offtake.measures.loyalty import FOLLOW_UP_WEEKS
from offtake.models.shoppers.buyer_types import LOADER, Buyers
from offtake.models.shoppers.won_query import LEAST_DEAL
from offtake.models.shoppers.won_rows import Floats, WonRows
from offtake.models.shoppers.won_spec import WonSpec
from offtake.models.shoppers.won_triggers import FULL_PRICE, NOT_KNOWN, TRIGGERS, Triggers

PERCENT = 100.0


def rules(spec: WonSpec) -> tuple[str, ...]:
    """Return the rule of every kind of buyer, in the order of ``TYPES``.

    Examples
    --------
    >>> rules(WonSpec())[1]
    'bought on one day only'
    """
    return (
        f"first bought in the last {FOLLOW_UP_WEEKS} weeks: too late to tell",
        "bought on one day only",
        f"on days with a deal buys at least {spec.loading_units:g} times as much of the category "
        f"as on others, then waits at least {spec.loading_wait:g} times as long; "
        f"{spec.loading_days} days of each or more",
        "never bought but on deal, on two days or more",
        f"covers {PERCENT * spec.loyal:.0f} % or more of the category's units with it",
        "all other buyers",
    )


def won_notes(rows: WonRows, won: Triggers, buyers: Buyers, liking: Floats) -> tuple[str, ...]:
    """Say what to beware of, the gravest first.

    Parameters
    ----------
    rows, won
        First purchases and what won them.
    buyers
        Every buyer with its kind.
    liking
        (S,) what was taken out of the differences because support wins those who like a group
        less, by trigger of ``SUPPORTED``; NaN where it is not told.
    """
    return (
        *_trials(rows, won), *_support(rows, won), *_liking(won, liking), *_loaders(buyers),
        *_always(),
    )  # fmt: skip


def _trials(rows: WonRows, won: Triggers) -> list[str]:
    if not rows.trials.size:
        return [
            f"Nobody bought for the first time: {WASHOUT_WEEKS} weeks of baskets must be loaded "
            "before a purchase can be called a first one."
        ]
    if not np.any(won.trigger == FULL_PRICE):
        return ["Nobody was won at full price: there is nothing to compare other buyers with."]
    return []


def _support(rows: WonRows, won: Triggers) -> list[str]:
    if not rows.has_promotions:
        return [
            "No promotions are loaded: who was won on display or by a leaflet counts as won on "
            "deal or at full price."
        ]
    share = float(np.mean(won.trigger == NOT_KNOWN)) if rows.trials.size else 0.0
    if share > 0:
        return [
            f"{PERCENT * share:.1f} % of first purchases were made in stores whose displays and "
            "leaflets nobody reports; they stand apart as 'not known'."
        ]
    return []


def _liking(won: Triggers, liking: Floats) -> list[str]:
    there = np.bincount(won.trigger, minlength=len(TRIGGERS))[: liking.size] > 0
    told = [
        f"{TRIGGERS[kind]} {PERCENT * liking[kind]:+.1f}"
        for kind in np.flatnonzero(there & np.isfinite(liking))
    ]
    untold = [TRIGGERS[kind] for kind in np.flatnonzero(there & ~np.isfinite(liking))]
    notes = []
    if told:
        notes.append(
            "Support wins households that like a group less, of which fewer come back whatever won "
            f"them. Taken out of the differences, in points of repeat: {', '.join(told)}."
        )
    if untold and np.any(won.trigger == FULL_PRICE):
        notes.append(
            "How many fewer come back because support wins households that like a group less is "
            f"not told for: {', '.join(untold)}. It stays in these differences."
        )
    return notes


def _loaders(buyers: Buyers) -> list[str]:
    found, chance = int(np.sum(buyers.type == LOADER)), float(buyers.by_chance.sum())
    if not found:
        return []
    return [
        f"{found} buyers look like pantry loaders; {chance:.0f} would if their days on deal fell "
        "at random, so not every one of them is."
    ]


def _always() -> list[str]:
    return [
        "Differences in repeat are between buyers who are alike in what is known of them. Nobody "
        "drew lots who is won how: it is no experiment.",
        "First-time means new in the loaded weeks: who buys less often than every "
        f"{WASHOUT_WEEKS} weeks can look new.",
        f"On deal means at least {LEAST_DEAL:g} % below the regular price, or a cut that was "
        "reported; prices for holders of a loyalty card count. Displays and leaflets are reported "
        "by week, so some who are counted as won on display came on a day without it.",
        "Kinds of buyers say what households did. What they would do if deals stopped is not told.",
    ]
