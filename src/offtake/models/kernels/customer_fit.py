"""Fit customer-base models: NBD, BG/NBD, MBG/NBD, Pareto/NBD and BG/BB, by maximum likelihood.

Exact first and second derivatives, customers alike counted together, Newton's method in the logs of
the parameters. Many brands are fitted one after another, each starting where the last one ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from offtake.errors import BadInputError, UnknownNameError
from offtake.models.kernels.arguments import Flags, Floats
from offtake.models.kernels.customer_beta import BG_BB
from offtake.models.kernels.customer_geometric import BG_NBD, MBG_NBD, NBD
from offtake.models.kernels.customer_law import LARGEST, SMALLEST, CustomerModel, Law
from offtake.models.kernels.customer_pareto import PARETO_NBD
from offtake.models.kernels.customer_states import CustomerStates, counted
from offtake.models.kernels.newton import highest
from offtake.models.kernels.normal_ends import normal_ends

LAWS: Mapping[str, Law] = MappingProxyType({
    "nbd": NBD, "bg_nbd": BG_NBD, "mbg_nbd": MBG_NBD, "pareto_nbd": PARETO_NBD, "bg_bb": BG_BB,
})  # fmt: skip
LEVEL = 0.8
"""Of intervals, where no other is asked for."""


@dataclass(frozen=True, slots=True)
class CustomerFit:
    """A fitted customer-base model of K parameters.

    Parameters
    ----------
    model
        Which one.
    names
        (K,) of its parameters.
    point
        (K,) estimates; those that are times in the unit of the data.
    covariance
        (K, K) of the logs of the estimates, from the observed information.
    at_limit
        (K,) whether the data do not tell a parameter: it, or the other one of its distribution, ran
        off to a limit or could as well be twenty times smaller or larger. Forecasts stand; the
        parameter itself has no interval.
    log_likelihood
        At the estimates.
    customers
        How many there are.
    converged
        Whether the search found nothing higher.
    steps
        Newton's steps.
    """

    model: CustomerModel
    names: tuple[str, ...]
    point: Floats
    covariance: Floats
    at_limit: Flags
    log_likelihood: float
    customers: float
    converged: bool
    steps: int

    @property
    def bic(self) -> float:
        """Bayesian information criterion; smaller is better, among models of the same data."""
        free = int(np.sum(np.diag(self.covariance) > 0))
        return float(free * np.log(self.customers) - 2 * self.log_likelihood)

    def interval(self, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the ends of intervals of the parameters, (K,) each; NaN where none is told."""
        wide = np.sqrt(np.diag(self.covariance)) * normal_ends(level)
        wide = np.where(self.at_limit, np.nan, wide)
        return self.point * np.exp(-wide), self.point * np.exp(wide)


def law(model: str) -> Law:
    """Return a model by its name.

    Raises
    ------
    UnknownNameError
        When there is no such model.

    Examples
    --------
    >>> law("bg_nbd").names
    ('r', 'alpha', 'a', 'b')
    """
    if model not in LAWS:
        raise UnknownNameError("customer model", model, LAWS)
    return LAWS[model]


def fit_customers(
    model: CustomerModel, states: CustomerStates, *, start: Floats | None = None
) -> CustomerFit:
    """Fit a model to customers.

    Parameters
    ----------
    model
        ``nbd``, ``bg_nbd``, ``mbg_nbd``, ``pareto_nbd`` or ``bg_bb``.
    states
        What is known of customers; for ``bg_bb`` in whole periods.
    start
        (K,) parameters near which to look first, as of a similar brand.

    Raises
    ------
    BadInputError
        When nobody bought again, or no customer was seen for any time.
    UnknownNameError
        When there is no such model.

    Examples
    --------
    >>> from offtake.models.kernels.customer_states import customer_states
    >>> states = customer_states(
    ...     [0, 0, 1, 2, 5, 9], [0, 0, 9, 30, 20, 38], [39] * 6, [60, 20, 10, 6, 3, 1]
    ... )
    >>> fit = fit_customers("bg_nbd", states)
    >>> fit.converged, fit.point.round(2).tolist()
    (True, [0.12, 7.67, 5.5, 24.21])
    """
    found = law(model)
    kinds, _ = counted(states)
    _check(kinds)
    age = float(kinds.age @ kinds.customers / kinds.customers.sum())
    scale = np.array([age if name in found.times else 1.0 for name in found.names])
    objective = found.likelihood(kinds)
    starts = [scale * np.array(each) for each in found.starts]
    if start is not None:
        starts.insert(0, np.clip(start, SMALLEST * scale, LARGEST * scale))
    starts.sort(key=lambda each: -objective(each)[0])
    peak = highest(objective, starts[0], SMALLEST * scale, LARGEST * scale)
    for place in starts[1:]:
        if peak.converged:
            break
        again = highest(objective, place, SMALLEST * scale, LARGEST * scale)
        peak = max(peak, again, key=lambda each: each.value)
    # Two parameters make a distribution: where one runs off, the other only follows.
    untold = np.repeat(peak.at_limit.reshape(-1, 2).any(axis=1), 2)
    return CustomerFit(
        model, found.names, peak.point, peak.covariance, untold, peak.value,
        float(kinds.customers.sum()), peak.converged, peak.steps,
    )  # fmt: skip


def fit_each(model: CustomerModel, groups: Iterable[CustomerStates]) -> tuple[CustomerFit, ...]:
    """Fit a model to many brands, each starting from the one before.

    Raises
    ------
    BadInputError
        As :func:`fit_customers`.
    """
    fits: list[CustomerFit] = []
    for states in groups:
        start = fits[-1].point if fits else None
        fits.append(fit_customers(model, states, start=start))
    return tuple(fits)


def log_likelihood_each(fit: CustomerFit, states: CustomerStates) -> Floats:
    """Return the log-likelihood of every kind of customer under a fit, (N,)."""
    return law(fit.model).each(fit.point, states)


def _check(states: CustomerStates) -> None:
    if not states.customers.sum() > 0:
        raise BadInputError("customers: got none, allowed: at least one")
    again = states.customers[states.frequency > 0].sum()
    if not again > 0:
        raise BadInputError("frequency: got nobody who bought again, allowed: at least one")
    if not states.age.max() > 0:
        raise BadInputError("age: got 0 for everybody, allowed: some time after first purchases")
