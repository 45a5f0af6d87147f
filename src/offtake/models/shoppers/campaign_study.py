"""One campaign as arrays: households that could have been contacted, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offtake.models.kernels.arguments import Flags, Floats
from offtake.models.names import Integers
from offtake.models.shoppers.campaign_plan import Contacts, Plan
from offtake.models.shoppers.campaign_query import DAYS, Levels
from offtake.models.shoppers.campaign_spec import Windows

PER_COVARIATE = 8
"""Contacted households wanted for each covariate."""
FEWEST = 5
LEVELS_FROM = 0.03
"""Share of households from which a level of age, income or size is a covariate of its own."""


@dataclass(frozen=True, slots=True)
class Study:
    """N households around one campaign.

    Parameters
    ----------
    at
        (N,) places of the households among all.
    contacted
        (N,) whether each was sent the campaign.
    levels
        Scope and measure to (N, T) purchases by week.
    windows
        What the weeks are.
    x, names
        (N, K) covariates from before the weeks compared with, and what they are called.
    others
        (N, 4) weeks under other campaigns, the weeks after them counted: before the start, and from
        it on; the same of campaigns for products of the category. A household under two campaigns
        counts twice.
    """

    at: Integers
    contacted: Flags
    levels: Levels
    windows: Windows
    x: Floats
    names: tuple[str, ...]
    others: Floats
    unseen: int = 0

    @property
    def size(self) -> int:
        """How many households."""
        return self.contacted.size


def study(
    levels: Levels,
    windows: Windows,
    *,
    of: tuple[Plan, int, Contacts],
    known: dict[str, Integers],
    redeemed: Floats,
) -> Study:
    """Put one campaign together.

    Parameters
    ----------
    levels
        Purchases of all H households over the weeks of `windows`.
    windows
        Weeks around the start; a placebo's end before the true one.
    of
        The plan, which campaign, and all contacts.
    known
        Codes of what is known of the households, (H,) each.
    redeemed
        (H,) coupons handed in before the start.

    Notes
    -----
    Households that bought nothing anywhere before the start are left out: nothing is known of them.
    """
    plan, campaign, contacts = of
    trips = levels["store", "trips"][:, : windows.history]
    at = np.flatnonzero(trips.sum(axis=1) > 0)
    mine = {name: level[at, : windows.weeks] for name, level in levels.items()}
    contacted = contacts.of(campaign)[at]
    others = _others(plan, campaign, contacts, windows)[at]
    named = _covariates(mine, windows, others, redeemed[at])
    named |= _levels_known({name: code[at] for name, code in known.items()})
    x, names = _chosen(named, int(contacted.sum()))
    unseen = int(contacts.of(campaign).sum() - contacted.sum())
    return Study(at, contacted, mine, windows, x, names, others, unseen)


def _covariates(
    levels: Levels, windows: Windows, others: Floats, redeemed: Floats
) -> dict[str, Floats]:
    """Return covariates by name, the weightiest first."""
    weeks = windows.known
    many = weeks.stop - weeks.start
    late = slice(weeks.stop - many // 2, weeks.stop)
    rate = {name: level[:, weeks].sum(axis=1) / many for name, level in levels.items()}
    lately = {
        name: levels[name][:, late].sum(axis=1) / max(many // 2, 1)
        for name in (("category", "money"), ("store", "money"), ("products", "trips"))
    }
    return {
        "category money": rate["category", "money"],
        "store money": rate["store", "money"],
        "products trips": rate["products", "trips"],
        "store trips": rate["store", "trips"],
        "other campaigns in the category, from the start on": others[:, 3],
        "other campaigns in the category, before": others[:, 2],
        "category money, root": np.sqrt(rate["category", "money"]),
        "brand money": rate["brand", "money"],
        "store money, root": np.sqrt(rate["store", "money"]),
        "other campaigns, from the start on": others[:, 1],
        "other campaigns, before": others[:, 0],
        "category trips": rate["category", "trips"],
        "products units": rate["products", "units"],
        "category money, lately": lately["category", "money"],
        "store money, lately": lately["store", "money"],
        "products trips, lately": lately["products", "trips"],
        "weeks since the category": _since(levels["category", "trips"][:, weeks]),
        "weeks since the store": _since(levels["store", "trips"][:, weeks]),
        "coupons handed in before": np.sqrt(redeemed),
        "category units": rate["category", "units"],
    }


def _since(trips: Floats) -> Floats:
    """Return weeks since the last trip, (N,); all of them where there was none."""
    many = trips.shape[1]
    last = many - 1 - np.argmax(trips[:, ::-1] > 0, axis=1)
    since: Floats = np.where((trips > 0).any(axis=1), many - 1 - last, many).astype(np.float64)
    return since


def _others(plan: Plan, campaign: int, contacts: Contacts, windows: Windows) -> Floats:
    """Return weeks that all households were under other campaigns, (H, 4)."""
    start = plan.start[campaign] - np.timedelta64(DAYS * windows.placebo, "D")
    spans = np.stack([
        _shared(plan, start - np.timedelta64(DAYS * windows.reference, "D"), start, windows.fading),
        _shared(plan, start, start + np.timedelta64(DAYS * windows.post, "D"), windows.fading),
    ], axis=1)  # fmt: skip
    spans[campaign] = 0.0
    spans = np.hstack([spans, spans * (plan.products > 0)[:, None]])
    found = np.zeros((contacts.households.size, 4))
    np.add.at(found, contacts.household, spans[contacts.campaign])
    return found


def _shared(plan: Plan, begin: np.datetime64, end: np.datetime64, fading: int) -> Floats:
    """Return weeks that each campaign shares with the days from `begin` up to `end`, (C,).

    It is taken to act for `fading` weeks after its last day.
    """
    first = np.maximum(plan.start, begin)
    last = np.minimum(plan.stop + np.timedelta64(1 + DAYS * fading, "D"), end)
    shared: Floats = np.maximum((last - first).astype(np.float64), 0.0) / DAYS
    return shared


def _levels_known(known: dict[str, Integers]) -> dict[str, Floats]:
    """Return a covariate for every level of what is known that is not rare, and for knowing it."""
    found: dict[str, Floats] = {}
    for name, code in known.items():
        share = np.bincount(code) / max(code.size, 1)
        for level in np.flatnonzero(share >= LEVELS_FROM):
            label = "not known" if level == 0 else f"level {level}"
            found[f"{name} {label}"] = (code == level).astype(np.float64)
    return found


def _chosen(named: dict[str, Floats], contacted: int) -> tuple[Floats, tuple[str, ...]]:
    """Return as many covariates as the contacted can bear, none a sum of those before it."""
    most = max(FEWEST, contacted // PER_COVARIATE)
    size = len(next(iter(named.values())))
    basis = [np.full(size, 1 / np.sqrt(max(size, 1)))]
    kept: list[str] = []
    for name, values in named.items():
        if len(kept) == most:
            break
        left = _left_over(values, basis)
        if left is not None:
            basis.append(left)
            kept.append(name)
    columns = [named[name] for name in kept]
    return (np.column_stack(columns) if columns else np.zeros((size, 0))), tuple(kept)


def _left_over(values: Floats, basis: list[NDArray[np.float64]]) -> Floats | None:
    """Return the direction that a covariate adds to a basis; None where it adds hardly any."""
    spread = values - values.mean()
    size = float(np.linalg.norm(spread))
    if not size > 0:
        return None
    left = spread
    for _ in range(2):
        for each in basis:
            left = left - (each @ left) * each
    length = float(np.linalg.norm(left))
    return left / length if length > 1e-4 * size else None
