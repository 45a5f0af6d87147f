"""What one campaign changed: comparable households, effects by outcome and period, and by week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.models.kernels.arguments import Flags, Floats
from offtake.models.kernels.doubly_robust import Correction, Effect, doubly_robust, proportional
from offtake.models.kernels.influence_bands import band_factor, degrees_of_freedom
from offtake.models.kernels.normal_ends import student_ends
from offtake.models.kernels.tilting import (
    contact_probability,
    effective_size,
    standardised_differences,
    tilting,
)
from offtake.models.names import Integers
from offtake.models.shoppers.campaign_query import COUNTED
from offtake.models.shoppers.campaign_spec import PERIODS, SCOPES, CampaignSpec, Trend, Windows
from offtake.models.shoppers.campaign_study import Study

PENALTY = 0.01
"""Penalty of weights, times the share contacted: a covariate may stay so many standard deviations
out of balance for each unit that its coefficient would need."""
Outcome = tuple[str, str, str]
WEEKLY = (("products", "units"), ("products", "money"), ("category", "money"))


@dataclass(frozen=True, slots=True)
class Compared:
    """The n households of a study that are compared.

    Parameters
    ----------
    at
        (n,) their places among all households.
    within
        (n,) their places in the study.
    contacted, x
        (n,) and (n, K) as in the study.
    odds
        (n,) weights of those not contacted.
    outside
        Contacted households left out: nobody was as likely and not contacted, or nothing is known
        of them before the start.
    effective
        How many equally weighted households those not contacted are worth.
    before, after
        (K,) standardised differences without and with weights.
    """

    at: Integers
    within: Integers
    contacted: Flags
    x: Floats
    odds: Floats
    outside: int
    effective: float
    before: Floats
    after: Floats

    @property
    def many(self) -> int:
        """Contacted households that are compared."""
        return int(self.contacted.sum())

    @property
    def controls(self) -> int:
        """Households not contacted."""
        return int(self.contacted.size - self.many)


@dataclass(frozen=True, slots=True)
class Totals:
    """Effects on all contacted households together, on M outcomes.

    Parameters
    ----------
    bought
        (M,) what they bought.
    incremental
        (M,) what of it they would not have bought.
    pull, own
        (n, M) how much every household moved `incremental` and `bought`: what leaving it out takes
        away. Errors are the root of the sum of squares, so that campaigns to the same households
        add up row by row.
    """

    bought: Floats
    incremental: Floats
    pull: Floats
    own: Floats

    @property
    def baseline(self) -> Floats:
        """(M,) what they would have bought anyway."""
        return self.bought - self.incremental

    @property
    def lift(self) -> Floats:
        """(M,) incremental over baseline; NaN where the baseline is not positive."""
        base = self.baseline
        nothing = np.full_like(base, np.nan)
        return np.divide(self.incremental, base, out=nothing, where=base > 0)

    @property
    def errors(self) -> Floats:
        """(M,) standard errors of `incremental`."""
        found: Floats = np.sqrt((self.pull**2).sum(axis=0))
        return found

    @property
    def lift_errors(self) -> Floats:
        """(M,) standard errors of `lift`; NaN where there is none."""
        base = np.where(self.baseline > 0, self.baseline, np.nan)
        moved = (self.pull * self.bought - self.own * self.incremental) / base**2
        found: Floats = np.sqrt((moved**2).sum(axis=0))
        return found

    @property
    def degrees(self) -> Floats:
        """(M,) degrees of freedom of `errors`: few where few households tell nearly all."""
        return degrees_of_freedom(self.pull)

    def reach(self, level: float) -> Floats:
        """Return how many errors an interval reaches to either side, (M,)."""
        return student_ends(level, self.degrees)


def compared(study: Study, spec: CampaignSpec) -> Compared | None:
    """Find households to compare with, and weigh them; None where there are none on a side."""
    chosen = study.contacted
    if not 0 < chosen.sum() < chosen.size:
        return None
    penalty = PENALTY * float(chosen.mean())
    sure = contact_probability(chosen, study.x, penalty=penalty).probability
    inside = np.flatnonzero(~chosen | (sure <= spec.most_certain))
    contacted, x = chosen[inside], study.x[inside]
    if not contacted.any():
        return None
    odds = tilting(contacted, x, penalty=penalty).odds
    return Compared(
        at=study.at[inside],
        within=inside,
        contacted=contacted,
        x=x,
        odds=odds,
        outside=int(chosen.sum() - contacted.sum()) + study.unseen,
        effective=effective_size(odds[~contacted]),
        before=standardised_differences(x, contacted, np.ones(x.shape[0])),
        after=standardised_differences(x, contacted, odds),
    )


def estimated(
    one: Compared,
    after: Floats,
    before: Floats,
    trend: Trend,
    *,
    correction: Correction = "jackknife",
) -> Effect:
    """Return the mean effect on the contacted from (n, M) levels after and before.

    Levels before are per as many weeks as levels after.
    """
    if trend == "proportional":
        return proportional(
            after, before, one.contacted, one.x, odds=one.odds, correction=correction
        )
    return doubly_robust(after - before, one.contacted, one.x, one.odds, correction=correction)


def totals(
    one: Compared,
    after: Floats,
    before: Floats,
    trend: Trend,
    *,
    correction: Correction = "jackknife",
) -> Totals:
    """Return effects on all contacted households together; arguments as of :func:`estimated`."""
    found = estimated(one, after, before, trend, correction=correction)
    many, size = one.many, one.contacted.size
    level = after[one.contacted].mean(axis=0)
    pull = found.influence * (many / size)
    own = np.where(one.contacted[:, None], after - level, 0.0)
    return Totals(level * many, found.effect * many, pull, own)


def outcomes(windows: Windows) -> tuple[Outcome, ...]:
    """Return scope, measure and period of everything that can be told with these weeks.

    Whether a household bought at all needs as many weeks before as after the start.
    """
    found: list[Outcome] = []
    for period in PERIODS:
        weeks = windows.period(period)
        many = weeks.stop - weeks.start
        if many < 1:
            continue
        found += [(scope, measure, period) for scope, measure in COUNTED]
        if many <= windows.reference:
            found += [(scope, "households", period) for scope in SCOPES]
    return tuple(found)


def measured(study: Study, named: tuple[Outcome, ...]) -> tuple[Floats, Floats]:
    """Return levels after and before, (N, M) each, for outcomes of :func:`outcomes`."""
    after, before = np.zeros((study.size, len(named))), np.zeros((study.size, len(named)))
    windows = study.windows
    for place, (scope, measure, period) in enumerate(named):
        weeks = windows.period(period)
        many = weeks.stop - weeks.start
        if measure == "households":
            trips = study.levels[scope, "trips"]
            same = slice(windows.history - many, windows.history)
            after[:, place] = (trips[:, weeks] > 0).any(axis=1)
            before[:, place] = (trips[:, same] > 0).any(axis=1)
        else:
            level = study.levels[scope, measure]
            scale = many / windows.reference
            after[:, place] = level[:, weeks].sum(axis=1)
            before[:, place] = scale * level[:, windows.before].sum(axis=1)
    return after, before


@dataclass(frozen=True, slots=True)
class ByWeek:
    """Effects week by week for M outcomes of `WEEKLY`.

    Parameters
    ----------
    week
        (W,) weeks from the start, negative before it.
    totals
        Of M * W outcomes, week after week of the first, then of the next.
    band
        (M,) standard errors that a band must reach to hold all weeks from the start on.
    """

    week: Integers
    totals: Totals
    band: Floats


def by_week(study: Study, one: Compared, spec: CampaignSpec) -> ByWeek:
    """Return the effects of every week, each compared with the mean week before the start."""
    windows = study.windows
    weeks = slice(windows.before.start, windows.weeks)
    after, before = [], []
    for name in WEEKLY:
        level = study.levels[name][one.within]
        after.append(level[:, weeks])
        mean = level[:, windows.before].mean(axis=1)
        before.append(np.repeat(mean[:, None], after[-1].shape[1], axis=1))
    found = totals(one, np.hstack(after), np.hstack(before), spec.trend)
    many = weeks.stop - weeks.start
    bands = [
        band_factor(
            found.pull[:, first + windows.reference : first + many],
            level=spec.level, draws=spec.draws, seed=spec.seed,
        )
        for first in range(0, many * len(WEEKLY), many)
    ]  # fmt: skip
    return ByWeek(np.arange(-windows.reference, windows.post), found, np.array(bands))
