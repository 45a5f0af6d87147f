"""What a reader returns: the rows of one file as text, before any contract is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows found in one file, and the parts of it that could not be read as rows.

    Parameters
    ----------
    rows
        One line per record. Column ``_row`` (int64) is where the record stands in the file
        (the header of a spreadsheet is row 1; in an EDI file the segment number); every other
        column is a nullable string named as the source, or the contract, names it.
    unreadable
        One line per record that could not be read, with columns ``row`` (int64), ``column``,
        ``value`` and ``reason`` (strings).
    """

    rows: pa.Table
    unreadable: pa.Table
