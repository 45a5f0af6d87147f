"""Proportions from a weighted sample of respondents, with the interval of the sample's design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from offtake.measures.scope import beside, grouped, ratio

if TYPE_CHECKING:
    import ibis.expr.types as ir

RESPONDENT = "respondent_id"
Z_95 = 1.959963984540054
INTERVAL_PARTS = ("respondents", "effective_sample", "low", "high")


def sample(answers: ir.Table, by: tuple[str, ...]) -> ir.Table:
    """Return the weight of the answers by group, how many respondents gave it, and n effective.

    A respondent's answers (about several brands, in several waves) are one draw: their weights are
    added up first. The effective sample size is Kish's (sum of weights)^2 / sum of squared weights
    [1]_ over respondents.

    Parameters
    ----------
    answers
        Rows with ``respondent_id`` and ``weight``.
    by
        Groupings.

    Returns
    -------
    ibis Table
        Columns of `by`, ``base`` (weight), ``respondents``, ``effective_sample``.

    References
    ----------
    .. [1] Kish, L. (1965). Survey Sampling. Wiley. Section 11.7.
    """
    draws = grouped(answers, (*by, RESPONDENT), weight=answers.weight.sum())
    sums = grouped(
        draws,
        by,
        base=draws.weight.sum(),
        squares=(draws.weight * draws.weight).sum(),
        respondents=draws.count(),
    )
    size = effective_size(sums.base, sums.squares)
    return sums.mutate(effective_sample=size).drop("squares")


def effective_size(weights: ir.NumericValue, squares: ir.NumericValue) -> ir.FloatingValue:
    """Return Kish's effective sample size from the sums of weights and of squared weights."""
    return ratio(weights * weights, squares)


def with_interval(table: ir.Table) -> ir.Table:
    """Put ``value`` and its 95 % interval ``low`` to ``high``, all in percent, beside the counts.

    The interval is Wilson's score interval [1]_ with the effective sample size in the place of the
    sample size, which holds its coverage in surveys of unequal weights [2]_. Where one respondent
    gives several answers it is on the safe side: a mean of answers varies less than one answer.

    Parameters
    ----------
    table
        Columns ``hits`` and ``base`` (weights) and ``effective_sample``.

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
       inference. Journal of the American Statistical Association 22, 209-212.
    .. [2] Franco, C., Little, R. J. A., Louis, T. A. and Slud, E. V. (2019). Comparative study of
       confidence intervals for proportions in complex sample surveys. Journal of Survey Statistics
       and Methodology 7, 334-364.
    """
    share = ratio(table.hits.fill_null(0.0), table.base)
    size, squared = table.effective_sample, Z_95**2
    spread = (share * (1 - share) / size + squared / (4 * size * size)).sqrt()
    middle, shrink = share + squared / (2 * size), 1 + squared / size
    # At shares of 0 and 1 an end is the share itself, but for rounding.
    low = ibis.greatest(ibis.least((middle - Z_95 * spread) / shrink, share), 0.0)
    high = ibis.least(ibis.greatest((middle + Z_95 * spread) / shrink, share), 1.0)
    return table.mutate(value=100.0 * share, low=100.0 * low, high=100.0 * high)


def proportion(answers: ir.Table, hit: ir.BooleanValue, by: tuple[str, ...]) -> ir.Table:
    """Return the weighted part of the answers for which `hit` holds, with its interval."""
    hits = grouped(answers, by, hits=answers.weight.sum(where=hit))
    return with_interval(beside(hits, sample(answers, by), by))
