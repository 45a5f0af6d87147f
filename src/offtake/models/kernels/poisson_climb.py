"""Newton's method on the profile likelihood, week effects solved out component by component.

The information on the week effects is block-diagonal by component, so every step solves one small
system for each component and one for the slopes: exact, without alternating projections, and with
memory that does not grow with the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.compiled import compiled
from offtake.models.kernels.poisson_blocks import Block, Panel
from offtake.models.kernels.poisson_moments import (
    Component,
    Effects,
    Moments,
    fitted,
    moments,
    scores_by_group,
)
from offtake.models.kernels.poisson_pass import summed
from offtake.models.kernels.threads import one_thread

SWEEPS = 2
STEPS = 60
HALVINGS = 30
# Newton's decrement: the squared length of the next step in standard errors. That step is still
# taken, and leaves an error that is the square of this one.
DECREMENT = 1e-9
# A step so short, 1e-8 standard errors, changes nothing that would be looked at again.
NEGLIGIBLE = 1e-16
# A column whose squared norm shrinks by this factor, given the others, is a combination of them.
COLLINEAR = 1e-9
# So little of a column's squared norm is left within groups by rounding alone, times COLLINEAR.
EXACT = 1e-4
# A column that keeps so little of its information runs off to infinity.
SEPARATED = 1e-8
# Least pivot of a matrix with a diagonal of ones that counts as regular.
PIVOT = 1e-6


@dataclass(frozen=True, slots=True)
class Solved:
    """The week effects of one component solved out.

    Parameters
    ----------
    gradient
        (W - 1,) their own best step if the slopes stay.
    crossed
        (W - 1, K) how that step changes with the slopes.
    """

    gradient: Floats
    crossed: Floats


@dataclass(frozen=True, slots=True)
class Peak:
    """Where Newton's method stopped.

    Parameters
    ----------
    slopes
        (K,); for a column that is not kept 0, or the centre of its prior.
    effects
        Week effects of every component, the first of each 0.
    kept
        (K,) columns that do not follow from weeks, groups and earlier columns.
    separated
        (K,) columns whose slope runs off to infinity.
    first
        (K,) information of every column where the search began, that of earlier ones included.
    moments
        At the maximum, or less than a negligible step before it.
    information
        (K, K) of the slopes there, week effects swept out.
    solved
        Of every component, there.
    steps
        Newton steps taken.
    converged
        Whether the last step was negligible and no column was separated.
    """

    slopes: Floats
    effects: tuple[Floats, ...]
    kept: NDArray[np.bool_]
    separated: NDArray[np.bool_]
    first: Floats
    moments: Moments
    information: Floats
    solved: tuple[Solved, ...]
    steps: int
    converged: bool

    @property
    def inverse(self) -> Floats:
        """(K, K) inverse of the information; NaN for columns that are not kept."""
        whole = np.full(self.information.shape, np.nan)
        at = np.ix_(self.kept, self.kept)
        whole[at] = solve(self.information[at], np.eye(int(self.kept.sum())))
        return whole


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of the slopes before, as independent normal distributions.

    A weak one keeps a column that only rows without sales have from running off to infinity.

    Parameters
    ----------
    centre, precision
        (K,) means, where Newton's method also starts, and inverse variances; 0 knows nothing.
    """

    centre: Floats
    precision: Floats

    def added(self, found: Moments, slopes: Floats) -> Moments:
        """Return moments of likelihood and prior together."""
        away = slopes - self.centre
        return replace(
            found,
            height=found.height - 0.5 * float(self.precision @ away**2),
            gradient=found.gradient - self.precision * away,
            curvature=found.curvature + np.diag(self.precision),
        )


def climb(panel: Panel, prior: Prior | None = None, start: Peak | None = None) -> Peak:
    """Find the maximum.

    Parameters
    ----------
    panel
        The rows.
    prior
        Of the slopes; without one, nothing is known and the search starts at 0.
    start
        Where the search starts instead, if it is known to end nearby: the peak of the same groups,
        weeks and number of regressors, e.g. of other offsets or of regressors a little different.

    Raises
    ------
    BadInputError
        When `start` has other numbers of weeks or regressors.
    """
    nothing = np.zeros(panel.columns)
    with one_thread():
        return _climb(panel, prior or Prior(nothing, nothing), start)


