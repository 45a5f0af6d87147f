"""Intake of every table of Complete Journey, against the same written by hand in SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.foundation.sql_files import HERE, statements
from benchmarks.measuring import Bench, Row, Task, compare, in_turn, relative_difference, run_task
from benchmarks.worker import Clock

MEMORY = "3GB"
TABLES = (
    "product", "store", "household", "basket_line", "sales", "promotion", "campaign",
    "campaign_contact", "coupon", "redemption",
)  # fmt: skip
ME = "benchmarks.foundation.intake"


def ours(clock: Clock, store: str) -> dict[str, Any]:
    """Load everything with Offtake into a fresh file."""
    from offtake.data.completejourney import load_completejourney
    from offtake.data.store import Store

    Path(store).unlink(missing_ok=True)
    with clock.part("intake"), Store(store, memory_limit=MEMORY) as opened:
        loads = load_completejourney(opened)
    return {"rows": sum(load.rows_in for load in loads), "megabytes": _megabytes(store)}


def by_hand(clock: Clock, store: str, files: list[str]) -> dict[str, Any]:
    """Load everything with the SQL of `files`, each in one transaction, into a fresh file."""
    import duckdb

    from offtake.data.sources.completejourney.source import data_folder

    Path(store).unlink(missing_ok=True)
    folder = data_folder()
    with clock.part("intake"), duckdb.connect(store) as con:
        con.execute(f"SET memory_limit = '{MEMORY}'")
        con.execute("SET TimeZone = 'UTC'")
        values = {"folder": str(folder), "hash": _hash(folder)}
        for file in files:
            con.execute("BEGIN TRANSACTION")
            for statement in statements(HERE / "intake" / file, values):
                con.execute(statement)
            con.execute("COMMIT")
    return {"version": f"duckdb {duckdb.__version__}", "megabytes": _megabytes(store)}


def _hash(folder: Path) -> str:
    """Return one hash of all files, as a ledger must hold to know a file again."""
    import hashlib

    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _megabytes(store: str) -> int:
    return round(Path(store).stat().st_size / 1e6)


def differences(_clock: Clock, one: str, other: str) -> dict[str, float]:
    """Compare two files table by table: rows, a checksum of texts, and the sums of numbers."""
    import duckdb

    with duckdb.connect() as con:
        con.execute(f"ATTACH '{one}' AS one (READ_ONLY)")
        con.execute(f"ATTACH '{other}' AS other (READ_ONLY)")
        return {table: _difference(con, table) for table in TABLES}


def _difference(con: Any, table: str) -> float:  # noqa: ANN401  # a connection of an untyped module
    columns = con.execute(f"DESCRIBE one.main.{table}").fetchall()
    names = [(name, kind) for name, kind, *_ in columns if name != "load_id"]
    texts = ", ".join(f'"{name}"' for name, kind in names if kind != "DOUBLE")
    sums = "".join(
        f', sum("{name}" * (1 + hash({texts}) % 7)), count("{name}")'
        for name, kind in names
        if kind == "DOUBLE"
    )
    query = f"SELECT count(*), bit_xor(hash({texts})), sum(hash({texts}) % 1000003){sums} FROM "  # noqa: S608
    one, other = (con.execute(f"{query} {side}.main.{table}").fetchone() for side in SIDES)
    return max(relative_difference(a, b) for a, b in zip(one, other, strict=True))


SIDES = ("one", "other")


def case(bench: Bench) -> list[Row]:
    """Measure against SQL that checks as much, and against SQL that checks nothing."""
    mine, checked, plain = (str(bench.folder / f"{n}.duckdb") for n in ("ours", "hand", "plain"))
    files = sorted(path.name for path in (HERE / "intake").glob("[0-9]*.sql"))
    job = Task(f"{ME}:ours", {"store": mine})
    pairs = in_turn(
        job,
        Task(f"{ME}:by_hand", {"store": checked, "files": files}),
        bench.repeats,
        name="SQL by hand, checking",
    )
    found = run_task(Task(f"{ME}:differences", {"one": mine, "other": checked})).facts
    facts = pairs.ours[0].facts
    bare = Task(f"{ME}:by_hand", {"store": plain, "files": ["no_checks.sql"]})
    unchecked = in_turn(job, bare, 1, name="SQL by hand, no checks")
    return [
        compare(
            "intake of all tables",
            pairs,
            rows=facts["rows"],
            agreement=max(found.values()),
            note=f"target: ratio at most 2, under 4 GB; file {facts['megabytes']} MB against "
            f"{pairs.peer[0].facts['megabytes']} MB",
        ),
        compare(
            "intake, nothing checked",
            unchecked,
            rows=facts["rows"],
            agreement=None,
            note="for information: the peer only converts and writes",
        ),
    ]
