"""Setting rows aside: every bad row keeps its faults and its own words until it is mended.

An entry of ``meta.set_aside`` is open until ``resolved_by`` names the load that dealt with it.
``origin_load`` and ``origin_entry`` name the entry in which the row was first set aside, so that
one row is followed through every mended file, and is never both mended and waiting.
"""

from __future__ import annotations

from dataclasses import dataclass

from offtake.data.checks import fault_list, fault_struct
from offtake.data.contracts.contract import Contract, Exclusive
from offtake.data.expressions import literal, name
from offtake.data.job import Job
from offtake.data.mapping import MENDED_COLUMNS, Mapped
from offtake.data.mending import ENTRY_MARK
from offtake.data.merging import Repeats
from offtake.data.sources.staging import Staged, source_columns


@dataclass(frozen=True, slots=True)
class SetApart:
    """How many rows a load sets aside, and how many rows it leaves out as dealt with before."""

    set_aside: int
    mended_before: int
    closed: int


def find_lineage(job: Job, staged: Staged) -> None:
    """Find which rows of the file were set aside before, into table ``lineage``.

    ``open_load`` is the load that holds the row's open entry, NULL where it has been dealt with.
    Rows that cannot be read go into table ``broken``, with negative ids.
    """
    job.store.execute(
        "CREATE OR REPLACE TEMP TABLE lineage AS SELECT k._id, any_value(k.origin_load) AS "
        "origin_load, any_value(k.origin_entry) AS origin_entry, max(o.load_id) AS open_load "
        f"FROM ({_known(job, staged)}) k LEFT JOIN meta.set_aside o "
        "ON o.origin_load = k.origin_load AND o.origin_entry = k.origin_entry "
        "AND o.resolved_by IS NULL GROUP BY k._id"
    )
    fault = fault_struct('"column"', '"value"', "reason")
    raw = "raw" if "raw" in staged.unreadable.column_names else "NULL::VARCHAR"
    with job.store.registered("unreadable_rows", staged.unreadable):
        job.store.execute(
            "CREATE OR REPLACE TEMP TABLE broken AS SELECT * FROM (SELECT "
            "-row_number() OVER () AS _id, row AS _row, "
            f"[{fault}] AS faults, {raw} AS raw "
            f"FROM unreadable_rows) {_without_dealt(job)}"
        )


def _known(job: Job, staged: Staged) -> str:
    """Return SQL for the rows of the file that some entry stands for."""
    if job.before is not None:
        mine = ", ".join(map(str, job.loads))
        return (
            "SELECT place AS _id, origin_load, origin_entry FROM meta.set_aside "
            f"WHERE load_id IN ({mine})"
        )
    columns = source_columns(job.store, staged.relation)
    if not set(MENDED_COLUMNS) <= set(columns):
        return "SELECT place AS _id, origin_load, origin_entry FROM meta.set_aside WHERE false"
    return (
        f"SELECT s._id, e.origin_load, e.origin_entry FROM {staged.relation} s "
        f"JOIN meta.set_aside e ON {ENTRY_MARK} = trim(CAST(s._entry AS VARCHAR)) "
        f"WHERE e.contract = {literal(job.contract.name)} "
        f'AND e."schema" = {literal(job.store.schema)}'
    )


def _without_dealt(job: Job) -> str:
    """Return SQL that leaves out the rows of a file loaded before that were mended since."""
    if job.before is None:
        return ""
    return "ANTI JOIN (SELECT _id FROM lineage WHERE open_load IS NULL) USING (_id)"


def still_to_do(job: Job, staged: Staged) -> Staged:
    """Return the staged file without the rows that were mended since it was first loaded."""
    if job.before is None:
        return staged
    job.store.execute(
        f"CREATE OR REPLACE TEMP VIEW to_do AS SELECT * FROM {staged.relation} "
        f"{_without_dealt(job)}"
    )
    return Staged("to_do", staged.unreadable, staged.by_hand)


def collect_bad(job: Job, mapped: Mapped, *, none: bool) -> None:
    """Copy the bad rows of view ``checked`` with all their faults into table ``aside``."""
    job.store.execute(
        "CREATE OR REPLACE TEMP TABLE aside AS SELECT _id, _row, "
        f"{fault_list(mapped.checks)} AS faults FROM checked WHERE {'false' if none else '_bad'}"
    )


