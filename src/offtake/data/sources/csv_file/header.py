"""The header of a table: where it ends, what its columns are called, what parts them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from offtake.data.profile import FileOptions
from offtake.errors import BadInputError, UnreadableFileError

DELIMITERS = (",", ";", "\t", "|")
_LONGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a CSV file.

    Parameters
    ----------
    names
        What the columns are called; an empty one is called by its place.
    first_line, last_line
        Lines of the file it takes up, counted from 1: more than one where a name holds a line
        break.
    delimiter, quote
        Signs of the file.
    """

    names: list[str]
    first_line: int
    last_line: int
    delimiter: str
    quote: str


def read_header(lines: TextIO, path: Path, options: FileOptions) -> Header:
    r"""Read the header: the first line with content below the rows to skip.

    Parameters
    ----------
    lines
        The file as text, from its start.
    path, options
        For messages; delimiter, quote and rows to skip.

    Raises
    ------
    UnreadableFileError
        When there is none.
    BadInputError
        When two columns have the same name.

    Examples
    --------
    >>> import io
    >>> read_header(io.StringIO("a;b\n1;2\n"), Path("a.csv"), FileOptions()).delimiter
    ';'
    """
    number, line = _first_with_content(lines, options.skip_rows)
    if not line:
        raise UnreadableFileError(f"{path} has no header in row {options.skip_rows + 1} or below")
    if _unreadable(line):
        raise UnreadableFileError(
            f"{path}: the header is not {options.encoding}; name the file's encoding in a profile "
            "([file] encoding)"
        )
    delimiter = options.delimiter or _found_delimiter(line, options.quote)
    rest = iter(lambda: lines.readline(_LONGEST), "")
    counted = _Counted(line, rest)
    reader = csv.reader(
        counted,
        delimiter=delimiter,
        quotechar=options.quote or None,
        quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
    )
    try:
        names = [name.strip() for name in next(reader)]
    except csv.Error as error:
        raise UnreadableFileError(f"{path}: the header cannot be read: {error}") from error
    last = number + counted.lines - 1
    return Header(checked_names(names, path), number, last, delimiter, options.quote)


class _Counted:
    """Lines handed out one by one, counted."""

    def __init__(self, first: str, rest: Iterator[str]) -> None:
        self.lines = 0
        self._first = first
        self._rest = rest

    def __iter__(self) -> Iterator[str]:
        self.lines += 1
        yield self._first
        for line in self._rest:
            self.lines += 1
            yield line


def _first_with_content(lines: TextIO, skip_rows: int) -> tuple[int, str]:
    number = 0
    while line := lines.readline(_LONGEST):
        number += 1
        if number > skip_rows and line.strip("\ufeff \t\r\n"):
            return number, line.removeprefix("\ufeff")
    return number, ""


def _unreadable(line: str) -> bool:
    """Whether bytes of the line were not in the encoding."""
    return any("\udc80" <= sign <= "\udcff" for sign in line)


def _found_delimiter(line: str, quote: str) -> str:
    bare = re.sub(f"{re.escape(quote)}.*?{re.escape(quote)}", "", line) if quote else line
    return max(DELIMITERS, key=bare.count)


def checked_names(names: list[str], path: Path) -> list[str]:
    """Return the names with empty ones called by their place.

    Raises
    ------
    BadInputError
        When two columns have the same name; capitals do not count.

    Examples
    --------
    >>> checked_names(["store", "", "units"], Path("a.csv"))
    ['store', 'column 2', 'units']
    """
    filled = [name or f"column {place}" for place, name in enumerate(names, start=1)]
    places: dict[str, int] = {}
    for place, name in enumerate(filled, start=1):
        first = places.setdefault(name.lower(), place)
        if first != place:
            raise BadInputError(
                f"{path.name}: column {name!r} stands twice in the header "
                f"(places {first} and {place}); give each its own name"
            )
    return filled
