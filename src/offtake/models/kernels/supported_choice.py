"""How much less a brand is liked by those who bought it because it was supported.

At an occasion a household picks a brand with a probability p of its own; support multiplies the
odds, so that it picks it with pL / (1 - p + pL). Those who would have bought it anyway gain little
by that, so the buyers of a supported brand like it less than those of one that is not: their repeat
is lower although support did nothing to them (Neslin and Shoemaker 1989).

Households differ in p as the Dirichlet law says: Beta(Ss, S(1 - s)) for a brand of share s. One
that had n other occasions before it first bought has the density

    p^(Ss) (1 - p)^(S(1 - s) + n - 1)  times  L / (1 - p + pL) where the brand was supported

and, with a gamma-distributed rate of occasions of its own, returns in a period with the chance
1 - E[(b / (b + p))^k], k and b the shape and rate of what is known of that rate. All means are sums
over log odds of p, in equal steps: that converges faster than any power where both ends die out.

References
----------
Neslin, S. A. and Shoemaker, R. W. (1989). An alternative explanation for lower repeat rates after
promotion purchases. Journal of Marketing Research 26, 205-213.
Mantel, N. and Haenszel, W. (1959). Statistical aspects of the analysis of data from retrospective
studies of disease. Journal of the National Cancer Institute 22, 719-748.
Robins, J., Breslow, N. and Greenland, S. (1986). Estimators of the Mantel-Haenszel variance
consistent in both sparse data and large-strata limiting models. Biometrics 42, 311-323.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from offtake.errors import BadInputError
from offtake.models.kernels.arguments import Floats, vector

LOWEST, HIGHEST, STEP = -25.0, 35.0, 0.2
"""Log odds of p that means are taken over. Densities die out as p itself on the low side."""
STEEPEST = 5.0
"""Largest log factor of support on the odds."""
ALIKE = 25.0
"""S above which households are so alike that it makes no difference who bought; it is taken for it,
as the steps are too wide for more."""
AT_ONCE = 4000
"""Households that are worked on at once: bounds the memory."""

LOG_ODDS = np.arange(LOWEST, HIGHEST, STEP)
LOG_P, LOG_NOT = -np.logaddexp(0.0, -LOG_ODDS), -np.logaddexp(0.0, LOG_ODDS)
P = np.exp(LOG_P)


def common_odds(
    chosen: ArrayLike, occasions: ArrayLike, base_chosen: ArrayLike, base_occasions: ArrayLike
) -> tuple[float, float]:
    """Return the log of the odds ratio that strata have in common, and its standard error.

    Parameters
    ----------
    chosen, occasions
        (I,) occasions with support, and those of them at which the brand was chosen, by stratum.
    base_chosen, base_occasions
        (I,) the same without support.

    Returns
    -------
    tuple
        Mantel and Haenszel's estimate, with the error of Robins, Breslow and Greenland; NaN where
        no stratum has both.

    Examples
    --------
    >>> found, error = common_odds([20, 40], [100, 50], [10, 30], [100, 60])
    >>> round(found, 3), round(error, 3)
    (1.085, 0.301)
    """
    a, of, c, base = (
        vector(name, each)
        for name, each in (
            ("chosen", chosen), ("occasions", occasions),
            ("base_chosen", base_chosen), ("base_occasions", base_occasions),
        )
    )  # fmt: skip
    b, d, total = of - a, base - c, np.maximum(of + base, 1e-300)
    up, down = a * d / total, b * c / total
    if not (up.sum() > 0 and down.sum() > 0):
        return np.nan, np.nan
    agree, differ = (a + d) / total, (b + c) / total
    variance = (
        (agree * up).sum() / (2 * up.sum() ** 2)
        + (agree * down + differ * up).sum() / (2 * up.sum() * down.sum())
        + (differ * down).sum() / (2 * down.sum() ** 2)
    )
    return float(np.log(up.sum() / down.sum())), float(np.sqrt(variance))


def household_factor(log_odds: float, share: ArrayLike, switching: float) -> float:
    """Return the log of L for households whose brands, taken together, have an odds ratio.

    What support does to the odds of a brand over all households is less than what it does to each,
    as some always buy the brand and others never.

    Parameters
    ----------
    log_odds
        Log odds ratio over all households.
    share
        (J,) shares of the brands, which are also their weights.
    switching
        S of the Dirichlet law.

    Returns
    -------
    float
        Within -`STEEPEST` and `STEEPEST`.

    Examples
    --------
    Where all households are alike both are nearly the same.

    >>> [round(household_factor(0.5, [0.3], switching), 2) for switching in (1000.0, 1.0)]
    [0.52, 1.04]
    """
    shares = vector("share", share)
    strength = min(switching, ALIKE)
    weight = _density(strength * shares, strength * (1 - shares))

    def off(factor: float) -> float:
        picked = shares * (weight @ _tilt(factor))
        return float(shares @ (_logit(picked) - _logit(shares))) / float(shares.sum()) - log_odds

    if off(-STEEPEST) >= 0:
        return -STEEPEST
    return STEEPEST if off(STEEPEST) <= 0 else float(brentq(off, -STEEPEST, STEEPEST))


def returning(
    alpha: ArrayLike,
    beta: ArrayLike,
    *,
    shape: ArrayLike,
    rate: ArrayLike,
    factor: ArrayLike,
) -> Floats:
    """Return the chance that a first-time buyer buys the brand again in a period, (T,).

    Parameters
    ----------
    alpha, beta
        (T,) of the Beta law of p before the first purchase: Ss, and S(1 - s) with the other
        occasions until then.
    shape, rate
        (T,) of the gamma law of the rate of occasions, the period being 1.
    factor
        (T,) log of L at the first purchase; 0 where it was not supported.

    Raises
    ------
    BadInputError
        When a parameter is not above 0.

    Examples
    --------
    Who bought with support is less likely to come back.

    >>> law = {"alpha": [0.3, 0.3], "beta": [1.0, 1.0], "shape": [4.0, 4.0], "rate": [1.0, 1.0]}
    >>> returning(**law, factor=[0.0, 0.7]).round(3).tolist()
    [0.764, 0.728]
    """
    a, b, k, r, f = (
        vector(name, each)
        for name, each in (
            ("alpha", alpha), ("beta", beta), ("shape", shape), ("rate", rate), ("factor", factor),
        )
    )  # fmt: skip
    if min(each.min(initial=1.0) for each in (a, b, k, r)) <= 0:
        raise BadInputError("alpha, beta, shape, rate: got 0 or less, allowed: above 0")
    found = np.empty(a.size)
    for first in range(0, a.size, AT_ONCE):
        at = slice(first, first + AT_ONCE)
        weight = _density(a[at], b[at]) * _tilt(f[at, None])
        back = -np.expm1(-k[at, None] * np.log1p(P / r[at, None]))
        found[at] = (weight * back).sum(axis=1) / weight.sum(axis=1)
    return found


def _density(alpha: Floats, beta: Floats) -> Floats:
    """Return weights of the log odds, (T, X), for Beta(alpha + 1, beta): who has just bought."""
    logs = (alpha[:, None] + 1) * LOG_P + beta[:, None] * LOG_NOT
    weight = np.exp(logs - logs.max(axis=1, keepdims=True))
    found: Floats = weight / weight.sum(axis=1, keepdims=True)
    return found


def _tilt(factor: Floats | float) -> Floats:
    """Return L / (1 - p + pL)."""
    found: Floats = np.exp(factor - np.logaddexp(LOG_NOT, factor + LOG_P))
    return found


def _logit(share: Floats) -> Floats:
    found: Floats = np.log(share) - np.log1p(-share)
    return found
