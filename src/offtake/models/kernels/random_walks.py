"""Random walks seen through noise, group by group, with effects that all groups share.

Group b has K states that each move by a random walk; one may also be drawn back to 0, or stand
still where its steps have no variance. Cell c of group b is seen at time t as::

    z[b, t, c] = loads[c] @ state[b, t] + common[c] @ effect + noise,  noise ~ N(0, 1 / precision)

The Kalman filter and the smoother of Rauch, Tung and Striebel work on all groups at once. Effects
common to all groups would tie them together in one large state; they are carried along as columns
of the mean instead, and solved for at the end [1]_. Updates are in the form for many cells and few
states.

References
----------
.. [1] De Jong, P. (1991). The diffuse Kalman filter. Annals of Statistics 19, 1073-1083.
.. [2] Durbin, J. and Koopman, S. J. (2012). Time Series Analysis by State Space Methods, 2nd ed.
   Oxford University Press. Chapters 4 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats

LOG_TWO_PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """How B groups of K random walks move over T times and show in C cells.

    Parameters
    ----------
    loads
        (C, K) what of each state shows in each cell.
    common
        (C, M) what of each common effect shows in each cell; M may be 0.
    start
        (B, K) means of the states at the first time.
    start_variance
        (B, K) their variances, above 0.
    step_variance
        (B, K) variance that a step of one unit of time adds, 0 or more.
    keep
        (K,) what is left of a state after one unit of time, above 0 and at most 1: below 1 it is
        drawn back to 0.
    elapsed
        (T,) time since the time before; the first one is not used.
    common_variance
        (M,) prior variances of the common effects, around 0.
    """

    loads: Floats
    common: Floats
    start: Floats
    start_variance: Floats
    step_variance: Floats
    keep: Floats
    elapsed: Floats
    common_variance: Floats

    @property
    def size(self) -> tuple[int, int, int, int, int]:
        """Groups, times, cells, states and common effects."""
        cells, states = self.loads.shape
        return len(self.start), self.elapsed.size, cells, states, self.common_variance.size

    @property
    def kept(self) -> Floats:
        """(T, K) what is left of each state since the time before."""
        found: Floats = self.keep ** self.elapsed[:, None]
        return found

    @property
    def steps(self) -> Floats:
        """(T, B, K, K) covariances of the steps since the time before."""
        back = self.keep < 1
        squared = np.where(back, self.keep, 0.0) ** 2
        units = (1 - squared ** self.elapsed[:, None]) / (1 - squared)
        units = np.where(back, units, self.elapsed[:, None])
        variance = units[:, None, :] * self.step_variance
        found: Floats = variance[..., None] * np.eye(self.keep.size)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """M effects that all groups share.

    Parameters
    ----------
    mean
        (M,) posterior means.
    covariance
        (M, M) posterior covariance.
    """

    mean: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Tracked:
    """States of B groups at T times.

    Parameters
    ----------
    means
        (T, B, K, 1 + M) means where all common effects are 0, and by how much each unit of each
        effect takes them down.
    covariances
        (T, B, K, K) given the common effects.
    effects
        What is known of the common effects.
    log_likelihood
        (B,) of each group where the common effects are 0.
    squares
        (B, 1 + M, 1 + M) sums of squares and products of the errors of each group, in units of
        their variances; first those of the observations, then those of the common effects.
    total
        Log-likelihood of everything, the common effects integrated out.
    """

    means: Floats
    covariances: Floats
    effects: Effects
    log_likelihood: Floats
    squares: Floats
    total: float

    @property
    def mean(self) -> Floats:
        """(T, B, K) means."""
        found: Floats = self.means[..., 0] - self.means[..., 1:] @ self.effects.mean
        return found

    @property
    def covariance(self) -> Floats:
        """(T, B, K, K) covariances, with what is not known of the common effects."""
        rise = self.means[..., 1:]
        found: Floats = self.covariances + rise @ self.effects.covariance @ rise.swapaxes(-1, -2)
        return found

    @property
    def by_group(self) -> Floats:
        """(B,) log-likelihood of each group, the common effects held at their means."""
        at = self.effects.mean
        bend = np.einsum("m,bmn,n->b", at, self.squares[:, 1:, 1:], at)
        found: Floats = self.log_likelihood + self.squares[:, 1:, 0] @ at - 0.5 * bend
        return found


def track(walks: Walks, seen: Floats, precision: Floats) -> Tracked:
    """Return the states at each time given what was seen up to then (the Kalman filter).

    Parameters
    ----------
    walks
        How states move and show.
    seen
        (B, T, C) observations; any number where the precision is 0.
    precision
        (B, T, C) one over the variance of the noise; 0 for a cell that was not seen.

    Raises
    ------
    BadInputError
        When a shape is not that of the walks.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> walk = Walks(one, one[:, :0], 0 * one, 100 * one, one, one[0], np.ones(2), one[0, :0])
    >>> track(walk, np.array([[[1.0], [3.0]]]), np.ones((1, 2, 1))).mean.round(3).ravel()
    array([0.99 , 2.328])
    """
    groups, times, cells, states, effects = walks.size
    for name, array in (("seen", seen), ("precision", precision)):
        if array.shape != (groups, times, cells):
            raise BadInputError(
                f"{name}: got shape {array.shape}, allowed: {(groups, times, cells)}"
            )
    weighed = precision[..., None] * walks.loads
    information = np.einsum("btck,cl->btkl", weighed, walks.loads)
    mean = np.concatenate([walks.start[..., None], np.zeros((groups, states, effects))], axis=2)
    spread = walks.start_variance[:, :, None] * np.eye(states)
    means = np.empty((times, *mean.shape))
    spreads = np.empty((times, *spread.shape))
    squares = np.zeros((groups, 1 + effects, 1 + effects))
    logs = np.zeros(groups)
    columns = _columns(walks, seen)
    kept, steps = walks.kept, walks.steps
    for time in range(times):
        if time:
            mean = mean * kept[time, :, None]
            spread = spread * np.outer(kept[time], kept[time]) + steps[time]
        error = columns[:, time] - walks.loads @ mean
        pull = weighed[:, time].swapaxes(1, 2) @ error
        inner = np.eye(states) + spread @ information[:, time]
        spread = _symmetric(np.linalg.solve(inner, spread))
        mean = mean + spread @ pull
        means[time], spreads[time] = mean, spread
        rest = error.swapaxes(1, 2) @ (precision[:, time, :, None] * error)
        squares += rest - pull.swapaxes(1, 2) @ spread @ pull
        logs += np.linalg.slogdet(inner)[1]
    known = precision > 0
    scale = LOG_TWO_PI * known.sum(axis=(1, 2))
    scale = scale - np.log(np.where(known, precision, 1.0)).sum(axis=(1, 2))
    likelihood = -0.5 * (logs + scale + squares[:, 0, 0])
    found, gain = _common(walks, squares)
    total = float(likelihood.sum()) + gain
    return Tracked(means, spreads, found, likelihood, squares, total)


def _columns(walks: Walks, seen: Floats) -> Floats:
    """Return observations and the loads of the common effects side by side, (B, T, C, 1 + M)."""
    shape = (*seen.shape, walks.common_variance.size)
    return np.concatenate([seen[..., None], np.broadcast_to(walks.common, shape)], axis=3)


def _symmetric(matrices: Floats) -> Floats:
    return 0.5 * (matrices + matrices.swapaxes(-1, -2))


def _common(walks: Walks, squares: Floats) -> tuple[Effects, float]:
    """Return the common effects, and what integrating them out adds to the log-likelihood."""
    total = squares.sum(axis=0)
    prior = np.diag(1 / walks.common_variance)
    precision, pull = prior + total[1:, 1:], total[1:, 0]
    covariance = _symmetric(np.linalg.inv(precision))
    mean = covariance @ pull
    gain = pull @ mean - np.linalg.slogdet(precision)[1] - np.log(walks.common_variance).sum()
    return Effects(mean, covariance), 0.5 * float(gain)


def smooth(walks: Walks, tracked: Tracked) -> Tracked:
    """Return the states at each time given everything that was seen, before and after.

    Parameters
    ----------
    walks
        How states move.
    tracked
        From :func:`track`.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> walk = Walks(one, one[:, :0], 0 * one, 100 * one, one, one[0], np.ones(2), one[0, :0])
    >>> found = track(walk, np.array([[[1.0], [3.0]]]), np.ones((1, 2, 1)))
    >>> smooth(walk, found).mean.round(3).ravel()
    array([1.656, 2.328])
    """
    back, before = _backwards(walks, tracked)
    kept = walks.kept[:, None, :, None]
    means, spreads = tracked.means.copy(), tracked.covariances.copy()
    for time in range(len(means) - 2, -1, -1):
        means[time] += back[time] @ (means[time + 1] - kept[time + 1] * tracked.means[time])
        change = spreads[time + 1] - before[time]
        spreads[time] = _symmetric(
            spreads[time] + back[time] @ change @ back[time].swapaxes(-1, -2)
        )
    return replace(tracked, means=means, covariances=spreads)


def smooth_means(walks: Walks, tracked: Tracked) -> Floats:
    """Return the means of :func:`smooth` alone, (T, B, K), for less than the covariances cost."""
    back, _ = _backwards(walks, tracked)
    means = tracked.mean
    for time in range(len(means) - 2, -1, -1):
        step = means[time + 1] - walks.kept[time + 1] * means[time]
        means[time] += (back[time] @ step[..., None])[..., 0]
    return means


def _backwards(walks: Walks, tracked: Tracked) -> tuple[Floats, Floats]:
    """Return the smoother's gains, and covariances foreseen a time ahead, (T-1, B, K, K)."""
    now, kept = tracked.covariances[:-1], walks.kept[1:, None, :, None]
    ahead = kept * now
    before = ahead * kept.swapaxes(-1, -2) + walks.steps[1:]
    gains = np.asarray(np.linalg.solve(before, ahead), dtype=np.float64)
    return gains.swapaxes(-1, -2), before


