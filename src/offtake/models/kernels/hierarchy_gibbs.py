"""The Gibbs sampler of :mod:`.hierarchy`, for all groups and chains at once.

Everything is in working units: coefficients over their prior scale, regressors orthonormal. The
axes are (coefficient, ..., chain, group), so that each step is one operation on all groups.

A turn draws the population mean with the group coefficients integrated out, then the group
coefficients, the error scales, a move of all deviations together with the population covariance
(stretches and shears: Liu and Sabatti's generalised Gibbs steps), and the population covariance
given the deviations. Without the moves, a chain that comes near "all groups are equal" or near
some correlation hardly leaves. Every draw is from a normal, gamma or Wishart distribution.

References
----------
Huang, A. and Wand, M. P. (2013). Simple marginally noninformative prior distributions for
covariance matrices. Bayesian Analysis 8, 439-452.
Liu, J. S. and Sabatti, C. (2000). Generalised Gibbs sampler and multigrid Monte Carlo for Bayesian
computation. Biometrika 87, 353-369.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from offtake.models.kernels.arguments import Floats, Integers
from offtake.models.kernels.cholesky import cholesky, inverse

NU = 2
"""Degrees of freedom of the half-t prior; with 2, correlations are uniform a priori."""
NARROW, WIDE = 0.02, 2.0
"""Range over the chains of the standard deviations they start from, in prior scales."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the groups, in working units.

    Parameters
    ----------
    precision
        (K, K, G) precision of the estimates; 0 in rows and columns of what is not identified.
    estimates
        (K, G) estimates; 0 where not identified.
    rank
        (G,) coefficients identified.
    degrees
        (G,) degrees of freedom of the error scale; infinite where it is known.
    regressors
        (Q, G) group-level regressors.
    """

    precision: Floats
    estimates: Floats
    rank: Integers
    degrees: Floats
    regressors: Floats


@dataclass(frozen=True, slots=True)
class MeanPrior:
    """Normal prior of the population mean, independent between coefficients.

    Parameters
    ----------
    precision
        (K, Q, Q) precision over the regressors, by coefficient; 0 for a flat prior.
    weighted
        (K, Q) precision times mean.
    """

    precision: Floats
    weighted: Floats


@dataclass(frozen=True, slots=True)
class State:
    """Where the chains stand.

    Parameters
    ----------
    mean
        (K, Q, C) population mean by regressor.
    deviation
        (K, C, G) group coefficients less what the population mean says of them.
    root
        (K, K, C) a square root of the population covariance: root root'.
    inverse_root
        (K, K, C) its inverse.
    tightness
        (C, G) 1 over the factor on the covariance of a group's estimates.
    left
        (K, C, G) variance given the group's own estimates over that of the population.
    """

    mean: Floats
    deviation: Floats
    root: Floats
    inverse_root: Floats
    tightness: Floats
    left: Floats


@dataclass(frozen=True, slots=True)
class Move:
    """What stretches and shears move, and what they are drawn from.

    Parameters
    ----------
    precision
        (K, K, C, G) precision of the estimates.
    surprise
        (K, C, G) estimates less what the population mean says of them.
    deviation
        (K, C, G) group coefficients less the same.
    inverse_covariance
        (K, K, C) inverse of the population covariance.
    rates
        (K, C) inverses of Huang and Wand's auxiliary variables.
    """

    precision: Floats
    surprise: Floats
    deviation: Floats
    inverse_covariance: Floats
    rates: Floats

    def pulls(self) -> Floats:
        """Return the (K, C, G) precision times what deviations leave of the surprise."""
        pulls: Floats = np.einsum("ijcg,jcg->icg", self.precision, self.surprise - self.deviation)
        return pulls


def turns(
    evidence: Evidence, prior: MeanPrior, chains: int, rng: np.random.Generator
) -> Iterator[State]:
    """Yield the states of the chains, one a turn, without end.

    Parameters
    ----------
    evidence, prior
        What is known.
    chains
        Number of chains; they start from population covariances of different size.
    rng
        Where all randomness comes from.
    """
    state = _start(evidence, chains)
    while True:
        state = _turn(evidence, prior, state, rng)
        yield state


def _start(evidence: Evidence, chains: int) -> State:
    size, groups = evidence.estimates.shape
    spread = np.eye(size)[:, :, None] * np.geomspace(WIDE, NARROW, chains)
    return State(
        mean=np.zeros((size, evidence.regressors.shape[0], chains)),
        deviation=np.zeros((size, chains, groups)),
        root=spread,
        inverse_root=np.eye(size)[:, :, None] / np.geomspace(WIDE, NARROW, chains),
        tightness=np.ones((chains, groups)),
        left=np.ones((size, chains, groups)),
    )


def _turn(evidence: Evidence, prior: MeanPrior, state: State, rng: np.random.Generator) -> State:
    precision = evidence.precision[:, :, None] * state.tightness
    inverse_covariance = np.einsum("kic,kjc->ijc", state.inverse_root, state.inverse_root)
    half = inverse(cholesky(precision + inverse_covariance[..., None]))
    # The weight of a group's own estimates, (K, K, C, G): the rest goes to the population.
    weight = np.einsum("ki...,kj...->ij...", half, np.einsum("ik...,kj...->ij...", half, precision))
    mean = _drawn_mean(evidence, prior, weight, inverse_covariance, rng)
    surprise = evidence.estimates[:, None] - _expected(mean, evidence.regressors)
    noise = np.einsum("kicg,kcg->icg", half, rng.standard_normal(half.shape[1:]))
    deviation = np.einsum("ijcg,jcg->icg", weight, surprise) + noise
    variance = np.einsum("ikc,ikc->ic", state.root, state.root)
    left = np.einsum("kicg,kicg->icg", half, half) / variance[..., None]
    tightness = _drawn_tightness(evidence, surprise - deviation, state.tightness, rng)
    moved = Move(
        precision=evidence.precision[:, :, None] * tightness,
        surprise=surprise,
        deviation=deviation,
        inverse_covariance=inverse_covariance,
        rates=_drawn_rates(inverse_covariance, rng),
    )
    moved = _stretched(moved, rng)
    for column in range(deviation.shape[0] if deviation.shape[0] > 1 else 0):
        moved = _sheared(moved, column, rng)
    root, inverse_root = _drawn_covariance(moved.deviation, moved.rates, rng)
    return State(mean, moved.deviation, root, inverse_root, tightness, left)


def _expected(mean: Floats, regressors: Floats) -> Floats:
    """Return the (K, C, G) coefficients that the population mean gives each group."""
    expected: Floats = np.einsum("kqc,qg->kcg", mean, regressors)
    return expected


def _drawn_mean(
    evidence: Evidence,
    prior: MeanPrior,
    weight: Floats,
    inverse_covariance: Floats,
    rng: np.random.Generator,
) -> Floats:
    """Draw the (K, Q, C) population mean with the group coefficients integrated out.

    The precision of estimates about the population mean is ``inverse_covariance @ weight``, which
    takes no difference of large numbers, however small the covariance or the errors.
    """
    z = evidence.regressors
    size, count = weight.shape[0], z.shape[0]
    sums = np.tensordot(weight, z[:, None] * z, (3, 2))
    own = np.einsum("ijcg,jg->icg", weight, evidence.estimates)
    precision = np.einsum("kic,ijcqr->kqjrc", inverse_covariance, sums)
    precision = (precision + precision.transpose(2, 3, 0, 1, 4)) / 2
    place = np.arange(size)
    precision[place, :, place] += prior.precision[..., None]
    weighted = np.einsum("kic,icq->kqc", inverse_covariance, own @ z.T)
    weighted += prior.weighted[..., None]
    flat = size * count
    drawn = normal(precision.reshape(flat, flat, -1), weighted.reshape(flat, -1), rng)
    return drawn.reshape(weighted.shape)


def normal(precision: Floats, weighted: Floats, rng: np.random.Generator) -> Floats:
    """Draw from normals, (K, C), given precisions (K, K, C) and precision times mean (K, C)."""
    half = inverse(cholesky(precision))
    middle = np.einsum("ik...,k...->i...", half, weighted)
    drawn: Floats = np.einsum("ki...,k...->i...", half, middle + rng.standard_normal(middle.shape))
    return drawn


def _drawn_tightness(
    evidence: Evidence, errors: Floats, before: Floats, rng: np.random.Generator
) -> Floats:
    """Draw the (C, G) inverse factors on the covariances of estimates, given their errors."""
    free = np.isfinite(evidence.degrees)
    if not free.any():
        return before
    errors, precision = errors[..., free], evidence.precision[..., free]
    distance = np.sum(errors * np.einsum("ijg,jcg->icg", precision, errors), axis=0)
    degrees = evidence.degrees[free]
    shape = np.broadcast_to((degrees + evidence.rank[free]) / 2, distance.shape)
    after = before.copy()
    after[:, free] = rng.standard_gamma(shape) / ((degrees + distance) / 2)
    return after


def _drawn_rates(inverse_covariance: Floats, rng: np.random.Generator) -> Floats:
    """Draw the (K, C) inverses of Huang and Wand's auxiliary variables, for a prior scale of 1."""
    diagonal = np.einsum("iic->ic", inverse_covariance)
    shape = (NU + diagonal.shape[0]) / 2
    rates: Floats = rng.standard_gamma(shape, diagonal.shape) / (NU * diagonal + 1)
    return rates


