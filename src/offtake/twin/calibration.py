"""What the twin takes from real data, read from ``calibration.json``.

``offtake twin calibrate`` measures it anew: demand on Complete Journey, out-of-stocks on
FreshRetailNet-50K (CC BY 4.0).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from offtake.errors import UnknownNameError

FILE = "calibration.json"
WEEKS_OF_YEAR = 52


@dataclass(frozen=True, slots=True)
class Spread:
    """A response over the items of a category: mean, standard deviation, error of the mean."""

    mean: float
    sd: float
    se: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category as measured on the panel.

    Parameters
    ----------
    name
        As the panel calls it.
    manufacturer_shares
        Unit shares of the largest manufacturers, largest first.
    rate_mean, rate_sd, store_sd, pair_sd
        Log units per store-week of the panel: mean and spread over items, over stores, and of
        store-item pairs.
    price_mean, price_sd
        Log regular price over items.
    elasticity_regular, elasticity_promoted, display, feature, display_feature
        Responses in logs.
    dispersion
        Size k of the negative binomial: variance = mean + mean^2 / k.
    season
        52 log indices with mean 0; `holidays` adds to them.
    holidays, holidays_before
        Log uplift of the week of a holiday, and of the week before.
    cut_mean, cut_sd, display_share, feature_share, both_share, event_weeks
        How deep price cuts are, how much of the time an item is on display, in a leaflet, both,
        and for how many weeks.
    purchases, rate_shape
        Purchases per household and week, and the gamma shape of their spread over households.
    """

    name: str
    manufacturer_shares: tuple[float, ...]
    rate_mean: float
    rate_sd: float
    store_sd: float
    pair_sd: float
    price_mean: float
    price_sd: float
    elasticity_regular: Spread
    elasticity_promoted: Spread
    display: Spread
    feature: Spread
    display_feature: Spread
    dispersion: float
    season: tuple[float, ...]
    holidays: Mapping[str, float]
    holidays_before: Mapping[str, float]
    cut_mean: float
    cut_sd: float
    display_share: float
    feature_share: float
    both_share: float
    event_weeks: float
    purchases: float
    rate_shape: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outages:
    """Out-of-stocks as measured: durations in days (log-normal) and what starts them.

    Parameters
    ----------
    mu, sigma
        Mean and standard deviation of log duration in days.
    busy_slope
        Log-odds of a start per log of the day's traffic, by weekday. The slope on the store's
        other sales is weaker because those are themselves cut by what is out of stock.
    weekday
        Traffic by weekday, Monday first, mean 1.
    """

    mu: float
    sigma: float
    busy_slope: float
    weekday: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything measured."""

    categories: Mapping[str, Category]
    outages: Outages

    def category(self, name: str) -> Category:
        """Return one category.

        Raises
        ------
        UnknownNameError
            When it has not been calibrated.
        """
        if name not in self.categories:
            raise UnknownNameError("calibrated category", name, self.categories)
        return self.categories[name]


@cache
def calibration() -> Calibration:
    """Return what ``calibration.json`` holds.

    Examples
    --------
    >>> len(calibration().category("COFFEE").season)
    52
    """
    text = files("offtake.twin").joinpath(FILE).read_text(encoding="utf-8")
    return read_calibration(json.loads(text))


def read_calibration(found: Mapping[str, Any]) -> Calibration:
    """Return the calibration that a parsed JSON file holds."""
    raw, out = found["categories"], found["outages"]
    spreads = {key: _pooled(raw.values(), key) for key in ("elasticity_regular", *_SPREADS)}
    categories = {name: _category(name, each, spreads) for name, each in raw.items()}
    return Calibration(
        categories,
        Outages(
            mu=out["lognormal_mu"],
            sigma=out["lognormal_sigma"],
            busy_slope=out["busy_slope_weekday"],
            weekday=tuple(out["weekday"]),
        ),
    )


_SPREADS = ("elasticity_promoted", "display", "feature", "display_feature")
_NUMBERS = (
    "rate_mean", "rate_sd", "store_sd", "pair_sd", "price_mean", "price_sd", "dispersion",
    "cut_mean", "cut_sd", "display_share", "feature_share",
    "both_share",
)  # fmt: skip


def _category(name: str, each: Mapping[str, Any], spreads: Mapping[str, float]) -> Category:
    """Return what the twin uses of one category.

    Means are those moved towards all categories by their error, spreads those pooled over
    categories: a panel of one year knows no more of most categories.
    """
    regular, shoppers = each["elasticity_regular"], each["shoppers"]
    return Category(
        name=name,
        manufacturer_shares=tuple(each["manufacturer_shares"]),
        season=tuple(each["season_shrunk"]),
        holidays=dict(each["holidays_shrunk"]),
        holidays_before=dict(each["holidays_before_shrunk"]),
        event_weeks=each["event_weeks_mean"],
        purchases=shoppers["penetration"] * shoppers["frequency"] / WEEKS_OF_YEAR,
        rate_shape=shoppers["shape"],
        elasticity_regular=Spread(regular["mean"], spreads["elasticity_regular"], regular["se"]),
        **{key: each[key] for key in _NUMBERS},
        **{  # type: ignore[arg-type]  # the other fields are named above
            key: Spread(each[key]["shrunk"], spreads[key], each[key]["se"]) for key in _SPREADS
        },
    )


def _pooled(categories: Iterable[Mapping[str, Any]], key: str) -> float:
    """Return the spread between the items of a category, pooled over categories by precision."""
    found = [(each[key]["sd"], each[key]["se"]) for each in categories]
    weights = [se**-2 for _, se in found]
    squares = [weight * sd**2 for weight, (sd, _) in zip(weights, found, strict=True)]
    return float((sum(squares) / sum(weights)) ** 0.5)