def draw_walks(
    walks: Walks, tracked: Tracked, effects: Floats, group: int, random: np.random.Generator
) -> Floats:
    """Draw whole paths of one group's states, given everything that was seen.

    Parameters
    ----------
    walks
        How states move.
    tracked
        From :func:`track`.
    effects
        (D, M) draws of the common effects, one for each path.
    group
        Which group.
    random
        Where random numbers come from.

    Returns
    -------
    Floats
        (D, T, K) paths.

    References
    ----------
    Carter, C. K. and Kohn, R. (1994). On Gibbs sampling for state space models. Biometrika 81,
    541-553.
    """
    back, before = _backwards(walks, tracked)
    back, before = back[:, group], before[:, group]
    rest = tracked.covariances[:, group].copy()
    rest[:-1] -= back @ before @ back.swapaxes(-1, -2)
    roots = _roots(rest)
    means, kept = tracked.means[:, group], walks.kept
    paths = np.empty((len(effects), *means.shape[:2]))
    noise = np.asarray(random.standard_normal(paths.shape))
    for time in range(len(means) - 1, -1, -1):
        fall = np.asarray(effects @ means[time, :, 1:].T)
        mean = means[time, :, 0] - fall
        if time < len(means) - 1:
            mean = mean + (paths[:, time + 1] - kept[time + 1] * mean) @ back[time].T
        paths[:, time] = mean + noise[:, time] @ roots[time].T
    return paths


def _roots(matrices: Floats) -> Floats:
    """Return L with L L' = A for matrices that may be singular: states that stand still."""
    values, vectors = np.linalg.eigh(_symmetric(matrices))
    scales: Floats = np.maximum(values, 0.0)
    found: Floats = vectors * scales[..., None, :] ** 0.5
    return found


def draw_effects(effects: Effects, count: int, random: np.random.Generator) -> Floats:
    """Draw the common effects, (count, M).

    Examples
    --------
    >>> known = Effects(np.array([2.0]), np.zeros((1, 1)))
    >>> draw_effects(known, 2, np.random.default_rng(1)).ravel()
    array([2., 2.])
    """
    noise = random.standard_normal((count, effects.mean.size))
    found: Floats = effects.mean + noise @ _roots(effects.covariance).T
    return found