def _climb(panel: Panel, prior: Prior, start: Peak | None) -> Peak:
    slopes, effects = _beginning(panel, prior, start)
    found = prior.added(moments(panel, slopes, effects), slopes)
    here = np.diag(found.curvature)
    first = here.copy() if start is None else np.maximum(here, start.first)
    solved, information, gradient = _reduced(found)
    kept = independent(information, np.maximum(here, EXACT * found.squares))
    decrement, steps = np.inf, 0
    while decrement > DECREMENT and steps < STEPS:
        move = np.zeros_like(slopes)
        at = np.ix_(kept, kept)
        move[kept] = solve(information[at], gradient[kept])
        turns = tuple(_turn(each, move) for each in solved)
        decrement = float(move @ gradient) + _decrement(found, solved)
        steps += 1
        if abs(decrement) <= NEGLIGIBLE:
            slopes, effects = _moved(slopes, effects, move, turns, 1.0)
            break
        slopes, effects, found = _step_up(panel, prior, (slopes, effects), (move, turns), found)
        solved, information, gradient = _reduced(found)
    separated = kept & (np.diag(found.curvature) <= SEPARATED * first)
    converged = decrement <= DECREMENT and not separated.any()
    return Peak(
        slopes=slopes,
        effects=tuple(effects),
        kept=kept,
        separated=separated,
        first=first,
        moments=found,
        information=information,
        solved=solved,
        steps=steps,
        converged=converged,
    )


def _beginning(panel: Panel, prior: Prior, start: Peak | None) -> tuple[Floats, Effects]:
    if start is None:
        return prior.centre.copy(), balanced(panel, prior.centre)
    given = (start.slopes.size, [each.size for each in start.effects])
    wanted = (panel.columns, list(panel.layout.weeks))
    if given != wanted:
        raise BadInputError(
            f"start: got {given[0]} regressors and {sum(given[1])} weeks in {len(given[1])} "
            f"components, allowed: those of the rows, {wanted[0]} and {sum(wanted[1])} in "
            f"{len(wanted[1])}"
        )
    return start.slopes.copy(), start.effects


def balanced(panel: Panel, slopes: Floats) -> Effects:
    """Return week effects near their best for given slopes: each week's sales are met in turn.

    Every sweep raises the likelihood, so that Newton's method starts where its steps are sound.
    """
    effects: Effects = tuple(np.zeros(weeks) for weeks in panel.layout.weeks)
    if max(panel.layout.weeks) == 1:
        return effects
    sold = tuple(np.zeros(each.size) for each in effects)
    for block in panel.blocks():
        compiled(summed)(block.y, block.week, sold[block.component])
    for _ in range(SWEEPS):
        expected = tuple(np.zeros(each.size) for each in effects)
        for block in panel.blocks():
            mean = fitted(block, slopes, effects[block.component]).mean
            compiled(summed)(mean, block.week, expected[block.component])
        raised = (a + np.log(b / c) for a, b, c in zip(effects, sold, expected, strict=True))
        effects = tuple(each - each[0] for each in raised)
    return effects


def _reduced(found: Moments) -> tuple[tuple[Solved, ...], Floats, Floats]:
    """Solve the weeks out: what is left of information and gradient for the slopes."""
    solved = tuple(solve_weeks(each) for each in found.components)
    information, gradient = found.curvature.copy(), found.gradient.copy()
    for each, by in zip(found.components, solved, strict=True):
        information -= each.crossed[1:].T @ by.crossed
        gradient -= by.crossed.T @ each.gradient[1:]
    return solved, information, gradient


def solve_weeks(found: Component) -> Solved:
    """Solve one component's weeks, the first held."""
    right = np.column_stack([found.gradient[1:], found.crossed[1:]])
    step = solve(found.curvature[1:, 1:], right)
    return Solved(step[:, 0], step[:, 1:])


def _turn(solved: Solved, move: Floats) -> Floats:
    """Return the step of the week effects that belongs to a step of the slopes, (W,)."""
    return np.concatenate([[0.0], solved.gradient - solved.crossed @ move])


