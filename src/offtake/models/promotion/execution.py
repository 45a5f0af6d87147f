"""Who did what was agreed, and whether those who did not would have gained as much.

Stores that put a display up are not like those that do not: they sell more, and they may respond
more. The first is dealt with by effects of single store-items; the second is looked for here. In
every week of an event, stores of one chain that put the same item up are set against those that did
not, each against its own weeks before the event. What the model says a display does is the
regressor, so that a slope of 1 means both agree; its product with the share of displays that the
store puts up at other times says whether the willing respond more. From the gap between the
willingness of those who did and of those who did not follows how much of the response the latter
would have had. What the data do not tell of this ratio is left to a stated prior around 1.

References
----------
Angrist, J. D. and Pischke, J.-S. (2009). Mostly harmless econometrics. Princeton University Press
(chapter 5, differences in differences).
Heckman, J. J., Urzua, S. and Vytlacil, E. (2006). Understanding instrumental variables in models
with essential heterogeneity. Review of Economics and Statistics 88, 389-432 (responses that go with
the decision to take part).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offtake.errors import BadInputError
from offtake.models.kernels.poisson import checked
from offtake.models.kernels.poisson_climb import Prior, climb
from offtake.models.kernels.poisson_jackknife import jackknife
from offtake.models.kernels.poisson_rows import used_rows
from offtake.models.names import joint
from offtake.models.promotion.design import Design, log_mean
from offtake.models.promotion.events import Events
from offtake.models.promotion.rows import DAYS, Bools, Floats, Integers, PromotionRows

BEFORE = 4
"""Weeks before an event that a store is compared with itself in."""
LATE = 2
"""Of these the last ones, in which stores that will put a display up should be like the others."""
LEAST_STORES = 4
FADES = 4.0
"""Displays at which a store's own share of displays put up counts as much as the mean of all."""
AGREES, WILLING, EARLY = range(3)
WIDE = np.array([2.0, 4.0, 1.0])


@dataclass(frozen=True, slots=True)
class Execution:
    """Who did what was agreed for E events in S stores.

    Parameters
    ----------
    agreed, executed
        (E, S) in which stores something was agreed, and in which it was done: where a display was
        agreed, a display; elsewhere any support.
    displays_agreed, displays_seen
        (E,) store-item-weeks with a display agreed, and those of them in which one stood.
    days_agreed, days_seen
        (E,) days of display agreed, and days that displays stood where they were agreed.
    ratio, ratio_sd
        Response of the stores that did not execute over that of those which did, prior and data
        together.
    willing
        What the data alone say of the ratio, with its standard error.
    agreement
        Response of stores that executed against others of the same chain, item and week, over what
        the model says, with its standard error; 1 where both agree.
    before
        The same in the last weeks before the event, when nothing stood yet; 0 where those who would
        execute and the others developed alike.
    """

    agreed: Bools
    executed: Bools
    displays_agreed: Integers
    displays_seen: Integers
    days_agreed: Floats
    days_seen: Floats
    ratio: float
    ratio_sd: float
    willing: tuple[float, float]
    agreement: tuple[float, float]
    before: tuple[float, float]


NOTHING = (float("nan"), float("nan"))


def execution(
    rows: PromotionRows, events: Events, design: Design, parameters: Floats, *, prior_sd: float
) -> Execution:
    """Find who executed, and the ratio of responses.

    Parameters
    ----------
    rows, events, design
        What sold, the promotions, the regression.
    parameters
        (K,) of the regression.
    prior_sd
        Of the ratio around 1; 0 holds it at 1.
    """
    inside = events.of >= 0
    agreed = np.zeros((events.count, rows.names.stores.size), bool)
    planned = inside & rows.agreed
    agreed[events.of[planned], rows.store[planned]] = True
    display = planned & (rows.planned.display > 0)
    stood = display & (rows.seen.display > 0)
    found = _compared(rows, events, design, parameters)
    ratio, ratio_sd = _posterior(found[WILLING], prior_sd)
    count = events.count
    return Execution(
        agreed=agreed,
        executed=executed_in(rows, events),
        displays_agreed=np.bincount(events.of[display], minlength=count),
        displays_seen=np.bincount(events.of[stood], minlength=count),
        days_agreed=_days(events, display, rows.planned.display),
        days_seen=_days(events, stood, np.minimum(rows.seen.display, rows.planned.display)),
        ratio=ratio,
        ratio_sd=ratio_sd,
        willing=found[WILLING],
        agreement=found[AGREES],
        before=found[EARLY],
    )


