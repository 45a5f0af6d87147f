"""Cuts an EDIFACT file into segments, elements and components."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from offtake.data.sources.edi_stream import SegmentBuffer
from offtake.errors import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNA_LENGTH = 9
_DEFAULT_CHARSET = "latin-1"

CHARSETS = {
    "UNOA": "latin-1",
    "UNOB": "latin-1",
    "UNOC": "latin-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}
"""Syntax identifier (UNB 0001) to character set; UNOA and UNOB are plain ASCII by rule."""


class Segment(NamedTuple):
    """One segment: its ordinal number in the file and its elements, each a list of components."""

    number: int
    elements: list[list[str]]

    @property
    def tag(self) -> str:
        """Segment tag, e.g. ``"LIN"``."""
        return self.elements[0][0]

    def part(self, element: int, component: int = 0) -> str:
        """A component without surrounding blanks; empty where the segment is shorter."""
        if element >= len(self.elements) or component >= len(self.elements[element]):
            return ""
        return self.elements[element][component].strip(" ")


@dataclass(frozen=True, slots=True)
class Separators:
    """The characters that end a component, an element and a segment, and the release character."""

    component: str = ":"
    element: str = "+"
    release: str | None = "?"
    terminator: str = "'"


def separators_of(head: bytes) -> Separators | None:
    """Separators announced by a service string advice (UNA) at the start of ``head``, if any.

    Raises
    ------
    UnreadableFileError
        The UNA is cut short, or its characters cannot be told apart.

    Examples
    --------
    >>> separators_of(b"UNA:+.? 'UNB+UNOC:3") == Separators()
    True
    >>> separators_of(b"UNB+UNOC:3") is None
    True
    """
    if not head.startswith(b"UNA"):
        return None
    una = head[3:_UNA_LENGTH].decode("latin-1")
    if len(una) == 6:
        release = None if una[3] == " " else una[3]
        found = Separators(una[0], una[1], release, una[5])
        marks = [una[0], una[1], una[5], *([release] if release else [])]
        if len(set(marks)) == len(marks) and not any(m.isalnum() or m == " " for m in marks):
            return found
    message = (
        f"the UNA announces the separators {una!r}. Expected six characters, of which those for "
        "component, element, release and segment end differ and are no letters or digits."
    )
    raise UnreadableFileError(message)


def read_segments(stream: BinaryIO) -> Iterator[Segment]:
    """Segments of an EDIFACT file, in order, without UNA, which counts as a segment.

    Raises
    ------
    UnreadableFileError
        The file does not start with UNB, after a UNA or not, or no segment ends within a megabyte.

    Examples
    --------
    >>> from io import BytesIO
    >>> [s.elements for s in read_segments(BytesIO(b"UNB+UNOC:3+A?+B'"))]
    [[['UNB'], ['UNOC', '3'], ['A+B']]]
    """
    buffer = SegmentBuffer(stream)
    announced = separators_of(buffer.head())
    number = _pass_una(buffer) if announced else 0
    if not buffer.head().startswith(b"UNB"):
        got = buffer.head()[:10]
        message = f"not an EDIFACT interchange: it starts with {got!r}. Expected UNA or UNB."
        raise UnreadableFileError(message)
    separators, charset = announced or Separators(), _DEFAULT_CHARSET
    while (raw := _take(buffer, separators)) is not None:
        text = _text(raw, charset)
        if not text.strip(" \t"):
            continue
        number += 1
        segment = Segment(number, _elements(text, separators))
        if segment.tag == "UNB":
            charset = CHARSETS.get(segment.part(1), _DEFAULT_CHARSET)
        yield segment
        if segment.tag == "UNZ":
            separators = _next_separators(buffer.head(), separators)
            number += _pass_una(buffer)


def _take(buffer: SegmentBuffer, separators: Separators) -> bytes | None:
    release = separators.release.encode("latin-1") if separators.release else None
    return buffer.take(separators.terminator.encode("latin-1"), release)


def _pass_una(buffer: SegmentBuffer) -> int:
    """Pass over a UNA; returns how many segments that were, 1 or 0."""
    if not buffer.head().startswith(b"UNA"):
        return 0
    buffer.skip(_UNA_LENGTH)
    return 1


def _next_separators(head: bytes, current: Separators) -> Separators:
    """Separators of a further interchange; a damaged UNA there spoils no earlier one."""
    try:
        announced = separators_of(head)
    except UnreadableFileError:
        return current
    return announced or (Separators() if head.startswith(b"UNB") else current)


def _text(raw: bytes, charset: str) -> str:
    """Text of a segment; line ends inside it come from wrapping and are no data."""
    line = raw.translate(None, b"\r\n")
    try:
        return line.decode(charset)
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _elements(text: str, separators: Separators) -> list[list[str]]:
    release = separators.release
    if release is None or release not in text:
        return [e.split(separators.component) for e in text.split(separators.element)]
    mark = re.compile(re.escape(release) + "(.)", re.DOTALL)
    return [
        [mark.sub(r"\1", part) for part in _split(element, separators.component, release)]
        for element in _split(text, separators.element, release)
    ]


def _split(text: str, separator: str, release: str) -> list[str]:
    """Cut at separators that are not released; release characters stay in."""
    parts: list[str] = []
    held: list[str] = []
    for piece in text.split(separator):
        held.append(piece)
        if (len(piece) - len(piece.rstrip(release))) % 2 == 0:
            parts.append(separator.join(held))
            held = []
    if held:
        parts.append(separator.join(held))
    return parts
