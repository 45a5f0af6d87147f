"""One file on its way into one contract, and what an earlier load of it left behind."""

from __future__ import annotations

from dataclasses import dataclass, replace

from offtake.data.contracts.contract import Contract
from offtake.data.ledger import Load, earlier_load
from offtake.data.profile import Profile
from offtake.data.store import Store

_SAME_FILE = (
    'load_id FROM meta.loads WHERE "schema" = ? AND contract = ? AND file_hash = ? '
    "AND profile_hash = ?"
)


@dataclass(frozen=True, slots=True)
class Job:
    """One file on its way into one contract.

    Parameters
    ----------
    store, contract, profile
        Where to, as what, by which mapping.
    file, file_hash
        What to enter in the ledger.
    before
        The last load of the very same file under the very same mapping.
    loads
        Numbers of all loads of the very same file under the very same mapping.
    """

    store: Store
    contract: Contract
    profile: Profile
    file: str
    file_hash: str
    before: Load | None
    loads: tuple[int, ...]

    def nothing_new(self) -> bool:
        """Whether this very file was loaded before and nothing of it waits to be mended."""
        if self.before is None:
            return False
        mine = ", ".join(map(str, self.loads))
        waiting = self.store.fetch(
            "SELECT 1 FROM meta.set_aside WHERE resolved_by IS NULL "
            f"AND (load_id IN ({mine}) OR origin_load IN ({mine})) LIMIT 1"
        )
        return not waiting

    def unchanged(self) -> Load:
        """Return the counts of a load that found every row already in the store."""
        assert self.before is not None  # noqa: S101  # nothing_new() has just said so
        rows = self.before.rows_in
        return replace(
            self.before, load_id=0, loaded=0, replaced=0, set_aside=0, combined=0, duplicate=rows
        )


def job_for(store: Store, profile: Profile, *, file: str, file_hash: str) -> Job:
    """Return the job of loading a file, knowing its earlier loads."""
    contract = store.contract(profile.contract)
    loads = store.fetch(
        f"SELECT {_SAME_FILE} ORDER BY load_id",
        [store.schema, contract.name, file_hash, profile.fingerprint()],
    )
    return Job(
        store=store,
        contract=contract,
        profile=profile,
        file=file,
        file_hash=file_hash,
        before=earlier_load(store, contract.name, file_hash, profile),
        loads=tuple(int(row[0]) for row in loads),
    )
