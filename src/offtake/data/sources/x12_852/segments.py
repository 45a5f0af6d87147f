"""Cuts an X12 file into segments, with the delimiters its ISA header announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from offtake.data.sources.edi_stream import SegmentBuffer
from offtake.errors import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ISA_ELEMENTS = 16


class Segment(NamedTuple):
    """One segment: its ordinal number in the file (ISA is 1) and its elements (0 is the tag)."""

    number: int
    elements: list[str]

    @property
    def tag(self) -> str:
        """Segment identifier, e.g. ``"LIN"``."""
        return self.elements[0]

    def element(self, position: int) -> str:
        """Element ``position`` without surrounding blanks; empty where the segment is shorter."""
        return self.elements[position].strip(" ") if position < len(self.elements) else ""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The bytes that end an element, a component and a segment."""

    element: bytes
    component: bytes
    terminator: bytes


def delimiters_of(head: bytes) -> Delimiters:
    """Delimiters announced by an ISA header at the start of ``head``.

    Raises
    ------
    UnreadableFileError
        ``head`` does not start with a whole ISA header, or its delimiters cannot be told apart.

    Examples
    --------
    >>> isa = b"ISA*00**00**ZZ*A*ZZ*B*260105*0900*U*00401*000000001*0*P*>~GS*PD"
    >>> delimiters_of(isa).terminator
    b'~'
    """
    if not head.startswith(b"ISA"):
        message = f"not an X12 file: it starts with {head[:10]!r}. Expected an ISA header."
        raise UnreadableFileError(message)
    element = head[3:4]
    parts = head.split(element, _ISA_ELEMENTS) if element else []
    if len(parts) <= _ISA_ELEMENTS or len(parts[-1]) < 2:
        message = f"the ISA header is cut short: {head[:40]!r}. Expected 16 elements."
        raise UnreadableFileError(message)
    found = Delimiters(element, parts[-1][:1], parts[-1][1:2])
    _check(found)
    return found


def _check(delimiters: Delimiters) -> None:
    marks = (delimiters.element, delimiters.component, delimiters.terminator)
    is_blank = any(mark.isspace() for mark in marks[:2]) or delimiters.terminator in b" \t"
    if is_blank or len(set(marks)) < len(marks) or any(mark.isalnum() for mark in marks):
        message = (
            f"the ISA header announces the delimiters {marks}. Expected three different "
            "characters, no letter, digit or blank among them (a line end may end segments)."
        )
        raise UnreadableFileError(message)


def read_segments(stream: BinaryIO) -> Iterator[Segment]:
    """Segments of an X12 file, in order; each ISA header may announce other delimiters.

    Raises
    ------
    UnreadableFileError
        The file does not start with an ISA header, or no segment ends within a megabyte.

    Examples
    --------
    >>> from io import BytesIO
    >>> isa = b"ISA*00**00**ZZ*A*ZZ*B*260105*0900*U*00401*000000001*0*P*>~"
    >>> [segment.tag for segment in read_segments(BytesIO(isa + b"GS*PD~"))]
    ['ISA', 'GS']
    """
    buffer = SegmentBuffer(stream)
    delimiters = delimiters_of(buffer.head())
    separator = delimiters.element.decode("latin-1")
    number = 0
    while (raw := buffer.take(delimiters.terminator)) is not None:
        text = _text(raw)
        if not text.strip(" \t"):
            continue
        number += 1
        segment = Segment(number, text.split(separator))
        yield segment
        if segment.tag == "IEA" and buffer.head().startswith(b"ISA"):
            delimiters = _next_delimiters(buffer.head(), delimiters)
            separator = delimiters.element.decode("latin-1")


def _next_delimiters(head: bytes, current: Delimiters) -> Delimiters:
    """Delimiters of a further interchange; a damaged header there spoils no earlier one."""
    try:
        return delimiters_of(head)
    except UnreadableFileError:
        return current


def _text(raw: bytes) -> str:
    """Text of a segment; line ends inside it come from wrapping and are no data."""
    line = raw.translate(None, b"\r\n")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")
