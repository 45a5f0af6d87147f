"""Rows of the people, and the truth about territories and about what shoppers think."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from offtake.twin.field.opinions import opinion_truth
from offtake.twin.market.staff import NOBODY, ROLES, VACANT
from offtake.twin.market.stores import REGIONS
from offtake.twin.market.world import World
from offtake.twin.tables import Made, coded, days_array


def people(world: World) -> Made:
    """Return the persons, and the truth ``staff`` and ``opinion``.

    Examples
    --------
    >>> from offtake.twin.market.world import make_world
    >>> from offtake.twin.spec import TwinSpec
    >>> people(make_world(TwinSpec(stores=6, weeks=20))).tables["person"]["role"][0].as_py()
    'rep'
    """
    return Made(
        {"person": _persons(world)},
        {"staff": _true_staff(world), "opinion": opinion_truth(world)},
    )


def _persons(world: World) -> pa.Table:
    staff, territories = world.staff, world.stores.territories
    return pa.table(
        {
            "person_id": pa.array(staff.ids),
            "role": coded(np.array(ROLES), staff.role),
            "team": pa.array(staff.team),
            "territory": pa.array(
                territories[staff.territory], mask=staff.territory == NOBODY, type=pa.string()
            ),
            "hired": days_array(staff.hired),
            "left_on": days_array(staff.left_on),
            "left_how": pa.array(staff.left_how, mask=staff.left_how == "", type=pa.string()),
        }
    )


def _true_staff(world: World) -> pa.Table:
    staff, stores = world.staff, world.stores
    territories, weeks = staff.rep_of.shape
    territory = np.repeat(np.arange(territories), weeks)
    rep = staff.rep_of.ravel()
    return pa.table(
        {
            "territory": coded(stores.territories, territory),
            "region": coded(np.array(REGIONS), stores.territory_region[territory]),
            "week": days_array(np.tile(world.weeks, territories)),
            "person_id": pa.array(staff.ids[rep], mask=rep == VACANT, type=pa.string()),
            "vacant": pa.array(rep == VACANT),
            "unfairness": pa.array(staff.unfairness[territory]),
            "pressure": pa.array(staff.pressure[territory]),
            "hazard": pa.array(staff.hazard.ravel()),
        }
    )
