"""How often buyers come back, by what won them: as counted, and beside buyers like them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from offtake.models.kernels.hierarchy import Sampling, pool
from offtake.models.kernels.imputed_difference import (
    UNTREATED,
    Differences,
    imputed_differences,
)
from offtake.models.kernels.normal_ends import student_ends
from offtake.models.names import joint
from offtake.models.shoppers.won_liking import Liking, liking
from offtake.models.shoppers.won_rows import Flags, Floats, Integers, WonRows
from offtake.models.shoppers.won_spec import LEVEL, WonSpec
from offtake.models.shoppers.won_triggers import (
    DAYS,
    FULL_PRICE,
    NOT_KNOWN,
    SUPPORTED,
    TRIGGERS,
    After,
    Triggers,
    covariates,
)

BETWEEN = 1.0
"""Penalty on a group's intercept, in buyers: it takes little of what tens of buyers tell, and gives
groups that nobody bought at full price something to stand on, whose own effects are not used."""
ALIKE = 1e-9
"""Standard deviation, relative to the mean, below which a covariate is the same for all."""
TOGETHER = 4
"""Weeks in which buyers won for a brand share what they are offered afterwards."""
LEAST_EXPECTED = 0.05
"""Least share that is taken to come back anyway: of fewer, parts say nothing."""
LEAST_POOLED = 3
"""Groups with an estimate from which they are pooled."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Differences in repeat to full price for G groups and the triggers of `SUPPORTED`.

    Parameters
    ----------
    own, own_error, own_degrees
        (G, S) from the group's buyers alone, standard errors and the degrees of freedom of these;
        NaN where there are too few.
    pooled, low, high
        (G, S) with what other groups show, and the ends of 80 % intervals; NaN where nothing
        is known of the trigger in any group.
    overall, overall_error
        (S,) over all groups' first-time buyers.
    compared
        (G,) followed first-time buyers won at full price.
    liking
        (S,) what the repeat of a trigger's buyers is lower by because support wins those who like
        a group less, which is taken out of all the others; NaN where it is not told.
    """

    own: Floats
    own_error: Floats
    own_degrees: Floats
    pooled: Floats
    low: Floats
    high: Floats
    overall: Floats
    overall_error: Floats
    compared: Integers
    liking: Floats


def effects(rows: WonRows, won: Triggers, then: After, spec: WonSpec) -> Effects:
    """Return by how much a trigger's buyers repeat more often than buyers like them at full price.

    Buyers are alike in what :func:`.won_triggers.covariates` tells of them, and buy the same group.
    That those won with support like it less is worked out (:mod:`.won_liking`) and taken out. It is
    no experiment: what else the data do not tell of them stays in the difference.
    """
    groups, kinds = rows.groups.size, len(SUPPORTED)
    used = then.followed & (won.trigger != NOT_KNOWN)
    trigger, group = won.trigger[used], rows.trials.group[used]
    compared = np.bincount(group[trigger == FULL_PRICE], minlength=groups)
    if not np.any(trigger == FULL_PRICE):
        return _nothing(groups, kinds, compared)
    label = np.where(trigger == FULL_PRICE, UNTREATED, group * kinds + trigger)
    x, ridge = _design(covariates(rows, won)[used], group, trigger == FULL_PRICE, groups)
    found = imputed_differences(
        then.again[used].astype(np.float64),
        x,
        label,
        clusters=(rows.trials.household[used], _seasons(rows.trials.day[used], group)),
        size=groups * kinds,
        ridge=ridge,
    )
    liked = liking(rows, won)
    found = _without(found, liked, used, label)
    own, error = _enough(found, compared, spec)
    degrees, expected = (each.reshape(own.shape) for each in (found.degrees, found.expected))
    pooled, low, high = _pooled((own, error, degrees), expected, spec)
    overall, overall_error = _overall(found, kinds)
    unknown = (np.abs(overall) > 1) | (compared.sum() < spec.least)
    overall, overall_error = (
        np.where(unknown, np.nan, each) for each in (overall, overall_error)
    )  # fmt: skip
    told = np.array([
        liked.shift[used][trigger == kind].mean() if liked.known[kind] and found.rows[at].sum()
        else np.nan for kind, at in ((kind, slice(kind, None, kinds)) for kind in SUPPORTED)
    ])  # fmt: skip
    return Effects(own, error, degrees, pooled, low, high, overall, overall_error, compared, told)


def _without(found: Differences, liked: Liking, used: Flags, label: Integers) -> Differences:
    """Take out of the effects that those won with support like what they bought less."""
    treated, size = label != UNTREATED, found.rows.size
    shift, error = (
        np.bincount(label[treated], each[used][treated], minlength=size) / np.maximum(found.rows, 1)
        for each in (liked.shift, liked.error)
    )
    kind = np.arange(size) % len(SUPPORTED)
    shared = np.where(kind[:, None] == kind, np.outer(error, error), 0.0)
    return replace(
        found,
        effect=found.effect - shift,
        expected=found.expected + shift,
        covariance=found.covariance + shared,
    )


def _seasons(day: Integers, group: Integers) -> Integers:
    """Return codes of groups in stretches of weeks, (N,).

    Buyers won for a brand about the same time meet the same offers of it afterwards: how many of
    them come back goes up and down together.
    """
    return joint(group, day // (DAYS * TOGETHER))


def _nothing(groups: int, kinds: int, compared: Integers) -> Effects:
    empty, one = np.full((groups, kinds), np.nan), np.full(kinds, np.nan)
    return Effects(empty, empty, empty, empty, empty, empty, one, one, compared, one)


def _design(x: Floats, group: Integers, base: Flags, groups: int) -> tuple[Floats, Floats]:
    """Return standardised covariates with an intercept for every group, and their penalties."""
    centre, scale = x[base].mean(axis=0), x[base].std(axis=0)
    centre[0], scale[0] = 0.0, 1.0
    # What all have alike differs by rounding only, and tells nothing.
    told = scale > ALIKE * np.maximum(np.abs(centre), 1.0)
    some = (x[:, told] - centre[told]) / scale[told]
    dummies = (group[:, None] == np.arange(groups)).astype(np.float64)
    ridge = np.append(np.append(0.0, np.ones(some.shape[1] - 1)), np.full(groups, BETWEEN))
    return np.hstack([some, dummies]), ridge


def _enough(found: Differences, compared: Integers, spec: WonSpec) -> tuple[Floats, Floats]:
    """Return each group's own effects and errors, (G, S); NaN where too few buyers tell of them."""
    shape = compared.size, -1
    few = (found.rows.reshape(shape) < spec.least) | (compared[:, None] < spec.least)
    # A difference of shares is within -1 and 1: beyond that, buyers are not alike at all.
    few |= np.abs(found.effect.reshape(shape)) > 1
    error = np.sqrt(np.diag(found.covariance)).reshape(shape)
    return (
        np.where(few, np.nan, found.effect.reshape(shape)),
        np.where(few, np.nan, error),
    )


