"""Which code made a table: the library's version and a short hash of its source."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import offtake

SUFFIXES = (".py", ".json", ".j2", ".css", ".js")


@cache
def code_version(*folders: str) -> str:
    """Return the version of the library and a short hash of its source.

    The hash is there because a version number does not change with every change of the code, and
    a table made by other code must not pass for today's.

    Parameters
    ----------
    folders
        Only the source in these folders of the library; none takes all of it.

    Examples
    --------
    >>> code_version("data") == code_version("data") != code_version("models")
    True
    """
    root = Path(offtake.__file__).parent
    digest = hashlib.sha256()
    for part in [root / folder for folder in folders] or [root]:
        for path in sorted(part.rglob("*")):
            if path.suffix in SUFFIXES:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return f"{offtake.__version__}+{digest.hexdigest()[:12]}"
