"""Fit the regression: maximum likelihood by Gauss and Newton, errors by leaving stores out.

The log mean is linear in effects of pairs and weeks, but dips and pulls multiply responses. Around
the present parameters it is replaced by its tangent, the tangent is fitted exactly, and so on until
a step is negligible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from offtake.models.kernels.poisson import checked, finished
from offtake.models.kernels.poisson_climb import Peak, Prior, climb
from offtake.models.kernels.poisson_influence import influence
from offtake.models.kernels.poisson_jackknife import degrees, jackknife
from offtake.models.kernels.poisson_rows import Given, Rows, used_rows, with_regressors
from offtake.models.promotion.design import (
    Design,
    PromotionSpec,
    design,
    jacobian,
    log_mean,
    promoted_part,
    regrouped,
    resized,
)
from offtake.models.promotion.groups import (
    Groups,
    pull_groups,
    response_groups,
    retailer_groups,
)
from offtake.models.promotion.layout import Layout
from offtake.models.promotion.market import rates
from offtake.models.promotion.rows import Bools, Floats, PromotionRows

SIZINGS = 3
# Where sizes are still to be found, a step of a tenth of a standard error is small.
ROUGH = 0.1
# Share of what is known of a parameter that comes from the wide prior, above which nothing is.
PRIOR_ONLY = 0.5
STEPS = 25
# Largest step, in standard errors, that is still negligible.
SMALL = 1e-3
# Wide prior of a group's responses around those of the category, in elasticities and log lifts:
# it binds only where a group hardly says anything.
WIDE = np.array([4.0, 2.0, 2.0, 2.0])
# Of the elasticity to the regular price; of dips and pulls, which are shares of a gain; of what
# comes from empty shelves and of trends, in logs.
WIDE_PRICE, WIDE_SHARE, WIDE_REST = 4.0, 0.5, 2.0
# In units about a third of a gain comes from other brands, a third from other weeks, a third is
# growth (van Heerde, Leeflang and Wittink 2004); what comes from the brand's own other items has no
# such figure. Where the data tell, they overrule it: a share may be off by half of the gain.
DIP_THIRD, OWN_THIRD, RIVAL_THIRD = 1 / 3, 0.2, 1 / 3
# Prior standard deviation of what the data cannot tell.
HELD = 0.02


@dataclass(frozen=True, slots=True)
class Response:
    """Fitted parameters.

    Parameters
    ----------
    parameters
        (K,) in the order of the layout; what the data cannot tell keeps the category's value.
    covariance
        (K, K) by leaving out one store at a time.
    weighing
        (K, K) the same variances with the correlations of the information: what single estimates
        are weighed with. Those of the jackknife rest on few stores, and weights that follow their
        chance would look more exact than they are.
    known
        (K,) whether the data tell it.
    mean
        (N,) fitted units; 0 in rows that are no evidence.
    dispersion
        Variance of units beyond Poisson, as a multiple of the squared mean.
    stores
        How many stores it rests on.
    degrees
        Degrees of freedom of the covariance: how many stores of equal weight would leave as much
        chance in it, less than `stores` where a few large ones decide.
    rows
        Rows used.
    steps, converged
        Of Gauss and Newton.
    tangent
        The regression around the parameters, at its maximum.
    """

    parameters: Floats
    covariance: Floats
    weighing: Floats
    known: Bools
    mean: Floats
    dispersion: float
    stores: int
    degrees: float
    rows: int
    steps: int
    converged: bool
    tangent: tuple[Rows, Peak]

    def moved_by(self, weights: csr_array) -> Floats:
        """Return by how much parameters move, (F, K), with F sums of units, (N, F)."""
        return influence(*self.tangent, weights)

    @property
    def variance(self) -> Floats:
        """(N,) of the units of every row around their mean."""
        found: Floats = self.mean + self.dispersion * self.mean**2
        return found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where Gauss and Newton stopped: the tangent's rows and peak there, and the parameters."""

    used: Rows
    peak: Peak
    parameters: Floats
    steps: int
    converged: bool