def executed_in(rows: PromotionRows, events: Events) -> Bools:
    """Return in which stores each event was executed, (E, S).

    Where a display was agreed for it, where one was seen; elsewhere, where any support was.
    """
    shape = events.count, rows.names.stores.size
    inside = events.of >= 0
    with_display = np.zeros(events.count, bool)
    with_display[events.of[inside & rows.agreed & (rows.planned.display > 0)]] = True
    found = np.zeros(shape, bool)
    done = np.where(with_display[events.of], rows.seen.display > 0, rows.seen.any) & inside
    found[events.of[done], rows.store[done]] = True
    return found


def _days(events: Events, rows: Bools, share: Floats) -> Floats:
    days = np.bincount(events.of[rows], share[rows], minlength=events.count)
    return DAYS * days.astype(np.float64)


def _posterior(said: tuple[float, float], prior_sd: float) -> tuple[float, float]:
    """Weigh what the data say of the ratio against the prior around 1, never below 0.

    Examples
    --------
    >>> _posterior((0.5, 0.25), 0.25)[0]
    0.75
    """
    estimate, error = said
    if not np.isfinite(error) or prior_sd == 0:
        return 1.0, prior_sd
    weight = prior_sd**2 / (prior_sd**2 + error**2)
    return max(0.0, 1 + weight * (estimate - 1)), float(np.sqrt(weight)) * error


