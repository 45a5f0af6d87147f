"""Reads an X12 852 (Product Activity Data) file into sales and stock records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.data.sources.edi_envelope import Level
from offtake.data.sources.edi_file import EdiFile
from offtake.data.sources.edi_stream import open_edi
from offtake.data.sources.edi_table import EdiTable
from offtake.data.sources.x12_852.activity import ProductActivity
from offtake.data.sources.x12_852.segments import read_segments

if TYPE_CHECKING:
    from pathlib import Path

    from offtake.data.sources.extract import Extract
    from offtake.data.sources.x12_852.segments import Segment

_GROUP_CODE = "PD"
_SET_CODE = "852"

_INTERCHANGE = Level(
    depth=0,
    header="ISA",
    trailer="IEA",
    parents=(),
    counts="functional groups",
    count_column="IEA01",
    control_column="IEA02",
)
_GROUP = Level(
    depth=1,
    header="GS",
    trailer="GE",
    parents=("ISA",),
    counts="transaction sets",
    count_column="GE01",
    control_column="GE02",
)
_SET = Level(
    depth=2,
    header="ST",
    trailer="SE",
    parents=("GS",),
    counts="segments",
    count_column="SE01",
    control_column="SE02",
)
_HEADERS = {"ISA": (_INTERCHANGE, 13), "GS": (_GROUP, 6), "ST": (_SET, 2)}
"""Header tag to its envelope and the element that holds its control number."""

_TRAILERS = {"IEA": _INTERCHANGE, "GE": _GROUP, "SE": _SET}


def read(path: Path) -> Extract:
    """Read an X12 852 file.

    Parameters
    ----------
    path
        File with one or more interchanges (ISA to IEA) of 852 transaction sets.

    Returns
    -------
    Extract
        ``rows`` has the columns of :data:`offtake.data.sources.edi_table.COLUMNS`: a sales
        record per store, product and period (returns taken off) and a stock record per store,
        product and last day of the period. ``unreadable`` names the segment number and
        the element, e.g. ``"SDQ04"``.

    Raises
    ------
    UnreadableFileError
        The file cannot be opened, or does not start with an ISA header.

    References
    ----------
    ASC X12 transaction set 852, releases 003040 to 008050; see README.md in this folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> sample = Path(__file__).with_name("sample") / "weekly_stores.edi"
    >>> extract = read(sample)
    >>> extract.rows.num_rows, extract.unreadable.num_rows
    (12, 0)
    """
    table = EdiTable()
    message = _File(table)
    with open_edi(path) as stream:
        for segment in read_segments(stream):
            message.read(segment)
    message.finish()
    return table.extract()


class _File(EdiFile["Segment"]):
    """Follows the segments of a file and hands those of each 852 to its own reader."""

    headers = _HEADERS
    trailers = _TRAILERS
    outside = "segment outside a transaction set; expected between ST and SE"

    def value(self, segment: Segment, position: int) -> str:
        """Return the text of an element."""
        return segment.element(position)

    def begin(self, header: Segment) -> None:
        """Take note of a header."""
        if header.tag == "ISA":
            self._sender = header.element(6)
        elif header.tag == "GS":
            self._expect(header, _GROUP_CODE)
        elif self._expect(header, _SET_CODE):
            reference = self._envelopes.reference()
            self._body = ProductActivity(self._table, self._sender, reference)
        else:
            self._skipping = True

    def _expect(self, header: Segment, code: str) -> bool:
        got = header.element(1)
        if got != code:
            reason = f"{header.tag} of kind {got or '(none)'} is not read; expected {code}"
            self._table.add_fault(header.number, f"{header.tag}01", got, reason)
        return got == code
