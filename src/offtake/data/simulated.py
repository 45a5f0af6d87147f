"""Keeps simulated rows out of the real tables, and reads from them which simulation they are."""

from __future__ import annotations

from offtake.data.contracts.simulated import (
    LABEL_NAMES,
    SIMULATED_PREFIX,
    Origin,
    ledger_label,
)
from offtake.data.expressions import literal, name, names
from offtake.data.job import Job
from offtake.data.sources.staging import Staged, original_name, source_columns
from offtake.errors import BadInputError


def refuse_simulated(job: Job, staged: Staged) -> None:
    """Refuse a file with simulated rows where real ones are asked for, whatever the profile says.

    Only a file with a column ``source`` is looked through, and of it that column alone. The other
    label columns may be gone: a row that says it is simulated is.

    Raises
    ------
    BadInputError
        When a row's source starts as that of simulated rows does.
    """
    if job.store.schema != "main":
        return
    for column in source_columns(job.store, staged.relation):
        if original_name(column).strip().lower() == "source":
            _refuse_column(job, staged, column)


def _refuse_column(job: Job, staged: Staged, column: str) -> None:
    said, prefix = f"CAST({name(column)} AS VARCHAR)", literal(SIMULATED_PREFIX)
    # A quote or a space before the word would hide it from a plain comparison; taking them off
    # every row is slow, so that only rows with the word in them are looked at closely.
    bare = f"regexp_replace(lower({said}), '^\\W+', '')"
    found = job.store.fetch(
        f"SELECT {said}, _row FROM {staged.relation} WHERE "
        f"CASE WHEN contains(lower({said}), {prefix}) THEN starts_with({bare}, {prefix}) END "
        "LIMIT 1"
    )
    if found:
        value, row = found[0]
        raise BadInputError(
            f"{job.file}: column {original_name(column)!r}, row {row}: got {value!r}. Simulated "
            "rows never go into the real tables, so nothing was written; allowed: load the file "
            "into the simulated tables with --simulated (Store(path, schema='twin'))"
        )


def source_label(job: Job) -> str:
    """Return what the ledger calls the source of the rows of view ``good``."""
    if job.profile.source or job.store.schema == "main":
        return job.profile.source or job.file
    rows = job.store.fetch(f"SELECT DISTINCT {names(LABEL_NAMES)} FROM good ORDER BY ALL")
    return ledger_label([Origin(*row) for row in rows]) or f"{job.file} (simulated), no good row"
