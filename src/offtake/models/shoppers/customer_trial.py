"""Models of a customer base held to weeks they have not seen, and the one that is chosen.

Each model learns from the weeks before the cut. What it then says of every customer's weeks after
the cut is scored: the log of the chance it gave to just what the customer did. The rule: of the
models that count purchases alike and whose search ended, those within one standard error of the
best mean score are as good; of these the one with fewest parameters is chosen, and among equals
the one with the best score. It is then fitted to all weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from offtake.models.kernels.arguments import Floats
from offtake.models.kernels.customer_fit import (
    LEVEL,
    CustomerFit,
    fit_customers,
    law,
    log_likelihood_each,
)
from offtake.models.kernels.customer_forecast import Between, totals_between
from offtake.models.kernels.customer_law import CustomerModel
from offtake.models.kernels.customer_states import CustomerStates, counted, customer_states
from offtake.models.kernels.normal_ends import normal_ends
from offtake.models.shoppers.customer_query import WEEK, Histories, Span
from offtake.models.shoppers.customer_spec import CustomerUnit

ALIKE = 1e-6
"""Difference of mean log scores up to which models foretell alike."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of one name before and after the cut.

    Parameters
    ----------
    histories
        Its customers.
    repeats
        (W,) repeat purchases by week, of those who were customers at the cut.
    span
        What was observed.
    unit
        In which purchases count once.
    """

    histories: Histories
    repeats: Floats
    span: Span
    unit: CustomerUnit

    def whole(self) -> CustomerStates:
        """Return all customers at the end, (N,)."""
        return self._states(np.ones(self.histories.size, bool), at_cut=False)

    def before(self) -> CustomerStates:
        """Return those who were customers at the cut, as they were then, (C,)."""
        return self._states(self.cohort, at_cut=True)

    def after(self) -> CustomerStates:
        """Return the same customers at the end, (C,)."""
        return self._states(self.cohort, at_cut=False)

    @property
    def cohort(self) -> np.ndarray:
        """(N,) who was a customer at the cut."""
        found: np.ndarray = self.histories.purchases_cut > 0
        return found

    def age_at(self, day: np.datetime64, first: np.ndarray) -> Floats:
        """Return weeks from first purchases to a day; whole ones where weeks are counted."""
        if self.unit == "week":
            day = day - np.timedelta64(WEEK - 1, "D")
        return (day - first).astype(np.float64) / WEEK

    def _states(self, kept: np.ndarray, *, at_cut: bool) -> CustomerStates:
        found = self.histories
        last = found.last_cut if at_cut else found.last
        count = found.purchases_cut if at_cut else found.purchases
        end = np.datetime64(self.span.cut if at_cut else self.span.end)
        first = found.first[kept]
        recency = (last[kept] - first).astype(np.float64) / WEEK
        return customer_states(count[kept] - 1, recency, self.age_at(end, first))


@dataclass(frozen=True, slots=True)
class Trial:
    """One model of one name.

    Parameters
    ----------
    learned
        Fitted to the weeks before the cut.
    fit
        Fitted to all weeks.
    unit
        In which purchases count once.
    scores
        (C,) log of the chance given to what customers did after the cut.
    actual
        Repeat purchases after the cut.
    forecast
        Of them, by weeks after the cut, cumulative, (H,).
    tracking
        Mean absolute error of that, as a share of what had been bought by the week.
    alive
        Share of all customers that still are, by the fit to all weeks.
    """

    learned: CustomerFit
    fit: CustomerFit
    unit: CustomerUnit
    scores: Floats
    actual: float
    forecast: Between
    tracking: float
    alive: float

    @property
    def error(self) -> float:
        """How far the forecast of all weeks after the cut is off, as a share of what was bought."""
        return float(self.forecast.value[-1] / self.actual - 1) if self.actual else np.nan


def tried(model: CustomerModel, held: Held) -> Trial:
    """Fit a model before the cut, forecast what came after, and fit it to all weeks.

    Raises
    ------
    BadInputError
        When nobody bought again before the cut.
    """
    before, after = held.before(), held.after()
    learned = fit_customers(model, before)
    whole, _ = counted(held.whole())
    fit = fit_customers(model, whole, start=learned.point)
    scores = log_likelihood_each(learned, after) - log_likelihood_each(learned, before)
    few, _ = counted(before)
    weeks = [totals_between(learned, few, float(week))[1]
             for week in range(1, held.span.held_out + 1)]  # fmt: skip
    forecast = Between(*(
        np.array([float(getattr(each, end)) for each in weeks]) for end in ("value", "low", "high")
    ))  # fmt: skip
    seen = np.cumsum(held.repeats[-held.span.held_out :])
    tracking = _tracking_error(forecast.value, seen)
    alive = float(law(model).alive(fit.point, whole) @ whole.customers / whole.customers.sum())
    return Trial(learned, fit, held.unit, scores, float(seen[-1]), forecast, tracking, alive)


def _tracking_error(expected: Floats, seen: Floats) -> float:
    known = seen > 0
    return float(np.mean(np.abs(expected[known] / seen[known] - 1))) if known.any() else np.nan


def choose(trials: Sequence[Trial]) -> tuple[int, str]:
    """Return the place of the model that is chosen, and why in a few words.

    Parameters
    ----------
    trials
        Of one name, at least one.
    """
    usable = [i for i, each in enumerate(trials) if each.learned.converged and each.fit.converged]
    rivals = [i for i in usable if trials[i].fit.model != "bg_bb"] or usable
    if not rivals:
        return 0, "no search ended: take its figures with care"
    if len(rivals) == 1:
        return rivals[0], "the only one"
    best = max(rivals, key=lambda i: trials[i].scores.mean())
    good = [i for i in rivals if _as_good(trials[best].scores - trials[i].scores)]
    fewest = min(trials[i].fit.point.size for i in good)
    simple = [i for i in good if trials[i].fit.point.size == fewest]
    chosen = max(simple, key=lambda i: trials[i].scores.mean())
    if chosen == best:
        return chosen, "forecast the weeks held out best"
    return chosen, f"as good as {trials[best].fit.model} within a standard error, and simpler"


def misfit(trials: Sequence[Trial]) -> float:
    """Return by how much forecasts were off beyond their intervals: a standard deviation in logs.

    Models take rates to stay and customers to act each for itself. Seasons, promotions and rivals
    move all customers at once; how much, the weeks held out tell, over all names of a category.

    Parameters
    ----------
    trials
        The chosen model of every name.
    """
    off = []
    for each in trials:
        value, low, high = (
            float(end[-1]) for end in (each.forecast.value, each.forecast.low, each.forecast.high)
        )
        if each.actual > 0 and value > 0:
            told = (np.log(high / low) / (2 * normal_ends(LEVEL))) ** 2
            off.append(np.log(each.actual / value) ** 2 - told)
    return float(np.sqrt(max(np.mean(off), 0.0))) if off else 0.0


def _as_good(behind: Floats) -> bool:
    """Return whether a model is behind by no more than one standard error of the difference.

    Less than a millionth is rounding: a model that has run into a simpler one scores like it.
    """
    error = float(behind.std(ddof=1)) / np.sqrt(behind.size) if behind.size > 1 else np.inf
    return float(behind.mean()) <= max(error, ALIKE)
