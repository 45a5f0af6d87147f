"""Partial pooling: what groups have in common improves what is known of each.

Estimates of groups, with known covariances, are noisy views of coefficients that scatter about a
population mean:

    b_g ~ N(beta_g, w_g V_g)      estimates b_g and covariances V_g are given
    beta_g ~ N(z_g delta, Sigma)  group-level regressors z_g, a constant unless given

with delta flat (or normal), Huang and Wand's prior on Sigma (half-t standard deviations, uniform
correlations), and w_g = 1 or, where V_g comes from a residual variance with d_g degrees of
freedom, w_g ~ inverse gamma(d_g / 2, d_g / 2): the posterior of an error variance over its estimate
under the prior 1 / variance, as if the rows themselves had been given.

References
----------
Huang, A. and Wand, M. P. (2013). Simple marginally noninformative prior distributions for
covariance matrices. Bayesian Analysis 8, 439-452.
Rossi, P. E., Allenby, G. M. and McCulloch, R. (2005). Bayesian Statistics and Marketing, ch. 3.
Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models. Bayesian
Analysis 1, 515-534.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Flags, Floats, matrix, numbers
from offtake.models.kernels.convergence import LEAST, Convergence, convergence
from offtake.models.kernels.hierarchy_gibbs import Evidence, MeanPrior, State, turns
from offtake.models.kernels.hierarchy_input import (
    Estimates,
    orthonormal,
    read_estimates,
    told_apart,
)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw, and from which prior.

    Parameters
    ----------
    draws
        Draws kept of each chain.
    warmup
        Draws of each chain thrown away first.
    chains
        Chains, which start from population covariances of different size.
    scale
        Scale of the half-t prior (2 degrees of freedom) of the population standard deviations, a
        number or (K,), in the units of the coefficients. Its median is 0.8 scales and a tenth
        of it lies above 2.9. Without it: twice the larger of the robust spread of the estimates
        (median absolute deviation from their median, times 1.4826) and their median standard
        error. That spread holds both true differences and errors, so the prior favours nothing
        below what the data show at first sight, moves with the units, and shuts out only values
        that the data contradict; with fewer than some ten groups, try others.
    mean
        Mean of a normal prior of the population mean, broadcast to (Q, K).
    mean_sd
        Its standard deviation, broadcast to (Q, K); infinite is flat.
    """

    draws: int = 500
    warmup: int = 250
    chains: int = 4
    scale: ArrayLike | None = None
    mean: ArrayLike = 0.0
    mean_sd: ArrayLike = np.inf


@dataclass(frozen=True, slots=True)
class Pooled:
    """Draws from the posterior, one chain after the other, and what they say.

    Parameters
    ----------
    groups
        (D, G, K) draws of the coefficients of the groups.
    population
        (D, Q, K) draws of the population mean: coefficients by group-level regressor.
    covariances
        (D, K, K) draws of the population covariance.
    shrinkage
        (G, K) how much the population decides, from 0 (the group's own estimates do) to 1 (a
        group without estimate): variance of a coefficient given the estimates of its group, over
        its variance in the population, averaged over the draws.
    scale
        (K,) prior scale used.
    chains
        Number of chains.
    """

    groups: Floats
    population: Floats
    covariances: Floats
    shrinkage: Floats
    scale: Floats
    chains: int

    @property
    def mean(self) -> Floats:
        """(G, K) posterior means of the coefficients of the groups."""
        return _mean(self.groups)

    @property
    def sd(self) -> Floats:
        """(G, K) posterior standard deviations of the coefficients of the groups."""
        return _sd(self.groups)

    @property
    def covariance(self) -> Floats:
        """(G, K, K) posterior covariances of the coefficients of the groups."""
        off = self.groups - self.mean
        covariance: Floats = np.einsum("dgi,dgj->gij", off, off) / (off.shape[0] - 1)
        return covariance

    @property
    def population_mean(self) -> Floats:
        """(Q, K) posterior mean of the population mean."""
        return _mean(self.population)

    @property
    def population_mean_sd(self) -> Floats:
        """(Q, K) posterior standard deviation of the population mean: how well it is known."""
        return _sd(self.population)

    @property
    def spreads(self) -> Floats:
        """(D, K) draws of the population standard deviations: how much groups differ."""
        spreads: Floats = np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))
        return spreads

    @property
    def population_sd(self) -> Floats:
        """(K,) posterior mean of the population standard deviations."""
        return _mean(self.spreads)

    @property
    def group_convergence(self) -> Convergence:
        """(G, K) agreement of the chains on the coefficients of the groups."""
        return convergence(self._by_chain(self.groups))

    @property
    def population_convergence(self) -> Convergence:
        """(Q, K) agreement of the chains on the population mean."""
        return convergence(self._by_chain(self.population))

    @property
    def spread_convergence(self) -> Convergence:
        """(K,) agreement of the chains on the population standard deviations."""
        return convergence(self._by_chain(self.spreads))

    def _by_chain(self, draws: Floats) -> Floats:
        return draws.reshape(self.chains, -1, *draws.shape[1:])


