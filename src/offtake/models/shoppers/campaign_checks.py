"""What would give a campaign's effect away as wrong: effects where there can be none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.doubly_robust import Correction
from offtake.models.kernels.influence_bands import degrees_of_freedom, joint_test
from offtake.models.shoppers.campaign_effects import (
    ByWeek,
    Compared,
    Totals,
    compared,
    measured,
    outcomes,
    totals,
)
from offtake.models.shoppers.campaign_spec import CampaignSpec
from offtake.models.shoppers.campaign_study import Study

BLOCKS = 4
"""Stretches of weeks before the start that a trend is looked for in, at most."""
FALSE = 0.05
"""Chance below which a test has failed."""
STRICT: Correction = "leverage"
"""Errors of checks: those of effects are on the careful side where few households are comparable,
and a check should not pass for that."""
PRE_TREND = (("products", "money"), ("category", "money"))
PLACEBO = (
    ("products", "units", "total"),
    ("products", "households", "total"),
    ("category", "money", "total"),
    ("store", "money", "total"),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one campaign.

    Parameters
    ----------
    kind
        ``pre_trend``, ``placebo``, ``control_category``, ``overlap``, ``balance`` or
        ``other_campaigns``.
    item
        Of what: an outcome, a category, a covariate.
    value, low, high
        What was found, with its interval where it has one; NaN where it has none.
    p_value
        Chance of as much if nothing were wrong; NaN where it is no test.
    unit
        Unit of the value.
    passed
        Whether it speaks for the campaign's effect.
    """

    kind: str
    item: str
    value: float
    low: float
    high: float
    p_value: float
    unit: str
    passed: bool


def pre_trend(weeks: ByWeek, names: tuple[tuple[str, str], ...]) -> list[Check]:
    """Test whether the contacted moved apart from the others before the start.

    Parameters
    ----------
    weeks
        Effects by week.
    names
        Scope and measure of its outcomes.
    """
    many = weeks.week.size
    early = np.flatnonzero(weeks.week < 0)
    found = []
    for place, (scope, measure) in enumerate(names):
        if (scope, measure) not in PRE_TREND:
            continue
        at = place * many + early
        effect, pull = weeks.totals.incremental[at], weeks.totals.pull[:, at]
        sums = _stretches(early.size)
        # The stretches add up to nothing, so that one of them tells nothing new.
        joint = joint_test((effect @ sums)[1:], (pull @ sums)[:, 1:] * len(pull))
        found.append(_tested("pre_trend", f"{scope} {measure}, any", joint.p_value))
        line = _line(early.size)
        along = pull @ line
        slope, error = float(effect @ line), float(np.sqrt((along**2).sum()))
        freedom = float(degrees_of_freedom(along[:, None])[0])
        p_value = _p_value(slope, error, freedom)
        found.append(_tested("pre_trend", f"{scope} {measure}, line", p_value))
    return found


def placebo(study: Study, spec: CampaignSpec) -> list[Check]:
    """Return the effects of a campaign that began before the true one and ended before it.

    Parameters
    ----------
    study
        A study of windows that were shifted.
    spec
        How campaigns are judged.
    """
    one = compared(study, spec)
    if one is None or one.many < spec.least_contacted:
        return []
    told = outcomes(study.windows)
    named = tuple(each for each in PLACEBO if each in told)
    after, before = measured(study, named)
    found = totals(one, after[one.within], before[one.within], spec.trend, correction=STRICT)
    names = [f"{scope} {measure}" for scope, measure, _ in named]
    return _effects("placebo", names, found, spec)


