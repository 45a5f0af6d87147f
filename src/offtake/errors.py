"""Every error Offtake raises on purpose.

Each class inherits :class:`OfftakeError` and the builtin a Python user would expect, so both
``except OfftakeError`` and ``except ValueError`` work. A message names the thing, what was got,
and what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class OfftakeError(Exception):
    """Base of all errors raised on purpose; the command line prints it and exits 1."""


class BadInputError(OfftakeError, ValueError):
    """What the user gave cannot be used; the command line exits 2."""


class UnknownNameError(BadInputError, LookupError):
    """A name that is not in a closed list of names."""

    def __init__(self, kind: str, got: str, allowed: Iterable[str]) -> None:
        names = sorted(allowed)
        near = get_close_matches(got, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        known = ", ".join(names) or "none, for none is known"
        super().__init__(f"unknown {kind} {got!r}.{hint} Allowed: {known}.")
        self.got = got
        self.allowed = tuple(names)


class MissingContractError(BadInputError):
    """A question needs a table that nothing has been loaded into."""


class NotAdditiveError(BadInputError):
    """A sum was asked of a measure that cannot be summed."""


class StoreBusyError(OfftakeError, OSError):
    """Another process holds the store for writing."""


class UnreadableFileError(BadInputError):
    """A file is absent, empty, or not in the stated format."""


class StoppedError(OfftakeError):
    """Somebody asked for work to end early; a callback of progress raises it.

    Nothing half-done is kept, and what was finished is: the same work begun again goes on.
    """


class MissingExtraError(OfftakeError, ImportError):
    """A feature needs an optional dependency that is not installed."""
