"""One writer of a folder at a time: a lock on a file that the system lifts when its holder dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from offtake.errors import StoreBusyError


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock on a file for the length of a block.

    Parameters
    ----------
    path
        The file, made where it is absent.

    Raises
    ------
    StoreBusyError
        When another process holds it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, held(Path(folder) / ".lock"):
    ...     print("mine")
    mine
    """
    with path.open("a+", encoding="utf-8") as handle:
        try:
            _lock(handle)
        except OSError as error:
            raise StoreBusyError(
                f"{path.parent} is being written by another process; wait for it to finish, "
                "or stop it, and try again"
            ) from error
        yield


if sys.platform == "win32":

    def _lock(handle: IO[str]) -> None:
        import msvcrt

        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)

else:

    def _lock(handle: IO[str]) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
