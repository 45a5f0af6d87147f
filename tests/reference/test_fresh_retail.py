"""Empty shelves of FreshRetailNet-50K: flags hidden and found again, and sales of masked days."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from offtake.models.availability.lost import imputed
from offtake.models.availability.outages import outages
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
                assert one["recall_at_0.2_percent"] > 1.7 * other["recall_at_0.2_percent"]


def test_chances_are_near_the_share_of_days_that_were_out(
    fresh: FreshRetail, hidden: Shelf
) -> None:
    """The flags say hours, the states shares of demand; most of the day is 10 hours and more."""
    out = fresh.hours >= 10
    for low, high in ((0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        some = (hidden.empty > low) & (hidden.empty <= high)
        assert np.mean(out[some]) == pytest.approx(hidden.empty[some].mean(), abs=0.15)


def test_what_is_said_on_the_day_is_as_sure_as_it_says(hidden: Shelf, fresh: FreshRetail) -> None:
    """Measured: .65, .89 and .99 said, .67, .87 and .97 true."""
    said, out = hidden.empty_now, fresh.hours > 8
    for low, high in ((0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        some = (said >= low) & (said < high)
        assert some.sum() > 1000
        assert np.mean(out[some]) == pytest.approx(said[some].mean(), abs=0.05)


def test_no_more_alarms_are_false_than_promised(hidden: Shelf, fresh: FreshRetail) -> None:
    for promised in (0.1, 0.2, 0.3):
        found = outages(hidden, false_alarms=promised)
        listed = np.flatnonzero(found.listed)
        right = [fresh.hours[found.begin[run] : found.end[run]].max() > 2 for run in listed]
        assert 1 - np.mean(right) < promised + 0.02


def test_outages_of_two_days_and_more_are_noticed_on_the_first_or_second(
    hidden: Shelf, fresh: FreshRetail
) -> None:
    runs = outages(hidden, false_alarms=0.2)
    alarm = hidden.empty_now >= runs.probability[runs.listed].min()
    of, empty = fresh.series.of, fresh.hours == 16
    follows = np.append(False, empty[:-1] & (of[1:] == of[:-1]))
    first = np.flatnonzero(empty[:-1] & ~follows[:-1] & empty[1:] & (of[1:] == of[:-1]))
    assert first.size > 3000
    # Measured: 80 % on the first day, 91 % by the second.
    assert alarm[first].mean() > 0.75
    assert (alarm[first] | alarm[first + 1]).mean() > 0.88


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
        assert np.abs(error).mean() < 0.88 * np.abs(rule).mean()
        assert np.sqrt(np.mean(error**2)) < 0.93 * np.sqrt(np.mean(rule**2))
        assert abs(error.sum()) < 0.04 * sold[some].sum()