def _mean(draws: Floats) -> Floats:
    mean: Floats = draws.mean(axis=0)
    return mean


def _sd(draws: Floats) -> Floats:
    sd: Floats = draws.std(axis=0, ddof=1)
    return sd


def pool(
    estimates: ArrayLike,
    covariances: ArrayLike,
    *,
    regressors: ArrayLike | None = None,
    degrees: ArrayLike | None = None,
    sampling: Sampling | None = None,
    seed: int,
) -> Pooled:
    """Draw the coefficients of groups, their population mean and their population covariance.

    Parameters
    ----------
    estimates
        (G, K) estimates; NaN where a group has none of a coefficient. A group without any gets
        the distribution of the population.
    covariances
        (G, K, K) their sampling covariances; a NaN or infinite variance also says that a group
        tells nothing about the coefficient. Rows and columns of such coefficients are not read.
    regressors
        (G, Q) group-level regressors; include the constant. Without them, the constant alone.
    degrees
        (G,) degrees of freedom of the residual variances in `covariances`; infinite or NaN where
        the covariance is known. Without it, all are.
    sampling
        Number of draws and priors; :class:`Sampling` as it stands unless given.
    seed
        Of the random numbers; the same seed gives the same draws.

    Returns
    -------
    Pooled
        In the order of the groups and coefficients given.

    Raises
    ------
    BadInputError
        When shapes disagree, a covariance of estimates is not symmetric and positive definite, a
        coefficient is estimated in no group (or the groups that estimate it do not tell the
        regressors apart) while the prior of the population mean is flat, or a setting is out of
        range.

    Examples
    --------
    Three precise groups keep their estimates, and an imprecise one is drawn to the middle.

    >>> effects = [[1.0], [1.1], [1.2], [5.0]]
    >>> errors = np.array([0.01, 0.01, 0.01, 4.0]).reshape(-1, 1, 1)
    >>> found = pool(effects, errors**2, seed=1)
    >>> found.mean[:, 0].round(1).tolist(), found.shrinkage[:, 0].round(1).tolist()
    ([1.0, 1.1, 1.2, 1.1], [0.0, 0.0, 0.0, 1.0])
    """
    plan = _checked(Sampling() if sampling is None else sampling)
    given = read_estimates(estimates, covariances)
    groups = given.known.shape[0]
    z = matrix("regressors", np.ones((groups, 1)) if regressors is None else regressors, groups)
    basis, back = orthonormal(z)
    scale = _scale(plan, given)
    prior = _mean_prior(plan, back, scale)
    _refuse_unknown(told_apart(basis, given.known, prior.precision))
    evidence = _evidence(given, scale, basis, _degrees(degrees, given))
    rng = np.random.default_rng(seed)
    drawn = _drawn(evidence, prior, plan, basis, given.anything, rng)
    return Pooled(
        groups=drawn.groups * scale,
        population=np.linalg.solve(back, drawn.population) * scale,
        covariances=drawn.covariances * np.outer(scale, scale),
        shrinkage=drawn.shrinkage,
        scale=scale,
        chains=plan.chains,
    )


def _checked(plan: Sampling) -> Sampling:
    for name, least in (("draws", LEAST), ("warmup", 0), ("chains", 1)):
        got = getattr(plan, name)
        if got < least:
            raise BadInputError(f"sampling.{name}: got {got}, allowed: at least {least}")
    return plan


