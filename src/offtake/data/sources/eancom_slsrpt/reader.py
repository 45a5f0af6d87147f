"""Reads an EANCOM SLSRPT (sales data report) file into sales and stock records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.data.sources.eancom_slsrpt.report import SalesReport
from offtake.data.sources.eancom_slsrpt.segments import CHARSETS, read_segments
from offtake.data.sources.edi_envelope import Level
from offtake.data.sources.edi_file import EdiFile
from offtake.data.sources.edi_stream import open_edi
from offtake.data.sources.edi_table import EdiTable

if TYPE_CHECKING:
    from pathlib import Path

    from offtake.data.sources.eancom_slsrpt.segments import Segment
    from offtake.data.sources.extract import Extract

_MESSAGE_TYPE = "SLSRPT"

_INTERCHANGE = Level(
    depth=0,
    header="UNB",
    trailer="UNZ",
    parents=(),
    counts="messages or groups",
    count_column="UNZ 0036",
    control_column="UNZ 0020",
)
_GROUP = Level(
    depth=1,
    header="UNG",
    trailer="UNE",
    parents=("UNB",),
    counts="messages",
    count_column="UNE 0060",
    control_column="UNE 0048",
)
_MESSAGE = Level(
    depth=2,
    header="UNH",
    trailer="UNT",
    parents=("UNB", "UNG"),
    counts="segments",
    count_column="UNT 0074",
    control_column="UNT 0062",
)
_HEADERS = {"UNB": (_INTERCHANGE, 5), "UNG": (_GROUP, 5), "UNH": (_MESSAGE, 1)}
"""Header tag to its envelope and the element that holds its control reference."""

_TRAILERS = {"UNZ": _INTERCHANGE, "UNE": _GROUP, "UNT": _MESSAGE}


def read(path: Path) -> Extract:
    """Read an EANCOM SLSRPT file.

    Parameters
    ----------
    path
        File with one or more interchanges (UNB to UNZ) of SLSRPT messages.

    Returns
    -------
    Extract
        ``rows`` has the columns of :data:`offtake.data.sources.edi_table.COLUMNS`: a sales
        record per store, product and period (returns taken off) and a stock record per store,
        product and last day of the period. ``unreadable`` names the segment number and the data
        element, e.g. ``"QTY 6060"``.

    Raises
    ------
    UnreadableFileError
        The file cannot be opened, or does not start with UNA or UNB.

    References
    ----------
    GS1 EANCOM 1997 (directory D.96A) and EANCOM 2002 (D.01B), message SLSRPT; see README.md in
    this folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> sample = Path(__file__).with_name("sample") / "weekly_d96a.edi"
    >>> extract = read(sample)
    >>> extract.rows.num_rows, extract.unreadable.num_rows
    (6, 0)
    """
    table = EdiTable()
    message = _File(table)
    with open_edi(path) as stream:
        for segment in read_segments(stream):
            message.read(segment)
    message.finish()
    return table.extract()


class _File(EdiFile["Segment"]):
    """Follows the segments of a file and hands those of each SLSRPT to its own reader."""

    headers = _HEADERS
    trailers = _TRAILERS
    outside = "segment outside a message; expected between UNH and UNT"

    def value(self, segment: Segment, position: int) -> str:
        """Return the text of an element."""
        return segment.part(position)

    def begin(self, header: Segment) -> None:
        """Take note of a header."""
        if header.tag == "UNB":
            self._begin_interchange(header)
        elif header.tag == "UNH":
            self._begin_message(header)

    def _begin_interchange(self, header: Segment) -> None:
        self._sender = header.part(2)
        if header.part(1) not in CHARSETS:
            reason = "character set is not known, read as ISO 8859-1; expected one of "
            allowed = ", ".join(CHARSETS)
            self._table.add_fault(header.number, "UNB 0001", header.part(1), reason + allowed)

    def _begin_message(self, header: Segment) -> None:
        got = header.part(2)
        if got == _MESSAGE_TYPE:
            self._body = SalesReport(self._table, self._sender)
            return
        self._skipping = True
        reason = f"message of type {got or '(none)'} is not read; expected {_MESSAGE_TYPE}"
        self._table.add_fault(header.number, "UNH 0065", got, reason)
