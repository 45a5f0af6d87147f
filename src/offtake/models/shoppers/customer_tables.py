"""Customer bases as tables; numbers that are not known are empty. Intervals are at 80 %."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from offtake.models.columns import Columns
from offtake.models.kernels.customer_fit import CustomerFit
from offtake.models.kernels.customer_forecast import Between, newcomers
from offtake.models.kernels.customer_spend import NAMES as SPEND_NAMES
from offtake.models.kernels.customer_spend import SpendFit
from offtake.models.shoppers.customer_bases import CustomerBase, CustomerBases
from offtake.models.shoppers.customer_columns import typed_table
from offtake.models.shoppers.customer_notes import note_table
from offtake.models.shoppers.customer_query import WEEK
from offtake.models.shoppers.customer_trial import Trial
from offtake.models.shoppers.customer_worth import Worth

if TYPE_CHECKING:
    import pyarrow as pa

PERCENT = 100.0
Row = dict[str, Any]
LISTED = 3
"""Names whose customers are told one by one, where none is asked for."""


def tables_of(found: CustomerBases) -> dict[str, pa.Table]:
    """Return all tables, by name.

    Parameters
    ----------
    found
        What was fitted.
    """
    return {
        "shopper_customer_base": base_table(found),
        "shopper_customer_models": model_table(found),
        "shopper_customer_parameters": parameter_table(found),
        "shopper_customer_tracking": tracking_table(found),
        "shopper_customers": household_table(found),
        "shopper_customer_notes": note_table(found),
    }


def base_table(found: CustomerBases) -> pa.Table:
    """Return ``shopper_customer_base``: a row per name.

    ``customers``: households that ever bought. ``alive``: how many still are customers.
    ``purchases``: days (or weeks) with a purchase within ``horizon_weeks``; ``value``: what they
    come to. ``lifetime_purchases`` and ``lifetime_value``: over ``lifetime_weeks``, discounted.
    ``valued_at``: margin where its share is given, else retail value. ``spend_correlation``: of
    spend per purchase with the number of purchases, over customers.
    """
    rows = [
        _base_row(base, worth, found) for base, worth in zip(found.bases, found.worths, strict=True)
    ]
    return typed_table(_columns(rows))


def _base_row(base: CustomerBase, worth: Worth | None, found: CustomerBases) -> Row:
    spec, histories = found.spec, base.held.histories
    spend, linked = base.spend, None if base.spend is None else base.spend.independence
    value = None if worth is None else worth.lifetime_value
    return {
        "by": spec.by,
        "name": base.name,
        "model": base.trial.fit.model if worth else None,
        "unit": base.held.unit,
        "customers": histories.size,
        "repeaters": int((histories.purchases > 1).sum()),
        **_three("alive", None if worth is None else worth.alive),
        **_three("alive_share", None if worth is None else worth.alive, PERCENT / histories.size),
        "horizon_weeks": spec.horizon,
        **_three("purchases", None if worth is None else worth.purchases),
        "spend_per_purchase": float(histories.value.sum() / histories.purchases.sum()),
        **_three("value", None if worth is None else worth.value),
        "lifetime_weeks": spec.lifetime_weeks,
        "discount": PERCENT * spec.discount,
        **_three("lifetime_purchases", None if worth is None else worth.lifetime_purchases),
        **_three("lifetime_value", value),
        **_three("lifetime_value_per_customer", value, 1 / histories.size),
        "valued_at": "retail_value" if spec.margin is None else "margin",
        "spend_correlation": linked and linked.correlation,
        "spend_correlation_low": linked and linked.low,
        "spend_correlation_high": linked and linked.high,
        "spend_converged": None if spend is None else spend.fit.converged,
    }


def model_table(found: CustomerBases) -> pa.Table:
    """Return ``shopper_customer_models``: a row per name and model.

    Models learn from the weeks before ``cut`` and forecast the ``holdout_weeks`` after it:
    ``holdout_actual`` repeat purchases of the customers there were, and how many were expected.
    ``holdout_score``: mean log of the chance given to what a customer did; higher is better, among
    models of one unit. ``tracking_error``: of the cumulative forecast, week by week, on average.
    ``log_likelihood``, ``bic`` and ``alive_share`` are of the fit to all weeks.
    """
    rows = [
        _model_row(base, place, found) for base in found.bases for place in range(len(base.trials))
    ]
    return typed_table(_columns(rows, _MODEL_COLUMNS))


_MODEL_COLUMNS = (
    "by", "name", "model", "chosen", "why", "unit", "customers", "parameters", "log_likelihood",
    "bic", "converged", "not_told", "cut", "holdout_weeks", "holdout_score", "holdout_actual",
    "holdout_expected", "holdout_expected_low", "holdout_expected_high", "holdout_error",
    "tracking_error", "alive_share",
)  # fmt: skip


def _model_row(base: CustomerBase, place: int, found: CustomerBases) -> Row:
    trial, chosen = base.trials[place], place == base.chosen
    fit, forecast = trial.fit, trial.forecast
    last = Between(forecast.value[-1], forecast.low[-1], forecast.high[-1])
    return {
        "by": found.spec.by,
        "name": base.name,
        "model": fit.model,
        "chosen": chosen,
        "why": base.why if chosen else None,
        "unit": trial.unit,
        "customers": int(fit.customers),
        "parameters": fit.point.size,
        "log_likelihood": fit.log_likelihood,
        "bic": fit.bic,
        "converged": fit.converged and trial.learned.converged,
        "not_told": ", ".join(np.array(fit.names)[fit.at_limit]),
        "cut": base.held.span.cut,
        "holdout_weeks": base.held.span.held_out,
        "holdout_score": float(trial.scores.mean()),
        "holdout_actual": trial.actual,
        **_three("holdout_expected", last),
        "holdout_error": PERCENT * trial.error,
        "tracking_error": PERCENT * trial.tracking,
        "alive_share": PERCENT * trial.alive,
    }


def parameter_table(found: CustomerBases) -> pa.Table:
    """Return ``shopper_customer_parameters``: a row per name, model and parameter.

    Times are in weeks (periods of a week for ``bg_bb``), money in money. ``told``: whether the data
    tell the parameter; where they do not, it has no interval.
    """
    rows = []
    for base in found.bases:
        fits: list[tuple[str, tuple[str, ...], CustomerFit | SpendFit]] = [
            (trial.fit.model, trial.fit.names, trial.fit) for trial in base.trials
        ]
        if base.spend is not None:
            fits.append(("gamma_gamma", SPEND_NAMES, base.spend.fit))
        for model, names, fit in fits:
            low, high = fit.interval()
            for i, name in enumerate(names):
                told = not fit.at_limit[i]
                three = Between(fit.point[i], low[i], high[i])
                rows.append({
                    "by": found.spec.by, "name": base.name, "model": model, "parameter": name,
                    **_three("value", three), "told": told,
                })  # fmt: skip
    names = ("by", "name", "model", "parameter", "value", "value_low", "value_high", "told")
    return typed_table(_columns(rows, names))


def tracking_table(found: CustomerBases) -> pa.Table:
    """Return ``shopper_customer_tracking``: repeat purchases since the start, week by week.

    Of the households that were customers at the cut. ``expected``: by the chosen model, fitted to
    the weeks before the cut, from the first purchases alone. ``forecast``: what was bought up to
    the cut, and after it what the model expects of each customer, with an interval.
    """
    parts = [_tracking(base, found) for base in found.bases if base.trials]
    names = (
        "by", "name", "model", "week", "held_out", "actual", "expected", "forecast",
        "forecast_low", "forecast_high",
    )  # fmt: skip
    return typed_table({
        name: np.concatenate([part[name] for part in parts]) if parts else [] for name in names
    })  # fmt: skip


def _tracking(base: CustomerBase, found: CustomerBases) -> Columns:
    held, trial = base.held, base.trial
    weeks, out = held.span.weeks, held.span.held_out
    monday = np.datetime64(held.span.monday)
    ends = monday + WEEK * (np.arange(weeks) + 1) - 1
    actual = np.cumsum(held.repeats)
    so_far = actual[weeks - out - 1]
    later = [np.full(weeks, np.nan) for _ in range(3)]
    for into, end in zip(
        later, (trial.forecast.value, trial.forecast.low, trial.forecast.high), strict=True
    ):
        into[weeks - out :] = so_far + end
    return {
        "by": np.full(weeks, found.spec.by),
        "name": np.full(weeks, base.name),
        "model": np.full(weeks, trial.fit.model),
        "week": monday + WEEK * np.arange(weeks),
        "held_out": np.arange(weeks) >= weeks - out,
        "actual": actual,
        "expected": _expected(base, trial, ends),
        "forecast": later[0],
        "forecast_low": later[1],
        "forecast_high": later[2],
    }


def _expected(base: CustomerBase, trial: Trial, ends: np.ndarray) -> np.ndarray:
    """Return repeat purchases expected up to the ends of weeks, from first purchases, (W,)."""
    held = base.held
    days, many = np.unique(held.histories.first[held.cohort], return_counts=True)
    ages = np.maximum(np.array([held.age_at(end, days) for end in ends]), 0.0)
    distinct, place = np.unique(ages, return_inverse=True)
    found: np.ndarray = newcomers(trial.learned, distinct)[place.reshape(ages.shape)] @ many
    return found


def household_table(found: CustomerBases) -> pa.Table:
    """Return ``shopper_customers``: a row per household of the names that are listed.

    Those worth most first, as many as are asked for. ``frequency``: repeat purchases;
    ``recency_weeks``: first to last purchase; ``age_weeks``: first purchase to the end.
    ``p_alive``: per cent. ``purchases``: within the horizon; ``value`` of them, and
    ``lifetime_value``, as in the table of names. Intervals hold the uncertainty of the model's
    parameters, not what a household happens to do.
    """
    listed = set(found.spec.listed or largest(found))
    parts = [
        _households(base, worth, found)
        for base, worth in zip(found.bases, found.worths, strict=True)
        if worth is not None and base.name in listed
    ]
    names = (
        "by", "name", "household_id", "frequency", "recency_weeks", "age_weeks", "p_alive",
        "p_alive_low", "p_alive_high", "purchases", "purchases_low", "purchases_high",
        "spend_per_purchase", "value", "lifetime_value",
    )  # fmt: skip
    return typed_table({
        name: np.concatenate([part[name] for part in parts]) if parts else [] for name in names
    })  # fmt: skip


def largest(found: CustomerBases) -> list[str]:
    """Return the names that sell most to the panel, as many as are listed unless asked for."""
    order = sorted(found.bases, key=lambda base: -base.held.histories.value.sum())
    return [base.name for base in order[:LISTED]]


def _households(base: CustomerBase, worth: Worth, found: CustomerBases) -> Columns:
    states, spec = base.states, found.spec
    spend = np.full(states.size, np.nan) if base.spend is None else base.spend.expected
    rate = 1.0 if spec.margin is None else spec.margin
    lifetime = worth.each_lifetime * (1.0 if base.spend is None else spend * rate)
    order = np.lexsort((base.held.histories.households, -lifetime))[: spec.most_listed]
    alive, bought = worth.each_alive, worth.each_purchases
    columns = {
        "by": np.full(states.size, spec.by),
        "name": np.full(states.size, base.name),
        "household_id": base.held.histories.households,
        "frequency": states.frequency,
        "recency_weeks": states.recency,
        "age_weeks": states.age,
        "p_alive": PERCENT * alive.value,
        "p_alive_low": PERCENT * alive.low,
        "p_alive_high": PERCENT * alive.high,
        "purchases": bought.value,
        "purchases_low": bought.low,
        "purchases_high": bought.high,
        "spend_per_purchase": spend,
        "value": bought.value * spend * rate,
        "lifetime_value": worth.each_lifetime * spend * rate,
    }
    return {name: values[order] for name, values in columns.items()}


def _three(name: str, between: Between | None, times: float = 1.0) -> Row:
    """Return a value and the ends of its interval as columns."""
    if between is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), np.nan)
    return {
        name: times * float(between.value),
        f"{name}_low": times * float(between.low),
        f"{name}_high": times * float(between.high),
    }


def _columns(rows: list[Row], names: tuple[str, ...] = ()) -> Columns:
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else names)}