def fit_response(rows: PromotionRows, spec: PromotionSpec) -> tuple[Design, Response]:
    """Fit the responses of a category.

    First all items share their responses. That tells what each would have sold without any
    promotion, and so how large it is among the others; then items get responses of their own, and
    retailers add theirs.

    Parameters
    ----------
    rows
        What sold.
    spec
        What to fit.

    Returns
    -------
    tuple
        The regression as it was in the end, and what was found.
    """
    found = design(rows, spec)
    given = _given(rows, found)
    sold = used_rows(given)
    parameters = _plain(sold, found)
    for _ in range(SIZINGS):
        parameters = _climb(sold, found, parameters, ROUGH).parameters
        base = rows.units * np.exp(-promoted_part(found, parameters))
        found = resized(found, rows, rates(rows, base, np.ones(rows.size, bool)))
    groups = Groups(
        items=response_groups(rows, spec.own_responses),
        retailers=retailer_groups(rows, spec.own_retailers),
        pullers=pull_groups(rows, spec.own_pulls),
    )
    own = regrouped(found, rows, groups)
    place = _climb(sold, own, _handed_down(parameters, found.layout, own.layout), SMALL)
    return own, _result(rows, given, own, place)


def _given(rows: PromotionRows, design: Design) -> Given:
    """Return everything of the regression but its columns.

    Rows that are no evidence go into groups of their own that sold nothing, which leaves them out.
    """
    pair = np.where(rows.counted, rows.pair, rows.pair + int(rows.pair.max()) + 1)
    units = np.where(rows.counted, rows.units, 0.0)
    empty = np.zeros((rows.size, 0))
    return checked(units, empty, pair, weeks=design.week, offset=design.offset, clusters=rows.store)


def _handed_down(parameters: Floats, common: Layout, own: Layout) -> Floats:
    """Give every group the responses, and every brand the pulls, that all share, to begin with."""
    found = np.empty(own.size)
    found[: own.responses] = np.tile(parameters[: common.responses], own.groups)
    found[own.retailers] = 0.0
    found[own.regular : own.dips.stop] = parameters[common.regular : common.dips.stop]
    found[own.own_pulls] = parameters[common.own_pulls]
    found[own.rival_pulls] = parameters[common.rival_pulls]
    found[own.effects :] = parameters[common.effects :]
    return found


def _climb(sold: Rows, design: Design, start: Floats, small: float) -> _Place:
    used, peak, reached, moved = _stepped(sold, design, start)
    steps = 1
    while moved > small and steps < STEPS:
        used, peak, reached, moved = _stepped(sold, design, start, (reached, peak))
        steps += 1
    return _Place(used, peak, reached, steps, bool(moved <= small and peak.converged))


def _stepped(
    sold: Rows, design: Design, start: Floats, last: tuple[Floats, Peak] | None = None
) -> tuple[Rows, Peak, Floats, float]:
    """Fit the tangent at the parameters last reached, from the peak there.

    Returns
    -------
    tuple
        Its rows and peak, the parameters there, and the largest move in standard errors.
    """
    parameters, near = (start, None) if last is None else last
    slopes = jacobian(design, parameters)
    tangent = log_mean(design, parameters) - slopes @ parameters
    used = with_regressors(sold, slopes, tangent)
    prior = Prior(_centre(design, start), _precision(design))
    peak = climb(used, prior, near)
    reached = np.where(peak.kept, peak.slopes, parameters)
    errors = np.sqrt(np.diag(peak.inverse)[peak.kept])
    moved = float(np.max(np.abs(reached - parameters)[peak.kept] / errors, initial=0.0))
    return used, peak, reached, moved


