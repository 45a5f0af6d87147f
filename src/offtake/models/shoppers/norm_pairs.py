"""Which brands share buyers: the duplication of purchase law, and the pairs that break it.

The part of a brand's buyers who also buy another one is D times the other's penetration, whichever
the brand. That is a rule of thumb: of a leader that four in five households buy, nobody can share
D = 1.4 times that. The Dirichlet says by how much it is off for brands of which sizes, and pairs
are held to the law in that shape. Those that share more buyers are a part of the market of its own.

References
----------
Ehrenberg, A. S. C. (1988). Repeat-buying: facts, theory and applications. 2nd ed., Griffin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.special import ndtr

from offtake.models.kernels.brand_choice import shared_buyers
from offtake.models.kernels.discoveries import q_values
from offtake.models.shoppers.norm_fit import NormFit
from offtake.models.shoppers.norm_purchases import BrandPurchases, Floats, Integers


@dataclass(frozen=True, slots=True)
class SharedBuyers:
    """L single brands, and what they share.

    Parameters
    ----------
    brand
        (L,) their codes.
    coefficient
        D; NaN with fewer than two brands.
    buyers
        (L,) weight of their buyers.
    both
        (L, L) weight of households that bought both.
    law
        (L, L) the same by D.
    norm
        (L, L) the same by the law in the shape that the Dirichlet gives it.
    p, q
        (L, L) p-value of the difference from the norm, and adjusted for the number of pairs; NaN
        on the diagonal.
    """

    brand: Integers
    coefficient: float
    buyers: Floats
    both: Floats
    law: Floats
    norm: Floats
    p: Floats
    q: Floats


def shared_buyers_of(fit: NormFit) -> SharedBuyers:
    """Count the buyers that single brands share, and set them beside law and norm.

    Parameters
    ----------
    fit
        The market.

    Notes
    -----
    D is mean duplication over mean penetration, over all pairs of the brands compared: the rule of
    the measure ``duplication_of_purchase``, which takes all brands and weighs no household. The
    norm is scaled to the shared buyers of all pairs together, so
    that pairs are compared with each other and not with how much brands share at large. Errors
    allow for that scale and the penetrations being estimated; the spread of a pair is that which it
    would have under the norm.
    """
    purchases, weight = fit.purchases, fit.purchases.weight
    brand = np.flatnonzero(purchases.listed).astype(np.int64)
    bought = _bought(purchases, brand)
    both = _crossed(bought, weight)
    buyers, none = np.diag(both).copy(), np.full(both.shape, np.nan)
    if brand.size < 2:
        return SharedBuyers(brand, float("nan"), buyers, both, none, none, none, none)
    sizes, shared = np.outer(buyers, buyers) / weight.sum(), both / weight.sum()
    plain, shape = _coefficient(shared), _shape(fit, brand)
    scale, pull = _scale(bought, shared, shape)
    variance = _variance(bought, weight, scale * shape, (pull, shape))
    error, gap = np.sqrt(np.maximum(variance, 0.0)), both - scale * shape * sizes
    p = 2 * ndtr(-np.abs(np.divide(gap, error, out=np.zeros_like(both), where=error > 0)))
    np.fill_diagonal(p, np.nan)
    return SharedBuyers(
        brand, plain, buyers, both, plain * sizes, scale * shape * sizes, p, _adjusted(p)
    )


def _bought(purchases: BrandPurchases, brand: Integers) -> csr_array:
    """Return which household bought which single brand, (H, L)."""
    place = np.cumsum(purchases.listed) - 1
    rows = purchases.listed[purchases.brand]
    household = purchases.household[rows]
    return csr_array(
        (np.ones(household.size), (household, place[purchases.brand[rows]])),
        shape=(purchases.weight.size, brand.size),
    )


def _shape(fit: NormFit, brand: Integers) -> Floats:
    """Return shared buyers over the product of penetrations by the Dirichlet, (L, L)."""
    shared = shared_buyers(replace(fit.market, share=fit.market.share[brand]))
    own = np.diag(shared)
    found: Floats = shared / np.outer(own, own)
    return found


def _crossed(bought: csr_array, weight: Floats) -> Floats:
    """Return the summed weight of households that bought both of two brands, (L, L)."""
    found: Floats = (bought.T @ bought.multiply(weight[:, None]).tocsr()).toarray()
    return found


def _coefficient(shared: Floats) -> float:
    """Return D: mean duplication over mean penetration, all pairs counting alike."""
    b = np.diag(shared)
    others = shared.sum(axis=1) - b
    return float((others / b).sum() / ((b.size - 1) * b.sum()))


def _scale(bought: csr_array, shared: Floats, shape: Floats) -> tuple[float, Floats]:
    """Return what meets all shared buyers together, and what households add to it, (H,)."""
    b = np.diag(shared)
    shaped = (shape - np.diag(np.diag(shape))) @ b
    base = float(b @ shaped)
    found = float(shared.sum() - b.sum()) / base
    number = bought.sum(axis=1)
    return found, (number * (number - 1) - 2 * found * (bought @ shaped)) / base + found


def _variance(
    bought: csr_array, weight: Floats, law: Floats, pull: tuple[Floats, Floats]
) -> Floats:
    """Return the variance of shared buyers less those of the norm, (L, L).

    Parameters
    ----------
    bought, weight
        Who bought what, and what each household counts for.
    law
        (L, L) shared buyers over the product of penetrations by the norm.
    pull
        What each household adds to the coefficient, (H,), and the norm's shape, (L, L).
    """
    heavy = weight**2
    b = bought.T @ weight / weight.sum()
    one, other = b[:, None], b[None, :]
    own, shape = pull
    seen, pulled = _crossed(bought, heavy), _crossed(bought, heavy * own)
    pair, whole = law * one * other, heavy.sum()
    squares, crosses = np.diag(seen), np.diag(pulled)
    # Of I_ab - D b_b I_a - D b_a I_b - b_a b_b dD + D b_a b_b, I telling who bought; the squares
    # of I_ab are those that there would be were the norm true.
    on_one, on_other, on_law = -law * other, -law * one, -shape * one * other
    total = pair * whole * (1 + 2 * (on_one + on_other + pair + on_one * on_other))
    for slope, square, cross in (
        (on_one, squares[:, None], crosses[:, None]),
        (on_other, squares[None, :], crosses[None, :]),
    ):
        total = total + slope**2 * square + 2 * slope * (on_law * cross + pair * square)
    total += on_law**2 * (heavy @ own**2) + 2 * on_law * (pulled + pair * (heavy @ own))
    found: Floats = total + pair**2 * whole
    return found


def _adjusted(p: Floats) -> Floats:
    first, second = np.triu_indices(p.shape[0], 1)
    q = np.full(p.shape, np.nan)
    q[first, second] = q[second, first] = q_values(p[first, second])
    return q
