"""Which shares changed, when, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offtake.models.kernels.change_points import Segments, penalised, with_changes
from offtake.models.kernels.change_test import (
    Chance,
    Changes,
    Shapes,
    autocorrelated,
    chance,
    changes,
    lent_variance,
    shapes,
)
from offtake.models.kernels.discoveries import q_values
from offtake.models.shoppers.trend_spec import LEVEL, TrendSpec

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

YEAR = 52
PART = 4
"""Weeks of a part of the year: with two years and more, weeks are set against the same part."""
VERDICTS = ("stable", "emerging", "fading", "one-off")
STABLE, EMERGING, FADING, ONE_OFF = range(len(VERDICTS))
ROUNDED = 0.5
"""Units added to both sides of a share, so that a week without sales has a logit."""
AROUND = 3
"""Weeks on either side whose median tells what a single week should be near to."""
FAR = 4.0
"""Robust standard deviations from there beyond which a week is pulled in: a promotion of one week
is no trend."""
NORMAL_MAD = 1.4826
SURER = 1.53
"""Reach of an interval at 95 % over that at 80 %: so sure must it be that a change stayed."""
ONE_MORE = 0.95
"""A further change must explain more than chance does in this share of stable series."""


@dataclass(frozen=True, slots=True)
class Trends:
    """What S series of shares over T weeks did.

    Parameters
    ----------
    chance
        (S,) chance that a stable series looks like this.
    q
        (S,) least rate of false discoveries at which it would be told.
    verdict
        (S,) place in `VERDICTS`.
    count
        (S,) changes told; 0 for a stable series.
    week
        (S,) week of the greatest change, and the ends of its interval; -1 for a stable series.
    week_low, week_high
        (S,) ends of its interval.
    fitted
        (S, T) shares as fitted.
    before, after
        (S,) fitted shares at the beginning and at the end.
    ratio, ratio_low, ratio_high
        (S,) after / before and its interval; NaN for a stable series.
    """

    chance: Floats
    q: Floats
    verdict: Integers
    count: Integers
    week: Integers
    week_low: Integers
    week_high: Integers
    fitted: Floats
    before: Floats
    after: Floats
    ratio: Floats
    ratio_low: Floats
    ratio_high: Floats


def logits(amounts: Floats, whole: Floats) -> Floats:
    """Return logits of shares, (S, T), single weeks far from those around them pulled in.

    Parameters
    ----------
    amounts
        (S, T) amounts.
    whole
        (S, T) what they are shares of.
    """
    logit = np.log((amounts + ROUNDED) / (np.maximum(whole - amounts, 0.0) + ROUNDED))
    around = np.pad(logit, ((0, 0), (AROUND, AROUND)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * AROUND + 1, axis=1)
    middle = np.median(windows, axis=2)
    off = logit - middle
    reach = FAR * NORMAL_MAD * np.median(np.abs(off), axis=1, keepdims=True)
    found: Floats = middle + np.clip(off, -reach, reach)
    return found


def season_columns(weeks: int, first: int) -> Floats | None:
    """Return a column for every part of the year, (T, K); None with less than two years.

    Parameters
    ----------
    weeks
        T.
    first
        Week of the year of the first, from 0.
    """
    if weeks < 2 * YEAR:
        return None
    part = np.minimum((first + np.arange(weeks)) % YEAR // PART, YEAR // PART - 1)
    found: Floats = (part[:, None] == np.arange(YEAR // PART)).astype(np.float64)
    return found


def trends(series: Floats, spec: TrendSpec, season: Floats | None = None) -> Trends:
    """Return which series changed, when and by how much.

    Parameters
    ----------
    series
        (S, T) logits of shares.
    spec
        What is asked.
    season
        (T, K) columns of the season, or None.
    """
    space = shapes(series.shape[1], season=season, shortest=spec.shortest, longest=spec.longest)
    noise = chance(space, seed=spec.seed, simulated=spec.simulated)
    found = changes(series, space)
    p = noise.at_least(found.score, found.autocorrelation)
    q = q_values(p)
    told = q <= spec.false
    plain = _without_season(series, found, space)
    cuts = _cuts(plain[told], _some(found, told), (space, noise), spec)
    return _gathered(series, plain, (p, q, told), (cuts, spec))


def _some(found: Changes, which: NDArray[np.bool_]) -> Changes:
    return Changes(*(getattr(found, name)[which] for name in Changes.__slots__))


def _without_season(series: Floats, found: Changes, space: Shapes) -> Floats:
    """Return series less their season, as it is beside the change that explains most, (S, T)."""
    if space.basis.shape[1] == 1:
        return series
    column = space.columns[:, found.shape].T
    lent = (series * column).sum(axis=1)[:, None] * column
    rest = series - lent
    season = rest @ space.basis @ space.basis.T
    found_season: Floats = season - season.mean(axis=1, keepdims=True)
    return series - found_season


def _cuts(
    series: Floats, found: Changes, chances: tuple[Shapes, Chance], spec: TrendSpec
) -> Segments:
    """Return the segments of series that changed: those worth it, or else the change found."""
    space, noise = chances
    price = noise.quantile(ONE_MORE, found.autocorrelation)
    price = price * found.spread**2 * lent_variance(found, space)
    cut = penalised(series, price, shortest=spec.shortest)
    least = np.where(space.stop[found.shape] < space.root.size, 2, 1)
    return with_changes(series, np.where(cut.count > 0, cut.count, least), shortest=spec.shortest)


def _gathered(
    series: Floats,
    plain: Floats,
    asked: tuple[Floats, Floats, NDArray[np.bool_]],
    answer: tuple[Segments, TrendSpec],
) -> Trends:
    p, q, told = asked
    cuts, spec = answer
    size, steps = series.shape
    logit = np.repeat(plain.mean(axis=1, keepdims=True), steps, axis=1)
    logit[told] = cuts.fitted
    count, verdict = np.zeros(size, dtype=np.int64), np.full(size, STABLE)
    week = np.full((3, size), -1, dtype=np.int64)
    ratio = np.full((3, size), np.nan)
    count[told] = cuts.count
    for place, each in zip(np.flatnonzero(told), _intervals(plain[told], cuts, spec), strict=True):
        week[:, place], ratio[:, place] = each
        verdict[place] = _verdict(*np.log(ratio[:, place]))
    fitted = _share(logit + series - plain)
    level = _share(logit)
    return Trends(
        chance=p, q=q, verdict=verdict, count=count, week=week[0], week_low=week[1],
        week_high=week[2], fitted=fitted, before=level[:, 0], after=level[:, -1], ratio=ratio[0],
        ratio_low=ratio[1], ratio_high=ratio[2],
    )  # fmt: skip


def _verdict(told: float, low: float, high: float) -> int:
    """Return whether a change stayed, from its log and the ends of its interval."""
    if told - SURER * (told - low) > 0:
        return EMERGING
    return FADING if told + SURER * (high - told) < 0 else ONE_OFF


def _share(logit: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-logit))
    return found


def _intervals(
    series: Floats, cuts: Segments, spec: TrendSpec
) -> Iterator[tuple[Integers, Floats]]:
    """Yield week of the greatest change and ratio of shares, each with the ends of its interval.

    Series are drawn anew around the fitted levels, with noise as it was, and cut again.
    """
    rng = np.random.default_rng(spec.seed)
    tails = (1 - LEVEL) / 2, 1 - (1 - LEVEL) / 2
    steps = series.shape[1]
    for y, fitted, found, count in zip(series, cuts.fitted, cuts.changes, cuts.count, strict=True):
        left = y - fitted
        spread, rho = _noise(left, int(count))
        noise = autocorrelated(rng, (spec.draws, steps), np.full(spec.draws, rho))
        again = with_changes(fitted + spread * noise, int(count), shortest=spec.shortest)
        place = _greatest(fitted, found[:count])
        weeks = np.quantile(again.changes[:, place], tails)
        told = _share(fitted[-1]) / _share(fitted[0])
        drawn = _share(again.fitted[:, -1]) / _share(again.fitted[:, 0])
        low, high = told**2 / np.quantile(drawn, tails[::-1])
        week = np.array([found[place], np.floor(weeks[0]), np.ceil(weeks[1])]).astype(np.int64)
        yield week, np.array([told, low, high])


def _noise(left: Floats, count: int) -> tuple[float, float]:
    """Return standard deviation and autocorrelation of what is left, put right for being fitted."""
    square = float(left @ left)
    if square <= 0:
        return 0.0, 0.0
    rho = float(left[1:] @ left[:-1]) / square
    rho = float(np.clip(rho + (count + 1 + 4 * rho) / left.size, 0.0, 0.9))
    # Autocorrelated noise varies less about its own mean than about the true one.
    degrees = left.size - (count + 1) * (1 + rho) / (1 - rho)
    return float(np.sqrt(square / max(degrees, left.size / 4))), rho


def _greatest(fitted: Floats, found: Integers) -> int:
    return int(np.abs(fitted[found] - fitted[found - 1]).argmax())
