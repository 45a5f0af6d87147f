"""All campaigns of a category together: what they did, and how often their checks fail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from offtake.models.shoppers.campaign_checks import FALSE, Check
from offtake.models.shoppers.campaign_effects import Outcome, Totals
from offtake.models.shoppers.campaign_fit import MAIN, CampaignFit, CampaignFits
from offtake.models.shoppers.campaign_grade import (
    CANNOT_TELL,
    GRADES,
    LEAST,
    REASONS,
    WIDTHS,
    Grade,
)
from offtake.models.shoppers.campaign_spec import CampaignSpec

ALL = "all"
TESTS = ("pre_trend", "placebo", "control_category")


@dataclass(frozen=True, slots=True)
class Summary:
    """All campaigns together.

    Parameters
    ----------
    outcomes, totals
        Sums over the campaigns that can be told, of M outcomes; None where there is none.
    checks
        How often the tests of all campaigns fail.
    grade
        How far to trust the sum.
    """

    outcomes: tuple[Outcome, ...]
    totals: Totals | None
    checks: tuple[Check, ...]
    grade: Grade


def summary(found: CampaignFits) -> Summary:
    """Add up the campaigns that can be told.

    Campaigns go to the same households, so their errors go together: how much a household moved
    each of them is added up before it is squared.
    """
    told = [fit for fit in found.fits if fit.effects is not None and fit.grade.told]
    checks = tuple(_rates(found))
    if not told:
        return Summary((), None, checks, Grade(CANNOT_TELL, ("none",)))
    outcomes = tuple(dict.fromkeys(
        outcome for fit in told if fit.effects for outcome in fit.effects.outcomes
    ))  # fmt: skip
    totals = _sum(told, outcomes, found.contacts.households.size)
    held = _held(told)
    return Summary(outcomes, totals, checks, _grade((outcomes, totals), checks, held, found.spec))


def _held(told: list[CampaignFit]) -> set[str]:
    """Return what holds down the grades of campaigns that weigh more than half of the sum."""
    weights: dict[str, float] = {}
    whole = 0.0
    for fit in told:
        if fit.effects is None:
            continue
        weight = float(fit.effects.totals.bought[fit.effects.outcomes.index(MAIN)])
        whole += weight
        for reason in fit.grade.reasons:
            weights[reason] = weights.get(reason, 0.0) + weight
    return {name for name, weight in weights.items() if name in LEAST and 2 * weight > whole}


def _sum(told: list[CampaignFit], outcomes: tuple[Outcome, ...], households: int) -> Totals:
    many = len(outcomes)
    bought, incremental = np.zeros(many), np.zeros(many)
    pull, own = np.zeros((households, many)), np.zeros((households, many))
    for fit in told:
        if fit.effects is None:
            continue
        at, mine = fit.effects.compared.at, fit.effects.totals
        place = np.array([outcomes.index(each) for each in fit.effects.outcomes])
        bought[place] += mine.bought
        incremental[place] += mine.incremental
        pull[np.ix_(at, place)] += mine.pull
        own[np.ix_(at, place)] += mine.own
    return Totals(bought, incremental, pull, own)


def _rates(found: CampaignFits) -> list[Check]:
    """Return how often tests fail that only chance should fail, in percent."""
    chance = 1 - found.spec.level
    rates = []
    for kind in TESTS:
        values = np.array([
            check.p_value for fit in found.fits if fit.effects is not None
            for check in fit.checks if check.kind == kind
        ])  # fmt: skip
        for limit in (FALSE, chance):
            if not values.size:
                continue
            failed = int((values < limit).sum())
            p_value = float(stats.binomtest(failed, values.size, limit, "greater").pvalue)
            low, high = stats.binomtest(failed, values.size).proportion_ci(0.95, "wilson")
            rates.append(Check(
                f"{kind}_rate", f"of {values.size} tests, by chance {100 * limit:.0f}",
                100 * failed / values.size, 100 * low, 100 * high, p_value, "percent",
                p_value >= FALSE / (2 * len(TESTS)),  # as many rates are looked at
            ))  # fmt: skip
    return rates


def _grade(
    sums: tuple[tuple[Outcome, ...], Totals],
    checks: tuple[Check, ...],
    shared: set[str],
    spec: CampaignSpec,
) -> Grade:
    outcomes, totals = sums
    at = outcomes.index(MAIN)
    known = totals.baseline[at] >= spec.least_units
    half = float(totals.reach(spec.level)[at] * totals.lift_errors[at]) if known else np.inf
    wide = int(np.searchsorted(WIDTHS, half))
    names = {"placebo_rate": "placebo", "pre_trend_rate": "pre_trend",
             "control_category_rate": "controls"}  # fmt: skip
    held = {names[each.kind] for each in checks if not each.passed} | shared
    place = max([wide, *(LEAST[name] for name in held)])
    held |= {"wide"} if wide == place and wide > 0 else set()
    return Grade(GRADES[place], tuple(name for name in REASONS if name in held))
