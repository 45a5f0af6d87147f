"""Whether the level of a series changed at all, where weeks go together and many series are asked.

Looked for is the one step (up or down and staying) or pulse (up or down for a while) that explains
most, over all dates. What chance explains is found by simulation: series of first-order
autocorrelated noise, of autocorrelations that are all alike likely, go through the very same
search, and the chance is read off among those with an estimate of the autocorrelation like the
series' own. So it holds that a short series tells little of its autocorrelation, and too low a one.
Many series are then held to a rate of false discoveries.

References
----------
Andrews, D. W. K. (1993). Tests for parameter instability and structural change with unknown change
point. Econometrica 61, 821-856: why the date being sought must be reckoned with.
Marriott, F. H. C. and Pope, J. A. (1954). Bias in the estimation of autocorrelations. Biometrika
41, 390-402.
Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
Statistical Society B 57, 289-300.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, Integers, finite, matrix, numbers, vector

GRID = np.array([-0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8])
"""Estimated autocorrelations for which it is worked out what noise lends a change."""
LONGER = 1.25
"""From one length of a pulse to the next."""
BATCH = 500
"""Series worked on at once: bounds the memory."""
ROUNDING = 1e-20
"""Share of a sum of squares that is rounding."""
LOWEST, HIGHEST = -0.2, 0.8
"""Autocorrelations that series are taken to have, each as likely as the other."""
SIMULATED = 30_000
"""Series of noise."""
BINS = 20
"""Bins of estimated autocorrelations."""
TAIL = 0.02
"""Chance from which on it is taken to fall off exponentially with the score."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """Changes looked for in series of T steps.

    Parameters
    ----------
    start, stop
        (M,) first step of the change, and the first after it; T for a step that stays.
    columns
        (T, M) the changes beside level and season: orthogonal to those, of length 1.
    basis
        (T, Q) orthonormal columns of level and season.
    root
        (T,) square roots of the weights.
    variance
        (G, M) variance of what noise of variance 1 lends each, by autocorrelation of `GRID`.
    """

    start: Integers
    stop: Integers
    columns: Floats
    basis: Floats
    root: Floats
    variance: Floats


@dataclass(frozen=True, slots=True)
class Changes:
    """The change that explains most, of S series.

    Parameters
    ----------
    shape
        (S,) place of the change among the shapes.
    score
        (S,) its square over what noise lends it.
    autocorrelation
        (S,) of what is left, from one step to the next; too low in short series.
    spread
        (S,) standard deviation of what is left, in units of weight 1.
    """

    shape: Integers
    score: Floats
    autocorrelation: Floats
    spread: Floats


def shapes(
    steps: int,
    *,
    weights: ArrayLike | None = None,
    season: ArrayLike | None = None,
    shortest: int = 4,
    longest: int = 26,
) -> Shapes:
    """Return the changes to look for.

    Parameters
    ----------
    steps
        T.
    weights
        (T,) weights of the steps, the inverse of their variances but for a factor.
    season
        (T, K) columns that every series may follow besides, such as one for each part of the year.
    shortest
        Fewest steps before, in and after a change.
    longest
        Most steps of a pulse; lengths in between grow by a quarter.

    Raises
    ------
    BadInputError
        When there are too few steps, or shapes disagree.

    Examples
    --------
    >>> found = shapes(12, shortest=4)
    >>> list(zip(found.start.tolist(), found.stop.tolist()))
    [(4, 12), (5, 12), (6, 12), (7, 12), (8, 12), (4, 8)]
    """
    if shortest < 2 or steps < 3 * shortest:
        raise BadInputError(
            f"steps: got {steps} with changes of {shortest} or more, allowed: 2 or more, and three "
            "times as many steps"
        )
    given = np.ones(steps) if weights is None else vector("weights", weights, steps)
    if np.any(given <= 0):
        raise BadInputError("weights: got one not above 0, allowed: numbers > 0")
    root = np.sqrt(given / given.mean())
    other = np.ones((steps, 1)) if season is None else matrix("season", season, steps)
    basis = _basis(np.hstack([np.ones((steps, 1)), other]) * root[:, None])
    first = np.arange(shortest, steps - shortest + 1)
    starts, stops = [first], [np.full(first.size, steps)]
    for length in _lengths(shortest, min(longest, steps - 2 * shortest)):
        begin = np.arange(shortest, steps - shortest - length + 1)
        starts.append(begin)
        stops.append(begin + length)
    start, stop = np.concatenate(starts), np.concatenate(stops)
    time = np.arange(steps)[:, None]
    columns = ((time >= start) & (time < stop)) * root[:, None]
    columns = columns - basis @ (basis.T @ columns)
    length = np.sqrt((columns**2).sum(axis=0))
    told = length > 1e-6 * np.sqrt(steps)
    columns = columns[:, told] / length[told]
    return Shapes(start[told], stop[told], columns, basis, root, _variances(columns))


def _lengths(shortest: int, longest: int) -> list[int]:
    """Return lengths of pulses, each a quarter or one step above the last: others look alike."""
    found = [shortest]
    while (following := max(found[-1] + 1, round(found[-1] * LONGER))) <= longest:
        found.append(following)
    return found


def _basis(columns: Floats) -> Floats:
    """Return orthonormal columns of the same span; those that follow from others fall."""
    left, size, _ = np.linalg.svd(columns, full_matrices=False)
    found: Floats = left[:, size > 1e-9 * size[0]]
    return found


def _variances(columns: Floats) -> Floats:
    apart = np.abs(np.subtract.outer(np.arange(columns.shape[0]), np.arange(columns.shape[0])))
    found = [np.einsum("tm,tm->m", columns, (each**apart) @ columns) for each in GRID]
    return np.array(found)


def changes(series: ArrayLike, looked_for: Shapes) -> Changes:
    """Return the change that explains most of every series.

    Parameters
    ----------
    series
        (S, T) values.
    looked_for
        Changes to look for.

    Raises
    ------
    BadInputError
        When the shape is another or a value is not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> series = rng.normal(size=(1, 40)) + 5 * (np.arange(40) >= 25)
    >>> space = shapes(40)
    >>> found = changes(series, space)
    >>> int(space.start[found.shape[0]]), int(space.stop[found.shape[0]])
    (25, 40)
    """
    y = finite("series", numbers("series", series))
    if y.ndim != 2 or y.shape[1] != looked_for.root.size:
        raise BadInputError(f"series: got shape {y.shape}, allowed: (S, {looked_for.root.size})")
    parts = [_changes(y[at : at + BATCH], looked_for) for at in range(0, y.shape[0], BATCH)]
    if not parts:
        return Changes(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0))
    columns = zip(*((p.shape, p.score, p.autocorrelation, p.spread) for p in parts), strict=True)
    return Changes(*(np.concatenate(each) for each in columns))


def _changes(y: Floats, space: Shapes) -> Changes:
    scaled = y * space.root
    z = scaled - (scaled @ space.basis) @ space.basis.T
    # What rounding leaves of a series that never moves is nothing.
    moves = (z**2).sum(axis=1) > ROUNDING * (scaled**2).sum(axis=1)
    z = z * moves[:, None]
    lent = z @ space.columns
    first = np.abs(lent).argmax(axis=1)
    rho, variance = _left(z, lent, first, space)
    expected = _at_grid(space.variance, np.clip(rho, GRID[0], GRID[-1]))
    ratio = lent**2 / expected
    best = ratio.argmax(axis=1)
    rho, variance = _left(z, lent, best, space)
    rows = np.arange(y.shape[0])
    own = _at_grid(space.variance[:, best].T[:, :, None], np.clip(rho, GRID[0], GRID[-1]))[:, 0]
    score = np.divide(
        lent[rows, best] ** 2, variance * own, out=np.zeros(rows.size), where=variance > 0
    )
    return Changes(best, score, rho, np.sqrt(variance))


def lent_variance(found: Changes, looked_for: Shapes) -> Floats:
    """Return the variance that noise of variance 1 lends the changes found, (S,).

    Parameters
    ----------
    found
        Changes.
    looked_for
        Those that were looked for.

    Examples
    --------
    >>> space = shapes(12)
    >>> found = changes(np.random.default_rng(1).normal(size=(1, 12)), space)
    >>> lent_variance(found, space).shape
    (1,)
    """
    rho = np.clip(found.autocorrelation, GRID[0], GRID[-1])
    return _at_grid(looked_for.variance[:, found.shape].T[:, :, None], rho)[:, 0]


def _left(z: Floats, lent: Floats, place: Integers, space: Shapes) -> tuple[Floats, Floats]:
    """Return autocorrelation and variance of what a change leaves, (S,)."""
    left = z - lent[np.arange(z.shape[0]), place][:, None] * space.columns[:, place].T
    square = (left**2).sum(axis=1)
    square = np.where(square > ROUNDING * (z**2).sum(axis=1), square, 0.0)
    ahead = (left[:, 1:] * left[:, :-1]).sum(axis=1)
    rho = np.divide(ahead, square, out=np.zeros(square.size), where=square > 0)
    return rho, square / max(z.shape[1] - space.basis.shape[1] - 1, 1)


def _at_grid(values: Floats, rho: Floats) -> Floats:
    """Return values given on `GRID` at other places, linearly: (G, M) or (S, G, M) to (S, M)."""
    place = np.clip(np.searchsorted(GRID, rho, side="right") - 1, 0, GRID.size - 2)
    part = ((rho - GRID[place]) / (GRID[place + 1] - GRID[place]))[:, None]
    rows = np.arange(rho.size)
    low = values[place] if values.ndim == 2 else values[rows, place]
    high = values[place + 1] if values.ndim == 2 else values[rows, place + 1]
    found: Floats = low * (1 - part) + high * part
    return found


@dataclass(frozen=True, slots=True)
class Chance:
    """What the search finds in noise, by estimated autocorrelation.

    Parameters
    ----------
    estimated
        (B,) mean estimates of the autocorrelation in B bins of them, in order.
    scores
        (B, D) scores of the series of noise in each bin, in order.
    edge
        (B,) score above which the chance falls off exponentially.
    fall
        (B,) mean of what scores above the edge are above it.
    """

    estimated: Floats
    scores: Floats
    edge: Floats
    fall: Floats

    def at_least(self, score: ArrayLike, estimate: ArrayLike) -> Floats:
        """Return the chance of a score as high or higher where nothing changes, (S,)."""
        s = vector("score", score)
        drawn = self.scores.shape[1]
        above = np.array([drawn - np.searchsorted(each, s) for each in self.scores])
        beyond = np.maximum(s - self.edge[:, None], 0.0) / self.fall[:, None]
        log_chance = np.where(
            beyond > 0, np.log(TAIL) - beyond, np.log(np.maximum(above, 1) / drawn)
        )
        return np.exp(self._between(log_chance.T, vector("estimate", estimate)))

    def quantile(self, level: float, estimate: ArrayLike) -> Floats:
        """Return the score that chance stays below at a level, (S,)."""
        each = np.quantile(self.scores, level, axis=1)
        found: Floats = np.interp(vector("estimate", estimate), self.estimated, each)
        return found

    def _between(self, values: Floats, estimate: Floats) -> Floats:
        """Return values by bin, (S, B), at the estimates between the bins, (S,)."""
        last = self.estimated.size - 1
        place = np.interp(estimate, self.estimated, np.arange(last + 1))
        low = np.minimum(place.astype(np.int64), last - 1)
        rows, part = np.arange(estimate.size), place - low
        found: Floats = values[rows, low] * (1 - part) + values[rows, low + 1] * part
        return found


def chance(looked_for: Shapes, *, seed: int, simulated: int = SIMULATED) -> Chance:
    """Return what the search finds in noise of autocorrelations from `LOWEST` to `HIGHEST`.

    Parameters
    ----------
    looked_for
        Changes to look for.
    seed
        Of the random numbers.
    simulated
        Series of noise.

    Examples
    --------
    >>> found = chance(shapes(30), seed=1, simulated=2000)
    >>> bool(found.at_least([100.0], [0.0])[0] < 0.01)
    True
    """
    rng = np.random.default_rng(seed)
    rho = rng.uniform(LOWEST, HIGHEST, simulated)
    noise = autocorrelated(rng, (simulated, looked_for.root.size), rho)
    found = changes(noise / looked_for.root, looked_for)
    order = np.argsort(found.autocorrelation, kind="stable")[: simulated // BINS * BINS]
    estimated = found.autocorrelation[order].reshape(BINS, -1).mean(axis=1)
    scores = np.sort(found.score[order].reshape(BINS, -1), axis=1)
    edge = np.quantile(scores, 1 - TAIL, axis=1)
    above = scores > edge[:, None]
    fall = ((scores - edge[:, None]) * above).sum(axis=1) / above.sum(axis=1)
    return Chance(estimated, scores, edge, fall)


def autocorrelated(rng: np.random.Generator, shape: tuple[int, int], rho: Floats) -> Floats:
    """Return first-order autocorrelated normal noise of variance 1, (S, T).

    Parameters
    ----------
    rng
        Source of random numbers.
    shape
        S and T.
    rho
        (S,) autocorrelations.

    Examples
    --------
    >>> autocorrelated(np.random.default_rng(1), (2, 5), np.array([0.0, 0.9])).shape
    (2, 5)
    """
    noise = rng.standard_normal(shape)
    step = np.sqrt(1 - rho**2)
    for t in range(1, shape[1]):
        noise[:, t] = rho * noise[:, t - 1] + step * noise[:, t]
    return noise
