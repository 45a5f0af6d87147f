"""Whether chains of draws agree, and how many independent draws they are worth.

Rank-normalised split R-hat (the larger of the one on location and the one on spread) and effective
sample sizes of the bulk and of the tails.

References
----------
Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. and Buerkner, P.-C. (2021). Rank-normalization,
folding, and localization: an improved R-hat for assessing convergence of MCMC. Bayesian Analysis
16, 667-718.
Geyer, C. J. (1992). Practical Markov chain Monte Carlo. Statistical Science 7, 473-483.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri
from scipy.stats import rankdata

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, finite, numbers

LEAST = 4
"""Draws a chain must have to be split and compared."""


@dataclass(frozen=True, slots=True)
class Convergence:
    """How far draws can be trusted; NaN for a quantity that never moves.

    Parameters
    ----------
    r_hat
        Rank-normalised split R-hat by quantity; below 1.01 is the usual wish.
    bulk_size
        Effective sample size for the middle of the distribution.
    tail_size
        The smaller of the effective sample sizes of the 5 % and the 95 % quantile.
    """

    r_hat: Floats
    bulk_size: Floats
    tail_size: Floats


def convergence(draws: ArrayLike) -> Convergence:
    """Compare chains of draws.

    Parameters
    ----------
    draws
        (C, D, ...) draws: chains, draws of a chain in their order, quantities.

    Returns
    -------
    Convergence
        Its arrays have the shape of the quantities.

    Raises
    ------
    BadInputError
        When a draw is not finite, or a chain has fewer than 4.

    Examples
    --------
    >>> found = convergence(np.random.default_rng(0).normal(size=(4, 500)))
    >>> bool(found.r_hat < 1.01), bool(found.bulk_size > 1500)
    (True, True)
    """
    array = finite("draws", numbers("draws", draws))
    if array.ndim < 2 or array.shape[1] < LEAST:
        raise BadInputError(f"draws: got shape {array.shape}, allowed: (C, D, ...) with D >= 4")
    halves = _split(array)
    folded = np.abs(halves - np.median(halves, axis=(0, 1)))
    normal = _normal_scores(halves)
    still = np.ptp(halves, axis=(0, 1)) == 0
    sizes = _effective_size(normal), _tail_size(halves)
    r_hat = np.maximum(_r_hat(normal), _r_hat(_normal_scores(folded)))
    return Convergence(*(np.where(still, np.nan, each) for each in (r_hat, *sizes)))


def _split(draws: Floats) -> Floats:
    """Cut every chain in two, leaving out the middle draw of an odd number, (2 C, D // 2, ...)."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _normal_scores(draws: Floats) -> Floats:
    """Replace draws by normal quantiles of their ranks among all draws of the quantity."""
    flat = draws.reshape(-1, *draws.shape[2:])
    ranks = rankdata(flat, axis=0)
    scores: Floats = ndtri((ranks - 0.375) / (flat.shape[0] + 0.25))
    return scores.reshape(draws.shape)


def _variances(draws: Floats) -> tuple[Floats, Floats]:
    """Return the mean variance within chains and the estimate of the whole variance."""
    size = draws.shape[1]
    within = draws.var(axis=1, ddof=1).mean(axis=0)
    between = draws.mean(axis=1).var(axis=0, ddof=1)
    return within, within * (size - 1) / size + between


def _r_hat(draws: Floats) -> Floats:
    within, whole = _variances(draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(whole / within)


def _tail_size(draws: Floats) -> Floats:
    """Return the smaller effective sample size of being below the 5 % and the 95 % quantile."""
    below = [draws <= np.quantile(draws, share, axis=(0, 1)) for share in (0.05, 0.95)]
    return np.fmin(*(_effective_size(each.astype(np.float64)) for each in below))


def _effective_size(draws: Floats) -> Floats:
    """Return the effective sample size by Geyer's initial monotone sequence."""
    chains, size = draws.shape[:2]
    within, whole = _variances(draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1 - (within - _autocovariance(draws)) / whole
    rho[0] = 1
    pairs = rho[: size // 2 * 2].reshape(size // 2, 2, *rho.shape[1:]).sum(axis=1)
    positive = np.logical_and.accumulate(pairs > 0, axis=0)
    falling = np.minimum.accumulate(pairs, axis=0)
    time = 2 * np.sum(np.where(positive, falling, 0), axis=0) - 1
    # No chain is worth more than this: the bound of Vehtari et al. against antithetic draws.
    found: Floats = chains * size / np.maximum(time, 1 / np.log10(chains * size))
    return found


def _autocovariance(draws: Floats) -> Floats:
    """Return the mean over chains of the autocovariances, (D, ...), by the Fourier transform."""
    size = draws.shape[1]
    wave = np.fft.rfft(draws - draws.mean(axis=1, keepdims=True), 2 * size, axis=1)
    power = (wave.real**2 + wave.imag**2).mean(axis=0)
    covariance: Floats = np.fft.irfft(power, 2 * size, axis=0)[:size] / size
    return covariance