def _stretched(move: Move, rng: np.random.Generator) -> Move:
    """Multiply deviations and the population's standard deviations by one factor per coefficient.

    Moving the auxiliary variables along leaves the densities of deviations and covariance as they
    are, so that only two things bear on the factors: the estimates, which are normal given
    deviations times factors, and the prior of the auxiliary variables. The powers of the factors
    in densities, Jacobian and Haar measure cancel.
    """
    deviation, rates = move.deviation, move.rates
    information = np.einsum("icg,ijcg->ijc", deviation, move.precision * deviation)
    linear = np.einsum("icg,icg->ic", deviation, move.pulls()) + information.sum(axis=1)
    information += 2 * np.eye(rates.shape[0])[:, :, None] * rates
    factors = normal(information, linear, rng)
    return replace(
        move,
        deviation=deviation * factors[..., None],
        inverse_covariance=move.inverse_covariance / (factors[:, None] * factors),
        rates=rates * factors**2,
    )


def _sheared(move: Move, column: int, rng: np.random.Generator) -> Move:
    """Add multiples of one coefficient's deviations to those of the others.

    The covariance moves along. Volumes stay as they are, and of the prior only the diagonal of
    the inverse covariance at `column` changes, which is quadratic in the multiples: they are
    normal, given estimates and prior.
    """
    deviation, inverse_covariance = move.deviation, move.inverse_covariance
    others = np.delete(np.arange(deviation.shape[0]), column)
    block = np.ix_(others, others)
    step = deviation[column]
    strength = 2 * NU * move.rates[column]
    information = np.einsum("cg,ijcg->ijc", step**2, move.precision[block])
    linear = np.einsum("cg,icg->ic", step, move.pulls()[others])
    multiples = normal(
        information + strength * inverse_covariance[block],
        linear + strength * inverse_covariance[others, column],
        rng,
    )
    back = np.repeat(np.eye(deviation.shape[0])[:, :, None], step.shape[0], axis=2)
    back[others, column] = -multiples
    moved = deviation.copy()
    moved[others] += multiples[..., None] * step
    return replace(
        move,
        deviation=moved,
        inverse_covariance=np.einsum(
            "kic,klc,ljc->ijc", back, inverse_covariance, back, optimize=True
        ),
    )


def _drawn_covariance(
    deviation: Floats, rates: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw the population covariance by Bartlett's decomposition; its root and the inverse."""
    size, chains, groups = deviation.shape
    scatter = np.einsum("icg,jcg->ijc", deviation, deviation)
    scatter += 2 * NU * np.eye(size)[:, :, None] * rates
    degrees = NU + size - 1 + groups - np.arange(size)
    bartlett = np.tril(rng.standard_normal((chains, size, size)), -1).transpose(1, 2, 0).copy()
    bartlett[np.arange(size), np.arange(size)] = np.sqrt(
        2 * rng.standard_gamma(degrees[:, None] / 2, (size, chains))
    )
    lower = cholesky(scatter)
    root = np.einsum("ikc,jkc->ijc", lower, inverse(bartlett))
    return root, np.einsum("kic,kjc->ijc", bartlett, inverse(lower))