def _centre(design: Design, start: Floats) -> Floats:
    """Return the centre of the wide prior: what all share, where groups or brands differ."""
    layout, centre = design.layout, start.copy()
    if layout.pulls == 1:
        centre[layout.own_pulls], centre[layout.rival_pulls] = OWN_THIRD, RIVAL_THIRD
    if not design.own_pulls_told:
        centre[layout.own_pulls] = OWN_THIRD
    centre[layout.retailers] = 0.0
    is_after = np.arange(layout.lags) < layout.after
    centre[layout.dips] = DIP_THIRD / max(layout.after, 1) * is_after
    centre[layout.effects :] = 0.0
    return centre


def _plain(sold: Rows, design: Design) -> Floats:
    """Return parameters to begin with: responses without dips and pulls."""
    layout = design.layout
    x = np.column_stack([design.support, design.log_price])
    precision = np.append(WIDE, WIDE_PRICE) ** -2.0
    rows = with_regressors(sold, x, design.offset)
    peak = climb(rows, Prior(np.zeros(x.shape[1]), precision))
    start = np.zeros(layout.size)
    start[: layout.regular + 1] = peak.slopes
    return start


def _precision(design: Design) -> Floats:
    layout = design.layout
    precision = np.full(layout.size, WIDE_REST**-2.0)
    precision[layout.regular] = WIDE_PRICE**-2.0
    precision[layout.regular + 1 : layout.effects] = WIDE_SHARE**-2.0
    if not design.own_pulls_told:
        precision[layout.own_pulls] = HELD**-2.0
    sets = layout.groups + layout.contrasts
    precision[: layout.retailers.stop] = np.tile(WIDE**-2.0, sets)
    return precision


def _result(rows: PromotionRows, given: Given, design: Design, place: _Place) -> Response:
    used, peak = place.used, place.peak
    mean = finished(given, used, peak).mean
    said = np.diag(peak.inverse) * _precision(design)
    spread = dispersion(rows.units[rows.counted], mean[rows.counted])
    covariance = _floored(jackknife(used, peak).covariance, peak.inverse)
    return Response(
        parameters=place.parameters,
        covariance=covariance,
        weighing=_scaled(peak.inverse, covariance),
        known=peak.kept & (said < PRIOR_ONLY),
        mean=mean,
        dispersion=spread,
        stores=used.layout.clusters,
        degrees=degrees(rows.store, (mean + spread * mean**2) * rows.seen.any),
        rows=used.y.size,
        steps=place.steps,
        converged=place.converged,
        tangent=(used, peak),
    )


def _floored(robust: Floats, model: Floats) -> Floats:
    """Return the robust covariance with no variance below that of counts that vary by chance alone.

    What only two or three stores did leaves the jackknife too little to see the spread.
    """
    least = np.nan_to_num(np.diag(model))
    with np.errstate(invalid="ignore", divide="ignore"):
        short = np.sqrt(np.maximum(least / np.diag(robust), 1.0))
    raised = np.where(np.isfinite(short), short, 1.0)
    covariance = robust * np.outer(raised, raised)
    bare = np.diag(covariance) < least
    covariance[bare, bare] = least[bare]
    floored: Floats = covariance + np.diag(1e-9 * least)
    return floored


def _scaled(model: Floats, robust: Floats) -> Floats:
    """Return the model's covariance scaled to the robust variances."""
    scale = np.sqrt(np.diag(robust) / np.diag(model))
    scaled: Floats = model * np.outer(scale, scale)
    return scaled


def dispersion(units: Floats, mean: Floats) -> float:
    """Return the variance beyond Poisson as a multiple of the squared mean, at least 0.

    By moments: sum of squared residuals less means, over the sum of squared means.

    Examples
    --------
    >>> dispersion(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    0.0
    """
    beyond = float(np.sum((units - mean) ** 2 - mean))
    scale = float(np.sum(mean**2))
    return max(0.0, beyond / scale) if scale else 0.0
