"""Rows of the visits."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from offtake.twin.arrays import Days, Ints, Texts
from offtake.twin.kernels.outages import DAYS
from offtake.twin.market.world import World
from offtake.twin.tables import Made, coded, days_array

PURPOSES = ("regular call", "extra call", "cover for a vacancy")


def visits(world: World, of: Ints) -> Made:
    """Return the visits to the stores numbered `of`.

    Examples
    --------
    >>> from offtake.twin.market.world import make_world
    >>> from offtake.twin.spec import TwinSpec
    >>> made = visits(make_world(TwinSpec(stores=6, weeks=20)), np.array([0]))
    >>> made.tables["visit"]["visit_id"][0].as_py()
    'V000001-0000'
    """
    calls = world.calls
    number = calls.of(of)
    person, planned = calls.person[number], calls.planned[number]
    home = world.staff.territory[person] == world.stores.territory[calls.store[number]]
    purpose = np.where(planned, 0, np.where(home, 1, 2))
    started = arrivals(world, number)
    ended = started + calls.duration[number].astype("timedelta64[m]")
    rows = pa.table(
        {
            "visit_id": pa.array(visit_ids(world, number)),
            "store_id": coded(world.stores.ids, calls.store[number]),
            "person_id": coded(world.staff.ids, person),
            "started": moments(started),
            "ended": moments(ended),
            "date": days_array(started),
            "planned": pa.array(planned),
            "purpose": coded(np.array(PURPOSES), purpose),
        }
    )
    return Made({"visit": rows})


def visit_ids(world: World, number: Ints) -> Texts:
    """Return the ids of some visits: the store's number and the week's."""
    return _ids(world, number, "V")


def note_ids(world: World, number: Ints) -> Texts:
    """Return the ids of the notes written on some visits, at most one on each."""
    return _ids(world, number, "N")


def _ids(world: World, number: Ints, letter: str) -> Texts:
    store, week = world.calls.store[number], world.calls.week[number]
    known, place = np.unique(store, return_inverse=True)
    head = np.array([f"{letter}{world.stores.ids[s][1:]}-" for s in known], dtype=np.str_)
    tail = np.array([f"{week:04d}" for week in range(world.spec.weeks)])
    return np.char.add(head[place], tail[week])


def arrivals(world: World, number: Ints) -> Days:
    """Return when some visits began, in minutes."""
    calls = world.calls
    day = world.weeks[calls.week[number]] + calls.day[number]
    began: Days = day.astype("datetime64[m]") + calls.minute[number].astype("timedelta64[m]")
    return began


def day_of(world: World, number: Ints) -> Ints:
    """Return the day of some visits, counted from the first Monday."""
    return DAYS * world.calls.week[number] + world.calls.day[number]


def moments(times: Days) -> pa.Array:
    """Return times as Arrow has them."""
    return pa.array(times.astype("datetime64[s]"), type=pa.timestamp("s"))
