"""Customers of published studies, as the package lifetimes (MIT) carries them; for tests.

CDNOW: 2,357 customers of an online music shop, 39 weeks from their first purchases in early 1997
(Fader and Hardie 2001). Donations: 11,104 people over six years (Fader, Hardie and Shang 2010).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.metadata import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offtake.models.kernels.customer_states import CustomerStates, customer_states

CUT = np.datetime64("1997-09-30")
END = np.datetime64("1998-06-30")


@dataclass(frozen=True, slots=True)
class Sample:
    """Purchase days of the 2,357 customers to the end of week 78: who, and when."""

    customer: NDArray[np.int64]
    day: NDArray[np.datetime64]

    @property
    def first(self) -> NDArray[np.datetime64]:
        return self.day[np.unique(self.customer, return_index=True)[1]]

    @property
    def later(self) -> NDArray[np.int64]:
        """(2357,) purchases in weeks 40 to 78."""
        return np.bincount(self.customer[self.day > CUT], minlength=2358)[1:]


def _path(name: str) -> Path:
    found = [each for each in files("lifetimes") or [] if each.name == name]
    return Path(str(found[0].locate()))


def _numbers(name: str) -> NDArray[np.float64]:
    with _path(name).open(newline="") as file:
        return np.array([[float(value) for value in row] for row in list(csv.reader(file))[1:]])


@cache
def cdnow() -> CustomerStates:
    rows = _numbers("cdnow_customers_summary.csv")
    return customer_states(rows[:, 1].astype(int), rows[:, 2], rows[:, 3])


@cache
def cdnow_spend() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean spend and number of repeat purchases, of those who bought again."""
    rows = _numbers("cdnow_customers_summary_with_transactions.csv")
    again = rows[:, 1] > 0
    return rows[again, 4], rows[again, 1]


@cache
def cdnow_sample() -> Sample:
    rows = [line.split() for line in _path("CDNOW_sample.txt").read_text().splitlines() if line]
    days = {(int(row[1]), f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}") for row in rows}
    ordered = sorted(days)
    return Sample(
        np.array([who for who, _ in ordered]),
        np.array([day for _, day in ordered], "datetime64[D]"),
    )


@cache
def donations() -> CustomerStates:
    rows = _numbers("donations.csv")
    return customer_states(rows[:, 0].astype(int), rows[:, 1], rows[:, 2], rows[:, 3])
