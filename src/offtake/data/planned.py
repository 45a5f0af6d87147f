"""Plans that people make go in as any other source does: each whole or not at all, never twice."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from offtake.data.contracts.simulated import SIMULATED_PLAN, SIMULATED_PREFIX, Origin
from offtake.data.expressions import names
from offtake.data.intake import Progress, load_file
from offtake.data.ledger import Load
from offtake.data.profile import plain_profile
from offtake.data.store import Store
from offtake.errors import BadInputError

PLAN_SOURCE = SIMULATED_PLAN.removeprefix(f"{SIMULATED_PREFIX}: ")
Reason = Literal["held", "unknown"]
_KEY = ("store_id", "product_id", "week")
_COST = ("promotion_id", "fixed_cost", "cost_per_unit")
_NOTHING = (
    "promotion_id IS NULL AND NOT display AND NOT feature AND price_cut IS FALSE AND discount = 0"
)
_REFERENCES = {"store": "store_id", "product": "product_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A promotion that was not taken in.

    Parameters
    ----------
    promotion_id
        As its rows say.
    reason
        ``held``: another source has planned some of its stores, items and weeks. ``unknown``: it
        names stores or items that the store of data does not know.
    """

    promotion_id: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansTaken:
    """What became of plans on their way in.

    Parameters
    ----------
    taken
        Ids of the promotions that are in, now or since before.
    left_out
        Those that are not.
    shared
        Ids that stand together in some store, item and week, joined by ``+``: nobody can tell
        later which of them did what there.
    withdrawn
        Rows, each a store, an item and a week, that were planned once and are no more.
    costs_withdrawn
        Ids whose cost was taken back now, as nothing bears them any more.
    loads
        What was loaded; empty where nothing had changed.
    """

    taken: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    shared: tuple[str, ...]
    withdrawn: int
    costs_withdrawn: tuple[str, ...]
    loads: tuple[Load, ...]


def load_plans(
    store: Store,
    promotion: pa.Table,
    cost: pa.Table,
    *,
    name: str,
    progress: Progress | None = None,
) -> PlansTaken:
    """Load all plans of one planner, in place of those loaded under the same name before.

    What has changed is restated by its key, and what was planned before is kept as an older
    vintage. What is planned no more is restated as planning nothing: such a row has no promotion,
    no display, no feature and no price cut, and counts for no agreement. Its cost is restated as 0,
    where no promotion bears its id any more. The cost of a promotion that is still planned can be
    corrected, not made unknown: without a row it stays what it was.

    Parameters
    ----------
    store
        Open for writing.
    promotion
        All rows of contract ``promotion`` that are planned, each with its ``promotion_id``.
    cost
        Rows of contract ``promotion_cost``.
    name
        Who plans; the ledger calls the mapping so.
    progress
        As in :func:`offtake.data.intake.load_file`.

    Raises
    ------
    BadInputError
        When the rows would go into simulated tables that hold no simulation, or several: to which
        of them a plan belongs cannot be said.

    Examples
    --------
    >>> from datetime import date
    >>> row = {"store_id": "S1", "product_id": "P1", "week": date(2026, 1, 5),
    ...        "status": "planned", "display": True, "promotion_id": "plan-1"}
    >>> cost = pa.table({"promotion_id": ["plan-1"], "fixed_cost": [80.0]})
    >>> with Store(":memory:") as store:
    ...     first = load_plans(store, pa.Table.from_pylist([row]), cost, name="shared plan")
    ...     again = load_plans(store, pa.Table.from_pylist([row]), cost, name="shared plan")
    >>> first.taken, len(first.loads), len(again.loads)
    (('plan-1',), 2, 0)
    """
    label = _label(store)
    with store.registered("asked_plans", promotion):
        left_out = _left_out(store, name)
    out = {each.promotion_id for each in left_out}
    rows, costs = _without(promotion, out), _without(cost, out)
    with store.registered("asked_plans", rows):
        withdrawn = _withdrawn(store, name)
        shared = _shared(store)
    gone = _costs_gone(store, name, rows, costs)
    # The promotions come first: one that is there without its cost is said to be; one that is there
    # with a cost of 0 that was meant for none would seem to have paid.
    parts = {
        "promotion": _joined(rows, withdrawn),
        "promotion_cost": _joined(costs, gone.select(_COST)),
    }
    done = [_load(store, to, _labelled(part, label), name, progress) for to, part in parts.items()]
    return PlansTaken(
        taken=tuple(sorted(set(rows["promotion_id"].to_pylist()))),
        left_out=left_out,
        shared=shared,
        withdrawn=withdrawn.num_rows,
        costs_withdrawn=tuple(gone.filter(gone["held"])["promotion_id"].to_pylist()),
        loads=tuple(load for load in done if load is not None),
    )


def _label(store: Store) -> Mapping[str, object]:
    """Return the label of a plan for simulated data: a source of its own, and whose data."""
    if store.schema == "main":
        return {}
    origins = " UNION ".join(
        f"SELECT source, seed, version FROM {store.table(each)} WHERE load_id > 0"
        for each in sorted(store.filled())
    )
    found = [Origin(*row) for row in store.fetch(origins)]
    simulations = {(each.seed, each.version) for each in found if each.source != SIMULATED_PLAN}
    if len(simulations) != 1:
        raise BadInputError(
            f"plans: got simulated tables with {len(simulations)} simulations, allowed: exactly "
            "one, as a plan belongs to one market; give each simulation a store of its own"
        )
    seed, version = simulations.pop()
    return {"source": SIMULATED_PLAN, "seed": seed, "version": version}