def _decrement(found: Moments, solved: Sequence[Solved]) -> float:
    pairs = zip(found.components, solved, strict=True)
    return float(sum(by.gradient @ each.gradient[1:] for each, by in pairs))


def _moved(
    slopes: Floats, effects: Effects, move: Floats, turns: Effects, share: float
) -> tuple[Floats, Effects]:
    turned = tuple(a + share * b for a, b in zip(effects, turns, strict=True))
    return slopes + share * move, turned


def _step_up(
    panel: Panel,
    prior: Prior,
    place: tuple[Floats, Effects],
    step: tuple[Floats, Effects],
    found: Moments,
) -> tuple[Floats, Effects, Moments]:
    """Take the step, halved until the likelihood does not fall by more than rounding."""
    share = 1.0
    for _ in range(HALVINGS):
        slopes, effects = _moved(*place, *step, share)
        reached = prior.added(moments(panel, slopes, effects), slopes)
        if reached.height >= found.height - 1e-12 * (1.0 + abs(found.height)):
            return slopes, effects, reached
        share /= 2
    return *place, found


def independent(information: Floats, scale: Floats) -> NDArray[np.bool_]:
    """Mark the columns that do not follow from earlier ones, by sweeping one after the other."""
    left = information.copy()
    kept = np.zeros(scale.size, dtype=bool)
    for j in range(scale.size):
        kept[j] = left[j, j] > COLLINEAR * scale[j]
        if kept[j]:
            left -= np.outer(left[:, j], left[j]) / left[j, j]
    return kept


def solve(matrix: Floats, right: Floats) -> Floats:
    """Solve for (P,) or (P, C) after scaling the diagonal to one: small columns keep digits."""
    if right.size == 0:
        return right
    scale = np.sqrt(np.maximum(np.diag(matrix), np.finfo(float).tiny))
    scaled = matrix / scale[:, None] / scale
    columns = right.reshape(scale.size, -1) / scale[:, None]
    factor = _factor(scaled)
    if factor is None:
        solved = np.linalg.lstsq(scaled, columns, rcond=PIVOT**2)[0]
    else:
        solved = cho_solve(factor, columns, check_finite=False)
    return np.asarray(solved / scale[:, None], dtype=np.float64).reshape(right.shape)


def _factor(scaled: Floats) -> tuple[Floats, bool] | None:
    """Return the Cholesky factor; None where the matrix is singular to working precision."""
    with suppress(LinAlgError):
        factor, low = cho_factor(scaled, check_finite=False)
        if np.diag(factor).min() > PIVOT:
            return factor, low
    return None


@dataclass(frozen=True, slots=True)
class Scores:
    """What the rows of one block say at the maximum.

    Parameters
    ----------
    block
        The rows.
    mean
        (n,) fitted.
    level
        (G,) group effects, for the regressors of the block less their centre.
    height
        What the rows add to :attr:`.poisson_moments.Moments.height`.
    by_group
        (G, K) scores of the slopes by group, week effects solved out.
    """

    block: Block
    mean: Floats
    level: Floats
    height: float
    by_group: Floats


def scores(panel: Panel, peak: Peak) -> Iterator[Scores]:
    """Give fitted means and scores, block by block."""
    turned = [np.vstack([np.zeros(panel.columns), each.crossed]) for each in peak.solved]
    for block in panel.blocks():
        fit = fitted(block, peak.slopes, peak.effects[block.component])
        by_group = scores_by_group(block, fit.mean, turned[block.component])
        yield Scores(block, fit.mean, fit.level, fit.height, by_group)


def sandwich(peak: Peak, by_cluster: Floats) -> Floats:
    """Return the (K, K) cluster-robust covariance from the (C, K) scores of the clusters.

    With the factor C / (C - 1); NaN everywhere when there is but one cluster.
    """
    whole = np.full(peak.information.shape, np.nan)
    count = len(by_cluster)
    if count > 1:
        at = np.ix_(peak.kept, peak.kept)
        half = solve(peak.information[at], by_cluster[:, peak.kept].T)
        whole[at] = half @ half.T * count / (count - 1)
    return whole