def _setting(name: str, value: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = numbers(f"sampling.{name}", value)
    try:
        return np.broadcast_to(array, shape)
    except ValueError as error:
        raise BadInputError(
            f"sampling.{name}: got shape {array.shape}, allowed: what broadcasts to {shape}"
        ) from error


def _scale(plan: Sampling, given: Estimates) -> Floats:
    """Return the (K,) prior scales of the population standard deviations."""
    found = given.spreads()
    if plan.scale is not None:
        found = _setting("scale", plan.scale, found.shape)
    if not np.all(np.isfinite(found) & (found > 0)):
        raise BadInputError(
            f"sampling.scale: got {found}, allowed: finite numbers > 0; it must be given for a"
            " coefficient that is estimated in no group"
        )
    return found


def _mean_prior(plan: Sampling, back: Floats, scale: Floats) -> MeanPrior:
    """Return the prior of the population mean in working units."""
    shape = back.shape[0], scale.size
    mean, sd = (_setting(n, v, shape) for n, v in (("mean", plan.mean), ("mean_sd", plan.mean_sd)))
    if not (np.all(np.isfinite(mean)) and np.all(sd > 0)):
        raise BadInputError(
            f"sampling: got mean {plan.mean} and mean_sd {plan.mean_sd}, allowed: finite means and"
            " standard deviations > 0"
        )
    undo = np.linalg.inv(back)
    blocks = np.einsum("rq,rk,rs->kqs", undo, (scale / sd) ** 2, undo)
    return MeanPrior(blocks, np.einsum("kqs,sr,rk->kq", blocks, back, mean / scale))


def _refuse_unknown(told: Flags) -> None:
    if not told.all():
        raise BadInputError(
            f"estimates: got too few of coefficient {int(told.argmin())} to tell the effects of"
            " the regressors on its population mean, allowed: more estimates, or a finite"
            " sampling.mean_sd"
        )


def _degrees(degrees: ArrayLike | None, given: Estimates) -> Floats:
    """Return the (G,) degrees of freedom, infinite where the covariance is known."""
    used = given.anything
    if degrees is None:
        return np.full(used.size, np.inf)
    found = numbers("degrees", degrees)
    if found.shape != used.shape or np.any(found[used] <= 0):
        raise BadInputError(
            f"degrees: got shape {found.shape}, {np.sum(found <= 0)} not above 0, allowed:"
            f" {used.shape}, numbers > 0 where there is an estimate"
        )
    return np.where(np.isnan(found), np.inf, found)


def _evidence(given: Estimates, scale: Floats, basis: Floats, degrees: Floats) -> Evidence:
    """Return what the groups with an estimate say, in working units."""
    used = given.anything
    return Evidence(
        precision=given.precision(scale)[used].transpose(1, 2, 0),
        estimates=(given.values / scale)[used].T,
        rank=given.known[used].sum(axis=1),
        degrees=degrees[used],
        regressors=basis[used].T,
    )


def _drawn(
    evidence: Evidence,
    prior: MeanPrior,
    plan: Sampling,
    basis: Floats,
    used: Flags,
    rng: np.random.Generator,
) -> Pooled:
    """Return the draws in working units, for the groups with estimates and for the others."""
    size, kept = evidence.estimates.shape[0], (plan.chains, plan.draws)
    groups = np.empty((*kept, used.size, size))
    population = np.empty((*kept, basis.shape[1], size))
    covariances = np.empty((*kept, size, size))
    left = np.ones((used.size, size))
    left[used] = 0
    states = turns(evidence, prior, plan.chains, rng)
    for turn, state in enumerate(islice(states, plan.warmup, plan.warmup + plan.draws)):
        groups[:, turn] = _coefficients(state, basis, used, rng)
        population[:, turn] = state.mean.transpose(2, 1, 0)
        covariances[:, turn] = np.einsum("ikc,jkc->cij", state.root, state.root)
        left[used] += state.left.mean(axis=1).T / plan.draws
    return Pooled(
        groups=groups.reshape(-1, *groups.shape[2:]),
        population=population.reshape(-1, *population.shape[2:]),
        covariances=covariances.reshape(-1, size, size),
        shrinkage=left,
        scale=np.ones(size),
        chains=plan.chains,
    )


def _coefficients(state: State, basis: Floats, used: Flags, rng: np.random.Generator) -> Floats:
    """Return a draw of the (C, G, K) coefficients; without an estimate, from the population."""
    size, chains = state.mean.shape[0], state.mean.shape[2]
    deviation = np.empty((chains, used.size, size))
    deviation[:, used] = state.deviation.transpose(1, 2, 0)
    others = rng.standard_normal((chains, used.size - int(used.sum()), size))
    deviation[:, ~used] = np.einsum("ikc,cgk->cgi", state.root, others)
    drawn: Floats = np.einsum("gq,kqc->cgk", basis, state.mean) + deviation
    return drawn
