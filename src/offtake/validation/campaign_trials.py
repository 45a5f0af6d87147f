"""Trials of campaigns: what they added, against the same worlds in which nobody answered them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from offtake.data.store import Store
from offtake.models.kernels.arguments import Floats
from offtake.models.names import Names
from offtake.models.shoppers.campaign_effects import Outcome, Totals
from offtake.models.shoppers.campaign_fit import CampaignFit, CampaignFits, fit_campaigns
from offtake.models.shoppers.campaign_query import Levels, purchases
from offtake.models.shoppers.campaign_spec import CampaignSpec, Windows
from offtake.models.shoppers.campaign_summary import summary
from offtake.twin.build import build
from offtake.twin.load import load_twin
from offtake.twin.spec import TwinSpec
from offtake.twin.truth import read_truth
from offtake.validation.promotion_effect_trials import Found
from offtake.validation.promotion_trials import CATEGORIES
from offtake.validation.scores import Estimates
from offtake.validation.trial import Trial

CONTRACTS = (
    "product", "household", "basket_line", "campaign", "campaign_contact", "coupon", "redemption",
)  # fmt: skip
UNSENT = "unsent"
"""Folder, within a world's, of the same world in which nobody answers campaigns."""
TOLD: tuple[Outcome, ...] = (
    ("products", "units", "total"),
    ("products", "money", "total"),
    ("products", "trips", "during"),
    ("products", "households", "during"),
    ("category", "money", "total"),
)
MAIN = TOLD[0]
Told = tuple[float, float, float]
"""Estimate, standard error, and the degrees of freedom of the error."""
SPEC = CampaignSpec(control_categories=0, draws=100)
WORLD = TwinSpec(
    stores=20,
    weeks=78,
    items=12,
    categories=CATEGORIES,
    households=4000,
    respondents=0,
    stock_weeks=1,
)
"""Six campaigns of four weeks, each to a third of the households, heavy buyers first. The first
begins in the fifth week, too soon to be judged."""
CROWDED = replace(WORLD, campaign_every=3)
"""Twenty-six campaigns: one for a brand every six weeks, each acting for eight."""
IDLE = replace(WORLD, without=frozenset({"campaigns"}))


@dataclass(frozen=True, slots=True)
class _Pair:
    """What the households of one campaign bought, and would have bought had nobody answered it."""

    fit: CampaignFit
    windows: Windows
    bought: Levels
    anyway: Levels


def make_pair(spec: TwinSpec, folder: Path) -> None:
    """Write a world, and within its folder the same one in which nobody answers campaigns."""
    build(spec, folder)
    build(replace(spec, without=spec.without | {"campaigns"}), folder / UNSENT)


def fit_pairs(folder: Path, _seed: int) -> Estimates:
    """Judge all campaigns of a world.

    Returns
    -------
    Estimates
        Per category: what all campaigns together added for the households compared, beside the
        difference to the world in which nobody answered them.
    """
    found = Found()
    for category, fits, pairs in _worlds(folder):
        together = summary(fits)
        for outcome in TOLD:
            true = sum(_true(pair, outcome) for pair in pairs)
            told = _told(together.outcomes, together.totals, outcome)
            _add(found, f"{' '.join(outcome)}, {category}", true, told)
    return found.estimates


def fit_single(folder: Path, _seed: int) -> Estimates:
    """Judge all campaigns of a world, one by one.

    Returns
    -------
    Estimates
        Units that the first and the last campaign of each category added.
    """
    found = Found()
    for category, _, pairs in _worlds(folder):
        for name, pair in (("first", pairs[0]), ("last", pairs[-1])):
            if pair.fit.effects is None:
                continue
            told = _told(pair.fit.effects.outcomes, pair.fit.effects.totals, MAIN)
            _add(found, f"{name} campaign, {category}", _true(pair, MAIN), told)
    return found.estimates


def _add(found: Found, name: str, true: float, told: Told) -> None:
    """Add what is told of one outcome, with its degrees of freedom."""
    estimate, error, found.degrees = told
    found.add(name, true, estimate, error)


def _told(outcomes: tuple[Outcome, ...], totals: Totals | None, outcome: Outcome) -> Told:
    if totals is None:
        return np.nan, np.nan, np.inf
    at = outcomes.index(outcome)
    return float(totals.incremental[at]), float(totals.errors[at]), float(totals.degrees[at])


def fit_plain(folder: Path, _seed: int) -> Estimates:
    """Judge campaigns by what is easily said of them: must show a bias.

    Returns
    -------
    Estimates
        Per category: units of the contacted beside those of the others, and beside their own
        before; with errors as if households had been drawn by lot.
    """
    found = Found()
    for category, _, pairs in _worlds(folder):
        true = sum(_true(pair, MAIN) for pair in pairs)
        for name, of in (("contacted less others", _contrast), ("after less before", _change)):
            parts = np.array([of(pair) for pair in pairs])
            error = float(np.sqrt((parts[:, 1] ** 2).sum()))
            found.add(f"{name}, {category}", true, float(parts[:, 0].sum()), error)
    return found.estimates