def _compared(
    rows: PromotionRows, events: Events, design: Design, parameters: Floats
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Set stores that executed against others of their chain, in each event and the weeks before.

    Returns
    -------
    tuple
        Agreement, ratio and difference before the event, each with its standard error.
    """
    display = display_part(design, parameters, design.support)
    seen = _matched(rows, events)
    if seen is None:
        return NOTHING, NOTHING, NOTHING
    row, event, after = seen
    did = rows.seen.display[row] > 0
    willing = _willing(rows, row, event, after)
    here = after & did
    if not (here.any() and (after & ~did).any()):
        return NOTHING, NOTHING, NOTHING
    centre, others = willing[here].mean(), willing[after & ~did].mean()
    pull = np.where(after, display[row], 0.0)
    columns = np.column_stack(
        [pull, pull * (willing - centre), _early(rows, (row, event, after), pull)]
    )
    offset = (log_mean(design, parameters) - display)[row]
    try:
        slopes, covariance = _fitted(rows, (row, event), columns, offset)
    except BadInputError:
        return NOTHING, NOTHING, NOTHING
    return _read(slopes, covariance, others - centre)


def _read(
    slopes: Floats, covariance: Floats, gap: float
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    errors = np.sqrt(np.diag(covariance))
    agrees, by_willing = slopes[AGREES], slopes[WILLING]
    ratio = NOTHING
    if agrees > 0 and np.isfinite(errors[WILLING]):
        slope = gap * np.array([-by_willing / agrees**2, 1 / agrees])
        error = float(np.sqrt(slope @ covariance[:2, :2] @ slope))
        ratio = float(1 + gap * by_willing / agrees), error
    return (
        (float(agrees), float(errors[AGREES])),
        ratio,
        (float(slopes[EARLY]), float(errors[EARLY])),
    )


def display_part(design: Design, parameters: Floats, support: Floats) -> Floats:
    """Return what displays, alone and with a leaflet, add to the log mean, (N,)."""
    responses = design.of_rows(parameters)
    found: Floats = responses[:, 1] * support[:, 1] + responses[:, 3] * support[:, 3]
    return found


def _matched(rows: PromotionRows, events: Events) -> tuple[Integers, Integers, Bools] | None:
    """Return rows to compare: those with a display agreed, and their pairs' weeks before.

    Returns
    -------
    tuple
        (M,) rows, (M,) events and whether the row is in the event; None where there is none. Weeks
        before with support of their own are left out.
    """
    during = np.flatnonzero((events.of >= 0) & rows.agreed & (rows.planned.display > 0))
    if not during.size:
        return None
    span = int(rows.week.max()) + BEFORE + 2
    # Weeks are moved up, so that those before the first do not run into another pair.
    key = rows.pair * span + rows.week + BEFORE + 1
    pieces = [(during, events.of[during], np.ones(during.size, bool))]
    pairs = np.unique(np.column_stack([events.of[during], rows.pair[during]]), axis=0)
    start = events.first_week[pairs[:, 0]]
    for lag in range(1, BEFORE + 1):
        wanted = pairs[:, 1] * span + start - lag + BEFORE + 1
        at = np.minimum(np.searchsorted(key, wanted), rows.size - 1)
        found = (key[at] == wanted) & ~rows.seen.any[at] & ~rows.agreed[at]
        pieces.append((at[found], pairs[found, 0], np.zeros(int(found.sum()), bool)))
    row, event, after = (np.concatenate(each) for each in zip(*pieces, strict=True))
    counted = rows.counted[row]
    return row[counted], event[counted], after[counted]


def _willing(rows: PromotionRows, row: Integers, event: Integers, after: Bools) -> Floats:
    """Return the share of displays that a row's store puts up in other events, (M,).

    Stores with few displays are moved towards the mean.
    """
    done = (rows.seen.display[row] > 0) & after
    overall = done.sum() / after.sum()
    stores = rows.names.stores.size
    cell = event * stores + rows.store[row]
    size = (int(event.max()) + 1) * stores
    asked, did = (
        np.bincount(rows.store[row], each, minlength=stores)[rows.store[row]]
        - np.bincount(cell, each, minlength=size)[cell]
        for each in (after, done)
    )
    willing: Floats = (did + FADES * overall) / (asked + FADES)
    return willing


def _early(rows: PromotionRows, seen: tuple[Integers, Integers, Bools], pull: Floats) -> Floats:
    """Return, in the last weeks before an event, the pull that the pair will have in it, (M,)."""
    row, event, after = seen
    cell = joint(event, rows.pair[row])
    size = int(cell.max()) + 1
    count = np.bincount(cell, after & (pull != 0), minlength=size)
    coming = np.bincount(cell, np.where(after, pull, 0.0), minlength=size) / np.maximum(count, 1)
    start = np.full(int(event.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(start, event[after], rows.week[row][after])
    late = rows.week[row] >= start[event] - LATE
    early: Floats = np.where(late & ~after, coming[cell], 0.0)
    return early


def _fitted(
    rows: PromotionRows, place: tuple[Integers, Integers], columns: Floats, offset: Floats
) -> tuple[Floats, Floats]:
    """Fit with an effect of every event's store-item, and of every event, chain, item and week."""
    row, event = place
    pair = joint(event, rows.pair[row])
    item = joint(joint(event, rows.retailer[row]), rows.item[row])
    week = joint(item, rows.week[row])
    given = checked(
        rows.units[row], columns, pair, weeks=week, offset=offset, clusters=rows.store[row]
    )
    used = used_rows(given)
    if used.layout.clusters < LEAST_STORES:
        raise BadInputError(f"stores: allowed: at least {LEAST_STORES} to compare")
    peak = climb(used, Prior(np.array([1.0, 0.0, 0.0]), WIDE**-2.0))
    return peak.slopes, jackknife(used, peak).covariance