def _labelled(rows: pa.Table, label: Mapping[str, object]) -> pa.Table:
    for column, value in label.items():
        rows = rows.append_column(column, pa.array([value] * rows.num_rows))
    return rows


def _mine(name: str) -> str:
    """Return SQL for the numbers of the loads made under a name."""
    quoted = name.replace("'", "''")
    return f"(SELECT load_id FROM meta.loads WHERE profile = '{quoted}')"


def _left_out(store: Store, name: str) -> tuple[LeftOut, ...]:
    held = (
        f"SELECT DISTINCT promotion_id FROM asked_plans SEMI JOIN (FROM {store.table('promotion')} "
        f"SELECT * WHERE status = 'planned' AND ({_NOTHING}) IS NOT TRUE "
        f"AND load_id NOT IN {_mine(name)}) USING ({names(_KEY)})"
    )
    found: dict[str, Reason] = {row[0]: "held" for row in store.fetch(held)}
    for contract in sorted(_REFERENCES.keys() & store.filled()):
        unknown = (
            f"SELECT DISTINCT promotion_id FROM asked_plans ANTI JOIN {store.table(contract)} "
            f"USING ({_REFERENCES[contract]})"
        )
        found |= {row[0]: "unknown" for row in store.fetch(unknown)}
    return tuple(
        LeftOut(promotion_id=each, reason=reason) for each, reason in sorted(found.items())
    )


def _without(rows: pa.Table, ids: set[str]) -> pa.Table:
    return rows.filter(pa.array([each not in ids for each in rows["promotion_id"].to_pylist()],
                                pa.bool_()))  # fmt: skip


def _withdrawn(store: Store, name: str) -> pa.Table:
    """Return rows that plan nothing for what was planned under a name and is no more."""
    return store.fetch_arrow(
        f"SELECT {names(_KEY)}, 'planned' AS status, false AS display, false AS feature, "
        "false AS price_cut, 0.0::DOUBLE AS discount "
        f"FROM {store.table('promotion')} ANTI JOIN asked_plans USING ({names(_KEY)}) "
        f"WHERE status = 'planned' AND load_id IN {_mine(name)} ORDER BY ALL"
    )


def _costs_gone(store: Store, name: str, rows: pa.Table, costs: pa.Table) -> pa.Table:
    """Return costs of 0 for what bears no promotion any more, and whether there was one till now.

    They are stated each time, as all of the plan is: the same plan is then the same file. A cost
    stays where another load, or what was seen in stores, has a promotion by that id.
    """
    others = (
        f"(SELECT promotion_id FROM {store.table('promotion')} "
        f"WHERE status <> 'planned' OR load_id NOT IN {_mine(name)})"
    )
    with store.registered("asked_plans", rows), store.registered("asked_costs", costs):
        return store.fetch_arrow(
            "SELECT promotion_id, 0.0::DOUBLE AS fixed_cost, 0.0::DOUBLE AS cost_per_unit, "
            "(fixed_cost > 0 OR cost_per_unit > 0) AS held "
            f"FROM {store.table('promotion_cost')} ANTI JOIN asked_plans USING (promotion_id) "
            f"ANTI JOIN asked_costs USING (promotion_id) ANTI JOIN {others} USING (promotion_id) "
            f"WHERE load_id IN {_mine(name)} ORDER BY ALL"
        )


def _joined(one: pa.Table, other: pa.Table) -> pa.Table:
    return pa.concat_tables([one, other], promote_options="permissive")


def _shared(store: Store) -> tuple[str, ...]:
    found = store.fetch(
        "SELECT DISTINCT ids FROM (SELECT string_agg(DISTINCT promotion_id, '+' ORDER BY "
        f"promotion_id) AS ids, count(DISTINCT promotion_id) AS many FROM asked_plans "
        f"GROUP BY {names(_KEY)}) WHERE many > 1 ORDER BY ids"
    )
    return tuple(row[0] for row in found)


def _load(
    store: Store, contract: str, rows: pa.Table, name: str, progress: Progress | None
) -> Load | None:
    """Load rows unless the last load under this name brought in the very same ones."""
    before = store.fetch(
        'SELECT load_id, file FROM meta.loads WHERE "schema" = ? AND contract = ? AND profile = ? '
        "ORDER BY load_id DESC LIMIT 1",
        [store.schema, contract, name],
    )
    number, last = before[0] if before else (0, "")
    file = f"{name} {hashlib.sha256(repr(rows.to_pylist()).encode()).hexdigest()[:16]}.parquet"
    if file == last or not (rows.num_rows or before):
        return None
    source = PLAN_SOURCE if store.schema == "main" else ""
    profile = replace(plain_profile(contract), name=name, source=source)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        # Plans may go back to what they were; a file seen before would then change nothing.
        pq.write_table(rows.replace_schema_metadata({"after": str(number)}), path)
        return load_file(store, path, profile=profile, progress=progress)
