"""Plans on their way into the data: whole or not at all, never twice, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from offtake.data.contracts.simulated import SIMULATED_PLAN
from offtake.data.discard import discard_other_simulations, loaded_files
from offtake.data.ledger import loads
from offtake.data.planned import LeftOut, PlansTaken, load_plans
from offtake.data.store import Store
from offtake.errors import BadInputError
from offtake.models.promotion.rows import _with_plan
from tests.library.small_market import LABEL, load_rows, products

WEEK = date(2017, 1, 2)
STORES = [{"store_id": f"S{number}"} for number in (1, 2, 3)]
SCHEMA = pa.schema(
    [("store_id", pa.string()), ("product_id", pa.string()), ("week", pa.date32()),
     ("status", pa.string()), ("display", pa.bool_()), ("feature", pa.bool_()),
     ("price_cut", pa.bool_()), ("discount", pa.float64()), ("promotion_id", pa.string())]
)  # fmt: skip
Rows = list[dict[str, Any]]


@pytest.fixture(params=["main", "twin"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store(":memory:", request.param) as opened:
        load_rows(opened, "product", products(), tmp_path)
        load_rows(opened, "store", STORES, tmp_path)
        yield opened


def planned(promotion: str, stores: str = "12", item: str = "P1", discount: float = 20.0) -> Rows:
    return [
        {"store_id": f"S{number}", "product_id": item, "week": WEEK, "status": "planned",
         "display": True, "feature": False, "price_cut": True, "discount": discount,
         "promotion_id": promotion}
        for number in stores
    ]  # fmt: skip


def taken(
    store: Store,
    *plans: Rows,
    cost: float = 80.0,
    name: str = "shared plan",
    unknown: str = "",
) -> PlansTaken:
    """Take plans in, each with a cost but that one of which it is not known."""
    rows = [row for plan in plans for row in plan]
    ids = sorted({row["promotion_id"] for row in rows} - {unknown})
    costs = pa.table(
        {"promotion_id": pa.array(ids, pa.string()),
         "fixed_cost": pa.array([cost] * len(ids), pa.float64())}
    )  # fmt: skip
    return load_plans(store, pa.Table.from_pylist(rows, SCHEMA), costs, name=name)


def held(store: Store) -> list[tuple[str, str | None, bool, float]]:
    found = store.run(store.tables()["promotion"]).sort_by("store_id").to_pylist()
    return [
        (row["store_id"], row["promotion_id"], row["display"], row["discount"]) for row in found
    ]


def costs(store: Store, as_of: int | None = None) -> dict[str, tuple[float, float]]:
    rows = store.run(store.tables(as_of=as_of)["promotion_cost"]).to_pylist()
    return {row["promotion_id"]: (row["fixed_cost"], row["cost_per_unit"]) for row in rows}


def agreed(store: Store) -> list[str]:
    """Return the stores that the model takes to have agreed."""
    tables = store.tables()
    rows = tables["promotion"].select("store_id", "product_id", "week").distinct()
    found = _with_plan(rows, tables)
    return sorted(store.run(found.filter(found.agreed))["store_id"].to_pylist())


def test_plans_go_in_with_their_cost_and_twice_is_once(store: Store) -> None:
    first = taken(store, planned("plan-1"))
    assert [(load.contract, load.loaded) for load in first.loads] == [
        ("promotion", 2),
        ("promotion_cost", 1),
    ]
    assert held(store) == [("S1", "plan-1", True, 20.0), ("S2", "plan-1", True, 20.0)]
    entries = len(loads(store))
    assert taken(store, planned("plan-1")).loads == ()
    assert len(loads(store)) == entries


def test_a_changed_plan_is_restated_and_the_old_vintage_stays(store: Store) -> None:
    before = taken(store, planned("plan-1")).loads[-1].load_id
    after = taken(store, planned("plan-1", discount=30.0))
    assert [(load.contract, load.replaced) for load in after.loads] == [("promotion", 2)]
    assert [row[3] for row in held(store)] == [30.0, 30.0]
    old = store.run(store.tables(as_of=before)["promotion"])
    assert old["discount"].to_pylist() == [20.0, 20.0]


def test_a_plan_that_goes_back_to_what_it_was_is_restated_too(store: Store) -> None:
    taken(store, planned("plan-1"))
    taken(store, planned("plan-1", discount=30.0))
    assert taken(store, planned("plan-1")).loads[0].replaced == 2
    assert [row[3] for row in held(store)] == [20.0, 20.0]


def test_what_is_planned_no_more_counts_for_no_agreement(store: Store) -> None:
    taken(store, planned("plan-1", "123"), planned("plan-2", "1", "P2"))
    assert agreed(store) == ["S1", "S1", "S2", "S3"]
    less = taken(store, planned("plan-1", "3"))
    assert less.withdrawn == 3
    assert [row[1:] for row in held(store) if row[0] != "S3"] == [(None, False, 0.0)] * 3
    assert agreed(store) == ["S3"]
    assert taken(store, planned("plan-1", "3")).loads == ()
    assert taken(store).taken == ()
    assert agreed(store) == []
    assert taken(store, planned("plan-1")).taken == ("plan-1",)
    assert agreed(store) == ["S1", "S2"]


def test_a_corrected_cost_is_restated_and_the_old_vintage_stays(store: Store) -> None:
    before = taken(store, planned("plan-1")).loads[-1].load_id
    after = taken(store, planned("plan-1"), cost=95.0)
    assert [(load.contract, load.replaced) for load in after.loads] == [("promotion_cost", 1)]
    assert (costs(store), costs(store, before)) == (
        {"plan-1": (95.0, 0.0)},
        {"plan-1": (80.0, 0.0)},
    )
    assert after.costs_withdrawn == ()


def test_the_cost_of_what_is_planned_no_more_is_taken_back(store: Store) -> None:
    before = taken(store, planned("plan-1"), planned("plan-2", item="P2")).loads[-1].load_id
    less = taken(store, planned("plan-2", item="P2"))
    assert less.costs_withdrawn == ("plan-1",)
    assert costs(store) == {"plan-1": (0.0, 0.0), "plan-2": (80.0, 0.0)}
    assert costs(store, before)["plan-1"] == (80.0, 0.0)
    again = taken(store, planned("plan-2", item="P2"))
    assert (again.loads, again.costs_withdrawn) == ((), ())
    assert taken(store).costs_withdrawn == ("plan-2",)
    assert taken(store, planned("plan-1")).taken == ("plan-1",)
    assert costs(store) == {"plan-1": (80.0, 0.0), "plan-2": (0.0, 0.0)}


def test_the_promotions_go_before_their_costs_are_taken_back(store: Store) -> None:
    """Were it to stop between, no promotion would seem to have cost nothing."""
    taken(store, planned("plan-1"))
    assert [load.contract for load in taken(store).loads] == ["promotion", "promotion_cost"]


def test_a_cost_that_is_known_no_more_stays_as_long_as_its_promotion_is_planned(
    store: Store,
) -> None:
    taken(store, planned("plan-1"))
    done = taken(store, planned("plan-1"), unknown="plan-1")
    assert (done.costs_withdrawn, costs(store)) == ((), {"plan-1": (80.0, 0.0)})


def test_costs_of_others_are_left_alone(store: Store) -> None:
    taken(store, planned("plan-1"), name="plan of snacks")
    done = taken(store, planned("plan-2", item="P3"), name="plan of chips")
    assert done.costs_withdrawn == ()
    assert costs(store) == {"plan-1": (80.0, 0.0), "plan-2": (80.0, 0.0)}


def test_the_cost_of_a_plan_that_another_source_has_taken_over_is_taken_back(
    store: Store, tmp_path: Path
) -> None:
    taken(store, planned("plan-1"))
    theirs = [{**row, "week": WEEK.isoformat()} for row in planned("E1", "2")]
    load_rows(store, "promotion", theirs, tmp_path)
    done = taken(store, planned("plan-1"))
    assert (done.left_out[0].reason, done.costs_withdrawn) == ("held", ("plan-1",))


@pytest.mark.parametrize("status", ["planned", "observed"])
def test_a_cost_stays_where_others_have_a_promotion_by_that_id(
    store: Store, tmp_path: Path, status: str
) -> None:
    taken(store, planned("plan-1"))
    seen = [{**row, "week": WEEK.isoformat(), "status": status} for row in planned("plan-1", "3")]
    load_rows(store, "promotion", seen, tmp_path)
    done = taken(store)
    assert (done.costs_withdrawn, costs(store)) == ((), {"plan-1": (80.0, 0.0)})


def test_a_plan_that_another_source_has_in_part_is_left_out_whole(
    store: Store, tmp_path: Path
) -> None:
    theirs = [{**row, "week": WEEK.isoformat()} for row in planned("E1", "2")]
    load_rows(store, "promotion", theirs, tmp_path)
    done = taken(store, planned("plan-1"), planned("plan-2", item="P2"))
    assert done.left_out == (LeftOut(promotion_id="plan-1", reason="held"),)
    assert done.taken == ("plan-2",)
    assert ("S2", "E1", True, 20.0) in held(store)
    assert not [row for row in held(store) if row[1] == "plan-1"]
    assert list(costs(store)) == ["plan-2"]


def test_a_plan_of_a_store_or_an_item_that_is_not_known_is_left_out_whole(store: Store) -> None:
    done = taken(store, planned("plan-1", "19"), planned("plan-2", item="P77"))
    assert [(each.promotion_id, each.reason) for each in done.left_out] == [
        ("plan-1", "unknown"),
        ("plan-2", "unknown"),
    ]
    assert (done.taken, done.loads, held(store)) == ((), (), [])


def test_plans_of_one_cell_are_named_together_and_said_to_be(store: Store) -> None:
    done = taken(store, planned("plan-1", "12"), planned("plan-2", "23", discount=30.0))
    assert done.shared == ("plan-1+plan-2",)
    assert ("S2", "plan-1+plan-2", True, 30.0) in held(store)


def test_planners_of_one_store_leave_each_other_alone(store: Store) -> None:
    taken(store, planned("plan-1"), name="plan of snacks")
    done = taken(store, planned("plan-2", item="P3"), name="plan of chips")
    assert done.withdrawn == 0
    assert {row[1] for row in held(store)} == {"plan-1", "plan-2"}


def test_a_plan_for_simulated_data_says_what_it_is_and_whose(tmp_path: Path) -> None:
    with Store(":memory:", "twin") as store:
        with pytest.raises(BadInputError, match="0 simulations"):
            taken(store, planned("plan-1"))
        load_rows(store, "store", STORES, tmp_path)
        done = taken(store, planned("plan-1"))
        assert f"{SIMULATED_PLAN} (simulated), seed 7, version 1" == done.loads[0].source
        assert store.tables().label == (
            f"simulated: offtake.twin, seed 7, version 1; {SIMULATED_PLAN}, seed 7, version 1"
        )
        assert taken(store, planned("plan-1", discount=30.0)).loads
        other = [{"product_id": "P1", "category": "Snacks"}]
        with pytest.MonkeyPatch.context() as patched:
            patched.setitem(LABEL, "seed", 8)
            load_rows(store, "product", other, tmp_path)
        with pytest.raises(BadInputError, match="2 simulations"):
            taken(store, planned("plan-1"))


def test_plans_make_no_other_simulation_and_go_with_theirs(tmp_path: Path) -> None:
    with Store(":memory:", "twin") as store:
        load_rows(store, "store", STORES, tmp_path)
        files = loaded_files(store)
        taken(store, planned("plan-1"))
        assert not discard_other_simulations(store, files)
        assert len(held(store)) == 2
        assert discard_other_simulations(store, ())
        assert held(store) == []
        load_rows(store, "store", STORES, tmp_path)
        assert len(taken(store, planned("plan-1")).loads) == 2