def _worlds(folder: Path) -> list[tuple[str, CampaignFits, list[_Pair]]]:
    """Return the campaigns of every category that could be told, with the world without them."""
    worlds = []
    with Store(":memory:", "twin") as store, Store(":memory:", "twin") as unsent:
        load_twin(store, folder, contracts=CONTRACTS)
        load_twin(unsent, folder / UNSENT, contracts=CONTRACTS)
        for category in CATEGORIES:
            fits = fit_campaigns(store, store.tables(), category, spec=SPEC)
            pairs = []
            for fit in fits.fits:
                if fit.effects is None or fit.windows is None:
                    continue
                read = partial(
                    purchases, category=category, of=(fits.plan, fit.campaign),
                    within=(fits.contacts, fit.windows),
                )  # fmt: skip
                both = (read(each, each.tables()) for each in (store, unsent))
                pairs.append(_Pair(fit, fit.windows, *both))
            worlds.append((category, fits, pairs))
    return worlds


def _true(pair: _Pair, outcome: Outcome) -> float:
    """Return what the households compared bought more than in the world without campaigns."""
    if pair.fit.effects is None:
        return 0.0
    one = pair.fit.effects.compared
    mine = one.at[one.contacted]
    sent, unsent = (_amount(each, pair.windows, outcome)[mine].sum() for each in
                    (pair.bought, pair.anyway))  # fmt: skip
    return float(sent - unsent)


def _amount(levels: Levels, windows: Windows, outcome: Outcome) -> Floats:
    scope, measure, period = outcome
    if measure == "households":
        trips = (levels[scope, "trips"][:, windows.period(period)] > 0).any(axis=1)
        return np.asarray(trips, dtype=np.float64)
    units: Floats = levels[scope, measure][:, windows.period(period)].sum(axis=1)
    return units


def _contrast(pair: _Pair) -> tuple[float, float]:
    """Return the units of the contacted less as many of the others, and the error."""
    one = pair.fit.effects.compared if pair.fit.effects else None
    if one is None:
        return 0.0, 0.0
    units = _amount(pair.bought, pair.windows, MAIN)[one.at]
    mine, others = units[one.contacted], units[~one.contacted]
    error = np.sqrt(mine.var() / mine.size + others.var() / others.size)
    return float(mine.size * (mine.mean() - others.mean())), float(mine.size * error)


def _change(pair: _Pair) -> tuple[float, float]:
    """Return the units of the contacted less those of as many weeks before, and the error."""
    one = pair.fit.effects.compared if pair.fit.effects else None
    if one is None:
        return 0.0, 0.0
    windows = pair.windows
    mine = one.at[one.contacted]
    units = pair.bought["products", "units"][mine]
    before = units[:, windows.before].sum(axis=1) * windows.post / windows.reference
    change = units[:, windows.period("total")].sum(axis=1) - before
    return float(change.sum()), float(np.sqrt(change.size) * change.std())


def fit_crowded(folder: Path, _seed: int) -> Estimates:
    """Judge campaigns that follow so close on each other that their effects overlap.

    Returns
    -------
    Estimates
        Per category: units and money that all campaigns together added for the households compared,
        beside the sum of what each was expected to add (truth table campaign_household).
    """
    found = Found()
    truth = read_truth(folder, "campaign_household")
    named = np.char.add(*(np.asarray(truth[name].to_pylist(), np.str_) for name in
                          ("campaign_id", "household_id")))  # fmt: skip
    order = np.argsort(named)
    with Store(":memory:", "twin") as store:
        load_twin(store, folder, contracts=CONTRACTS)
        for category in CATEGORIES:
            fits = fit_campaigns(store, store.tables(), category, spec=SPEC)
            together = summary(fits)
            at = order[np.searchsorted(named[order], _compared(fits))]
            for measure, column in (("units", "incremental_units"), ("money", "incremental_value")):
                true = float(truth[column].to_numpy()[at].sum())
                told = _told(together.outcomes, together.totals, ("products", measure, "total"))
                _add(found, f"{measure}, {category}", true, told)
    return found.estimates


def _compared(fits: CampaignFits) -> Names:
    """Return campaign and household, written together, of all contacted that are compared."""
    parts = [
        np.char.add(
            str(fits.plan.ids[fit.campaign]), fits.contacts.households[one.at[one.contacted]]
        )
        for fit in fits.fits
        if fit.effects is not None
        for one in (fit.effects.compared,)
    ]
    return np.concatenate(parts)


_HOLDS = (
    "what the households compared bought more than in the same world in which nobody answers "
    "campaigns: the very same purchases otherwise"
)

TRIALS = (
    Trial(
        name="campaigns",
        title="Campaigns to chosen households: doubly-robust difference-in-differences, all of a "
        "category together",
        holds=_HOLDS,
        spec=WORLD,
        fit=fit_pairs,
        make=make_pair,
    ),
    Trial(
        name="campaigns-single",
        title="The same, campaigns one by one",
        holds=_HOLDS,
        spec=WORLD,
        fit=fit_single,
        make=make_pair,
    ),
    Trial(
        name="campaigns-nothing",
        title="The same where campaigns do nothing: an effect is found by chance only",
        holds="nothing: 100 less the coverage is the false-positive rate",
        spec=IDLE,
        fit=fit_pairs,
        make=make_pair,
    ),
    Trial(
        name="campaigns-plain",
        title="The contacted beside the others, and beside themselves before: must show a bias",
        holds=_HOLDS,
        spec=WORLD,
        fit=fit_plain,
        make=make_pair,
    ),
    Trial(
        name="campaigns-crowded",
        title="The same where a campaign for a brand begins before the last one has worn off",
        holds="what each campaign was expected to add (truth table campaign_household)",
        spec=CROWDED,
        fit=fit_crowded,
    ),
)