def control_categories(
    one: Compared, categories: dict[str, Floats], scale: float, spec: CampaignSpec
) -> list[Check]:
    """Return effects on categories that the campaign has nothing to do with.

    Parameters
    ----------
    one
        The households compared.
    categories
        Category to (H, 3) trips in the weeks households are known by, before, and after the start.
    scale
        Weeks after the start over weeks before it.
    spec
        How campaigns are judged.
    """
    checks = []
    for name, trips in categories.items():
        known, before, after = trips[one.at].T
        x = np.column_stack([one.x, known])
        widened = Compared(
            one.at, one.within, one.contacted, x, one.odds, outside=one.outside,
            effective=one.effective, before=one.before, after=one.after,
        )  # fmt: skip
        found = totals(
            widened, after[:, None], scale * before[:, None], spec.trend, correction=STRICT
        )
        checks += _effects("control_category", [name], found, spec)
    return checks


def comparability(study: Study, one: Compared) -> list[Check]:
    """Return how well the households compared are alike, and what else they were sent."""
    share = one.outside / max(one.outside + one.many, 1)
    found = [
        _plain("overlap", "contacted without anybody comparable", 100 * share, "percent"),
        _plain("overlap", "comparable households, effective number", one.effective, "households"),
    ]
    for name, before, after in zip(study.names, one.before, one.after, strict=True):
        found.append(Check("balance", f"{name}: before weighting", float(before), *_NONE,
                           unit="standard deviations", passed=True))  # fmt: skip
        found.append(Check("balance", f"{name}: after weighting", float(after), *_NONE,
                           unit="standard deviations", passed=abs(after) <= 0.1))  # fmt: skip
    return found + _others(study, one)


def _others(study: Study, one: Compared) -> list[Check]:
    others = study.others[one.within]
    weights = np.where(one.contacted, 0.0, one.odds)
    found = []
    for place, name in enumerate(OTHERS):
        mine = float(others[one.contacted, place].mean())
        theirs = float(weights @ others[:, place] / weights.sum())
        found.append(_plain("other_campaigns", f"{name}: weeks, contacted", mine, "weeks"))
        found.append(_plain("other_campaigns", f"{name}: weeks, others", theirs, "weeks"))
    shared = 100 * float((others[one.contacted, 3] > 0).mean())
    return [*found, _plain("other_campaigns", SHARED, shared, "percent")]


OTHERS = (
    "before", "from the start on", "before, in the category", "from the start on, in the category",
)  # fmt: skip
SHARED = "contacted by another campaign in the category at the time"
_NONE = (np.nan, np.nan, np.nan)


def _plain(kind: str, item: str, value: float, unit: str) -> Check:
    return Check(kind, item, value, *_NONE, unit=unit, passed=True)


def _tested(kind: str, item: str, p_value: float) -> Check:
    return Check(kind, item, np.nan, np.nan, np.nan, p_value, "p", p_value >= FALSE)


def _effects(kind: str, names: list[str], found: Totals, spec: CampaignSpec) -> list[Check]:
    """Return effects that should be nothing, in percent of the baseline where there is one."""
    reach, degrees = found.reach(spec.level), found.degrees
    checks = []
    for place, name in enumerate(names):
        value, error = float(found.incremental[place]), float(found.errors[place])
        if not error > 0:
            continue
        base = float(found.baseline[place])
        scale = 100 / base if base > 0 else np.nan
        low, high = ((value + sign * float(reach[place]) * error) * scale for sign in (-1, 1))
        p_value = _p_value(value, error, float(degrees[place]))
        checks.append(
            Check(kind, name, value * scale, low, high, p_value, "percent", p_value >= FALSE)
        )
    return checks


def _p_value(value: float, error: float, degrees: float) -> float:
    return float(2 * stats.t.sf(abs(value) / error, degrees)) if error > 0 else 1.0


def _stretches(weeks: int) -> Floats:
    """Return sums over up to `BLOCKS` stretches of weeks, (W, B)."""
    block = np.arange(weeks) * min(BLOCKS, weeks) // weeks
    found: Floats = (block[:, None] == np.arange(block[-1] + 1)).astype(np.float64)
    return found


def _line(weeks: int) -> Floats:
    """Return weights that read a straight line off weekly values, (W,)."""
    step: Floats = np.arange(weeks, dtype=np.float64) - (weeks - 1) / 2
    return step / max(float(step @ step), 1.0)
