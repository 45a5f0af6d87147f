"""Empties the simulated tables of a store, where another simulation is to take their place."""

from __future__ import annotations

from collections.abc import Collection

from offtake.data.contracts.simulated import SIMULATED_PLAN
from offtake.data.layout import contracts_of
from offtake.data.store import Store
from offtake.errors import BadInputError


def loaded_files(store: Store) -> frozenset[str]:
    """Return the SHA-256 of every file that has been loaded into the store's schema.

    Plans that people made for a simulation do not count: they are none of its files.
    """
    rows = store.fetch(
        'SELECT DISTINCT file_hash FROM meta.loads WHERE "schema" = ? '
        "AND NOT coalesce(starts_with(source, ?), false)",
        [store.schema, SIMULATED_PLAN],
    )
    return frozenset(row[0] for row in rows)


def discard_other_simulations(store: Store, files: Collection[str]) -> bool:
    """Empty the simulated tables where they hold rows of other files than these.

    Rows of two simulations side by side would be one market that neither of them is.

    Parameters
    ----------
    store
        A store opened on schema ``twin``.
    files
        SHA-256 of the files that may stay.

    Returns
    -------
    bool
        Whether anything was thrown away.

    Raises
    ------
    BadInputError
        When the store is open on real data, which nothing may throw away.
    """
    if store.schema != "twin":
        raise BadInputError(f"schema: got {store.schema!r}, allowed: 'twin'")
    if loaded_files(store) <= set(files):
        return False
    with store.transaction():
        for name in contracts_of(store.schema):
            # Load 0 is the calendar that every store has from the start.
            store.execute(f"DELETE FROM {store.table(name)} WHERE load_id > 0")
            store.execute(f"DELETE FROM {store.history(name)}")
        for table in ("loads", "set_aside"):
            store.execute(f'DELETE FROM meta.{table} WHERE "schema" = ?', [store.schema])
    return True