def _pooled(
    alone: tuple[Floats, Floats, Floats], expected: Floats, spec: WonSpec
) -> tuple[Floats, Floats, Floats]:
    """Return effects drawn together, (G, S), and the ends of their intervals, by trigger.

    From a group's own effects, their errors, and the degrees of freedom of these. What groups have
    in common is the part of the repeat that was `expected`, (G, S): of a group to which few come
    back anyway a trigger cannot take as many points as of one to which most do.
    """
    own, error, degrees = alone
    middle, reach = own.copy(), student_ends(LEVEL, degrees)
    low, high = own - reach * error, own + reach * error
    tails = ((1 - LEVEL) / 2, 1 - (1 - LEVEL) / 2)
    for kind in range(own.shape[1]):
        if np.isfinite(own[:, kind]).sum() < LEAST_POOLED:
            continue
        base = np.maximum(expected[:, kind], LEAST_EXPECTED)
        usual = float(np.nanmedian(base))
        part = np.where(np.isfinite(base), base, usual)[:, None] / usual
        drawn = (
            pool(
                own[:, [kind]] / part,
                (error[:, [kind]] / part)[:, :, None] ** 2,
                degrees=degrees[:, kind],
                sampling=Sampling(scale=spec.scale),
                seed=spec.seed,
            ).groups[:, :, 0]
            * part[:, 0]
        )
        middle[:, kind] = drawn.mean(axis=0)
        low[:, kind], high[:, kind] = np.quantile(drawn, tails, axis=0)
    return middle, low, high


def _overall(found: Differences, kinds: int) -> tuple[Floats, Floats]:
    """Return effects over all treated buyers by trigger, (S,), with errors."""
    overall, error = np.full(kinds, np.nan), np.full(kinds, np.nan)
    for kind in range(kinds):
        mine = np.flatnonzero((np.arange(found.rows.size) % kinds == kind) & (found.rows > 0))
        if mine.size:
            weight = found.rows[mine] / found.rows[mine].sum()
            overall[kind] = weight @ found.effect[mine]
            error[kind] = np.sqrt(weight @ found.covariance[np.ix_(mine, mine)] @ weight)
    return overall, error


assert tuple(range(len(SUPPORTED))) == SUPPORTED  # noqa: S101  # effects are by place in TRIGGERS
assert len(TRIGGERS) == len(SUPPORTED) + 2  # noqa: S101  # full price and not known have none
