"""Following the segments of an EDI file: envelopes, and the message that is being read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from offtake.data.sources.edi_envelope import Envelopes, Level

if TYPE_CHECKING:
    from offtake.data.sources.edi_table import EdiTable


class EdiSegment(Protocol):
    """What every kind of segment has: its ordinal number in the file, and its tag."""

    @property
    def number(self) -> int: ...  # noqa: D102  # said in the class

    @property
    def tag(self) -> str: ...  # noqa: D102  # said in the class


S = TypeVar("S", bound=EdiSegment)


class Body(Protocol[S]):  # type: ignore[misc]  # shares its variable with the class below
    """Reads the segments of one message."""

    def read(self, segment: S) -> None: ...  # noqa: D102  # said in the class

    def finish(self) -> None: ...  # noqa: D102  # said in the class


class EdiFile(ABC, Generic[S]):
    """Checks the envelopes of a file and hands each message's segments to its own reader.

    Parameters
    ----------
    table
        Where records and faults go.
    """

    headers: ClassVar[Mapping[str, tuple[Level, int]]]
    """Header tag to its envelope and the element that holds its control number."""
    trailers: ClassVar[Mapping[str, Level]]
    """Trailer tag to its envelope."""
    outside: ClassVar[str]
    """Reason given for a segment that stands in no message."""

    def __init__(self, table: EdiTable) -> None:
        self._table = table
        self._envelopes = Envelopes(table)
        self._sender = ""
        self._body: Body[S] | None = None
        self._skipping = False
        self._last = 0

    @abstractmethod
    def value(self, segment: S, position: int) -> str:
        """Return the text of an element, empty where the segment is shorter."""

    @abstractmethod
    def begin(self, header: S) -> None:
        """Take note of a header: set the sender, the body, or that the message is skipped."""

    def read(self, segment: S) -> None:
        """Take the next segment of the file."""
        self._last = segment.number
        if segment.tag in self.headers:
            self._end_body()
            level, position = self.headers[segment.tag]
            self._envelopes.begin(level, segment.number, self.value(segment, position))
            self.begin(segment)
        elif segment.tag in self.trailers:
            self._end_body()
            count, control = self.value(segment, 1), self.value(segment, 2)
            self._envelopes.end(self.trailers[segment.tag], segment.number, count, control)
        elif self._body is not None:
            self._body.read(segment)
        elif not self._skipping:
            got = self.value(segment, 1)
            self._table.add_fault(segment.number, segment.tag, got, self.outside)

    def finish(self) -> None:
        """Close the file: what is still open is cut short."""
        self._end_body()
        self._envelopes.finish(self._last)

    def _end_body(self) -> None:
        if self._body is not None:
            self._body.finish()
        self._body = None
        self._skipping = False