def collect_overlaps(job: Job) -> None:
    """Add the rows that would count a fact twice to table ``aside``."""
    assert job.contract.exclusive is not None  # noqa: S101  # find_overlaps has found some
    fault = _overlap(job.contract, job.contract.exclusive)
    job.store.execute(f"INSERT INTO aside SELECT _id, _row, [{fault}] FROM second_ways")


def collect_conflicts(job: Job, repeats: Repeats) -> None:
    """Add the rows that contradict an earlier row of the file to table ``aside``."""
    if repeats.conflicting:
        job.store.execute(
            f"INSERT INTO aside SELECT r._id, r._row, [{_conflict(job.contract)}] "
            "FROM repeats r JOIN twins t USING (_id) WHERE r.place > 1 AND NOT r.same"
        )


def _overlap(contract: Contract, rule: Exclusive) -> str:
    words = literal(f"; {', '.join(rule.group)} would count twice in {contract.title.lower()}")
    reason = f"'stands already with {rule.column} = ' || way || {words}"
    return fault_struct(literal(rule.column), "CAST(stated AS VARCHAR)", reason)


def _conflict(contract: Contract) -> str:
    shown = " || ', ' || ".join(f"CAST(t.{name(key)} AS VARCHAR)" for key in contract.key)
    words = literal(f"the key ({', '.join(contract.key)}) already stands in row ")
    reason = f"{words} || r.first_row || ' of this file with other values; the first row was kept'"
    return fault_struct(literal(contract.key[0]), shown, reason)


def keep_aside(job: Job, mapped: Mapped, staged: Staged, load_id: int) -> SetApart:
    """Enter the rows of tables ``aside`` and ``broken``; close what this load has dealt with.

    With `load_id` 0 nothing is written, only counted.
    """
    count = job.store.fetch(
        "SELECT (SELECT count(*) FROM aside) + (SELECT count(*) FROM broken), "
        "(SELECT count(*) FROM lineage WHERE open_load IS NULL), "
        "(SELECT count(*) FROM lineage ANTI JOIN (SELECT _id FROM aside UNION ALL "
        "SELECT _id FROM broken) USING (_id) WHERE open_load IS NOT NULL)"
    )[0]
    again = job.before is not None
    found = SetApart(int(count[0]), int(count[1]) if again else 0, int(count[2]))
    if load_id and (found.set_aside or found.closed):
        _enter(job, mapped, staged, load_id)
        _close(job, load_id)
    return found


def _elsewhere(job: Job) -> str:
    """Return SQL that is true where a row's open entry belongs to another file, a mended one."""
    if job.before is None:
        return "false"
    mine = ", ".join(map(str, job.loads))
    return f"coalesce(l.open_load NOT IN ({mine}), false)"


def _enter(job: Job, mapped: Mapped, staged: Staged, load_id: int) -> None:
    rows = (
        f"SELECT _id, a._row, a.faults, {mapped.raw} AS raw FROM aside a "
        f"JOIN {staged.relation} USING (_id) UNION ALL SELECT _id, _row, faults, raw FROM broken"
    )
    numbered = (
        "SELECT r.*, row_number() OVER (ORDER BY r._row, r._id) AS entry, l.origin_load, "
        f"l.origin_entry FROM ({rows}) r LEFT JOIN lineage l USING (_id) "
        f"WHERE NOT {_elsewhere(job)}"
    )
    job.store.execute(
        'INSERT INTO meta.set_aside (load_id, "schema", contract, file, entry, "row", "column", '
        '"value", reason, faults, raw, place, origin_load, origin_entry) '
        f"SELECT {load_id}, {literal(job.store.schema)}, {literal(job.contract.name)}, "
        f"{literal(job.file)}, entry, _row, "
        'faults[1]."column", faults[1]."value", faults[1].reason, faults, raw, _id, '
        f"coalesce(origin_load, {load_id}), coalesce(origin_entry, entry) FROM ({numbered})"
    )


def _close(job: Job, load_id: int) -> None:
    """Close the earlier entries of rows that are good now, or have been entered anew."""
    bad = "l._id IN (SELECT _id FROM aside UNION ALL SELECT _id FROM broken)"
    job.store.execute(
        f"UPDATE meta.set_aside SET resolved_by = {load_id} "
        f"WHERE resolved_by IS NULL AND load_id < {load_id} AND (origin_load, origin_entry) IN "
        "(SELECT (l.origin_load, l.origin_entry) FROM lineage l "
        f"WHERE NOT ({bad} AND {_elsewhere(job)}))"
    )
