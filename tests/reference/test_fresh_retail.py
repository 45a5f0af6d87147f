"""Empty shelves of FreshRetailNet-50K: flags hidden and found again, and sales of masked days."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from offtake.models.availability.lost import imputed
from offtake.models.availability.shelf import Shelf, watch
from offtake.models.availability.specification import AvailabilitySpec
from offtake.validation.fresh_retail import (
    FreshRetail,
    below_average,
    detection,
    moving_average,
    read_fresh_retail,
    zero_run,
)

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def fresh(reference_data: Path) -> FreshRetail:
    return read_fresh_retail(reference_data / "freshretailnet_sample.parquet")


@pytest.fixture(scope="module")
def hidden(fresh: FreshRetail) -> Shelf:
    return watch(fresh.series, AvailabilitySpec())


def test_hidden_flags_are_found_better_than_by_both_rules(
    fresh: FreshRetail, hidden: Shelf
) -> None:
    scores = {
        "zero run": zero_run(fresh.series),
        "below average": below_average(fresh.series),
        "ours": hidden.empty,
        "ours, on the day": hidden.empty_now,
    }
    found = {(row["hours"], row["score"]): row for row in detection(fresh, scores)}
    for hours in (4, 8, 12, 16):
        for mine in ("ours", "ours, on the day"):
            for rule in ("zero run", "below average"):
                one, other = found[hours, mine], found[hours, rule]
                assert one["average_precision"] > other["average_precision"]
                assert one["recall_at_1_percent"] > 1.25 * other["recall_at_1_percent"]
                assert one["recall_at_0.2_percent"] > 1.5 * other["recall_at_0.2_percent"]


def test_chances_are_near_the_share_of_days_that_were_out(
    fresh: FreshRetail, hidden: Shelf
) -> None:
    """The flags say hours, the states shares of demand; most of the day is 10 hours and more."""
    out = fresh.hours >= 10
    for low, high in ((0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        some = (hidden.empty > low) & (hidden.empty <= high)
        assert np.mean(out[some]) == pytest.approx(hidden.empty[some].mean(), abs=0.15)


@pytest.mark.parametrize("flags", [True, False])
def test_masked_full_days_are_filled_better_than_by_averages_and_without_bias(
    fresh: FreshRetail, flags: bool
) -> None:
    full = fresh.hours == 0
    masked = full & (np.random.default_rng(1).random(full.size) < 0.1)
    series = replace(fresh.series, seen=~masked)
    if flags:
        series = replace(series, share=fresh.share)
    found = imputed(watch(series, AvailabilitySpec()), AvailabilitySpec())
    average = moving_average(fresh.series, full & ~masked)
    sold = fresh.series.units
    for kind in (np.ones(full.size, bool), fresh.weekend, fresh.holiday, ~fresh.weekend):
        some = masked & kind
        error, rule = found[some] - sold[some], average[some] - sold[some]
        assert np.abs(error).mean() < 0.93 * np.abs(rule).mean()
        assert np.sqrt(np.mean(error**2)) < 0.93 * np.sqrt(np.mean(rule**2))
        assert abs(error.sum()) < 0.04 * sold[some].sum()
